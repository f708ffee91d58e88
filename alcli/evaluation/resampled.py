"""Metrics of all bootstrap replicates at once.

Apart from the area under the curve, every metric is made of sums over rows, so one product of a
sparse matrix with the replicates' weights gives them all. tests/evaluation holds each function
equal to its namesake in scores.py.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation import scores
from alcli.evaluation.judged import Judged

Values = NDArray[np.float64]


class Resampled:
    """A few replicates of the same judged rows.

    Parameters
    ----------
    judged : n rows; their own weights are not looked at.
    weights : array of shape (n, r): how much row i counts in replicate j, 0 when not drawn.

    Notes
    -----
    Nothing larger than `weights` is held, so memory is O(n r); the caller keeps r small.
    """

    def __init__(self, judged: Judged, weights: Values) -> None:
        self.judged = judged
        self.weights = weights

    @cached_property
    def total(self) -> Values:
        """Summed weights: array of shape (r,)."""
        summed: Values = self.weights.sum(axis=0)
        return summed

    @cached_property
    def confusion(self) -> Values:
        """Summed weights by true and predicted class: array of shape (c, c, r)."""
        c = len(self.judged.classes)
        cells = self.judged.truth * c + self.judged.predicted
        return self.sums(cells, np.ones(len(cells)), c * c).reshape(c, c, -1)

    def mean(self, values: Values) -> Values:
        """Weighted mean over rows of `values` (n,): array of shape (r,)."""
        averaged: Values = (values @ self.weights) / self.total
        return averaged

    def sums(self, groups: NDArray[np.intp], values: Values, n_groups: int) -> Values:
        """Weighted sums of `values` (n,) within groups (n,): array of shape (n_groups, r)."""
        from scipy.sparse import csr_array

        n = len(values)
        by_row: Any = csr_array((values, groups, np.arange(n + 1)), shape=(n, n_groups))
        summed: Values = by_row.T @ self.weights
        return summed


def _divide(above: Values, below: Values) -> Values:
    """`above / below`, not-a-number where there is nothing to divide by."""
    shares: Values = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return shares


def accuracy(resampled: Resampled) -> Values:
    return _divide(np.einsum("iij->j", resampled.confusion), resampled.total)


def balanced_accuracy(resampled: Resampled) -> Values:
    recalls = _divide(np.einsum("iij->ij", resampled.confusion), resampled.confusion.sum(axis=1))
    averaged: Values = np.nanmean(recalls, axis=0)
    return averaged


def f1_macro(resampled: Resampled) -> Values:
    averaged: Values = np.nanmean(_f1s(resampled), axis=0)
    return averaged


def _f1s(resampled: Resampled) -> Values:
    """F1 by class and replicate, shape (c, r); not-a-number where a class has no row and no prediction."""
    hits = np.einsum("iij->ij", resampled.confusion)
    return _divide(2 * hits, resampled.confusion.sum(axis=1) + resampled.confusion.sum(axis=0))


def log_loss(resampled: Resampled) -> Values:
    judged = resampled.judged
    own = judged.proba[np.arange(len(judged)), judged.truth]
    # scikit-learn's clip
    return resampled.mean(-np.log(np.clip(own, np.finfo(np.float64).eps, 1)))


def brier(resampled: Resampled) -> Values:
    return resampled.mean(scores.squared_distance(resampled.judged))


def ece(resampled: Resampled) -> Values:
    bins, gap = scores.calibration_gaps(resampled.judged)
    return _divide(np.abs(resampled.sums(bins, gap, scores.ECE_BINS)).sum(axis=0), resampled.total)


def auc(resampled: Resampled) -> Values:
    judged = resampled.judged
    areas = np.stack(
        [_area(judged.truth == code, judged.proba[:, code], resampled.weights) for code in scores.auc_classes(judged)]
    )
    drawn = ~np.isnan(areas)
    return _divide(np.nansum(areas, axis=0), drawn.sum(axis=0).astype(np.float64))


def _area(positive: NDArray[np.bool_], score: Values, weights: Values) -> Values:
    """Weighted Mann-Whitney statistic of each replicate: array of shape (r,)."""
    order = np.argsort(score, kind="stable")
    ranked, is_positive, drawn = score[order], positive[order], weights[order]
    # Row i of `below` is what stands before position i among the negatives.
    below = np.zeros((len(order) + 1, weights.shape[1]))
    np.cumsum(drawn * ~is_positive[:, None], axis=0, out=below[1:])
    hits = ranked[is_positive]
    first, last = np.searchsorted(ranked, hits, "left"), np.searchsorted(ranked, hits, "right")
    won: Values = (drawn[is_positive] * (below[first] + below[last])).sum(axis=0) / 2
    return _divide(won, drawn[is_positive].sum(axis=0) * below[-1])


def precision(resampled: Resampled, of: int) -> Values:
    return _divide(resampled.confusion[of, of], resampled.confusion[:, of].sum(axis=0))


def recall(resampled: Resampled, of: int) -> Values:
    return _divide(resampled.confusion[of, of], resampled.confusion[of].sum(axis=0))


def f1(resampled: Resampled, of: int) -> Values:
    values: Values = _f1s(resampled)[of]
    return values


def support(resampled: Resampled, of: int) -> Values:
    summed: Values = resampled.confusion[of].sum(axis=0)
    return summed
