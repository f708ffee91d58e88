"""Batches chosen by the gradients that their labels would bring to a linear layer: gradmatch, glister."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks
from alcli.strategies.points import Outer
from alcli.strategies.selectors.coverage import Worth, weights_of
from alcli.strategies.utilities.checks import probabilities

Array = NDArray[np.float64]

# Rows whose rough products are as good as equal are compared exactly, the first so many of them.
_FRONT = 4096
_NEAR = 1e-11


def gradmatch(
    points: ArrayLike | Outer,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    ridge: float = 0.05,
) -> NDArray[np.intp]:
    """Rows whose gradients, weighted, add up to the mean gradient of all candidates.

    Parameters
    ----------
    points : `Outer` of m gradients, or array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), never below 0, or a function of points that gives one, or None
        Weighs the rows in the mean that is to be matched.
    labelled : not used: the gradients of rows that the model was fitted on are next to nothing.
    seed : not used: nothing is left to chance.
    ridge : keeps weights small, in units of the mean squared length of the gradients; 0 for none.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing: orthogonal matching pursuit. Each is the row whose gradient points most
        in the direction of what is still missing; then all weights, none below 0, are fitted anew. When no row
        helps any more, the rest follow by the same products. One pass over the rows a pick, in O(m) memory; the
        gradients are never built.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a utility or `ridge` is negative.

    References
    ----------
    Killamsetty, Sivasubramanian, Ramakrishnan, De, Iyer (2021). GRAD-MATCH: gradient matching based data subset
    selection for efficient deep model training.

    Examples
    --------
    Most gradients point right and some up; one row of each says nearly all.

    >>> gradients = np.array([[2.0, 0.0], [2.1, 0.0], [2.0, 0.0], [0.0, 1.5], [0.0, -0.1]])
    >>> gradmatch(gradients, 2)
    array([1, 3])
    """
    if not ridge >= 0.0:
        raise ValueError(f"ridge must not be below 0, not {ridge}")
    rows = _factors(points, labelled)
    m = len(rows)
    n = max(0, min(n, m))
    worth = weights_of(utility, rows.dense() if callable(utility) else np.empty((m, 0)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    power = float(rows.norms().mean())
    if power == 0.0:
        return np.arange(n)
    wanted = _mean(rows, worth)
    return np.asarray(_pursuit(rows, n, wanted, power, ridge), dtype=np.intp)


def _factors(points: ArrayLike | Outer, labelled: ArrayLike | None) -> Outer:
    if isinstance(points, Outer):
        as_points(points.left, "points")
        as_points(points.right, "points")
        return points
    dense = as_points(points)
    as_anchors(labelled, dense)
    return Outer(dense, np.ones((len(dense), 1), dtype=dense.dtype))


def _mean(rows: Outer, worth: Array | None) -> Array:
    """The weighted mean of all gradients, as a matrix of shape (c, d)."""
    total = np.zeros((rows.left.shape[1], rows.right.shape[1]))
    for start, stop in blocks(len(rows), sum(total.shape)):
        left = rows.left[start:stop].astype(np.float64)
        if worth is not None:
            left *= worth[start:stop, None]
        total += left.T @ rows.right[start:stop].astype(np.float64)
    return total / (len(rows) if worth is None else worth.sum())


def _pursuit(rows: Outer, n: int, wanted: Array, power: float, ridge: float) -> list[int]:
    free = np.ones(len(rows), dtype=bool)
    chosen: list[int] = []
    left, right = np.empty((n, wanted.shape[0])), np.empty((n, wanted.shape[1]))
    gram, hit = np.empty((n, n)), np.empty(n)
    residual = wanted.copy()
    least = _NEAR * float(np.sqrt(np.einsum("ij,ij->", wanted, wanted) * power))
    while len(chosen) < n:
        rough = _along(rows.left, rows.right, residual)
        pick, value = _first_best(rows.left, rows.right, residual, rough, free)
        if value <= least:
            rest = np.flatnonzero(free)
            order = rest[np.argsort(-rough[rest], kind="stable")]
            chosen.extend(order[: n - len(chosen)].tolist())
            return chosen
        k = len(chosen)
        chosen.append(pick)
        free[pick] = False
        left[k], right[k] = rows.left[pick], rows.right[pick]
        gram[k, : k + 1] = gram[: k + 1, k] = (left[: k + 1] @ left[k]) * (right[: k + 1] @ right[k])
        hit[k] = left[k] @ wanted @ right[k]
        weights = _weights(gram[: k + 1, : k + 1] / power, hit[: k + 1] / power, ridge)
        residual = wanted - (left[: k + 1] * weights[:, None]).T @ right[: k + 1]
    return chosen


def _weights(gram: Array, hit: Array, ridge: float) -> Array:
    """The weights w >= 0 that minimise ``w' gram w - 2 hit' w + ridge w' w``."""
    from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve_triangular
    from scipy.optimize import nnls

    # Copies of a row make the matrix singular; so little more on the diagonal does not show.
    whole = gram + (ridge + 1e-10 * max(1.0, float(gram.max()))) * np.eye(len(gram))
    try:
        factor = cho_factor(whole, lower=True)
    except LinAlgError:
        rough: Array = np.maximum(np.linalg.lstsq(whole, hit, rcond=None)[0], 0.0)
        return rough
    weights: Array = cho_solve(factor, hit)
    if weights.min() >= 0.0:
        return weights
    lower = np.tril(factor[0])
    found: Array = nnls(lower.T, solve_triangular(lower, hit, lower=True))[0]
    return found


def glister(
    points: ArrayLike,
    n: int,
    *,
    proba: ArrayLike,
    labels: ArrayLike,
    labelled_proba: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    rate: float = 0.05,
) -> NDArray[np.intp]:
    """Rows that, learned with their predicted label, would most improve the model on the labelled rows.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates as the last, linear layer sees them, in an order that does not depend on the pool's: the lower
        position wins a tie. A 1 for the intercept is put behind.
    n : rows to choose.
    proba : array of shape (m, c)
        Class probabilities of the candidates; the likeliest is the label that is supposed.
    labels : array of shape (l,), class numbers
    labelled_proba : array of shape (l, c)
    utility : not used; in a product it says which rows are candidates.
    labelled : array of shape (l, d), or None
        The rows on which the improvement is measured. Without any, rows of the longest gradients are taken.
    seed : not used: nothing is left to chance.
    rate : length of the step that is supposed for each chosen row, in units of one over the mean squared length of
        the rows; 0 ranks rows once, with no regard to the batch.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. Each maximises the first-order gain in log-likelihood of the labelled
        rows, ``<grad L_V, grad l_u>``; after each, the probabilities of the labelled rows are those of the layer
        after its step, so that what is learned already counts no more. One pass over the rows a pick, O(m + l)
        memory; no gradient is built.

    Raises
    ------
    ValueError
        If a coordinate is not finite, a row is not a distribution, numbers of rows or columns differ, or `rate` is
        below 0.

    References
    ----------
    Killamsetty, Sivasubramanian, Ramakrishnan, Iyer (2021). GLISTER: generalization based data subset selection for
    efficient and robust learning.

    Examples
    --------
    The model errs on the labelled row at 2, and only row 1 would move it there.

    >>> sure, wrong = [0.2, 0.8], [0.7, 0.3]
    >>> glister(np.array([[-2.0], [2.0]]), 1, proba=np.array([sure, sure]), labels=np.array([1]),
    ...         labelled=np.array([[2.0]]), labelled_proba=np.array([wrong]))
    array([1])
    """
    if not rate >= 0.0:
        raise ValueError(f"rate must not be below 0, not {rate}")
    rows, p = as_points(points), probabilities(proba)
    anchors = as_anchors(labelled, rows)
    if len(p) != len(rows):
        raise ValueError(f"proba has {len(p)} rows and points {len(rows)}")
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    left = np.array(p)
    left[np.arange(len(p)), p.argmax(axis=1)] -= 1.0
    length = _lengths(rows)
    if anchors is None:
        worth = np.einsum("ij,ij->i", left, left) * length
        return np.argsort(-worth, kind="stable")[:n]
    codes, known = np.asarray(labels, dtype=np.intp), probabilities(labelled_proba, "labelled_proba")
    if not len(codes) == len(known) == len(anchors):
        raise ValueError(f"{len(anchors)} labelled rows, {len(codes)} labels and {len(known)} labelled_proba")
    step = rate / float(length.mean())
    return np.asarray(_climb(rows, left, n, np.asarray(anchors, np.float64), codes, np.array(known), step), np.intp)


def _climb(
    rows: Points, left: Array, n: int, anchors: Array, codes: NDArray[np.intp], p: Array, step: float
) -> list[int]:
    free = np.ones(len(rows), dtype=bool)
    chosen: list[int] = []
    rough = np.empty(0)
    while len(chosen) < n:
        if len(chosen) == 0 or step > 0.0:
            away = p.copy()
            away[np.arange(len(codes)), codes] -= 1.0
            field, offset = away.T @ anchors, away.sum(axis=0)
            rough = _along(left, rows, field, offset)
        pick, _ = _first_best(left, rows, field, rough, free, offset)
        chosen.append(pick)
        free[pick] = False
        # The layer's scores of a labelled row after a step along this row's gradient.
        moved = -step * (anchors @ rows[pick].astype(np.float64) + 1.0)[:, None] * left[pick]
        moved -= np.where(p > 0.0, moved, -np.inf).max(axis=1, keepdims=True)
        p = p * np.exp(np.minimum(moved, 0.0))
        p /= p.sum(axis=1, keepdims=True)
    return chosen


def _lengths(rows: Points) -> Array:
    """Squared lengths of rows with a 1 behind: (m,)."""
    out = np.empty(len(rows))
    for start, stop in blocks(*rows.shape):
        piece = rows[start:stop].astype(np.float64)
        out[start:stop] = 1.0 + np.einsum("ij,ij->i", piece, piece)
    return out


def _along(left: NDArray[np.floating], right: Points, field: Array, offset: Array | None = None) -> Array:
    """``left_i' (field right_i + offset)`` of all rows: (m,), to rounding."""
    out = np.empty(len(left))
    for start, stop in blocks(len(left), left.shape[1] + 2 * right.shape[1]):
        turned = left[start:stop].astype(np.float64) @ field
        out[start:stop] = np.einsum("ij,ij->i", turned, right[start:stop])
        if offset is not None:
            out[start:stop] += np.einsum("ij,j->i", left[start:stop], offset)
    return out


def _first_best(
    left: NDArray[np.floating],
    right: Points,
    field: Array,
    rough: Array,
    free: NDArray[np.bool_],
    offset: Array | None = None,
) -> tuple[int, float]:
    """The free row of the largest product, the first of equals, and the product.

    A matrix product gives copies of a row values that differ in the last digits, by where they stand in a block; so
    the rows near the best are added up one by one.
    """
    hopeful = np.where(free, rough, -np.inf)
    best = float(hopeful.max())
    near = np.flatnonzero(hopeful >= best - _NEAR * abs(best))[:_FRONT]
    if len(near) == 1:
        return int(near[0]), best
    lefts, rights = left[near].astype(np.float64), right[near].astype(np.float64)
    exact = np.array([float((one @ field) @ other) for one, other in zip(lefts, rights, strict=True)])
    if offset is not None:
        exact += np.einsum("ij,j->i", lefts, offset)
    winner = int(exact.argmax())
    return int(near[winner]), float(exact[winner])
