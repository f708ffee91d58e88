from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies import distances
from alcli.strategies.distances import as_points
from alcli.strategies.selectors.nearest_labelled import Rough, first_copies, nearest_anchors, nearest_rows
from alcli.strategies.selectors.seeding import kmeans_plusplus
from alcli.strategies.selectors.subsets import anchors, seals, subsample


def squared(left, right):
    away = np.asarray(left, np.float64)[:, None] - np.asarray(right, np.float64)[None]
    return np.einsum("ijk,ijk->ij", away, away)


def first(distance, k):
    return np.lexsort((np.arange(len(distance)), distance))[:k]


@pytest.fixture(params=[60, 2_000_000])
def cells(request, monkeypatch):
    """Small blocks, so that small pools make many of them."""
    monkeypatch.setattr(distances, "_CELLS", request.param)


def pools():
    random = np.random.default_rng(8)
    base = random.normal(size=(120, 5))
    return {
        "random": base,
        "float32": base.astype(np.float32),
        "far": base + 1e8,
        "copies": np.repeat(base[:12], 10, axis=0),
        "alike": np.full((120, 5), 0.1),
        "tiny": (base * 1e-25).astype(np.float32),
        "huge": (base * 1e17).astype(np.float32),
        "grid": np.stack(np.meshgrid(np.arange(10.0), np.arange(12.0)), axis=-1).reshape(-1, 2),
    }


@pytest.mark.parametrize("k", [1, 4, 200])
@pytest.mark.parametrize("name", pools())
def test_neighbours_are_those_of_all_distances(name, k, cells):
    points = as_points(pools()[name])
    known = points[::9] if name != "random" else points[::9] + 0.25
    table = squared(points, known)
    near = nearest_anchors(points, known, k, 0, len(points), Rough(points, known))
    assert near.tolist() == [sorted(first(row, k).tolist()) for row in table]
    rows, exact = nearest_rows(points, known, k)
    assert rows.tolist() == [first(column, k).tolist() for column in table.T]
    assert np.array_equal(exact, np.take_along_axis(table.T, rows, axis=1))


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 30), st.just(2)), elements=st.integers(-2, 2)),
    st.integers(1, 5),
    st.integers(1, 6),
)
def test_of_equally_near_rows_the_lower_position_is_nearer(points, count, k):
    known = points[:count]
    rows, _ = nearest_rows(points, known, k)
    assert rows.tolist() == [first(column, k).tolist() for column in squared(points, known).T]


def test_one_far_anchor_costs_the_others_nothing():
    random = np.random.default_rng(0)
    points, known = random.normal(size=(50, 3)).astype(np.float32), random.normal(size=(20, 3)).astype(np.float32)
    known[7] = 1e9
    rough = Rough(points, known)
    near = nearest_anchors(points, known, 3, 0, 50, rough)
    assert near.tolist() == [sorted(first(row, 3).tolist()) for row in squared(points, known)]
    assert np.abs(rough.middle).max() < 1.0


def test_of_equal_anchors_only_the_first_few_can_be_near():
    known = np.array([[1.0], [0.0], [1.0], [1.0], [0.0], [1.0]])
    assert first_copies(known, 2).tolist() == [0, 1, 2, 4]
    assert first_copies(known, 9).tolist() == list(range(6))


def test_seals_worked_by_hand():
    line, worth = np.array([[0.0], [1.0], [2.0], [9.0], [10.0]]), np.array([0.1, 0.2, 0.3, 0.9, 0.8])
    # Two neighbours of 0: rows 0 and 1. The best row of all, at 9, is not looked at until these are used up.
    got = seals(line, 4, utility=worth, labelled=np.zeros((1, 1)), neighbours=2).tolist()
    assert got == [1, 0, 3, 4]


def test_seals_looks_at_the_union_of_neighbourhoods():
    random = np.random.default_rng(1)
    points, worth, known = random.normal(size=(200, 3)), random.random(200), random.normal(size=(4, 3))
    union = {row for column in squared(points, known).T for row in first(column, 10).tolist()}
    got = seals(points, 15, utility=worth, labelled=known, neighbours=10).tolist()
    assert got == sorted(union, key=lambda row: -worth[row])[:15]
    assert seals(points, 3, utility=worth).tolist() == np.argsort(-worth)[:3].tolist()


def test_anchors_are_the_rows_most_like_some_labelled_rows_of_each_class():
    random = np.random.default_rng(2)
    points, worth = random.normal(size=(150, 4)), random.random(150)
    known, labels = random.normal(size=(30, 4)) * 3.0, np.repeat([0, 1, 2], [25, 4, 1])
    unit, like = points / np.linalg.norm(points, axis=1)[:, None], known / np.linalg.norm(known, axis=1)[:, None]
    places = []
    for code in range(3):
        rows = np.flatnonzero(labels == code)
        places.extend(rows[kmeans_plusplus(like[rows], 5, seed=3)])
    assert len(places) == 5 + 4 + 1
    found: dict[int, list[float]] = {}
    for place in places:
        cosine = unit @ like[place]
        for row in np.argsort(-cosine)[:12]:
            found.setdefault(int(row), []).append(float(cosine[row]))
    pool = sorted(found, key=lambda row: -np.mean(found[row]))[:20]
    wanted = sorted(pool, key=lambda row: -worth[row])[:8]
    got = anchors(points, 8, labels=labels, labelled=known, utility=worth, seed=3, per_class=5, neighbours=12, size=20)
    assert got.tolist() == wanted


def test_anchors_give_a_rare_class_as_many_places_as_a_common_one():
    # 90 labelled rows of the class on the right, 3 of the class on top: both are looked around.
    random = np.random.default_rng(0)
    right, above = random.normal((9, 0), 0.3, size=(500, 2)), random.normal((0, 9), 0.3, size=(20, 2))
    points = np.concatenate([right, above])
    known = np.concatenate([random.normal((9, 0), 0.3, size=(90, 2)), random.normal((0, 9), 0.3, size=(3, 2))])
    got = anchors(points, 40, labels=np.repeat([0, 1], [90, 3]), labelled=known, neighbours=10, size=60, per_class=3)
    assert (got >= 500).sum() >= 10


def test_anchors_go_on_with_the_best_others_when_there_are_too_few():
    points, worth = np.eye(4), np.array([0.1, 0.2, 0.3, 0.4])
    got = anchors(points, 4, labels=[0], labelled=points[:1], utility=worth, neighbours=1)
    assert got.tolist() == [0, 3, 2, 1]
    assert anchors(points, 2, labels=[], utility=worth).tolist() == [3, 2]
    with pytest.raises(ValueError, match="labels must have shape"):
        anchors(points, 2, labels=[0, 1], labelled=points[:1])


def test_subsample_takes_the_best_and_the_first_of_equals():
    assert subsample(None, 3, utility=np.array([0.5, 0.9, 0.5, 0.1])).tolist() == [1, 0, 2]
    assert subsample(np.zeros((3, 1)), 2).tolist() == [0, 1]
    with pytest.raises(ValueError, match="margin\\+subsample"):
        subsample(None, 2)
