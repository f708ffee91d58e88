"""Nearest neighbours by Manhattan distance, without a matrix of all distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.distances import Points

# Rows of a panel, and of the tiles in which its sums stay in the processor's cache.
_PANEL = 1024
_TILE = 64
# float32 finds so many neighbours more than wanted; float64 says which of them are the nearest.
_SPARE = 6


def manhattan(points: Points, k: int) -> NDArray[np.intp]:
    """The k nearest other rows of each row, nearest first; the lower position wins a tie.

    Parameters
    ----------
    points : array of shape (m, d)
    k : how many; all others when there are fewer.

    Returns
    -------
    positions : array of shape (m, min(k, m - 1))
        A row is not its own neighbour, but a copy of it is. Every pair is looked at once, as
        ``sum |a - b| = 2 sum max(a, b) - sum a - sum b`` in float32; float64 decides between what this
        finds. O(m^2 d) time: some 50 s for 50,000 rows of 64 numbers on one core. O(m (k + d)) memory.

    Examples
    --------
    >>> manhattan(np.array([[0.0], [1.0], [3.0]]), 1).ravel()
    array([1, 0, 1])
    """
    m = len(points)
    k = min(k, m - 1)
    if k < 1:
        return np.empty((m, 0), dtype=np.intp)
    columns = _columns(points)
    sums = columns.sum(axis=0)
    wide = min(k + _SPARE, m - 1)
    best = np.full((m, wide), np.inf, dtype=np.float32)
    who = np.zeros((m, wide), dtype=np.intp)
    for a in range(0, m, _PANEL):
        left = slice(a, min(a + _PANEL, m))
        for b in range(a, m, _PANEL):
            right = slice(b, min(b + _PANEL, m))
            panel = _distances(columns, sums, left, right)
            if a == b:
                np.fill_diagonal(panel, np.inf)
            _merge(best[left], who[left], panel, b)
            if a != b:
                _merge(best[right], who[right], panel.T, a)
    who.sort(axis=1)
    exact = lengths(points, np.repeat(np.arange(m), wide), who.ravel()).reshape(m, wide)
    order = np.argsort(exact, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(who, order, axis=1)


def lengths(points: Points, left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.float64]:
    """Exact Manhattan distances of pairs of rows: (e,) for positions of shape (e,)."""
    out = np.empty(len(left))
    step = max(1, 2_000_000 // max(1, points.shape[1]))
    for start in range(0, len(out), step):
        some = slice(start, start + step)
        away = np.subtract(points[left[some]], points[right[some]], dtype=np.float64)
        out[some] = np.abs(away).sum(axis=1)
    return out


def _columns(points: Points) -> NDArray[np.float32]:
    """The coordinates around their median, none beyond 1, column by column: (d, m).

    Around the median, since one row far off would move a mean away from all others, where float32 is coarse.
    """
    moved = points - np.median(points, axis=0)
    largest = float(np.abs(moved).max(initial=0.0))
    moved /= largest if largest > 0.0 else 1.0
    return np.ascontiguousarray(moved.T, dtype=np.float32)


def _distances(
    columns: NDArray[np.float32], sums: NDArray[np.float32], left: slice, right: slice
) -> NDArray[np.float32]:
    there = columns[:, right]
    out = np.zeros((left.stop - left.start, there.shape[1]), dtype=np.float32)
    larger = np.empty((_TILE, there.shape[1]), dtype=np.float32)
    for first in range(0, len(out), _TILE):
        tile = out[first : first + _TILE]
        here = columns[:, left.start + first : left.start + first + len(tile)]
        for one, other in zip(here, there, strict=True):
            tile += np.maximum(one[:, None], other[None, :], out=larger[: len(tile)])
    out *= 2.0
    out -= sums[left][:, None]
    out -= sums[right][None, :]
    return out


def _merge(best: NDArray[np.float32], who: NDArray[np.intp], panel: NDArray[np.float32], offset: int) -> None:
    """Put what is nearer than the farthest neighbour known so far in its place. Both arrays stay sorted."""
    k = best.shape[1]
    if np.isinf(best[:, -1]).any():
        few = min(k, panel.shape[1])
        near = np.argpartition(panel, few - 1, axis=1)[:, :few]
        both = np.hstack([best, np.take_along_axis(panel, near, axis=1)])
        owner = np.hstack([who, near + offset])
        order = np.lexsort((owner, both), axis=1)[:, :k]
        best[:] = np.take_along_axis(both, order, axis=1)
        who[:] = np.take_along_axis(owner, order, axis=1)
        return
    row, column = np.nonzero(panel < best[:, -1:])
    if len(row) == 0:
        return
    touched, place = np.unique(row, return_inverse=True)
    distance = np.concatenate([best[touched].ravel(), panel[row, column]])
    owner = np.concatenate([who[touched].ravel(), column + offset])
    group = np.concatenate([np.repeat(np.arange(len(touched)), k), place])
    order = np.lexsort((owner, distance, group))
    starts = np.concatenate([[0], np.cumsum(np.bincount(group))[:-1]])
    kept = order[(starts[:, None] + np.arange(k)).ravel()].reshape(-1, k)
    best[touched], who[touched] = distance[kept], owner[kept]
