"""Batches after which a logistic regression knows most about the pool, by Fisher information: bait."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import mean_of
from alcli.strategies.fisher import checked, half_of, information, inverse, with_ones

Array = NDArray[np.float64]


def bait(
    points: ArrayLike,
    n: int,
    *,
    utility: ArrayLike | None = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    proba: ArrayLike,
    labelled_proba: ArrayLike,
    reference: ArrayLike,
    reference_proba: ArrayLike,
    ridge: float = 1.0,
    overshoot: float = 2.0,
    parameters: int = 1000,
) -> NDArray[np.intp]:
    """The batch that leaves the least uncertainty about the pool in the weights of a linear layer.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used: in a product, it says which rows are candidates.
    labelled, labelled_proba : arrays of shape (l, d) and (l, c); None for no labelled row.
    seed : not used: nothing is left to chance.
    proba : array of shape (m, c)
    reference, reference_proba : arrays of shape (r, d) and (r, c)
        Rows that stand for the pool.
    ridge : of the squared penalty, 1 / C of scikit-learn, for points of which a coordinate has variance 1 on average: they
        are brought to that size. It holds the intercept too.
    overshoot : so many times n rows are taken greedily, and then the surplus is given back; at least 1.
    parameters : up to so many of them (c (d + 1); d + 1 for two classes) the Fisher information is taken
        whole. With more, only its blocks on the diagonal are, as if each class were told from the rest by a
        model of its own.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct. With ``M = ridge + sum_labelled I_x`` and ``F = sum_reference I_x``, where
        ``I_x = (diag p - p p^T) (x) x x^T`` does not need the label, each row in turn makes ``tr((M + I_x)^-1 F)``
        least; then, again and again, the row without which it grows least is taken out. In the order in which the
        rows came in. Updates are by Woodbury's identity: (r + l) (c d)^2 + (c d)^3 once, m c^2 d a row.

    Raises
    ------
    ValueError
        If shapes don't fit, a number is not finite, or a setting is out of range.

    References
    ----------
    Ash, Goel, Krishnamurthy, Kakade (2021). Gone fishing: neural active learning with Fisher embeddings
    (BAIT, algorithm 1). There the ridge is set beforehand as well, and the blocks are ours.

    Examples
    --------
    Both rows are unsure; what the first tells, is of use for most of the pool.

    >>> half = [[0.5, 0.5]]
    >>> bait(np.array([[2.0, 0.0], [0.0, 2.0]]), 1, proba=half * 2, labelled_proba=np.empty((0, 2)),
    ...      reference=np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5]]), reference_proba=half * 3)
    array([0])
    """
    if not overshoot >= 1.0:
        raise ValueError(f"overshoot must be 1 or more, not {overshoot}")
    (rows, p), (known, known_p), (pool, pool_p) = checked(
        "points",
        (points, proba),
        (labelled, labelled_proba),
        (reference, reference_proba),
        ridge=ridge,
        parameters=parameters,
    )
    n = max(0, min(n, len(rows)))
    if n == 0 or len(pool) == 0 or p.shape[1] == 1:
        return np.arange(n)
    if p.shape[1] == 2:
        # one model of the second class, as logistic regression has for two
        p, pool_p, known_p = p[:, 1:], pool_p[:, 1:], known_p[:, 1:]
    x, anchored, wanted = _sized(rows, known, pool)
    whole = p.shape[1] * x.shape[1] <= parameters
    groups = [slice(None)] if whole else [slice(a, a + 1) for a in range(p.shape[1])]
    designs = [_Design(x, p[:, g], anchored, known_p[:, g], wanted, pool_p[:, g], ridge) for g in groups]
    return _there_and_back(designs, len(rows), n, min(len(rows), int(np.ceil(overshoot * n))))


def _sized(*each: NDArray[np.floating]) -> tuple[Array, ...]:
    """Rows, labelled rows and the pool about the pool's mean, in units of its spread; with a column of ones."""
    centre = mean_of(each[-1])
    moved = [rows - centre for rows in each]
    largest = max(float(np.abs(rows).max(initial=0.0)) for rows in moved) or 1.0
    moved = [rows / largest for rows in moved]  # squares of what is huge stay finite
    spread = float(np.sqrt(np.mean(moved[-1] ** 2))) or 1.0
    return tuple(with_ones(rows / spread) for rows in moved)


def _there_and_back(designs: list[_Design], m: int, n: int, most: int) -> NDArray[np.intp]:
    """Takes `most` of m rows greedily, and gives back until n are left."""
    chosen: list[int] = []
    taken = np.zeros(m, dtype=bool)
    for _ in range(most):
        gain = np.sum([design.fall(1.0) for design in designs], axis=0)
        gain[taken] = -np.inf
        if np.isnan(gain).any():
            raise ValueError("space: coordinates differ too much in size; scale the features")
        row = int(gain.argmax())
        taken[row] = True
        chosen.append(row)
        for design in designs:
            design.move(row, 1.0)
    while len(chosen) > n:
        # what the trace grows by is never below 0, but for rounding
        growth = -np.sum([design.fall(-1.0, chosen) for design in designs], axis=0)
        # of equals the last that came in goes first
        row = chosen.pop(len(chosen) - 1 - int(growth[::-1].argmin()))
        for design in designs:
            design.move(row, -1.0)
    return np.asarray(chosen, dtype=np.intp)


class _Design:
    """``tr(M^-1 F)`` of one linear layer of k columns, and how each candidate would change it.

    Attributes
    ----------
    inverse, spread : ``M^-1`` and ``M^-1 F M^-1``, arrays of shape (k D, k D).
    inside, outside : ``x_i^T B x_i`` for each block B of the two, arrays of shape (m, k, k).
    half : (m, k, k), from `half_of`.
    """

    def __init__(self, x: Array, p: Array, known: Array, known_p: Array, pool: Array, pool_p: Array, ridge: float):
        self.x, self.half = x, half_of(p)
        k, width = p.shape[1], x.shape[1]
        self.shape = (k, width, k, width)
        held = information(known, known_p).reshape(k * width, k * width)
        held[np.diag_indices(k * width)] += ridge
        self.inverse = inverse(held)
        self.spread = self.inverse @ information(pool, pool_p).reshape(k * width, k * width) @ self.inverse
        self.inside, self.outside = self._blocks(self.inverse), self._blocks(self.spread)

    def _blocks(self, matrix: Array) -> Array:
        k = self.shape[0]
        found, cut = np.empty((len(self.x), k, k)), matrix.reshape(self.shape)
        for a in range(k):
            for b in range(a, k):
                found[:, a, b] = found[:, b, a] = np.einsum("ij,ij->i", self.x @ cut[a, :, b], self.x)
        return found

    def fall(self, sign: float, rows: list[int] | slice = slice(None)) -> Array:
        """How much the trace falls when each of these rows comes in (1), or is taken out (-1): then it is below 0."""
        half = self.half[rows]
        turned = half.transpose(0, 2, 1)
        met = np.eye(half.shape[1]) + sign * (turned @ self.inside[rows] @ half)
        gone: Array = sign * np.trace(np.linalg.solve(met, turned @ self.outside[rows] @ half), axis1=1, axis2=2)
        return gone

    def move(self, row: int, sign: float) -> None:
        """The row comes in (1), or is taken out (-1)."""
        k, width = self.shape[:2]
        half = self.half[row]
        # R = half (x) x; what it is mapped to by the inverse and by the spread: (k D, k)
        mapped = self._columns(self.inverse, row) @ half
        spread = self._columns(self.spread, row) @ half
        turned = half.T
        weight = sign * np.linalg.inv(np.eye(k) + sign * (turned @ self.inside[row] @ half))
        middle = weight @ (turned @ self.outside[row] @ half) @ weight
        near, far = (self.x @ each.reshape(k, width, k) for each in (mapped, spread))
        near, far = near.transpose(1, 0, 2), far.transpose(1, 0, 2)
        mixed = far @ weight @ near.transpose(0, 2, 1)
        self.inside -= near @ weight @ near.transpose(0, 2, 1)
        self.outside += near @ middle @ near.transpose(0, 2, 1) - mixed - mixed.transpose(0, 2, 1)
        crossed = spread @ weight @ mapped.T
        self.inverse -= mapped @ weight @ mapped.T
        self.spread += mapped @ middle @ mapped.T - crossed - crossed.T

    def _columns(self, matrix: Array, row: int) -> Array:
        """``matrix (1 (x) x_row)``, an array of shape (k D, k)."""
        k, width = self.shape[:2]
        found: Array = matrix.reshape(k * width, k, width) @ self.x[row]
        return found
