from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans, kmeans_plusplus

from alcli.strategies import UTILITIES
from alcli.strategies.calls import on_groups
from alcli.strategies.selectors import clusters
from alcli.strategies.selectors.clusters import greedy_centres, kmeans, kmeans_above, per_cluster

TYPICAL = on_groups(UTILITIES["typicality"], {})


def heaps(sizes, seed=0, width=3):
    """Well separated round heaps, in mixed order, and which heap each row is of."""
    random = np.random.default_rng(seed)
    which = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return which[:, None] * 100.0 + random.normal(size=(len(which), width)), which


def test_kmeans_takes_the_row_nearest_to_each_centre():
    points, _ = heaps([30, 50, 20, 40])
    fitted = KMeans(4, n_init=1, random_state=0).fit(points)
    nearest = np.argmin(((points[:, None] - fitted.cluster_centers_) ** 2).sum(axis=2), axis=0)
    assert sorted(kmeans(points, 4, seed=0)) == sorted(nearest)


def test_kmeans_puts_the_largest_cluster_first():
    points, which = heaps([30, 50, 20, 40])
    assert which[kmeans(points, 4)].tolist() == [1, 3, 0, 2]


def test_kmeans_is_drawn_to_worth():
    line = np.linspace(0.0, 1.0, 101)[:, None]
    flat = line[kmeans(line, 1), 0].item()
    high = line[kmeans(line, 1, utility=line[:, 0] ** 4), 0].item()
    # Weighted mean of x under x^4 is 5/6.
    assert flat == pytest.approx(0.5) and high == pytest.approx(5 / 6, abs=0.011)


def test_kmeans_takes_scores_below_zero():
    line = np.linspace(0.0, 1.0, 101)[:, None]
    got = line[kmeans(line, 1, utility=-5.0 + line[:, 0]), 0].item()
    assert got == pytest.approx(2 / 3, abs=0.011)


def test_fewer_places_than_rows_wanted_are_filled_up_with_distinct_rows():
    points = np.repeat(np.arange(3.0)[:, None], 10, axis=0)
    got = kmeans(points, 7, seed=1)
    assert set(points[got[:3], 0]) == {0.0, 1.0, 2.0} and len(set(got.tolist())) == 7


def test_mini_batches_above_the_limit_find_the_same_heaps(monkeypatch):
    monkeypatch.setattr(clusters, "_WHOLE", 100)
    points, which = heaps([300, 500, 200, 400])
    assert sorted(which[kmeans(points, 4)]) == [0, 1, 2, 3]
    got = per_cluster(points, 3, utility=TYPICAL, labelled=points[which == 1][:1])
    assert 1 not in which[got] and len(set(got.tolist())) == 3


def test_clusters_in_need_come_first_then_large_ones():
    points, which = heaps([30, 50, 20, 40])
    assert which[per_cluster(points, 4, utility=TYPICAL)].tolist() == [1, 3, 0, 2]
    # 4 clusters: 3 labelled in heaps 1 (twice) and 3, and one to choose; heap 0 is the larger of the others.
    labelled = np.vstack([points[which == 1][:1], points[which == 3][:1]])
    assert which[per_cluster(points, 2, utility=TYPICAL, labelled=labelled)].tolist() == [0, 2]


def test_a_chosen_row_counts_as_labelled_for_the_next_one():
    points, which = heaps([30, 50])
    got = per_cluster(points, 4, utility=TYPICAL, clusters=2)
    assert which[got].tolist() == [1, 0, 1, 0]


def test_the_most_typical_row_of_the_cluster_is_taken():
    points, which = heaps([30, 50, 40])
    for row in per_cluster(points, 3, utility=TYPICAL):
        inside = np.flatnonzero(which == which[row])
        assert row == inside[TYPICAL(points[inside]).argmax()]


def test_a_utility_given_as_numbers_decides_inside_the_cluster():
    points, which = heaps([30, 50, 40])
    worth = np.random.default_rng(0).normal(size=len(points))
    for row in per_cluster(points, 3, utility=worth):
        assert worth[row] == worth[which == which[row]].max()


def test_small_clusters_are_left_out_unless_there_are_no_others():
    points, which = heaps([30, 3, 40])
    assert 1 not in which[per_cluster(points, 3, utility=TYPICAL)]
    got = per_cluster(points, 73, utility=TYPICAL, clusters=3)
    assert sorted(got.tolist()) == list(range(73))
    assert set(which[got[:70]]) == {0, 2}
    assert 1 in which[per_cluster(points, 3, utility=TYPICAL, smallest=1)]


def test_of_a_huge_cluster_a_sample_is_looked_at():
    points, _ = heaps([400])
    looked = []

    def worth(group):
        looked.append(len(group))
        return TYPICAL(group)

    got = per_cluster(points, 2, utility=worth, clusters=1, largest=50)
    assert looked == [50] and max(got) < 50
    assert len(set(per_cluster(points, 400, utility=worth, clusters=1, largest=50).tolist())) == 400


@pytest.mark.parametrize("name", ["clusters", "smallest", "largest"])
def test_settings_below_one_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1"):
        per_cluster(np.ones((3, 1)), 1, **{name: 0})


@pytest.mark.parametrize("worth", [np.ones(2), np.array([1.0, np.nan, 0.0])])
def test_a_utility_that_does_not_fit_is_refused(worth):
    with pytest.raises(ValueError, match="utility"):
        per_cluster(np.arange(3.0)[:, None], 1, utility=worth)
    with pytest.raises(ValueError, match="utility"):
        kmeans(np.arange(3.0)[:, None], 1, utility=worth)


def test_kmeans_above_represents_the_rows_that_pass():
    points, which = heaps([30, 50, 20, 40])
    doubt = np.where(np.isin(which, (0, 2)), 0.8, 0.5)
    got = kmeans_above(points, 2, utility=doubt, seed=3)
    assert which[got].tolist() == [0, 2]
    inside = np.flatnonzero(doubt > 0.5)
    assert np.array_equal(got, inside[kmeans(points[inside], 2, seed=3)])
    assert set(which[kmeans_above(points, 4, utility=doubt, above=0.4)]) == {0, 1, 2, 3}


def test_kmeans_above_fills_up_by_utility_when_too_few_pass():
    points = np.arange(6.0)[:, None]
    doubt = np.array([0.2, 1.0, 0.4, 0.6, 0.4, 0.0])
    assert kmeans_above(points, 4, utility=doubt).tolist() == [1, 3, 2, 4]
    assert kmeans_above(points, 3, utility=np.zeros(6)).tolist() == [0, 1, 2]
    assert np.array_equal(kmeans_above(points, 3), kmeans(points, 3))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [1, 2, 7, 40])
def test_first_centres_are_scikit_learns(kind: type, weighted: bool, k: int) -> None:
    rng = np.random.default_rng(k)
    rows = (rng.normal(size=(150, 6)) + 1e3).astype(kind)
    rows -= rows.mean(axis=0)  # KMeans does it before it seeds
    weights = rng.random(150) if weighted else None
    theirs, _ = kmeans_plusplus(rows, k, sample_weight=weights, random_state=11)
    assert greedy_centres(rows, k, weights, 11) == pytest.approx(theirs)


def test_first_centres_far_from_zero_are_those_near_zero() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 3))
    near, far = greedy_centres(rows, 20, None, 5), greedy_centres(rows + 1e6, 20, None, 5)
    assert far - 1e6 == pytest.approx(near, abs=1e-6)


def test_first_centres_of_copies_and_of_too_few_rows() -> None:
    assert greedy_centres(np.ones((5, 2)), 3, None, 0).tolist() == [[1.0, 1.0]] * 3
    with pytest.raises(ValueError, match="6 centres of 5 rows"):
        greedy_centres(np.ones((5, 2)), 6, None, 0)
    with pytest.raises(ValueError, match="all weights are 0"):
        greedy_centres(np.ones((5, 2)), 3, np.zeros(5), 0)
