from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies.selectors import balls
from alcli.strategies.selectors.balls import probcover, pure_radius, robust_kcenter
from alcli.strategies.selectors.clusters import cluster
from alcli.strategies.selectors.coverage import kcenter


def distances(left, right):
    return np.sqrt(((left[:, None] - right) ** 2).sum(axis=2))


def some(m, d=2, seed=0):
    return np.random.default_rng(seed).normal(size=(m, d))


def covered_greedily(edges, n, covered):
    """ProbCover on a whole graph of booleans; at the end the rows in their order."""
    chosen = []
    while len(chosen) < min(n, len(edges)):
        gains = (edges & ~covered).sum(axis=1)
        if gains.max() == 0:
            return (chosen + [row for row in range(len(edges)) if row not in chosen])[:n]
        chosen.append(int(gains.argmax()))
        covered = covered | edges[chosen[-1]]
    return chosen


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 25), st.integers(1, 2)), elements=st.integers(-4, 4)),
    st.integers(0, 3),
    st.sampled_from([0.5, 1.0, 2.0**0.5, 2.0]),
)
def test_probcover_is_greedy_on_the_whole_graph(rows, labelled, delta):
    edges = distances(rows, rows) <= delta
    covered = edges[:labelled].any(axis=0)
    got = probcover(rows, 12, labelled=rows[:labelled], delta=delta)
    assert got.tolist() == covered_greedily(edges, 12, covered)


def test_probcover_on_a_line_worked_by_hand():
    # Balls of 1: of 0, 1, 2 the middle covers three; of 9, 10 both cover two and 9 is first. Nothing is
    # left after that: the others come in their order.
    line = np.array([[0.0], [1.0], [2.0], [9.0], [10.0]])
    assert probcover(line, 5, delta=1.0).tolist() == [1, 3, 0, 2, 4]
    assert probcover(line, 2, delta=1.0, labelled=np.array([[9.5]])).tolist() == [1, 0]


def test_small_text_probcover_repeated_row_0_when_no_edge_was_left():
    got = probcover(np.zeros((6, 2)), 6, delta=0.5)
    assert got.tolist() == [0, 1, 2, 3, 4, 5]


def plain_purity(away, label, radius):
    """Share of rows whose ball of this radius has one label."""
    return np.mean([len(set(label[away[row] <= radius])) == 1 for row in range(len(label))])


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_radius_is_the_largest_of_that_purity(alpha, seed):
    rows = some(80, seed=seed)
    label = cluster(rows, 4, seed=seed)[0]
    away = distances(rows, rows)
    radius = np.sqrt(pure_radius(rows, label, alpha))
    assert plain_purity(away, label, radius) >= alpha - 1e-12
    beyond = np.unique(away)[np.searchsorted(np.unique(away), radius * (1 + 1e-8))]
    assert plain_purity(away, label, beyond) < alpha
    want = covered_greedily(away <= radius, 10, np.zeros(80, dtype=bool))
    assert probcover(rows, 10, purity=alpha, clusters=4, seed=seed).tolist() == want


def test_purity_of_one_cluster_and_of_no_purity_at_all():
    assert pure_radius(some(5), np.zeros(5, dtype=int), 0.95) == float("inf")
    assert probcover(some(5), 2, clusters=1).tolist() == [0, 1]
    assert len(probcover(some(5), 3, clusters=50)) == 3


def least_radius(rows, n, spared, labelled):
    """By trying every set of centres."""
    away = distances(rows, rows)
    near = distances(rows, labelled).min(axis=1, initial=np.inf)
    radii = (np.sort(np.minimum(near, away[:, list(one)].min(axis=1))) for one in combinations(range(len(rows)), n))
    return min(float(each[len(rows) - 1 - spared]) for each in radii)


@pytest.mark.parametrize("labelled", [0, 2])
@pytest.mark.parametrize("spared", [0, 2])
@pytest.mark.parametrize(("n", "seed"), [(1, 0), (2, 0), (2, 1), (3, 2), (4, 3), (4, 4)])
def test_robust_kcenter_finds_the_least_radius_of_all(n, seed, spared, labelled):
    rows, anchors = some(16, seed=seed), some(labelled, seed=seed + 9)
    got = robust_kcenter(rows, n, outliers=spared / 16, labelled=anchors)
    assert len(set(got.tolist())) == n
    near = np.minimum(distances(rows, rows[got]).min(axis=1), distances(rows, anchors).min(axis=1, initial=np.inf))
    assert np.sort(near)[15 - spared] == pytest.approx(least_radius(rows, n, spared, anchors))


def test_robust_kcenter_leaves_an_outlier_that_kcenter_takes():
    rows = np.vstack([some(30), some(30) + 20.0, [[500.0, 0.0], [0.0, 500.0]]])
    assert 60 in kcenter(rows, 3)
    got = robust_kcenter(rows, 3, outliers=0.04)
    assert not {60, 61} & set(got.tolist()) and (got < 30).any() and (got >= 30).any()


def test_robust_kcenter_is_never_worse_than_kcenter(monkeypatch):
    rows = some(120)
    reach = distances(rows, rows[kcenter(rows, 8)]).min(axis=1).max()
    assert distances(rows, rows[robust_kcenter(rows, 8, outliers=0.0)]).min(axis=1).max() <= reach
    monkeypatch.setattr(balls, "_programme", lambda *_: None)  # no answer within its nodes
    assert distances(rows, rows[robust_kcenter(rows, 8, outliers=0.0)]).min(axis=1).max() <= reach


def test_centres_that_are_not_needed_are_filled_up():
    heaps = np.repeat(np.array([[0.0], [9.0]]), 5, axis=0)
    got = robust_kcenter(heaps, 4)
    assert len(set(got.tolist())) == 4 and set(heaps[got[:2], 0]) == {0.0, 9.0}
    assert len(set(robust_kcenter(some(20), 3, labelled=some(20)).tolist())) == 3


@pytest.mark.parametrize(
    ("function", "given", "match"),
    [
        (probcover, {"delta": -1.0}, "delta"),
        (probcover, {"purity": 0.0}, "purity"),
        (probcover, {"purity": 1.1}, "purity"),
        (probcover, {"clusters": 0}, "clusters"),
        (robust_kcenter, {"outliers": 1.0}, "outliers"),
        (robust_kcenter, {"nodes": 0}, "nodes"),
    ],
)
def test_settings_out_of_range_are_refused(function, given, match):
    with pytest.raises(ValueError, match=match):
        function(np.empty((0, 1)), 0, **given)
