"""k-means in which the labelled rows are centres that do not move: incremental_kmeans."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Bounds, Points, as_anchors, as_points, between, blocks, mean_of, nearest
from alcli.strategies.selectors.clusters import filled_up, lifted
from alcli.strategies.selectors.coverage import Worth, weights_of
from alcli.strategies.selectors.seeding import kmeans_plusplus
from alcli.strategies.selectors.similarity import Ready
from alcli.threads import one_thread

# Up to here distances to labelled rows are exact; above, upper bounds within some 1e-4 do.
_EXACT = 20_000


def incremental_kmeans(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    passes: int = 20,
) -> NDArray[np.intp]:
    """k-means whose first centres are the labelled rows and stay; from each new cluster the row nearest to its centre.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
        Weighs the rows in k-means, as uncertainty does in the paper. Scores that go below 0 are lifted so
        that the lowest weighs 0.
    labelled : array of shape (l, d), or None
        Centres that keep the rows nearest to them. Without them it is plain k-means.
    seed : of the first centres, which are drawn far from the labelled rows (`kmeans++`).
    passes : Lloyd passes at most.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct; the row of the heaviest cluster first. Where a new cluster is left without rows, the rows
        farthest from all that is labelled or chosen fill up. The distance to the labelled rows is found
        once; a pass then costs n m d. O(m) memory plus blocks.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, the numbers of columns differ, or `passes` is below 1.

    References
    ----------
    Abraham, Dreyfus-Schmidt (2021). Sample noise impact on active learning.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    >>> incremental_kmeans(line, 1, labelled=np.array([[1.0]]))
    array([4])
    """
    if passes < 1:
        raise ValueError(f"passes must be at least 1, not {passes}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    weights = weights_of(lifted(utility, rows), rows)
    start = kmeans_plusplus(rows, n, utility=weights, labelled=anchors, seed=seed)
    middle = mean_of(rows)
    centres = np.asarray(rows[start], dtype=np.float64) - middle
    fixed = np.full(len(rows), np.inf) if anchors is None else _to_anchors(rows, anchors)
    # Sums of several threads differ in the last digit: another row, at times, in another cluster.
    with one_thread():
        for _ in range(passes):
            label, total, weight = _assigned(rows, middle, centres, fixed, weights)
            moved = np.where(weight[:, None] > 0.0, total / np.where(weight > 0.0, weight, 1.0)[:, None], centres)
            still = np.allclose(moved, centres, rtol=1e-6, atol=1e-6 * float(np.abs(centres).max(initial=0.0)))
            centres = moved
            if still:
                break
        label, _, weight = _assigned(rows, middle, centres, fixed, weights)
    inside = np.flatnonzero(label >= 0)
    distance = between(rows, inside, centres + middle, label[inside])
    order = inside[np.lexsort((inside, distance, label[inside]))]
    filled, first = np.unique(label[order], return_index=True)
    picks = order[first]
    return filled_up(rows, picks[np.lexsort((picks, -weight[filled]))], n, anchors)


def _to_anchors(rows: Points, anchors: Points) -> NDArray[np.float64]:
    if len(rows) <= _EXACT:
        return nearest(rows, anchors)
    bounds = Bounds(rows, anchors)
    bounds.add(anchors)
    return bounds.values


def _assigned(
    rows: Points,
    middle: NDArray[np.float64],
    centres: NDArray[np.float64],
    fixed: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """The moving centre that each row is nearest to, -1 for a fixed one; and each one's sum and weight."""
    from scipy.sparse import csr_array

    k = len(centres)
    there = Ready(centres)
    label = np.empty(len(rows), dtype=np.intp)
    total, weight = np.zeros_like(centres), np.zeros(k)
    for start, stop in blocks(len(rows), max(k, rows.shape[1])):
        here = Ready(rows[start:stop] - middle)
        away = here.minus_squares(there)
        nearest_one = away.argmax(axis=1)
        # A tie stays with the labelled row.
        theirs = -away[np.arange(len(away)), nearest_one] < fixed[start:stop] * (1.0 - 1e-9)
        label[start:stop] = np.where(theirs, nearest_one, -1)
        mine = np.flatnonzero(theirs)
        share = np.ones(len(mine)) if weights is None else weights[start + mine]
        chosen = nearest_one[mine]
        weight += np.bincount(chosen, weights=share, minlength=k)
        total += csr_array((share, (chosen, mine)), shape=(k, len(here))) @ here.rows
    return label, total, weight
