from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies import distances
from alcli.strategies.distances import Bounds, nearest
from alcli.strategies.selectors import coverage
from alcli.strategies.selectors.coverage import kcenter


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


@pytest.fixture(params=[1, 3, 4096])
def width(request, monkeypatch):
    """Small fronts, so that small pools go through every branch."""
    monkeypatch.setattr(coverage, "_WIDTH", request.param)
    return request.param


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
def test_lazy_kcenter_is_plain_kcenter(name, labelled, width):
    points = pools()[name]
    anchors = points[:labelled]
    assert kcenter(points, 50, labelled=anchors).tolist() == plain_kcenter(points, 50, anchors)


@settings(max_examples=150)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 4)), elements=st.integers(-3, 3)),
    st.integers(0, 3),
    st.integers(1, 12),
    st.integers(1, 5),
)
def test_lazy_kcenter_is_plain_kcenter_on_grids_with_many_ties(points, labelled, n, front):
    anchors = points[:labelled]
    got = coverage._farthest_first(points, min(n, len(points)), anchors if len(anchors) else None, front)
    assert got.tolist() == plain_kcenter(points, n, anchors)


@settings(max_examples=100)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.integers(1, 4)),
        elements=st.floats(-1e12, 1e12, allow_subnormal=False),
    ),
    st.integers(0, 3),
    st.integers(1, 5),
)
def test_lazy_kcenter_is_plain_kcenter_on_any_numbers(points, labelled, front):
    anchors = points[:labelled]
    got = coverage._farthest_first(points, min(8, len(points)), anchors if len(anchors) else None, front)
    assert got.tolist() == plain_kcenter(points, 8, anchors)


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


def test_kcenter_looks_at_the_whole_pool_only_a_few_times(monkeypatch):
    passes = []
    add = Bounds.add
    monkeypatch.setattr(Bounds, "add", lambda self, centres: (passes.append(len(centres)), add(self, centres))[1])
    points = np.random.default_rng(0).normal(size=(20_000, 16)).astype(np.float32)
    got = kcenter(points[500:], 60, labelled=points[:500])
    assert [each for each in passes if each] and len(passes) <= 4
    assert got.tolist() == plain_kcenter(points[500:], 60, points[:500])


def test_blocks_do_not_change_the_choice(monkeypatch):
    points = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    whole = kcenter(points, 30)
    for cells in (1, 64, 999):
        monkeypatch.setattr(distances, "_CELLS", cells)
        assert np.array_equal(kcenter(points, 30), whole)
