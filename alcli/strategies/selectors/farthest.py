"""Farthest-first traversal that looks closely only at the rows that can be next.

Distances to the nearest centre only fall as centres are added, and the distance to the nearest of some centres is
an upper bound on that to the nearest of all. So each row carries a bound from the centres that it has seen, which
need not be all; rows of large bounds are shown the others, and a row is taken when its exact distance is above the
bounds of all rows that were not looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.distances import Bounds, Points, mean_of, nearest, to_one

# Rows whose exact distances are known at a time, among which the next ones are found.
_WIDTH = 4096
# Rows that are shown every centre first; more when these do not hold the next one for certain.
_WIDE = 16384
# Labelled rows that every row is shown.
_FEW = 48
# Labelled rows among which these few are found, and the passes that it takes.
_DRAWN = 4096
_PASSES = 6


def farthest_first(
    rows: Points,
    n: int,
    anchors: Points | None,
    *,
    outermost: bool = False,
    width: int = _WIDTH,
    wide: int = _WIDE,
    few: int = _FEW,
) -> NDArray[np.intp]:
    """Again and again the row farthest from all anchors and chosen rows; the lower position wins a tie.

    Parameters
    ----------
    rows : array of shape (m, d)
    n : rows to choose, at most m.
    anchors : array of shape (l, d), or None
    outermost : without anchors, whether the first row is the one farthest from the mean and not the nearest.
    width, wide, few : how much is looked at; nothing of the result depends on them.

    Returns
    -------
    positions : array of shape (n,)
        What plain passes over all rows give, in their order. O(m) memory.
    """
    search = _Search(rows, anchors, width, max(width, wide), few)
    chosen: list[int] = []
    if anchors is None:
        away = to_one(rows, mean_of(rows))
        chosen.append(int(away.argmax() if outermost else away.argmin()))
        search.begin(chosen[0])
    while len(chosen) < n:
        work, distance, outside = search.front(chosen)
        front = rows[work]
        while len(chosen) < n:
            best = int(distance.argmax())
            if distance[best] <= outside:
                break
            chosen.append(int(work[best]))
            np.minimum(distance, to_one(front, front[best]), out=distance)
            distance[best] = -1.0
    return np.asarray(chosen, dtype=np.intp)


class _Search:
    """What is known of every row: an upper bound, and which centres it has seen."""

    def __init__(self, rows: Points, anchors: Points | None, width: int, wide: int, few: int) -> None:
        self.rows, self.width, self.wide, self.last = rows, width, wide, wide
        self.bounds = Bounds(rows, anchors)
        self.anchors = rows[:0] if anchors is None else anchors
        self.centres = self.anchors
        # of the centres, the first so many that each row has seen; the few that stand for the anchors do not count
        self.seen = np.zeros(len(rows), dtype=np.int32)
        if anchors is not None:
            self.bounds.add(anchors[_standing(anchors, few)])
            if len(anchors) <= few:
                self.seen[:] = len(anchors)

    def begin(self, first: int) -> None:
        """The first centre, where there are no anchors: every row sees it."""
        self.bounds.add(self.rows[first : first + 1])
        self.seen[:] = 1

    def front(self, chosen: list[int]) -> tuple[NDArray[np.intp], NDArray[np.float64], float]:
        """Rows that hold the farthest one for certain, their exact distances, and a bound of all others.

        Chosen rows have the bound and the distance -1.
        """
        self.centres = np.concatenate([self.anchors, self.rows[chosen]])
        bound = self.bounds.values
        bound[chosen] = -1.0
        wide = max(self.wide, self.last // 4)
        while True:
            self.last = wide
            some, beyond = _largest(bound, np.arange(len(bound)), wide)
            self._show(some)
            work, outside = _largest(bound, some, self.width)
            distance = self._exact(work)
            best = distance.max()
            if best > max(outside, beyond):
                return work, distance, max(outside, beyond)
            if best > beyond:
                # Many rows are as far, or nearly: all that were shown and whose bound reaches the best one found.
                near = bound[some] >= best
                distance = self._exact(some[near])
                return some[near], distance, max(beyond, float(bound[some[~near]].max(initial=-1.0)))
            wide *= 4

    def _show(self, some: NDArray[np.intp]) -> None:
        """Lower the bounds of some rows by the centres that they have not seen."""
        seen = self.seen[some]
        for before in np.unique(seen[seen < len(self.centres)]).tolist():
            self.bounds.add_to(some[seen == before], self.centres[before:])
        self.seen[some] = len(self.centres)

    def _exact(self, work: NDArray[np.intp]) -> NDArray[np.float64]:
        """Exact distances, by which the bounds are lowered too."""
        bound = self.bounds.values
        distance = nearest(self.rows[work], self.centres)
        distance[bound[work] < 0.0] = -1.0
        bound[work] = np.minimum(bound[work], distance)
        return distance


def _largest(bound: NDArray[np.float64], among: NDArray[np.intp], n: int) -> tuple[NDArray[np.intp], float]:
    """Those of some ascending positions with the n largest bounds, ascending, and the largest bound of the others."""
    if len(among) <= n:
        return among, -1.0
    order = np.argpartition(bound[among], len(among) - n - 1)
    return among[np.sort(order[len(among) - n :])], float(bound[among[order[len(among) - n - 1]]])


def _standing(anchors: Points, k: int) -> NDArray[np.intp]:
    """k anchors at most that stand for all: near the centres of clusters. Any would do, but these bound best."""
    if len(anchors) <= k:
        return np.arange(len(anchors))
    drawn = np.arange(0, len(anchors), -(-len(anchors) // _DRAWN))
    some = np.asarray(anchors[drawn], dtype=np.float64)
    some = some - some.mean(axis=0)
    some /= max(float(np.abs(some).max()), 1e-300)  # squares stay finite
    centres = some[:: max(1, len(some) // k)][:k].copy()
    for _ in range(_PASSES):
        near = some @ centres.T - 0.5 * np.einsum("ij,ij->i", centres, centres)
        member = near.argmax(axis=1)[:, None] == np.arange(len(centres))
        count = member.sum(axis=0)
        centres[count > 0] = (member.T.astype(np.float64) @ some)[count > 0] / count[count > 0, None]
    # |x - c|^2 is least where |x|^2 / 2 - x.c is
    away = 0.5 * np.einsum("ij,ij->i", some, some) - centres @ some.T
    return np.unique(drawn[away.argmin(axis=1)])
