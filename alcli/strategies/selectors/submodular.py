"""Batches that maximise a set function greedily: facility_location, maxherding, graph_cut, feature_based."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks
from alcli.strategies.selectors.clusters import lifted
from alcli.strategies.selectors.coverage import Worth, weights_of
from alcli.strategies.selectors.greedy import TOLERANCE, Covering, lazy_greedy
from alcli.strategies.selectors.similarity import Similarity, best_of, check, others, total_of

_OVER = ("pool", "candidates")
_CONCAVE = ("sqrt", "log", "inverse")


def facility_location(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    over: str = "pool",
) -> NDArray[np.intp]:
    """Again and again the row by which the pool gains most similarity to its most similar chosen row.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
        With ``over=candidates`` the weight of a row in the sum, lifted where it goes below 0; otherwise not used.
    labelled : array of shape (l, d), or None
        Chosen already: what they cover is covered.
    reference : array of shape (r, d), or None
        Rows that stand for the pool; the candidates themselves when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    over : what is to be covered: "pool", or "candidates" (as FASS does with those it filtered).

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice; f is within 1 - 1/e of the best batch. One pass over the
        m × r similarities, then few rows of them a pick. Peak memory some 256 MB of similarities.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is unknown.

    References
    ----------
    Lin, Bilmes (2011). A class of submodular functions for document summarization.
    Minoux (1978), for the lazy evaluation. Wei, Iyer, Bilmes (2015), for active learning.

    Examples
    --------
    >>> heaps = np.array([[0.0], [0.1], [0.2], [9.0], [9.1]])
    >>> facility_location(heaps, 2, bandwidth=1.0)
    array([1, 3])
    """
    check(similarity, bandwidth)
    if over not in _OVER:
        raise ValueError(f"over must be one of {', '.join(_OVER)}, not {over!r}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    pool = rows if over == "candidates" else others(reference, rows, "reference")
    weights = weights_of(lifted(utility, rows), rows) if over == "candidates" else None
    return _located(rows, n, anchors, pool if len(pool) else rows, weights, similarity, bandwidth)


def maxherding(
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
    """Again and again the row that adds most to the pool's coverage by a kernel.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used: coverage does not ask what a row is worth.
    labelled : array of shape (l, d), or None
        Chosen already.
    reference : array of shape (r, d), or None
        Rows that stand for the pool; the candidates themselves when there are none.
    seed : not used: nothing is left to chance.
    similarity : the kernel: "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
        The paper takes 1 on rows of length 1.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. The same batch as `facility_location` with the same kernel:
        the two papers come to one function by different ways.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is unknown.

    References
    ----------
    Bae, Noh, Sutherland (2024). Generalized coverage for more robust low-budget active learning.

    Examples
    --------
    >>> heaps = np.array([[0.0], [0.1], [0.2], [9.0], [9.1]])
    >>> maxherding(heaps, 1, labelled=heaps[:1], bandwidth=1.0)
    array([3])
    """
    check(similarity, bandwidth)
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    pool = others(reference, rows, "reference")
    return _located(rows, n, anchors, pool if len(pool) else rows, None, similarity, bandwidth)


def _located(
    rows: Points,
    n: int,
    anchors: Points | None,
    pool: Points,
    weights: NDArray[np.float64] | None,
    similarity: str,
    bandwidth: float,
) -> NDArray[np.intp]:
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    kernel = Similarity(pool, similarity, bandwidth)
    covered = kernel.ready(pool)
    already = best_of(kernel, covered, kernel.ready(rows[:0] if anchors is None else anchors))
    return lazy_greedy(Covering(kernel, kernel.ready(rows), covered, already, weights), n)


def graph_cut(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    balance: float = 0.0,
) -> NDArray[np.intp]:
    """Rows that are like the pool and unlike each other.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Chosen already.
    reference : array of shape (r, d), or None
        Rows that stand for the pool; the candidates themselves when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    balance : λ, the weight of being like the pool. 0 takes ``2 (n + l) / r``, with which both sums are as
        large for rows in the middle of the pool; with 1, and a pool far larger than the batch, only
        density counts.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. One pass over the m × (r + l) similarities, then one over the
        candidates a pick. O(m d) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is unknown or below 0.

    References
    ----------
    Lin, Bilmes (2011). A class of submodular functions for document summarization.

    Examples
    --------
    >>> heaps = np.array([[0.0], [0.1], [0.2], [9.0], [9.1]])
    >>> graph_cut(heaps, 2, bandwidth=1.0)
    array([1, 3])
    """
    check(similarity, bandwidth)
    if balance < 0.0:
        raise ValueError(f"balance must be 0 or more, not {balance}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    pool = others(reference, rows, "reference")
    pool = pool if len(pool) else rows
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    kernel = Similarity(pool, similarity, bandwidth)
    here = kernel.ready(rows)
    there = kernel.ready(rows[:0] if anchors is None else anchors)
    weight = balance or 2.0 * (n + len(there)) / len(pool)
    alike = weight * total_of(kernel, here, kernel.ready(pool))
    gain = alike - 2.0 * total_of(kernel, here, there) - 1.0
    least = TOLERANCE * max(1.0, float(np.abs(gain).max()))
    chosen: list[int] = []
    while len(chosen) < n:
        row = int((gain >= gain.max() - least).argmax())
        chosen.append(row)
        gain -= 2.0 * total_of(kernel, here, here[row : row + 1])
        gain[chosen] = -np.inf
    return np.asarray(chosen, dtype=np.intp)


def feature_based(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    concave: str = "sqrt",
) -> NDArray[np.intp]:
    """Rows that bring as much of every feature, each time with a smaller return.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie. A
        coordinate counts as two features, how far it is above 0 and how far below, so that
        coordinates that are never below 0, as counts and TF-IDF, are the paper's features.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Chosen already: what they bring is there.
    seed : not used: nothing is left to chance.
    concave : φ: "sqrt", "log" for ``ln(1 + x)``, or "inverse" for ``x / (1 + x)``. The last two
        depend on the scale of the columns.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. One pass over the points, then few rows a pick. O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or `concave` is another word.

    References
    ----------
    Wei, Iyer, Bilmes (2015). Submodularity in data subset selection and active learning.
    Kirchhoff, Bilmes (2014). Submodularity for data selection in machine translation.

    Examples
    --------
    >>> counts = np.array([[3.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> feature_based(counts, 2)
    array([0, 2])
    """
    if concave not in _CONCAVE:
        raise ValueError(f"concave must be one of {', '.join(_CONCAVE)}, not {concave!r}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    return lazy_greedy(_Features(rows, anchors, concave), n)


class _Features:
    """Gains of ``sum_f φ(sum_{a in A} x_af)``."""

    def __init__(self, rows: Points, anchors: Points | None, concave: str) -> None:
        self.rows, self.concave = rows, concave
        self.total = np.zeros(2 * rows.shape[1])
        if anchors is not None:
            for start, stop in blocks(*anchors.shape):
                self.total += _two_sided(anchors[start:stop]).sum(axis=0)

    def first(self) -> NDArray[np.float64]:
        out = np.empty(len(self.rows))
        for start, stop in blocks(len(out), 2 * self.rows.shape[1]):
            out[start:stop] = self._gains(self.rows[start:stop])
        return out

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return self._gains(self.rows[rows])

    def take(self, row: int) -> None:
        self.total = self.total + _two_sided(self.rows[row : row + 1])[0]

    def _gains(self, rows: Points) -> NDArray[np.float64]:
        # Differences of each feature first: sums of φ itself would drown what a row adds.
        more = self._phi(self.total + _two_sided(rows))
        more -= self._phi(self.total)
        gains: NDArray[np.float64] = np.maximum(more, 0.0).sum(axis=1)
        return gains

    def _phi(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.concave == "sqrt":
            return np.sqrt(x)
        return np.log1p(x) if self.concave == "log" else x / (1.0 + x)


def _two_sided(rows: Points) -> NDArray[np.float64]:
    both = np.empty((len(rows), 2 * rows.shape[1]))
    np.maximum(rows, 0.0, out=both[:, : rows.shape[1]])
    np.maximum(-rows, 0.0, out=both[:, rows.shape[1] :])
    return both
