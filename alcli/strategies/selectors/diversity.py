"""Batches whose rows are unlike each other: log_det (a determinant) and disparity_sum (all distances)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks, mean_of, to_one
from alcli.strategies.selectors.coverage import Worth, weights_of
from alcli.strategies.selectors.similarity import Ready, Similarity, check

# On the diagonal, so that copies of a row have a determinant too.
JITTER = 1e-8
# Residuals and sums that differ by less, as a share of the largest, are equal.
_EQUAL = 1e-9
# Labelled rows, or examples of a kind, that are looked at: their matrix is m × l.
ANCHORS = 2000


def log_det(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
) -> NDArray[np.intp]:
    """Again and again the row that multiplies the determinant of the batch's similarities most.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), never below 0, or a function of points that gives one, or None
        The quality q of each row: the determinant is that of ``q_i s_ij q_j``.
    labelled : array of shape (l, d), or None
        Chosen already; of more than 2,000 the first 2,000.
    reference : array of shape (r, d), or None
        Rows of the pool that the bandwidth is taken from; the candidates when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. With no labelled row and no utility any single row has the
        same determinant, and the first is taken. A row of a Cholesky factor is added a pick: O(m (l + n) d)
        time and 8 m (l + n) bytes. 1e-8 is added to the diagonal.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, a utility is negative, or a setting is unknown.

    References
    ----------
    Kulesza, Taskar (2012). Determinantal point processes for machine learning.
    Chen, Zhang, Zhou (2018). Fast greedy MAP inference for determinantal point process.

    Examples
    --------
    >>> heaps = np.array([[0.0], [0.1], [5.0], [9.0]])
    >>> log_det(heaps, 3, bandwidth=3.0)
    array([0, 3, 2])
    """
    check(similarity, bandwidth)
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    quality = weights_of(utility, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    pool = rows if reference is None or len(np.asanyarray(reference)) == 0 else as_points(reference, "reference")
    kernel = Similarity(pool, similarity, bandwidth, coarse=False)
    here, before = kernel.ready(rows), kernel.ready(rows[:0] if anchors is None else anchors[:ANCHORS])
    known = len(before)
    factor = through(kernel, here, before, n)
    residual = 1.0 + JITTER - np.einsum("ij,ij->i", factor, factor)
    open_ = np.ones(len(rows), dtype=bool)
    square = np.ones(len(rows)) if quality is None else quality * quality
    chosen: list[int] = []
    while len(chosen) < n:
        gain = np.where(open_, np.maximum(residual, 0.0) * square, -1.0)
        row = int((gain >= gain.max() - _EQUAL).argmax())
        chosen.append(row)
        open_[row] = False
        column = known + len(chosen) - 1
        similar = kernel.fine(here, here[row : row + 1])[:, 0]
        factor[:, column] = pulled(factor[:, :column], residual, row, similar)
        residual -= factor[:, column] ** 2
    return np.asarray(chosen, dtype=np.intp)


def pulled(
    factor: NDArray[np.float64], residual: NDArray[np.float64], row: int, similar: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The next column of the factor when a row is chosen: what each row shares with it beyond those before."""
    column: NDArray[np.float64] = similar - factor @ factor[row]
    column /= np.sqrt(max(float(residual[row]), JITTER))
    return column


def through(kernel: Similarity, here: Ready, before: Ready, n: int) -> NDArray[np.float64]:
    """Each candidate's part of the Cholesky factor, (m, l + n): <u_i, u_j> is what i and j share through those chosen.

    The first l columns are for the rows `before`, by a triangular solve in blocks; the others are 0 still.
    """
    from scipy.linalg import cholesky, solve_triangular

    out = np.zeros((len(here), len(before) + n))
    if len(before) == 0:
        return out
    whole = kernel.fine(before, before)
    whole[np.diag_indices(len(before))] += JITTER
    lower = cholesky((whole + whole.T) / 2.0, lower=True)
    for start, stop in blocks(len(here), len(before)):
        shared = solve_triangular(lower, kernel.fine(before, here[start:stop]), lower=True)
        out[start:stop, : len(before)] = shared.T
    return out


def disparity_sum(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Again and again the row with the largest sum of distances to all labelled and chosen rows.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Chosen already. Without it the first row is the one farthest from the mean.
    seed : not used: nothing is left to chance.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice: one pass over the candidates a pick, for this sum grows with
        the batch and nothing can be left out. It gathers at the rim of the pool. O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the numbers of columns differ.

    References
    ----------
    Ravi, Rosenkrantz, Tayi (1994). Heuristic and special case algorithms for dispersion problems.
    Kothawade et al. (2022), who use it in active learning (disparity sum).

    Examples
    --------
    >>> disparity_sum(np.array([[0.0], [4.0], [5.0], [9.0], [11.0]]), 3)
    array([0, 4, 1])
    """
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    middle = mean_of(rows)
    total = to_one(rows, middle) if anchors is None else _distances(rows, anchors, middle)
    open_ = np.ones(len(rows), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < n:
        known = np.where(open_, total, -1.0)
        row = int((known >= known.max() * (1.0 - _EQUAL)).argmax())
        to_row = np.sqrt(to_one(rows, rows[row]))
        # The squared distances to the mean that found the first row are none of the sum.
        total = to_row if anchors is None and not chosen else total + to_row
        chosen.append(row)
        open_[row] = False
    return np.asarray(chosen, dtype=np.intp)


def _distances(rows: Points, anchors: Points, middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every row, the sum of its distances to the labelled ones: (m,)."""
    out = np.zeros(len(rows))
    there = Ready(anchors - middle)
    for start, stop in blocks(len(rows), max(rows.shape[1], len(anchors))):
        away = Ready(rows[start:stop] - middle).minus_squares(there)
        np.sqrt(np.negative(away, out=away), out=away)
        out[start:stop] = away.sum(axis=1)
    return out
