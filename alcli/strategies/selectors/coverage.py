"""Batches that leave no part of the pool far from a labelled row: kcenter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import (
    Bounds,
    Points,
    as_anchors,
    as_points,
    mean_of,
    nearest,
    to_one,
)
from alcli.strategies.rank import finite

Worth = ArrayLike | Callable[[Points], NDArray[np.float64]] | None

# Rows among which the next centres are looked for before all rows are looked at again.
_WIDTH = 4096
# Labelled rows with which bounds begin, and the part of all rows that may be looked at before the others come in.
_FEW = 256
_LOOSE = 20


def kcenter(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Again and again the row that is farthest from all labelled and chosen rows.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used: coverage does not ask what a row is worth.
    labelled : array of shape (l, d), or None
        What is covered already. Without it the first centre is the row nearest to the mean.
    seed : not used: nothing is left to chance.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. Exactly what n passes over the pool give, in one or two on
        most data: distances only fall, so the rows that were farthest before hold the next one, as
        long as it beats the upper bound of all others. Peak memory is O(m) plus blocks.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the numbers of columns differ.

    References
    ----------
    Gonzalez (1985). Clustering to minimize the maximum intercluster distance.
    Sener, Savarese (2018). Active learning for convolutional neural networks: a core-set approach.
    They start without labelled rows at a random one.

    Examples
    --------
    >>> line = np.array([[0.0], [4.0], [5.0], [9.0], [10.0]])
    >>> kcenter(line, 3, labelled=np.array([[0.0]]))
    array([4, 2, 1])
    """
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    return _farthest_first(rows, n, anchors, _WIDTH)


def disparity_min(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Rows whose two nearest ones are as far from each other as can be.

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
        Distinct, in the order of greedy choice. A greedy step is the step of `kcenter`, and cannot be
        told from it but by the first row: at the edge here, in the middle there. O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the numbers of columns differ.

    References
    ----------
    Ravi, Rosenkrantz, Tayi (1994). Heuristic and special case algorithms for dispersion problems: the
    smallest distance is at least half of the best possible. Kothawade et al. (2022) for active learning.

    Examples
    --------
    >>> disparity_min(np.array([[0.0], [4.0], [5.0], [9.0], [11.0]]), 3)
    array([0, 4, 2])
    """
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    return _farthest_first(rows, n, anchors, _WIDTH, outermost=True)


def _farthest_first(
    rows: Points, n: int, anchors: Points | None, width: int, outermost: bool = False
) -> NDArray[np.intp]:
    bounds = Bounds(rows, anchors)
    chosen: list[int] = []
    rest: Points | None = None
    if anchors is None:
        away = to_one(rows, mean_of(rows))
        chosen.append(int(away.argmax() if outermost else away.argmin()))
    else:
        # A few anchors bound what is far from none of them: most rows of most pools.
        some = np.arange(0, len(anchors), max(1, len(anchors) // _FEW))
        bounds.add(anchors[some])
        rest = np.delete(anchors, some, axis=0) if len(some) < len(anchors) else None
    known = 0  # of the chosen rows, how many the bounds have seen
    while len(chosen) < n:
        bounds.add(rows[chosen[known:]])
        known = len(chosen)
        bounds.values[chosen] = -1.0
        centres = rows[chosen] if anchors is None else np.concatenate([anchors, rows[chosen]])
        found = _front(rows, centres, bounds.values, width, None if rest is None else len(rows) // _LOOSE)
        if found is None:  # only while there is a rest
            bounds.add(rows[:0] if rest is None else rest)
            rest = None
            continue
        work, distance, outside = found
        # What is known exactly need not be looked at again until a centre comes near.
        bounds.values[work] = np.minimum(bounds.values[work], distance)
        front = rows[work]
        while len(chosen) < n:
            best = int(distance.argmax())
            if distance[best] <= outside:
                break
            chosen.append(int(work[best]))
            np.minimum(distance, to_one(front, front[best]), out=distance)
            distance[best] = -1.0
    return np.asarray(chosen, dtype=np.intp)


def _front(
    rows: Points, centres: Points, bound: NDArray[np.float64], width: int, most: int | None
) -> tuple[NDArray[np.intp], NDArray[np.float64], float] | None:
    """Rows that hold the farthest one for certain, their exact distances, and the bound of all others.

    Chosen rows have the bound -1, and get the distance -1. None when more than `most` rows would have to
    be looked at: then the bounds are too loose to be of use.
    """
    m = len(rows)
    if m <= width:
        work, outside = np.arange(m), -1.0
    else:
        order = np.argpartition(bound, m - width - 1)
        work, outside = np.sort(order[m - width :]), float(bound[order[m - width - 1]])
    distance = _exact(rows, work, centres, bound)
    best = distance.max()
    if best <= outside:
        # Many rows are as far, or nearly: all whose bound reaches the best one found.
        work = np.flatnonzero(bound >= best)
        if most is not None and len(work) > max(most, width):
            return None
        outside = float(bound[bound < best].max(initial=-1.0))
        distance = _exact(rows, work, centres, bound)
    return work, distance, outside


def _exact(rows: Points, work: NDArray[np.intp], centres: Points, bound: NDArray[np.float64]) -> NDArray[np.float64]:
    distance = nearest(rows[work], centres)
    distance[bound[work] < 0.0] = -1.0
    return distance


def weights_of(utility: Worth, rows: Points) -> NDArray[np.float64] | None:
    """Utilities as weights of rows: checked, never below 0; None when all are alike or all are 0."""
    if utility is None:
        return None
    weights = finite(utility(rows) if callable(utility) else utility)
    if len(weights) != len(rows):
        raise ValueError(f"utility has {len(weights)} rows and points {len(rows)}")
    if len(weights) == 0 or weights.max() == weights.min():
        return None
    if weights.min() < 0.0:
        raise ValueError(f"utility, row {int(weights.argmin())}: below 0 and cannot be a weight")
    share: NDArray[np.float64] = weights / weights.max()
    return share
