"""Ranked batches: uncertain rows far from what is labelled, with the weight moving from one to the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Bounds, Points, as_anchors, as_points, blocks, mean_of, nearest, to_one
from alcli.strategies.rank import finite
from alcli.strategies.selectors.coverage import Worth

# Rows among which the next ones are looked for before all rows are looked at again.
_WIDTH = 4096
# More than the rounding of a score, so that a bound on it stays one.
_SLACK = 1e-12


def ranked_batch(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    scale: float = 1.0,
) -> NDArray[np.intp]:
    """Again and again the row of the best mixture of utility and distance to what is labelled or chosen.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
        What a row is worth by itself, u, best between 0 and 1; with None only distances count.
    labelled : array of shape (l, d), or None
        What is labelled already. Without it the first row is the one nearest to the mean.
    seed : not used: nothing is left to chance.
    scale : distances are divided by this; 0 for the root mean square distance of the candidates to their
        mean, which makes the choice independent of the units of the columns.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing, which is the order of the paper's ranking. With U rows left
        unlabelled and L labelled or chosen, ``a = U / (U + L)``, and the next row has the largest
        ``a (1 - 1 / (1 + distance)) + (1 - a) u``. Exactly what a pass over the pool for each row gives,
        in few passes on most data: distances only fall, so few rows can hold the next one. O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, the numbers of columns differ, or `scale` is negative.

    References
    ----------
    Cardoso, Silva, Canuto, Moro, Gonçalves (2017). Ranked batch-mode active learning. They take least
    confidence for u.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [9.0]])
    >>> ranked_batch(line, 2, utility=np.array([0.9, 0.1, 0.0]), labelled=np.array([[0.0]]))
    array([2, 0])
    """
    if not scale >= 0.0:
        raise ValueError(f"scale must be 0 or more, not {scale}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    worth = np.zeros(len(rows)) if utility is None else finite(utility(rows) if callable(utility) else utility)
    if len(worth) != len(rows):
        raise ValueError(f"utility has {len(worth)} rows and points {len(rows)}")
    return _Ranking(rows, worth, anchors, scale or _spread(rows)).run(n)


def _spread(rows: Points) -> float:
    """Root mean square distance to the mean; 1 when all rows are alike."""
    away = to_one(rows, mean_of(rows))
    largest = float(away.max())
    return float(np.sqrt(largest * (away / largest).mean())) if largest > 0.0 else 1.0


class _Ranking:
    """The choice as far as it has come."""

    def __init__(self, rows: Points, worth: NDArray[np.float64], anchors: Points | None, scale: float) -> None:
        self.rows, self.worth, self.anchors, self.scale = rows, worth, anchors, scale
        self.chosen: list[int] = []
        self.free = np.ones(len(rows), dtype=bool)
        self.width = _WIDTH
        self.known = 0 if anchors is None else len(anchors)

    def run(self, n: int) -> NDArray[np.intp]:
        bounds = Bounds(self.rows, self.anchors)
        if self.anchors is None:
            self._take(int(to_one(self.rows, mean_of(self.rows)).argmin()))
        else:
            bounds.add(self.anchors)
        seen = 0
        while len(self.chosen) < n:
            bounds.add(self.rows[self.chosen[seen:]])
            seen = len(self.chosen)
            work, distance, outside = self._front(bounds.values, n)
            front, worth = self.rows[work], self.worth[work]
            while len(self.chosen) < n:
                score = np.where(self.free[work], self._score(distance, worth, self._share(len(self.chosen))), -np.inf)
                best = int(score.argmax())
                # Equal is not enough: a row outside with a lower position may be as good.
                if score[best] <= outside:
                    break
                self._take(int(work[best]))
                np.minimum(distance, to_one(front, front[best]), out=distance)
        return np.asarray(self.chosen, dtype=np.intp)

    def _take(self, row: int) -> None:
        self.chosen.append(row)
        self.free[row] = False

    def _share(self, chosen: int) -> float:
        """The weight of distance when so many rows are chosen."""
        return (len(self.rows) - chosen) / (len(self.rows) + self.known)

    def _score(self, distance: NDArray[np.float64], worth: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        away = np.sqrt(distance) / self.scale
        return share * (1.0 - 1.0 / (1.0 + away)) + (1.0 - share) * worth

    def _ceiling(self, bound: NDArray[np.float64], n: int) -> NDArray[np.float64]:
        """More than any score that a row can still have: scores are linear in the share, and the share falls."""
        ceiling = np.empty(len(bound))
        for start, stop in blocks(len(bound), 64):
            here, worth = bound[start:stop], self.worth[start:stop]
            now = self._score(here, worth, self._share(len(self.chosen)))
            ceiling[start:stop] = np.maximum(now, self._score(here, worth, self._share(n)))
        ceiling += _SLACK * (1.0 + np.abs(self.worth))
        ceiling[~self.free] = -np.inf
        return ceiling

    def _front(self, bound: NDArray[np.float64], n: int) -> tuple[NDArray[np.intp], NDArray[np.float64], float]:
        """Rows that hold the next one for certain, their exact squared distances, and the ceiling of all others."""
        ceiling = self._ceiling(bound, n)
        m = len(self.rows)
        if m <= self.width:
            work, outside = np.arange(m), -np.inf
        else:
            order = np.argpartition(ceiling, m - self.width - 1)
            work, outside = np.sort(order[m - self.width :]), float(ceiling[order[m - self.width - 1]])
        distance = self._exact(work)
        score = self._score(distance, self.worth[work], self._share(len(self.chosen)))
        best = float(score[self.free[work]].max())
        if best <= outside:
            # Many rows are as good, or nearly: all that could be. A wider front saves the next such look.
            self.width *= 4
            work = np.flatnonzero(ceiling >= best)
            outside = float(ceiling[ceiling < best].max(initial=-np.inf))
            distance = self._exact(work)
        return work, distance, outside

    def _exact(self, work: NDArray[np.intp]) -> NDArray[np.float64]:
        taken = self.rows[self.chosen]
        return nearest(self.rows[work], taken if self.anchors is None else np.concatenate([self.anchors, taken]))
