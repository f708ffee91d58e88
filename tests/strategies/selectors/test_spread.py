from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.selectors import spread
from alcli.strategies.selectors.clusters import cluster
from alcli.strategies.selectors.spread import cluster_margin, informative_diverse


def average_linkage(points, k):
    """Join the two clusters whose rows are nearest on average, until k are left."""
    groups = [[row] for row in range(len(points))]
    table = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    while len(groups) > k:
        pairs = [
            (table[np.ix_(a, b)].mean(), i, j) for i, a in enumerate(groups) for j, b in enumerate(groups) if i < j
        ]
        _, i, j = min(pairs)
        groups[i] += groups.pop(j)
    return groups


def round_robin(groups, n):
    """Citovsky et al. 2021, algorithm 3, the first row of a cluster in place of a random one."""
    queues = sorted((sorted(group) for group in groups), key=lambda group: (len(group), group[0]))
    chosen = []
    while len(chosen) < n:
        for queue in queues:
            if queue and len(chosen) < n:
                chosen.append(queue.pop(0))
    return chosen


def test_cluster_margin_worked_by_hand():
    # Clusters of two on average: {0, 1, 2}, {3, 4}, {5}. Smallest first: 5, 3, 0; then what is left: 4, 1; then 2.
    line = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [50.0]])
    worth = np.array([5.0, 4.0, 3.0, 3.0, 3.0, 0.0])
    assert cluster_margin(line, 6, utility=worth, size=2).tolist() == [5, 3, 0, 4, 1, 2]
    # With share = 1 only the three best rows are chosen from, and the far row is not among them.
    assert sorted(cluster_margin(line, 3, utility=worth, size=2, share=1).tolist()) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_cluster_margin_is_the_papers_algorithm(seed):
    random = np.random.default_rng(seed)
    points, worth = random.normal(size=(40, 3)), random.random(40)
    best = np.argsort(-worth)[:20]
    groups = [[row for row in group if row in best] for group in average_linkage(points, 8)]
    wanted = round_robin([group for group in groups if group], 10)
    assert cluster_margin(points, 10, utility=worth, size=5, share=2).tolist() == wanted


def test_cluster_margin_joins_no_more_rows_than_it_says(monkeypatch):
    seen = []
    import scipy.cluster.hierarchy as hierarchy

    whole = hierarchy.linkage
    monkeypatch.setattr(hierarchy, "linkage", lambda rows, how: seen.append(len(rows)) or whole(rows, how))
    random = np.random.default_rng(1)
    points, worth = random.normal(size=(3000, 2)), random.random(3000)
    got = cluster_margin(points, 10, utility=worth, compared=300)
    assert len(set(got.tolist())) == 10 and set(got) <= set(np.argsort(-worth)[:100])
    # 500 rows to choose from are more than 300 can be compared: 150 groups of them are joined
    assert len(cluster_margin(points, 50, utility=worth, compared=300)) == 50
    assert seen == [300, 150]


def test_informative_diverse_worked_by_hand():
    # Clusters {0, 1, 2} and {3, 4, 5}: half of 4 places each. Down the order 0, 1, 2, 3, 4, 5: 0, 1 and then 3, 4.
    line, worth = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]]), np.arange(6.0)[::-1]
    assert informative_diverse(line, 4, utility=worth, clusters=2).tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize("n", [1, 7, 30, 100])
def test_informative_diverse_is_googles_walk_with_the_best_as_fillers(n):
    random = np.random.default_rng(3)
    points, worth = random.normal(size=(60, 3)), random.random(60).round(1)
    label, _ = cluster(points, 5, seed=2)
    share, taken, chosen = np.bincount(label, minlength=5) / 60, np.zeros(5), []
    walk = sorted(range(60), key=lambda row: (-worth[row], row))
    for row in walk:
        if len(chosen) < n and taken[label[row]] / n < share[label[row]]:
            chosen.append(row)
            taken[label[row]] += 1
    chosen += [row for row in walk if row not in chosen][: min(n, 60) - len(chosen)]
    assert informative_diverse(points, n, utility=worth, clusters=5, seed=2).tolist() == chosen


def test_settings_out_of_range_are_refused():
    for name in ("share", "size", "compared"):
        with pytest.raises(ValueError, match=name):
            cluster_margin(np.zeros((2, 1)), 1, **{name: 0})
    with pytest.raises(ValueError, match="clusters"):
        informative_diverse(np.zeros((2, 1)), 1, clusters=0)
    assert spread._linked(np.zeros((1, 1)), 1, 4, 0).tolist() == [0]
