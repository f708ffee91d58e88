"""Coverage by balls of one radius: probcover, and robust_kcenter, which looks for the least radius."""

from __future__ import annotations

from math import floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks, mean_of, nearest
from alcli.strategies.selectors.clusters import cluster
from alcli.strategies.selectors.coverage import Worth, kcenter
from alcli.strategies.selectors.greedy import Covering, lazy_greedy
from alcli.strategies.selectors.similarity import Ball, Ready

# Distances that differ by less, as a share, are the same distance.
_SAME = 1e-9


def probcover(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    delta: float = 0.0,
    purity: float = 0.95,
    clusters: int = 10,
) -> NDArray[np.intp]:
    """Again and again the row with the most rows around it that no ball covers yet.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Their balls are covered at the start.
    seed : of the clusters.
    delta : the radius δ; a row covers those at a distance of δ or less. 0 finds it by `purity`.
    purity : α: δ is the largest radius at which this share of rows has nothing but rows of its own
        cluster in its ball.
    clusters : of k-means, whose clusters stand for classes: as many as there are classes.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. When all is covered, the remaining rows come in the order of
        the candidates, which is that of a hash. Distances are found in blocks, and the graph of balls is never
        kept: O(m²) time for three passes over all pairs, some 512 MB at most.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is out of range.

    References
    ----------
    Yehuda, Dekel, Hacohen, Weinshall (2022). Active learning through a covering lens.

    Examples
    --------
    >>> heaps = np.array([[0.0], [1.0], [2.0], [9.0], [10.0]])
    >>> probcover(heaps, 3, delta=1.0)
    array([1, 3, 0])
    """
    if delta < 0.0:
        raise ValueError(f"delta must be 0 or more, not {delta}")
    if not 0.0 < purity <= 1.0:
        raise ValueError(f"purity must be above 0 and at most 1, not {purity}")
    if clusters < 1:
        raise ValueError(f"clusters must be at least 1, not {clusters}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    if delta > 0.0:
        squared = delta * delta * (1.0 + _SAME)
    else:
        squared = pure_radius(rows, cluster(rows, clusters, seed=seed)[0], purity)
    kernel = Ball(mean_of(rows), squared)
    here = kernel.ready(rows)
    covered = np.zeros(len(rows)) if anchors is None else nearest(rows, anchors) <= squared
    return lazy_greedy(Covering(kernel, here, here, covered.astype(np.float32)), n)


def pure_radius(rows: Points, label: NDArray[np.intp], purity: float) -> float:
    """The square of the largest radius at which a share of `purity` of all balls has one label in it.

    Parameters
    ----------
    rows : (m, d)
    label : (m,)

    >>> round(pure_radius(np.array([[0.0], [1.0], [4.0], [5.0]]), np.array([0, 0, 1, 1]), 1.0), 6)
    9.0
    """
    middle = mean_of(rows)
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    ready = [Ready(rows[part] - middle) for part in parts]
    other = np.full(len(rows), np.inf)
    for i, mine in enumerate(ready):
        for theirs, its in zip(ready[i + 1 :], parts[i + 1 :], strict=True):
            for start, stop in blocks(len(mine), len(theirs)):
                away = -mine[start:stop].minus_squares(theirs)
                at = parts[i][start:stop]
                other[at] = np.minimum(other[at], away.min(axis=1))
                other[its] = np.minimum(other[its], away.min(axis=0))
    # So many balls may be mixed. A ball is mixed when it reaches the nearest row of another label.
    mixed = floor((1.0 - purity) * len(rows) + _SAME)
    if mixed >= len(rows):
        return float("inf")
    return float(np.sort(other)[mixed]) * (1.0 - _SAME)


def robust_kcenter(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    outliers: float = 0.01,
    nodes: int = 200,
) -> NDArray[np.intp]:
    """The rows whose balls cover all candidates but a few, with the least radius there is.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Centres already.
    seed : not used: nothing is left to chance.
    outliers : the share of candidates that no ball has to cover.
    nodes : branch-and-bound nodes that a radius is given before it counts as too small.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct; the centre with the most rows comes first. The radius is
        found by bisection below that of `kcenter`, each time with a mixed-integer programme (HiGHS): is there a set of n
        centres? The least radius with an answer is within the nodes' reach, and never above `kcenter`'s.
        Centres that are not needed give way to covered rows, by `kcenter`. m × m distances: for some thousand candidates.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is out of range.

    References
    ----------
    Sener, Savarese (2018). Active learning for convolutional neural networks: a core-set approach, algorithm 2
    ("robust k-center"). They allow 1e-4 of the rows as outliers.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0], [99.0]])
    >>> robust_kcenter(line, 2, outliers=0.2)
    array([4, 1])
    """
    if not 0.0 <= outliers < 1.0:
        raise ValueError(f"outliers must be 0 or more and below 1, not {outliers}")
    if nodes < 1:
        raise ValueError(f"nodes must be at least 1, not {nodes}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    greedy = kcenter(rows, n, labelled=anchors)
    if n in (0, len(rows)):
        return greedy
    spared = floor(outliers * len(rows) + _SAME)
    away = _pairs(rows)
    already = np.full(len(rows), np.inf) if anchors is None else nearest(rows, anchors)
    chosen = _bisected(away, already, greedy, spared, nodes)
    needed, inside = _needed(away, already, chosen, spared)
    first = _by_cover(away, already, needed)
    # What fills up is never one of the rows that are spared, as long as there are others.
    for pool in (inside, np.arange(len(rows))):
        rest = np.setdiff1d(pool, first)
        there = rows[first] if anchors is None else np.concatenate([anchors, rows[first]])
        first = np.concatenate([first, rest[kcenter(rows[rest], n - len(first), labelled=there)]])
    return first


def _needed(
    away: NDArray[np.float64], already: NDArray[np.float64], centres: NDArray[np.intp], spared: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The centres without those that nothing is lost by, and the rows within their radius."""
    radius = _radius(away, already, centres, spared) * (1.0 + _SAME)
    kept = centres.tolist()
    for centre in _by_cover(away, already, centres)[::-1].tolist():
        fewer = [each for each in kept if each != centre]
        if _radius(away, already, np.asarray(fewer, dtype=np.intp), spared) <= radius:
            kept = fewer
    found = np.asarray(kept, dtype=np.intp)
    near = np.minimum(already, away[:, found].min(axis=1, initial=np.inf))
    return found, np.flatnonzero(near <= radius)


def _pairs(rows: Points) -> NDArray[np.float64]:
    """Squared distances of all pairs: (m, m), 0 for copies."""
    ready = Ready(rows - mean_of(rows))
    found = -ready.minus_squares(ready).astype(np.float64, copy=False)
    # What the product leaves of copies of a row is rounding.
    found[found < 1e-13 * (ready.lengths[:, None] + ready.lengths)] = 0.0
    return found


def _bisected(
    away: NDArray[np.float64], already: NDArray[np.float64], greedy: NDArray[np.intp], spared: int, nodes: int
) -> NDArray[np.intp]:
    """The centres with the least radius that was found; `greedy` when there are no better ones."""
    best = greedy
    radius = _radius(away, already, best, spared)
    radii = np.unique(np.concatenate([away[away < radius], already[already < radius], [0.0]]))
    low, high = 0, len(radii)  # radii[low:high] are still open, and radii[high:] no better than the best
    while low < high:
        middle = (low + high) // 2
        found = _centres(away <= radii[middle] * (1.0 + _SAME), already > radii[middle], len(greedy), spared, nodes)
        if found is None:
            low = middle + 1
        else:
            best = found
            high = min(middle, int(np.searchsorted(radii, _radius(away, already, best, spared))))
    return best


def _radius(away: NDArray[np.float64], already: NDArray[np.float64], centres: NDArray[np.intp], spared: int) -> float:
    near = np.minimum(already, away[:, centres].min(axis=1, initial=np.inf))
    return float(np.partition(near, len(near) - 1 - spared)[len(near) - 1 - spared])


def _centres(
    covers: NDArray[np.bool_], wanting: NDArray[np.bool_], n: int, spared: int, nodes: int
) -> NDArray[np.intp] | None:
    """At most n columns that leave no more than `spared` of the wanting rows uncovered; None when none were found."""
    covers = covers[wanting]
    if len(covers) <= spared:
        return np.empty(0, dtype=np.intp)
    sizes = np.sort(covers.sum(axis=0))[::-1]
    if sizes[:n].sum() < len(covers) - spared:
        return None
    # Rows no two of which can share a centre need one each.
    free, apart = np.ones(len(covers), dtype=bool), 0
    for row in np.argsort(covers.sum(axis=1), kind="stable"):
        if free[row]:
            apart += 1
            free[covers[:, covers[row]].any(axis=1)] = False
    if apart > n + spared:
        return None
    greedy: list[int] = []
    left = np.ones(len(covers), dtype=bool)
    while len(greedy) < n and left.sum() > spared:
        greedy.append(int(covers[left].sum(axis=0).argmax()))
        left &= ~covers[:, greedy[-1]]
    return np.asarray(greedy, dtype=np.intp) if left.sum() <= spared else _programme(covers, n, spared, nodes)


def _programme(covers: NDArray[np.bool_], n: int, spared: int, nodes: int) -> NDArray[np.intp] | None:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import bmat, csr_array, eye_array

    rows, columns = covers.shape
    # u_j: column j is a centre; x_i: row i is spared. Each row is covered or spared.
    each = LinearConstraint(bmat([[csr_array(covers.astype(float)), eye_array(rows)]]).tocsr(), lb=1.0)
    few = LinearConstraint(np.repeat([[1.0, 0.0], [0.0, 1.0]], [columns, rows], axis=1), ub=[n, spared])
    answer = milp(
        np.zeros(columns + rows),
        constraints=[each, few],
        bounds=Bounds(0.0, 1.0),
        integrality=np.repeat([1, 0], [columns, rows]),
        options={"node_limit": nodes},
    )
    return None if answer.x is None else np.flatnonzero(answer.x[:columns] > 0.5)


def _by_cover(away: NDArray[np.float64], already: NDArray[np.float64], centres: NDArray[np.intp]) -> NDArray[np.intp]:
    """Centres by how many candidates each is the nearest to, and nearer than any labelled row."""
    if len(centres) == 0:
        return centres
    near = away[:, centres]
    owner = near.argmin(axis=1)
    size = np.bincount(owner[near.min(axis=1) < already], minlength=len(centres))
    return centres[np.lexsort((centres, -size))]
