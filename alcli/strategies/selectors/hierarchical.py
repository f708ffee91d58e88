"""Hierarchical sampling: a tree of the candidates, cut where the labels in it agree."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.rank import finite
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.labels import numbers_of


def hierarchical(
    points: ArrayLike,
    n: int,
    *,
    labels: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    beta: float = 2.0,
    learned: int = 5000,
) -> NDArray[np.intp]:
    """Draw rows from the clusters of a tree, most from those that are large and not known to be of one class.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's.
    n : rows to choose.
    labels : array of shape (l,)
        Class numbers of the labelled rows.
    utility : array of shape (m,), or a function of points that gives one, or None
        In the cluster that is drawn, the row of most utility is taken; without it one at random.
    labelled : array of shape (l, d), or None
        They are leaves of the tree too. Without any the tree is one cluster, and rows are drawn at random.
    seed : of the draws.
    beta : a cluster may be called by a label when its error, at most, is below beta times that of
        any other label, at least. Above 1; the larger, the sooner a cluster is named.
    learned : of more labelled rows than this only the first are used; 0 for all.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of drawing. The tree (Ward) is built of the candidates and labelled rows at each call,
        and the labels tell how pure each node is and which pruning has the smallest error. A node of the pruning is
        drawn in proportion to its share of the rows times 1 minus the lower bound of the share of its label.
        O((m + l)^2 d) time, 4 (m + l)^2 bytes of memory.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, shapes do not fit, or a setting is out of range.

    References
    ----------
    Dasgupta, Hsu (2008). Hierarchical sampling for active learning. They count a label in the nodes on the way
    from its leaf up to the node it was drawn from; here it counts in all above it, because labels may have come
    from any strategy.

    Examples
    --------
    >>> heaps = np.concatenate([np.linspace(0, 1, 40), np.linspace(9, 10, 40)])[:, None]
    >>> pure, mixed = [0] * 20, [0, 1, 1, 0, 1] * 4
    >>> drawn = hierarchical(heaps, 20, labels=pure + mixed, labelled=np.concatenate([heaps[:20], heaps[60:]]))
    >>> bool((drawn >= 40).mean() > 0.7)
    True
    """
    if not (isfinite(beta) and beta > 1.0):
        raise ValueError(f"beta must be above 1, not {beta:g}")
    if learned < 0:
        raise ValueError(f"learned must be 0 (all labelled rows) or more, not {learned}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    codes = numbers_of(labels, anchors)
    worth = None if utility is None else finite(utility(rows) if callable(utility) else utility)
    if worth is not None and len(worth) != len(rows):
        raise ValueError(f"utility has {len(worth)} rows and points {len(rows)}")
    m = len(rows)
    n = max(0, min(n, m))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    if learned and anchors is not None:
        anchors, codes = anchors[:learned], codes[:learned]
    tree = Tree(rows if anchors is None else np.concatenate([rows, anchors]))
    numbers = np.concatenate([np.full(m, -1), codes])
    cluster, weight = tree.pruning(numbers, beta)
    return _drawn(cluster[:m], weight, worth, n, np.random.default_rng(seed))


def _drawn(
    cluster: NDArray[np.intp],
    weight: NDArray[np.float64],
    worth: NDArray[np.float64] | None,
    n: int,
    random: np.random.Generator,
) -> NDArray[np.intp]:
    """n rows: a cluster by weight, among those that have a row left, and then a row of it."""
    place = np.arange(len(cluster))
    # Shuffled, or the best last, so that rows can be popped.
    order = random.permutation(len(cluster)) if worth is None else np.lexsort((-place, worth))
    waiting: list[list[int]] = [[] for _ in weight]
    for row in order.tolist():
        waiting[cluster[row]].append(row)
    weight = np.where([bool(rows) for rows in waiting], weight, 0.0)
    chosen: list[int] = []
    while len(chosen) < n:
        steps = np.cumsum(weight)
        pick = int(np.searchsorted(steps, random.random() * steps[-1], side="right"))
        # Rounding may carry a draw beyond the last cluster that has a row.
        pick = min(pick, int(np.flatnonzero(weight)[-1]))
        chosen.append(waiting[pick].pop())
        if not waiting[pick]:
            weight[pick] = 0.0
    return np.asarray(chosen, dtype=np.intp)


class Tree:
    """Ward's tree of some rows. Nodes 0 to m - 1 are the rows, the others stand after both of their children.

    Parameters
    ----------
    rows : array of shape (m, d)

    Attributes
    ----------
    children : array of shape (m - 1, 2)
        Of node m + i.
    size : array of shape (2 m - 1,)
        Rows under each node.
    """

    def __init__(self, rows: Points) -> None:
        from scipy.cluster.hierarchy import ward

        m = len(rows)
        self.leaves = m
        # Squares of distances must neither overflow nor cancel.
        place = rows.astype(np.float64)
        place -= np.median(place, axis=0)
        largest = float(np.abs(place).max(initial=0.0))
        merges = ward(place / (largest or 1.0)) if m > 1 else np.empty((0, 4))
        self.children: NDArray[np.intp] = merges[:, :2].astype(np.intp)
        self.size: NDArray[np.float64] = np.concatenate([np.ones(m), merges[:, 3]])

    def counts(self, numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        """Labels of each class under each node: (2 m - 1, c), c at least 2.

        Parameters
        ----------
        numbers : array of shape (m,)
            Class numbers of the rows, -1 where there is no label.
        """
        counts = np.zeros((len(self.size), max(2, int(numbers.max(initial=0)) + 1)))
        known = np.flatnonzero(numbers >= 0)
        counts[known, numbers[known]] = 1.0
        for node, (left, right) in enumerate(self.children.tolist(), self.leaves):
            counts[node] = counts[left] + counts[right]
        return counts

    def pruning(self, numbers: NDArray[np.intp], beta: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The pruning of least estimated error: the cluster of each row, (m,), and each cluster's weight.

        A cluster's weight is its share of the rows times 1 minus the lower bound of the share of its label.
        """
        counts = self.counts(numbers)
        lower, upper = bounds_of(counts)
        fit = admissible(lower, upper, beta)
        error = np.where(fit, 1.0 - _share(counts), 1.0)
        best, named = error.argmin(axis=1), np.asarray(fit.any(axis=1))
        split = self._splits(error.min(axis=1), named)
        # What has no admissible label of its own is called as the node above it.
        root = len(self.size) - 1
        owner, label = np.full(len(self.size), -1), np.empty(len(self.size), dtype=np.intp)
        label[root] = best[root] if named[root] else counts[root].argmax()
        tops: list[int] = []
        for node in range(root, -1, -1):
            if owner[node] < 0 and not split[node]:
                owner[node] = len(tops)
                tops.append(node)
            if node >= self.leaves:
                for child in self.children[node - self.leaves]:
                    owner[child] = owner[node]
                    label[child] = best[child] if named[child] and owner[node] < 0 else label[node]
        weight = self.size[tops] / self.leaves * (1.0 - lower[tops, label[tops]])
        return owner[: self.leaves], weight

    def _splits(self, error: NDArray[np.float64], named: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Nodes with an admissible label whose children, at their best, have the smaller error: (2 m - 1,)."""
        score, split = error.tolist(), np.zeros(len(error), dtype=bool)
        size = self.size.tolist()
        for node, (left, right) in enumerate(self.children.tolist(), self.leaves):
            below = (size[left] * score[left] + size[right] * score[right]) / size[node]
            # Sums that should be equal may differ in their last digits.
            if named[node] and below < score[node] - 1e-12:
                score[node], split[node] = below, True
        return split


def _share(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, counts / np.maximum(total, 1.0), 0.0)


def bounds_of(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of each class's share of a node by its labels: ``p -+ (1/n + sqrt(p (1 - p) / n))``; 0 and 1 for none.

    >>> [bound.round(3).tolist() for bound in bounds_of(np.array([[4.0, 0.0], [0.0, 0.0]]))]
    [[[0.75, 0.0], [0.0, 0.0]], [[1.0, 0.25], [1.0, 1.0]]]
    """
    total = counts.sum(axis=1, keepdims=True)
    share, seen = _share(counts), np.maximum(total, 1.0)
    wide = np.where(total > 0.0, 1.0 / seen + np.sqrt(share * (1.0 - share) / seen), 1.0)
    return np.maximum(share - wide, 0.0), np.minimum(share + wide, 1.0)


def admissible(lower: NDArray[np.float64], upper: NDArray[np.float64], beta: float) -> NDArray[np.bool_]:
    """Labels a node may be called by: ``1 - lower < beta (1 - upper)`` for every other label's upper bound.

    >>> admissible(np.array([[0.75, 0.0]]), np.array([[1.0, 0.25]]), 2.0).tolist()
    [[True, False]]
    """
    largest = upper.max(axis=1, keepdims=True)
    first = upper.argmax(axis=1)
    others = np.broadcast_to(largest, upper.shape).copy()
    rest = upper.copy()
    rest[np.arange(len(upper)), first] = -1.0
    others[np.arange(len(upper)), first] = rest.max(axis=1)
    fits: NDArray[np.bool_] = 1.0 - lower < beta * (1.0 - others)
    return fits
