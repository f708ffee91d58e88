"""Informative and representative rows by the min-max view of active learning: quire."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks, mean_of
from alcli.strategies.rank import round_utility
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.labels import numbers_of, signs_of


def quire(
    points: ArrayLike,
    n: int,
    *,
    labels: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    ridge: float = 1.0,
    gamma: float = 0.0,
    learned: int = 2000,
) -> NDArray[np.intp]:
    """The row whose worst label leaves the least regularised loss, all other labels chosen at their best.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    labels : array of shape (l,)
        Class numbers of the labelled rows. More than two classes are taken one-vs-rest as in scikit-activeml:
        the worst label of a row is the class in whose problem the row, as one of that class, leaves the largest loss.
    utility : not used: in a product only the best rows by utility are candidates.
    labelled : array of shape (l, d), or None
    seed : not used: nothing is left to chance.
    ridge : lambda, what is added to the diagonal of the kernel.
    gamma : of the kernel ``exp(-gamma |a - b|^2)``; 0 for 1 / (columns * variance), as scikit-learn's "scale".
    learned : of more labelled rows than this only the first are used; 0 for all.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. A chosen row then counts as labelled, with the label it is guessed to
        have, and the objective is computed anew.

    Raises
    ------
    ValueError
        If a coordinate is not finite, shapes do not fit, or a setting is out of range.

    Notes
    -----
    The paper asks ``argmin_s max_{y_s} min_{y_u} y' L y`` with ``L = (K + lambda I)^-1`` over labelled rows l, s, and
    all other unlabelled rows u, whose labels y_u may be any numbers. Minimising over y_u leaves the Schur
    complement of L, which is the inverse of ``K + lambda I`` over l and s alone: the unlabelled rows drop out
    of the objective. With f(s) the kernel ridge prediction and v(s) the variance left at s, it is

        ``y_l' (K_ll + lambda I)^-1 y_l + (1 + |f(s)|)^2 / v(s)``,
        ``v(s) = K_ss + lambda - K_sl (K_ll + lambda I)^-1 K_ls``.

    v is the diagonal of L_AA^-1 (A: all unlabelled rows); ALiPy and libact leave K_ll out of it. The paper's
    last line, ``L_ss - det(L_AA) / L_ss + 2 |...|``, does not follow from its objective, and is not used. So O(m l (d
    + l + n)) time and O(m (l + n)) memory, where the peers invert matrices of m x m.

    References
    ----------
    Huang, Jin, Zhou (2010). Active learning by querying informative and representative examples.

    Examples
    --------
    >>> line = np.array([[0.1], [5.0], [9.8]])
    >>> quire(line, 1, labels=[0, 1], labelled=np.array([[0.0], [10.0]]))
    array([1])
    """
    _check(ridge, gamma, learned)
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    codes = numbers_of(labels, anchors)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    if learned and anchors is not None:
        anchors, codes = anchors[:learned], codes[:learned]
    kernel = _Kernel(rows, gamma)
    state = _State(kernel, rows, anchors, signs_of(codes), ridge, n)
    chosen: list[int] = []
    while True:
        objective = round_utility(state.objective())
        objective[chosen] = np.inf
        chosen.append(int(objective.argmin()))
        if len(chosen) == n:
            return np.asarray(chosen, dtype=np.intp)
        state.settle(chosen[-1])


def _check(ridge: float, gamma: float, learned: int) -> None:
    if not (isfinite(ridge) and ridge > 0.0):
        raise ValueError(f"ridge must be above 0, not {ridge:g}")
    if not (isfinite(gamma) and gamma >= 0.0):
        raise ValueError(f"gamma must be 0 (found from the data) or more, not {gamma:g}")
    if learned < 0:
        raise ValueError(f"learned must be 0 (all labelled rows) or more, not {learned}")


class _Kernel:
    """exp(-gamma |a - b|^2), with coordinates around the mean and brought to variance 1 over all of them."""

    def __init__(self, rows: Points, gamma: float) -> None:
        self._middle = mean_of(rows)
        largest = max((float(np.abs(rows[a:b] - self._middle).max()) for a, b in blocks(*rows.shape)), default=0.0)
        self._unit = largest or 1.0
        total = sum(float((self._moved(rows[a:b]) ** 2).sum()) for a, b in blocks(*rows.shape))
        variance = total / max(1, rows.size)
        columns = max(1, rows.shape[1])
        self._gamma = gamma * self._unit**2 if gamma else 1.0 / (columns * variance) if variance > 0.0 else 1.0

    def _moved(self, rows: Points) -> NDArray[np.float64]:
        moved: NDArray[np.float64] = (rows - self._middle) / self._unit
        return moved

    def __call__(self, left: Points, right: Points) -> NDArray[np.float64]:
        from scipy.spatial.distance import cdist

        found: NDArray[np.float64] = np.exp(-self._gamma * cdist(self._moved(left), self._moved(right), "sqeuclidean"))
        return found


class _State:
    """What is known of every candidate given the labelled rows: the prediction f, and the variance v left.

    `white[x]` are coordinates with ``white[x] . white[z] = K_xl (K_ll + lambda I)^-1 K_lz``; a row that becomes
    labelled adds one more to each.
    """

    def __init__(
        self, kernel: _Kernel, rows: Points, anchors: Points | None, signs: NDArray[np.float64], ridge: float, n: int
    ) -> None:
        from scipy.linalg import cholesky, solve_triangular

        known = 0 if anchors is None else len(anchors)
        self.kernel, self.rows, self.used = kernel, rows, known
        self.white = np.zeros((len(rows), known + n - 1))
        self.f = np.zeros((len(rows), signs.shape[1]))
        self.fixed = np.zeros(signs.shape[1])
        if anchors is not None:
            root = cholesky(kernel(anchors, anchors) + ridge * np.eye(known), lower=True)
            told = solve_triangular(root, signs, lower=True)
            self.fixed = np.einsum("ij,ij->j", told, told)
            for start, stop in blocks(len(rows), max(known, rows.shape[1])):
                self.white[start:stop, :known] = solve_triangular(root, kernel(anchors, rows[start:stop]), lower=True).T
            self.f = self.white[:, :known] @ told
        self.v = 1.0 + ridge - np.einsum("ij,ij->i", self.white, self.white)
        # A copy of a labelled row is left with half of the ridge or more.
        self.v = np.maximum(self.v, 0.5 * ridge)
        self._least = 0.5 * ridge

    def objective(self) -> NDArray[np.float64]:
        """The loss that the worst label of each row leaves: (m,)."""
        worst = 1.0 + np.abs(self.f) if self.f.shape[1] == 1 else 1.0 - self.f
        losses: NDArray[np.float64] = self.fixed + worst**2 / self.v[:, None]
        worst_of_all: NDArray[np.float64] = losses.max(axis=1)
        return worst_of_all

    def settle(self, row: int) -> None:
        """Count a row as labelled, with the label that it is guessed to have."""
        f = self.f[row]
        guess = np.where(f >= 0.0, 1.0, -1.0)
        if len(f) > 1:
            guess = np.where(np.arange(len(f)) == f.argmax(), 1.0, -1.0)
        root = float(np.sqrt(self.v[row]))
        there = self.rows[row : row + 1]
        like = np.concatenate(
            [self.kernel(self.rows[a:b], there)[:, 0] for a, b in blocks(len(self.rows), self.rows.shape[1])]
        )
        column = (like - self.white[:, : self.used] @ self.white[row, : self.used]) / root
        surprise = (guess - f) / root
        self.white[:, self.used] = column
        self.used += 1
        self.f += column[:, None] * surprise
        self.fixed = self.fixed + surprise**2
        self.v = np.maximum(self.v - column**2, self._least)
