"""Uncertain rows spread over clusters: cluster_margin (from small clusters first), informative_diverse (by quota)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.rank import finite
from alcli.strategies.selectors.clusters import cluster
from alcli.strategies.selectors.coverage import Worth


def cluster_margin(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    share: int = 10,
    size: int = 10,
    compared: int = 4000,
) -> NDArray[np.intp]:
    """From the rows of most utility one of each cluster in turn, the smallest clusters first.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in the order of a hash: the first of some rows is a random one of them.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
    labelled : not used.
    seed : of k-means, where that comes first.
    share : the ``share * n`` rows of most utility are chosen from.
    size : rows of a cluster on average.
    compared : rows that are joined one with the other: those to choose from, and the first of the others
        in place of all. All candidates when they are no more. When those to choose from are more, k-means
        makes half as many groups of them, and the centres of groups are joined.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing: round after round one row, the first, of each cluster that still
        has any. Clusters come from hierarchical clustering by average linkage; the size that puts them in
        order counts the rows to choose from. O(compared^2) memory.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, the numbers of columns differ, or a setting is below 1.

    References
    ----------
    Citovsky, DeSalvo, Gentile, Karydas, Rajagopalan, Rostamizadeh, Kumar (2021). Batch active learning at
    scale. They cut the tree at a distance; an average size asks for no units.

    Examples
    --------
    >>> line = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [50.0]])
    >>> cluster_margin(line, 3, utility=np.array([5.0, 4.0, 3.0, 3.0, 3.0, 0.0]), share=1, size=2)
    array([0, 1, 2])
    >>> cluster_margin(line, 3, utility=np.array([5.0, 4.0, 3.0, 3.0, 3.0, 0.0]), share=2, size=2)
    array([5, 3, 0])
    """
    for name, value in (("share", share), ("size", size), ("compared", compared)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    rows, worth, n = _checked(points, utility, labelled, n)
    if n == 0:
        return np.empty(0, dtype=np.intp)
    m = len(rows)
    order = np.lexsort((np.arange(m), -worth))
    best = np.sort(order[: share * n])
    chance = np.ones(m, dtype=bool)
    chance[best] = False
    others = np.flatnonzero(chance)[: max(0, compared - len(best))]
    both = np.concatenate([best, others])
    label = _linked(rows[both], max(1, len(both) // size), compared, seed)[: len(best)]
    count = np.bincount(label)
    # of each row to choose from, how many of its cluster stand before it
    by_cluster = np.argsort(label, kind="stable")
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    turn = np.empty(len(best), dtype=np.intp)
    turn[by_cluster] = np.arange(len(best)) - first[label[by_cluster]]
    _, earliest = np.unique(label, return_index=True)
    # Clusters of one size come by their first rows.
    place = np.full(len(count), m)
    place[label[np.sort(earliest)]] = np.sort(earliest)
    return best[np.lexsort((place[label], count[label], turn))][:n]


def informative_diverse(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    clusters: int = 10,
) -> NDArray[np.intp]:
    """The rows of most utility, but of each cluster no more than its share of the candidates.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
    labelled : not used.
    seed : of the first centres.
    clusters : of k-means over all candidates.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct. Walking down the order of utility, a row is taken while the rows taken from its cluster are
        less than n times the cluster's share; then the places that are left go to the best of the rows passed
        over. The order is that of taking.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, the numbers of columns differ, or `clusters` is below 1.

    References
    ----------
    google/active-learning, informative_diverse (2017), with as many clusters as classes. It fills the places
    that are left in the order of a set, that is in no order; here the best come first.

    Examples
    --------
    >>> line = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> informative_diverse(line, 2, utility=np.array([0.9, 0.8, 0.7, 0.6]), clusters=2)
    array([0, 2])
    """
    if clusters < 1:
        raise ValueError(f"clusters must be at least 1, not {clusters}")
    rows, worth, n = _checked(points, utility, labelled, n)
    if n == 0:
        return np.empty(0, dtype=np.intp)
    m = len(rows)
    label, centres = cluster(rows, clusters, seed=seed)
    count = np.bincount(label, minlength=len(centres))
    walk = np.lexsort((np.arange(m), -worth))
    by_cluster = walk[np.argsort(label[walk], kind="stable")]
    before = np.empty(m, dtype=np.intp)
    before[by_cluster] = np.arange(m) - (np.cumsum(count) - count)[label[by_cluster]]
    # before / n < count / m, in whole numbers
    within = before * m < count[label] * n
    return np.concatenate([walk[within[walk]], walk[~within[walk]]])[:n]


def _checked(
    points: ArrayLike, utility: Worth, labelled: ArrayLike | None, n: int
) -> tuple[Points, NDArray[np.float64], int]:
    rows = as_points(points)
    as_anchors(labelled, rows)
    worth = np.zeros(len(rows)) if utility is None else finite(utility(rows) if callable(utility) else utility)
    if len(worth) != len(rows):
        raise ValueError(f"utility has {len(worth)} rows and points {len(rows)}")
    return rows, worth, max(0, min(n, len(rows)))


def _linked(rows: Points, k: int, compared: int, seed: int) -> NDArray[np.intp]:
    """The cluster of each row, of k at most, by average linkage of the rows or of centres of groups of them."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(rows) > compared:
        group, centres = cluster(rows, max(1, compared // 2), seed=seed)
        return _linked(centres, k, len(centres), seed)[group]
    if len(rows) < 2:
        return np.zeros(len(rows), dtype=np.intp)
    # Around the first row and in its scale: squares of very large and very small numbers leave float64.
    placed = np.asarray(rows, dtype=np.float64) - np.asarray(rows[0], dtype=np.float64)
    placed /= float(np.abs(placed).max(initial=0.0)) or 1.0
    joined: NDArray[np.intp] = fcluster(linkage(placed, "average"), k, "maxclust").astype(np.intp) - 1
    return joined
