from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies import distances
from alcli.strategies.distances import Bounds, nearest
from alcli.strategies.selectors.coverage import disparity_min, kcenter
from alcli.strategies.selectors.farthest import _standing, farthest_first


def exact(points, centre):
    difference = points.astype(np.float64) - np.asarray(centre, dtype=np.float64)
    return np.einsum("ij,ij->i", difference, difference)


def plain_kcenter(points, n, labelled=None):
    """One pass over everything for each centre; the first of equals."""
    chosen = []
    distance = np.full(len(points), np.inf)
    if labelled is None or len(labelled) == 0:
        mean = points.astype(np.float64).mean(axis=0)
        chosen.append(int(exact(points, mean).argmin()))
    for row in () if labelled is None else labelled:
        distance = np.minimum(distance, exact(points, row))
    while len(chosen) < min(n, len(points)):
        if chosen:
            distance = np.minimum(distance, exact(points, points[chosen[-1]]))
            distance[chosen] = -1.0
        chosen.append(int(distance.argmax()))
    return chosen


def lazy_kcenter(points, n, anchors, **looked):
    anchors = anchors if len(anchors) else None
    return farthest_first(points, min(n, len(points)), anchors, **looked).tolist()


#: How much is looked at: small pools go through every branch when it is little.
LOOKED = [
    {},
    {"width": 1, "wide": 1, "few": 1},
    {"width": 3, "wide": 5, "few": 2},
    {"width": 4, "wide": 60, "few": 7},
    {"width": 2, "wide": 10_000, "few": 48},
]


def test_a_line_worked_by_hand():
    line = np.array([[0.0], [1.0], [2.0], [6.0], [10.0]])
    # Mean 3.8: nearest is 2 (1.8 off; 6 is 2.2 off). Farthest from 2: 10; then 6, 4 from both; then 0.
    assert kcenter(line, 5).tolist() == [2, 4, 3, 0, 1]
    # From 0: 10, then 6 (4 from 10), then 2 (2 from 0), then 1.
    assert kcenter(line[1:], 4, labelled=line[:1]).tolist() == [3, 2, 1, 0]


def pools():
    random = np.random.default_rng(11)
    base = random.normal(size=(400, 8))
    return {
        "random": base,
        "float32": base.astype(np.float32),
        "rank 2": base[:, :2] @ random.normal(size=(2, 8)),
        "far from the origin": base + 1e7,
        "one far row": np.vstack([base, np.full((1, 8), 1e9)]),
        "many copies": np.repeat(base[:20], 20, axis=0),
        "copies of labelled rows": np.vstack([np.repeat(base[:5], 60, axis=0), base[100:110]]),
        "integer grid": np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2),
        "decimal grid": np.stack(np.meshgrid(*[np.arange(7) / 10] * 3), axis=-1).reshape(-1, 3),
        "all alike": np.full((300, 4), 0.1),
        "corners": np.sign(random.normal(size=(300, 6))),
    }


@pytest.mark.parametrize("labelled", [0, 1, 5, 60])
@pytest.mark.parametrize("name", pools())
def test_lazy_kcenter_is_plain_kcenter(name, labelled):
    points = pools()[name]
    anchors = points[:labelled]
    plain = plain_kcenter(points, 50, anchors)
    assert kcenter(points, 50, labelled=anchors).tolist() == plain
    for looked in LOOKED:
        assert lazy_kcenter(points, 50, anchors, **looked) == plain, looked


widths = st.fixed_dictionaries({"width": st.integers(1, 5), "wide": st.integers(1, 20), "few": st.integers(1, 4)})


@settings(max_examples=150)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 4)), elements=st.integers(-3, 3)),
    st.integers(0, 8),
    st.integers(1, 12),
    widths,
)
def test_lazy_kcenter_is_plain_kcenter_on_grids_with_many_ties(points, labelled, n, looked):
    anchors = points[:labelled]
    assert lazy_kcenter(points, n, anchors, **looked) == plain_kcenter(points, n, anchors)


@settings(max_examples=100)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.integers(1, 4)),
        elements=st.floats(-1e12, 1e12, allow_subnormal=False),
    ),
    st.integers(0, 8),
    widths,
)
def test_lazy_kcenter_is_plain_kcenter_on_any_numbers(points, labelled, looked):
    anchors = points[:labelled]
    assert lazy_kcenter(points, 8, anchors, **looked) == plain_kcenter(points, 8, anchors)


@given(
    arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.floats(-1e6, 1e6)),
    st.integers(1, 5),
)
def test_bounds_hold_and_the_nearest_is_exact(points, centres):
    around = points[:centres] + 0.25
    true = np.min([exact(points, row) for row in around], axis=0)
    np.testing.assert_array_equal(nearest(points, around), true)
    bounds = Bounds(points, around)
    bounds.add(around[:1])
    bounds.add(around[1:])
    assert (bounds.values >= true).all()


def test_bounds_are_close_where_they_have_to_be():
    points = np.random.default_rng(0).normal(size=(2000, 32)).astype(np.float32)
    bounds = Bounds(points[50:], points[:50])
    bounds.add(points[:50])
    true = nearest(points[50:], points[:50])
    assert ((bounds.values - true) / true).max() < 1e-3


def test_bounds_of_some_rows_are_lowered_and_all_others_stay():
    points = np.random.default_rng(4).normal(size=(500, 6)).astype(np.float32)
    bounds = Bounds(points, points[:9])
    bounds.add(points[:4])
    before, at = bounds.values.copy(), np.array([7, 3, 499, 250])
    bounds.add_to(at, points[4:9])
    true = nearest(points, points[:9])
    assert (bounds.values >= true).all() and np.allclose(bounds.values[at], true[at], atol=1e-4)
    others = np.delete(np.arange(500), at)
    np.testing.assert_array_equal(bounds.values[others], before[others])


def looked_at(monkeypatch):
    """How many pairs of a row and a centre bounds were made of."""
    pairs = []
    add, add_to = Bounds.add, Bounds.add_to
    monkeypatch.setattr(Bounds, "add", lambda self, c: (pairs.append(len(c) * len(self.points)), add(self, c))[1])
    monkeypatch.setattr(Bounds, "add_to", lambda self, at, c: (pairs.append(len(c) * len(at)), add_to(self, at, c))[1])
    return pairs


def test_kcenter_shows_most_rows_only_a_few_of_the_labelled_ones(monkeypatch):
    pairs = looked_at(monkeypatch)
    random = np.random.default_rng(0)
    heaps = random.normal(size=(10, 16)) * 2
    points = (heaps[random.integers(0, 10, 20_000)] + random.normal(size=(20_000, 16))).astype(np.float32)
    got = farthest_first(points[1000:], 60, points[:1000], width=500, wide=1500)
    assert got.tolist() == plain_kcenter(points[1000:], 60, points[:1000])
    # every row with 48 of the thousand, and some rows with all
    assert sum(pairs) < 0.3 * 19_000 * 1_000


def test_kcenter_without_labels_is_some_passes_and_not_one_a_row(monkeypatch):
    pairs = looked_at(monkeypatch)
    points = np.random.default_rng(0).normal(size=(20_000, 16)).astype(np.float32)
    got = kcenter(points, 60)
    assert got.tolist() == plain_kcenter(points, 60) and sum(pairs) < 60 * 20_000


@pytest.mark.parametrize("copies", [1, 100])
def test_rows_that_stand_for_the_labelled_ones_are_some_of_them(copies):
    random = np.random.default_rng(2)
    anchors = np.repeat(random.normal(size=(6000 // copies, 3)) * 1e200, copies, axis=0)
    for k in (1, 48, len(anchors), len(anchors) + 1):
        found = _standing(anchors, k)
        assert 1 <= len(found) <= k and len(set(found.tolist())) == len(found) and found.max() < len(anchors)
    heaps = np.repeat(np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]]), 50, axis=0)
    spread = heaps + random.normal(size=heaps.shape)
    assert set((_standing(spread, 3) // 50).tolist()) == {0, 1, 2}


def test_disparity_min_begins_at_the_edge_and_goes_on_likewise():
    points = np.random.default_rng(8).normal(size=(300, 3))
    first = int(exact(points, points.mean(axis=0)).argmax())
    rest = np.delete(np.arange(300), first)
    more = plain_kcenter(points[rest], 9, points[first : first + 1])
    assert disparity_min(points, 10).tolist() == [first, *rest[more].tolist()]


def test_blocks_do_not_change_the_choice(monkeypatch):
    points = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    whole = kcenter(points, 30)
    for cells in (1, 64, 999):
        monkeypatch.setattr(distances, "_CELLS", cells)
        assert np.array_equal(kcenter(points, 30), whole)
