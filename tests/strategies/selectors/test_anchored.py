from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.selectors import anchored
from alcli.strategies.selectors.anchored import incremental_kmeans
from alcli.strategies.selectors.seeding import kmeans_plusplus


def heaps(sizes, seed=0, width=3):
    random = np.random.default_rng(seed)
    which = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return which[:, None] * 100.0 + random.normal(size=(len(which), width)), which


def plainly(rows, n, labelled, seed, weights=None):
    """Lloyd's passes over all centres, of which the labelled ones never move."""
    weights = np.ones(len(rows)) if weights is None else weights
    given = None if len(labelled) == 0 else labelled
    centres = rows[kmeans_plusplus(rows, n, labelled=given, seed=seed, utility=weights)].astype(float)
    for _ in range(50):
        every = np.vstack([labelled, centres]) if len(labelled) else centres
        label = ((rows[:, None] - every) ** 2).sum(axis=2).argmin(axis=1) - len(labelled)
        mine = [label == k for k in range(n)]
        centres = np.array([np.average(rows[own], axis=0, weights=weights[own]) for own in mine])
    away = ((rows[:, None] - centres) ** 2).sum(axis=2)
    return [int(np.where(own, away[:, k], np.inf).argmin()) for k, own in enumerate(mine)]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("labelled", [0, 1, 15])
def test_incremental_kmeans_is_lloyds_with_centres_that_stay(labelled, weighted):
    rows = np.random.default_rng(1).normal(size=(200, 2))
    anchors = np.random.default_rng(2).normal(size=(labelled, 2)) + 0.5
    weights = np.random.default_rng(3).random(200) + 0.1 if weighted else None
    want = plainly(rows, 6, anchors, 4, weights)
    got = incremental_kmeans(rows, 6, labelled=anchors, seed=4, passes=50, utility=weights)
    assert sorted(got.tolist()) == sorted(want)


def test_rows_near_labelled_ones_draw_no_new_centre():
    # Two rows at 0 are labelled's; the new centre is the mean of 10, 11, 12, and 11 is nearest to it.
    line = np.array([[0.0], [1.0], [10.0], [11.0], [12.0]])
    assert incremental_kmeans(line, 1, labelled=np.array([[0.5]])).tolist() == [3]
    points, which = heaps([30, 50, 20, 40])
    for seed in range(5):
        got = incremental_kmeans(points, 2, labelled=points[(which == 1) | (which == 3)], seed=seed)
        assert which[got].tolist() == [0, 2]  # the heavier first


def test_upper_bounds_do_for_many_rows(monkeypatch):
    points, which = heaps([30, 50, 20, 40])
    monkeypatch.setattr(anchored, "_EXACT", 10)
    got = incremental_kmeans(points, 2, labelled=points[(which == 1) | (which == 3)])
    assert which[got].tolist() == [0, 2]


def test_new_clusters_without_rows_are_filled_up_by_the_farthest():
    line = np.array([[0.0], [0.0], [0.0], [5.0]])
    got = incremental_kmeans(line, 3, labelled=np.array([[0.0]]))
    assert got[0] == 3 and len(set(got.tolist())) == 3


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="passes"):
        incremental_kmeans(np.empty((0, 1)), 0, passes=0)
