"""Batches made from k-means clusters: kmeans and kmeans_above (one row a cluster), per_cluster (clusters in need first)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, between, blocks
from alcli.strategies.rank import finite
from alcli.strategies.selectors.coverage import Worth, kcenter, weights_of
from alcli.threads import one_thread

# Above this many rows Lloyd's passes are taken over mini-batches.
_WHOLE = 20_000


def kmeans(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """As many clusters as rows are wanted, and from each the row nearest to its centre.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
        Weighs the rows in k-means, so that centres lie where worth and density are. Scores that go
        below 0 are lifted so that the lowest weighs 0.
    labelled : not used: the batch represents the candidates.
    seed : of the first centres.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct; the row of the heaviest cluster first. Where k-means leaves a cluster empty, because
        there are fewer different rows than n, the farthest rows (`kcenter`) fill up. scikit-learn's
        KMeans up to 20,000 candidates, MiniBatchKMeans above. O(m + n d) memory.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite.

    References
    ----------
    Xu, Yu, Tresp, Xu, Wang (2003). Representative sampling for text classification using support
    vector machines. With utilities: Zhdanov (2019). Diverse mini-batch active learning.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [10.0], [11.0]])
    >>> sorted(kmeans(line[:4], 2, seed=0).tolist())
    [1, 3]
    """
    rows = as_points(points)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    weights = weights_of(lifted(utility, rows), rows)
    if weights is not None:
        # Rows of no weight at all would leave k-means++ with nothing to draw from.
        weights = np.maximum(weights, 1e-6)
    label, centres = cluster(rows, n, weights=weights, seed=seed)
    distance = between(rows, np.arange(len(rows)), centres, label)
    order = np.lexsort((distance, label))
    filled, first = np.unique(label[order], return_index=True)
    heavy = np.bincount(label, weights=weights, minlength=n)[filled]
    picks = order[first]
    chosen = picks[np.lexsort((picks, -heavy))]
    return filled_up(rows, chosen, n)


def kmeans_above(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    above: float = 0.5,
) -> NDArray[np.intp]:
    """k-means among the rows whose utility is above a threshold, the row nearest to each centre.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None
        None lets all rows pass.
    labelled : not used: the batch represents the rows that pass.
    seed : of the first centres.
    above : rows pass whose utility is larger than this.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct; the row of the heaviest cluster first. When fewer than n rows pass, they all come,
        the largest utility first, and then the others in the same way.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, or the numbers of columns differ.

    References
    ----------
    Gupte, Aklilu, Nirschl, Yeung-Levy (2024). Revisiting active learning in the era of vision foundation
    models (DropQuery). They fill up with a random draw.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [10.0], [50.0]])
    >>> sorted(kmeans_above(line, 2, utility=np.array([1.0, 1.0, 1.0, 0.8, 0.2])).tolist())
    [1, 3]
    """
    rows = as_points(points)
    as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if utility is None or n == 0:
        return kmeans(rows, n, seed=seed)
    values = finite(utility(rows) if callable(utility) else utility)
    if len(values) != len(rows):
        raise ValueError(f"utility has {len(values)} rows and points {len(rows)}")
    passing = np.flatnonzero(values > above)
    if len(passing) < n:
        return np.argsort(-values, kind="stable")[:n]
    return passing[kmeans(rows[passing], n, seed=seed)]


def per_cluster(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    clusters: int = 500,
    smallest: int = 5,
    largest: int = 5000,
) -> NDArray[np.intp]:
    """From the clusters with the fewest labelled rows, the largest first, the row of most utility.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one for the rows of a group, or None
        A function (`typicality`) is called on the candidates of one cluster at a time, only for
        clusters that are visited. Without utility the row nearest to the cluster's centre is taken.
    labelled : array of shape (l, d), or None
        What is covered already.
    seed : of the first centres.
    clusters : there are l + n clusters, but no more than this.
    smallest : clusters of fewer rows are left out, unless there are no others.
    largest : of a larger cluster only the first so many candidates are looked at. As candidates
        stand in the order of a hash, that is a random sample of the cluster.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. A chosen row counts as labelled for the next choice.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, or `clusters`, `smallest` or `largest` is below 1.

    References
    ----------
    Hacohen, Dekel, Weinshall (2022). Active learning on a budget: opposite strategies suit high and
    low budgets (TypiClust). Above 20,000 candidates clusters come from MiniBatchKMeans over candidates only.

    Examples
    --------
    >>> two = np.array([[0.0], [0.1], [0.2], [9.0], [9.1]])
    >>> per_cluster(two, 1, labelled=np.array([[0.1]]), smallest=1)
    array([3])
    """
    for name, value in (("clusters", clusters), ("smallest", smallest), ("largest", largest)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    values = None if utility is None or callable(utility) else np.asarray(utility, dtype=np.float64)
    if values is not None and (values.shape != (len(rows),) or not np.isfinite(values).all()):
        raise ValueError(f"utility must be finite and have shape ({len(rows)},), not {values.shape}")
    k = min(n + (0 if anchors is None else len(anchors)), clusters)
    label, centres = cluster(rows, k, anchors=anchors, seed=seed)
    covered = np.bincount(label[len(rows) :], minlength=len(centres))
    label = label[: len(rows)]
    members = _members(label, len(centres))
    size = np.array([len(each) for each in members]) + covered

    def best_first(group: int) -> NDArray[np.intp]:
        """The candidates of a cluster, best last, so that they can be popped."""
        inside = members[group][:largest]
        if callable(utility):
            worth = np.asarray(utility(rows[inside]), dtype=np.float64)
        elif values is not None:
            inside = members[group]
            worth = values[inside]
        else:
            worth = -between(rows, inside, centres, np.full(len(inside), group))
        rest = members[group][len(inside) :]
        # Rows beyond the sample come after it, in their order.
        return np.concatenate([inside[np.lexsort((inside, -worth))], rest])[::-1]

    waiting: dict[int, list[int]] = {}
    left = np.array([len(each) for each in members])
    chosen: list[int] = []
    while len(chosen) < n:
        open_ = left > 0
        large = open_ & (size >= smallest)
        eligible = np.flatnonzero(large if large.any() else open_)
        # First by fewest labelled, then by size; clusters as like as that by number.
        group = int(eligible[np.lexsort((eligible, -size[eligible], covered[eligible]))[0]])
        if group not in waiting:
            waiting[group] = best_first(group).tolist()
        chosen.append(waiting[group].pop())
        left[group] -= 1
        covered[group] += 1
    return np.asarray(chosen, dtype=np.intp)


def cluster(
    rows: Points,
    k: int,
    *,
    weights: NDArray[np.float64] | None = None,
    anchors: Points | None = None,
    seed: int = 0,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """k-means by scikit-learn: the cluster of each row (then of each anchor), and the centres.

    One thread, one start, seeded: the same rows in the same order give the same clusters.
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    both = rows
    if anchors is not None and len(rows) <= _WHOLE:
        both = np.concatenate([rows, anchors.astype(rows.dtype)])
    k = min(k, len(both))
    state = seed % 2**32
    # Several threads add up partial sums in any order: another last digit, at times another cluster.
    with one_thread(), warnings.catch_warnings():
        # Fewer different rows than clusters is no trouble here: empty clusters are filled up.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if len(both) <= _WHOLE:
            engine = KMeans(k, n_init=1, init=greedy_centres(both, k, weights, state))
        else:
            # Labels are found below, block by block: without this fit would find them as well.
            engine = MiniBatchKMeans(k, n_init=1, random_state=state, batch_size=max(4096, 3 * k), compute_labels=False)
        engine.fit(both, sample_weight=weights)
        centres = np.asarray(engine.cluster_centers_, dtype=np.float64)
        if len(both) <= _WHOLE:
            label = engine.labels_
        else:
            parts = [engine.predict(both[a:b]) for a, b in blocks(len(both), max(k, both.shape[1]) // 8)]
            if anchors is not None:
                parts.append(engine.predict(anchors.astype(rows.dtype)))
            label = np.concatenate(parts)
    return np.asarray(label, dtype=np.intp), centres


def greedy_centres(rows: Points, k: int, weights: NDArray[np.float64] | None, seed: int) -> NDArray[np.floating[Any]]:
    """The first k centres for k-means: greedy k-means++, as scikit-learn seeds KMeans and with its draws.

    Each centre is the best of 2 + log k rows that are drawn by their squared distance to the centres before, times
    their weight. scikit-learn's own takes twice as long on a few hundred rows, most of it checks. One float64 copy of
    the rows in memory.

    Raises
    ------
    ValueError
        If there are fewer rows than centres, or all weights are 0.

    References
    ----------
    Arthur, Vassilvitskii (2007). k-means++: the advantages of careful seeding, section 7 (the greedy version).
    """
    if k > len(rows):
        raise ValueError(f"{k} centres of {len(rows)} rows")
    random = np.random.RandomState(seed)
    worth = np.ones(len(rows)) if weights is None else np.asarray(weights, np.float64)
    if not worth.any():
        raise ValueError("all weights are 0")
    width = rows.shape[1]
    # a column of ones and one of squared lengths beside the coordinates, in one copy
    wide = np.ones((len(rows), width + 2))
    # far from zero, differences of products would lose the digits that matter
    np.subtract(rows, rows.mean(axis=0), out=wide[:, :width])
    wide[:, -1] = np.einsum("ij,ij->i", wide[:, :width], wide[:, :width])

    def distances(at: NDArray[np.intp]) -> NDArray[np.float64]:
        """Squared, from rows to all, whole in one product: -2 <a, b> + |a|² 1 + 1 |b|²."""
        left = wide[at]
        left[:, :width] *= -2.0
        left[:, [-2, -1]] = left[:, [-1, -2]]
        found: NDArray[np.float64] = left @ wide.T
        return found

    trials = 2 + int(np.log(k))
    chosen = np.empty(k, np.intp)
    chosen[0] = random.choice(len(rows), p=worth / worth.sum())
    nearest = np.maximum(distances(chosen[:1])[0], 0.0)
    for place in range(1, k):
        steps = np.cumsum(nearest * worth)
        drawn = np.searchsorted(steps, random.uniform(size=trials) * steps[-1])
        np.minimum(drawn, len(rows) - 1, out=drawn)
        closer = distances(drawn)
        np.minimum(closer, nearest, out=closer)
        best = int((closer @ worth).argmin())
        chosen[place], nearest = drawn[best], np.maximum(closer[best], 0.0)
        nearest[drawn[best]] = 0.0
    return rows[chosen]


def _members(label: NDArray[np.intp], k: int) -> list[NDArray[np.intp]]:
    """The positions in each cluster, ascending."""
    order = np.argsort(label, kind="stable")
    return np.split(order, np.cumsum(np.bincount(label, minlength=k))[:-1])


def lifted(utility: Worth, rows: Points) -> NDArray[np.float64] | None:
    """Utilities moved so that none is below 0."""
    if utility is None:
        return None
    values = np.asarray(utility(rows) if callable(utility) else utility, dtype=np.float64)
    return values - min(0.0, float(values.min(initial=0.0)))


def filled_up(rows: Points, chosen: NDArray[np.intp], n: int, anchors: Points | None = None) -> NDArray[np.intp]:
    """The chosen rows, and as many of the rows farthest from them and from the anchors as are wanting."""
    if len(chosen) >= n:
        return chosen[:n]
    rest = np.setdiff1d(np.arange(len(rows)), chosen)
    there = rows[chosen] if anchors is None else np.concatenate([anchors, rows[chosen]])
    more = kcenter(rows[rest], n - len(chosen), labelled=there)
    return np.concatenate([chosen, rest[more]])
