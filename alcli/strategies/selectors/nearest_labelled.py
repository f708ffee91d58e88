"""Nearest neighbours between many rows and few (the labelled ones), exact, in blocks: never all distances at once.

A matrix product gives distances with a known largest error. It is used to drop the pairs that cannot be
among the nearest; the others are summed exactly, and of equal ones the lower position is nearer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.distances import Points, between, blocks

Pairs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


class Rough:
    """Products of blocks of rows with all anchors, from which distances follow within a known error.

    ``|x - a|^2 = |x|^2 + |a|^2 - 2 x.a``, and what comes out is wrong by ``slack (|x|^2 + |a|^2) + tiny`` at most.

    Parameters
    ----------
    points, anchors : arrays of shape (m, d) and (l, d), as `as_points` returns them.
    """

    def __init__(self, points: Points, anchors: Points) -> None:
        self.points = points
        # `as_points` leaves in float32 only what has squares that float32 can hold.
        self.kind: Any = np.float32 if points.dtype == anchors.dtype == np.float32 else np.float64
        # The median: one anchor far off would draw a mean away from all others, where products are coarse.
        self.middle: NDArray[Any] = np.median(anchors, axis=0).astype(self.kind)
        around: NDArray[Any] = (anchors - self.middle).astype(self.kind)
        self.lengths: NDArray[Any] = np.einsum("ij,ij->i", around, around)
        self._turned: NDArray[Any] = np.ascontiguousarray(-2.0 * around.T)
        # Four times the textbook bound on the error of a product of this length.
        self.slack: Any = self.kind(4.0 * (points.shape[1] + 16) * float(np.finfo(self.kind).eps))
        self.tiny: Any = np.finfo(self.kind).tiny  # for what underflows

    def block(self, start: int, stop: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """For rows start..stop ``-2 x.a`` for all anchors, (rows, l), and ``|x|^2``, (rows, 1)."""
        here: NDArray[Any] = np.asarray(self.points[start:stop], dtype=self.kind) - self.middle
        return here @ self._turned, np.einsum("ij,ij->i", here, here)[:, None]


def nearest_anchors(points: Points, anchors: Points, k: int, start: int, stop: int, rough: Rough) -> NDArray[np.intp]:
    """For rows start..stop the k nearest anchors, ascending by position: (rows, min(k, l)).

    A row's neighbours do not depend on the other rows.
    """
    count = len(anchors)
    if k >= count:
        return np.broadcast_to(np.arange(count), (stop - start, count))
    product, norm = rough.block(start, stop)
    # |x|^2 is the same for all anchors of a row, and only its error counts
    most = product + rough.lengths * (1 + rough.slack)
    most.partition(k - 1, axis=1)
    limit = most[:, k - 1 : k] + 2 * (norm * rough.slack + rough.tiny)
    product += rough.lengths * (1 - rough.slack)
    rows, columns = np.divmod(np.flatnonzero(product <= limit), count)
    sure = np.bincount(rows, minlength=stop - start) == k
    out = np.empty((stop - start, k), dtype=np.intp)
    out[sure] = columns[sure[rows]].reshape(-1, k)
    if not sure.all():
        open_ = ~sure[rows]
        rows, columns = rows[open_], columns[open_]
        exact = between(points, rows + start, anchors, columns)
        order = np.lexsort((columns, exact, rows))
        # the first k of each row, put back in the order of their positions
        rank = np.arange(len(order)) - np.searchsorted(rows[order], rows[order])
        out[~sure] = columns[np.sort(order[rank < k])].reshape(-1, k)
    return out


def nearest_rows(points: Points, anchors: Points, k: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For each anchor its k nearest rows and their exact squared distances: two arrays (l, min(k, m)), nearest first.

    O(l k) memory beside blocks.
    """
    k = min(k, len(points))
    rough = Rough(points, anchors)
    # What the k-th nearest of each anchor is at most; rows that are surely beyond it are passed over.
    limit = np.full(len(anchors), np.inf)
    best: Pairs = (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
    waiting: list[Pairs] = []
    for start, stop in blocks(len(points), max(points.shape[1], len(anchors))):
        product, norm = rough.block(start, stop)
        ceiling = limit
        if stop - start > k and not np.isfinite(limit).all():
            most = product + (norm * (1 + rough.slack) + rough.tiny) + rough.lengths * (1 + rough.slack)
            ceiling = np.minimum(limit, np.partition(most, k - 1, axis=0)[k - 1])
        product += norm * (1 - rough.slack) - rough.tiny
        product += rough.lengths * (1 - rough.slack)
        rows, columns = np.divmod(np.flatnonzero(product <= ceiling), len(anchors))
        waiting.append((rows + start, columns, between(points, rows + start, anchors, columns)))
        if sum(len(part[0]) for part in waiting) > k * len(anchors) or not np.isfinite(limit).all():
            best, limit = _best([best, *waiting], k, len(anchors))
            waiting = []
    best, _ = _best([best, *waiting], k, len(anchors))
    return best[0].reshape(-1, k), best[2].reshape(-1, k)


def first_copies(anchors: Points, k: int) -> NDArray[np.intp]:
    """Positions of the anchors that can be among k nearest: of equal ones only the first k, ascending."""
    _, which = np.unique(anchors, axis=0, return_inverse=True)
    which = which.ravel()
    order = np.argsort(which, kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(which[order], which[order])
    return np.sort(order[rank < k])


def _best(found: list[Pairs], k: int, anchors: int) -> tuple[Pairs, NDArray[np.float64]]:
    """The k nearest rows of each anchor so far, by anchor and distance, and the distance of the last of them."""
    rows, columns = (np.concatenate([part[at] for part in found]).astype(np.intp) for at in (0, 1))
    exact = np.concatenate([part[2] for part in found])
    order = np.lexsort((rows, exact, columns))
    rank = np.arange(len(order)) - np.searchsorted(columns[order], columns[order])
    order = order[rank < k]
    rows, columns, exact = rows[order], columns[order], exact[order]
    size = np.bincount(columns, minlength=anchors)
    limit = np.full(anchors, np.inf)
    limit[size == k] = exact[np.cumsum(size)[size == k] - 1]
    return (rows, columns, exact), limit
