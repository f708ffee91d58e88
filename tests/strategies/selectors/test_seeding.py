from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies import SELECTORS
from alcli.strategies.calls import select
from alcli.strategies.points import Outer
from alcli.strategies.selectors import seeding
from alcli.strategies.selectors.seeding import kmeans_plusplus


def chances(points, n, worth, anchors=None, begin=None):
    """The chance of every sequence of n rows, by the definition of k-means++."""
    distance = ((points[:, None] - points) ** 2).sum(axis=2)
    to_anchors = np.inf if anchors is None else ((points[:, None] - anchors) ** 2).sum(axis=2).min(axis=1)
    found = {}
    for rows in permutations(range(len(points)), n):
        chance = 1.0
        for k, row in enumerate(rows):
            if k == 0 and anchors is None:
                weight = worth if begin is None else np.eye(len(points))[begin]
            else:
                near = np.minimum(distance[list(rows[:k])].min(axis=0, initial=np.inf), to_anchors)
                weight = worth * near
            chance *= weight[row] / weight.sum()
        found[rows] = chance
    return found


def surprise(found, points, n, **given):
    """Pearson's statistic over its degrees of freedom: near 1 when the draws have these chances."""
    draws, runs = {}, 1500
    for seed in range(runs):
        rows = tuple(kmeans_plusplus(points, n, seed=seed, **given).tolist())
        draws[rows] = draws.get(rows, 0) + 1
    assert all(found[rows] > 0.0 for rows in draws)
    wanted = {rows: runs * chance for rows, chance in found.items() if chance > 0.0}
    total = sum((draws.get(rows, 0) - each) ** 2 / each for rows, each in wanted.items())
    return total / (len(wanted) - 1)


PLACES = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 3.0], [4.0, 1.0]])


def test_draws_have_the_chances_of_plain_kmeans_plusplus():
    worth = np.array([1.0, 2.0, 0.5, 1.0])
    assert surprise(chances(PLACES, 3, np.ones(4)), PLACES, 3) < 1.6
    assert surprise(chances(PLACES, 3, worth), PLACES, 3, utility=worth) < 1.6
    anchors = np.array([[0.5, 0.5], [3.0, 3.0]])
    found = chances(PLACES, 3, worth, anchors)
    assert surprise(found, PLACES, 3, utility=worth, labelled=anchors) < 1.6


def test_draws_keep_their_chances_when_the_bounds_are_lowered_at_every_step(monkeypatch):
    lowered = []
    lower = seeding._Rows.lower
    monkeypatch.setattr(seeding._Rows, "lower", lambda self, rows: (lowered.append(len(rows)), lower(self, rows))[1])
    kmeans_plusplus(np.random.default_rng(0).normal(size=(500, 3)), 30)
    assert len(lowered) <= 3  # a pass for the first row, and hardly more
    anchors = np.array([[0.5, 0.5]])
    start = seeding._drawn
    whole = chances(PLACES, 3, np.ones(4), anchors)

    def one_by_one(cloud, n, worth, chosen, random):
        while len(chosen) < n:
            chosen = start(cloud, len(chosen) + 1, worth, chosen, random).tolist()
        return np.array(chosen)

    monkeypatch.setattr(seeding, "_drawn", one_by_one)
    assert surprise(whole, PLACES, 3, labelled=anchors) < 1.6


def factors(m=4, seed=3):
    random = np.random.default_rng(seed)
    return Outer(random.normal(size=(m, 3)), random.normal(size=(m, 2)))


def test_draws_among_products_have_the_chances_of_the_points_they_stand_for():
    points = factors()
    longest = int((points.dense() ** 2).sum(axis=1).argmax())
    assert surprise(chances(points.dense(), 3, np.ones(4)), points, 3) < 1.6
    assert surprise(chances(points.dense(), 3, np.ones(4), begin=longest), points, 3, first="norm") < 1.6


def test_products_and_the_points_they_stand_for_give_the_same_batch():
    for seed in range(5):
        points = factors(400, seed)
        for dtype in (np.float32, np.float64):
            given = Outer(points.left.astype(dtype), points.right.astype(dtype))
            got = kmeans_plusplus(given, 20, seed=seed, first="norm")
            assert got[0] == (given.dense().astype(float) ** 2).sum(axis=1).argmax()
            assert len(set(got.tolist())) == 20
            assert got.tolist() == kmeans_plusplus(given, 20, seed=seed, first="norm").tolist()


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(2, 25), st.integers(1, 3)), elements=st.floats(-50, 50, width=32)),
    st.integers(1, 3),
    st.integers(-20, 15),
)
def test_bounds_of_products_hold(left, width, power):
    right = np.random.default_rng(len(left)).normal(size=(len(left), width)).astype(np.float32)
    cloud = seeding._Products(Outer(left * np.float32(10.0**power), right), None)
    dense = Outer(cloud.points.left.astype(float), cloud.points.right.astype(float)).dense()
    true = ((dense[:, None] - dense[:2]) ** 2).sum(axis=2)
    cloud.lower([0, 1])
    assert (cloud.bound[2:] >= true.min(axis=1)[2:] * (1 - 1e-9)).all()
    exact = [cloud.exact(row, [0, 1]) for row in range(len(left))]
    np.testing.assert_allclose(exact, true.min(axis=1), atol=1e-9 * cloud.lengths().max())
    cloud.settle([0, 1])
    np.testing.assert_allclose(cloud.bound, exact, rtol=1e-9, atol=1e-12 * cloud.lengths().max())


def test_copies_among_products_come_last():
    points = factors(5)
    many = points[np.repeat(np.arange(5), 300)]
    got = kmeans_plusplus(many, 9, seed=2)
    assert set((got[:5] // 300).tolist()) == {0, 1, 2, 3, 4}
    assert got[5:].tolist() == [row for row in range(9) if row not in got[:5]][:4]
    certain = Outer(np.zeros((6, 2)), np.ones((6, 3)))  # all gradients are 0
    assert sorted(kmeans_plusplus(certain, 6, first="norm").tolist()) == list(range(6))


def test_products_through_the_row_of_the_table():
    points = factors(30)
    got = select(SELECTORS["kmeans++"], points, 4, utility=np.ones(30), params={"first": "norm"})
    assert len(set(got.tolist())) == 4
    with pytest.raises(ValueError, match="no labelled"):
        kmeans_plusplus(points, 4, labelled=np.ones((1, 6)))
    with pytest.raises(ValueError, match="row 3: a coordinate"):
        kmeans_plusplus(Outer(np.ones((5, 2)), np.where(np.arange(5) == 3, np.nan, 1.0)[:, None]), 2)


def test_the_longest_vector_first_weighs_utility_in_and_anchors_come_before_it():
    line = np.array([[1.0], [-3.0], [2.0]])
    assert kmeans_plusplus(line, 1, first="norm").tolist() == [1]
    assert kmeans_plusplus(line, 1, first="norm", utility=np.array([1.0, 0.0, 1.0])).tolist() == [2]
    from_minus_3 = {int(kmeans_plusplus(line, 1, first="norm", labelled=line[1:2], seed=s)[0]) for s in range(50)}
    assert from_minus_3 == {0, 2}
    with pytest.raises(ValueError, match="first must be one of draw, norm"):
        kmeans_plusplus(line, 1, first="largest")


def test_seeding_draws_by_squared_distance():
    points = np.array([[1.0], [2.0], [3.0]])
    first = [int(kmeans_plusplus(points, 1, labelled=np.zeros((1, 1)), seed=seed)[0]) for seed in range(4000)]
    share = np.bincount(first, minlength=3) / 4000
    np.testing.assert_allclose(share, np.array([1, 4, 9]) / 14, atol=0.03)


def test_seeding_draws_by_utility_times_squared_distance():
    points, worth = np.array([[1.0], [2.0], [3.0]]), np.array([9.0, 0.0, 1.0])
    draws = [kmeans_plusplus(points, 3, labelled=np.zeros((1, 1)), utility=worth, seed=seed) for seed in range(2000)]
    share = np.bincount([int(draw[0]) for draw in draws], minlength=3) / 2000
    np.testing.assert_allclose(share, [0.5, 0.0, 0.5], atol=0.04)
    assert all(int(draw[2]) == 1 for draw in draws)  # no worth: last, when nothing else is left


def test_seeding_without_labels_starts_uniformly():
    points = np.array([[0.0], [0.0], [0.0], [100.0]])
    first = [int(kmeans_plusplus(points, 1, seed=seed)[0]) for seed in range(4000)]
    np.testing.assert_allclose(np.bincount(first, minlength=4) / 4000, [0.25] * 4, atol=0.03)


def test_seeding_takes_a_copy_only_when_nothing_else_is_left():
    heaps = np.repeat(np.arange(4.0)[:, None], 5, axis=0)
    for seed in range(20):
        got = kmeans_plusplus(heaps, 8, labelled=heaps[:1], seed=seed)
        assert set(heaps[got[:3], 0]) == {1.0, 2.0, 3.0}
        assert got[3:].tolist() == sorted(set(range(20)) - set(got[:3].tolist()))[:5]


def test_seeding_refuses_weights_below_zero():
    with pytest.raises(ValueError, match="row 1: below 0"):
        kmeans_plusplus(np.arange(3.0)[:, None], 2, utility=np.array([1.0, -0.5, 2.0]))
