from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies.distances import mean_of
from alcli.strategies.selectors import greedy
from alcli.strategies.selectors.similarity import Similarity, best_of, total_of
from alcli.strategies.selectors.submodular import facility_location, feature_based, graph_cut, maxherding


def squares(left, right):
    return ((left[:, None].astype(float) - right.astype(float)) ** 2).sum(axis=2)


def rbf(left, right, pool):
    """The default similarity, from its definition."""
    width = squares(pool, pool.astype(float).mean(axis=0)[None]).mean()
    return np.exp(-squares(left, right) / width)


def cosine(left, right, pool=None):
    length = [np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300) for rows in (left, right)]
    return (1 + (left / length[0]) @ (right / length[1]).T) / 2


def greedily(value, m, n):
    """Plain greedy choice of a set function: every candidate is tried at every step."""
    chosen = []
    for _ in range(min(n, m)):
        gains = np.full(m, -np.inf)
        for row in set(range(m)) - set(chosen):
            gains[row] = value([*chosen, row])
        chosen.append(int((gains >= gains.max() - 1e-6 * max(1, abs(gains.max()))).argmax()))
    return chosen


def some(m, d=3, seed=0):
    return np.random.default_rng(seed).normal(size=(m, d)) * [3.0, 1.0, 0.2][:d]


def test_a_line_worked_by_hand():
    # Similarities exp(-d²): rows 0, 1, 2 are 0, 1, 2; row 3 is 9. Sums of each column over all four:
    # 1 + e^-1 + e^-4 = 1.386 for 0 and 2; 1 + 2 e^-1 = 1.736 for 1; 1 for 9. After 1, row 9 adds 1,
    # rows 0 and 2 add 1 - e^-1 = 0.632 each; then row 0 comes before row 2.
    line = np.array([[0.0], [1.0], [2.0], [9.0]])
    assert facility_location(line, 4, bandwidth=1.0).tolist() == [1, 3, 0, 2]
    assert facility_location(line, 2, bandwidth=1.0, labelled=line[1:2]).tolist() == [3, 0]
    assert maxherding(line, 4, bandwidth=1.0).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("kind", ["rbf", "cosine"])
@pytest.mark.parametrize("seed", range(4))
def test_facility_location_is_greedy_on_its_function(kind, seed):
    rows, labelled, pool = some(25, seed=seed), some(4, seed=seed + 50), some(40, seed=seed + 90)
    similar = {"rbf": rbf, "cosine": cosine}[kind]
    to_rows, to_labelled = similar(pool, rows, pool), similar(pool, labelled, pool)

    def value(chosen):
        return np.column_stack([to_rows[:, chosen], to_labelled]).max(axis=1).sum()

    given = {"labelled": labelled, "reference": pool, "similarity": kind}
    want = greedily(value, 25, 8)
    assert facility_location(rows, 8, **given).tolist() == want
    assert maxherding(rows, 8, **given).tolist() == want


def test_maxherding_takes_the_largest_gain_of_the_kernel():
    rows = some(30)
    kernel, chosen = rbf(rows, rows, rows), []
    for _ in range(6):
        near = kernel[:, chosen].max(axis=1, initial=0.0)
        chosen.append(int(np.maximum(kernel - near[:, None], 0.0).sum(axis=0).argmax()))
    assert maxherding(rows, 6, reference=rows).tolist() == chosen


def test_facility_location_over_weighted_candidates():
    rows, worth = some(25), np.random.default_rng(1).random(25)
    similar = rbf(rows, rows, rows)
    want = greedily(lambda chosen: worth @ similar[:, chosen].max(axis=1), 25, 6)
    given = {"utility": worth, "reference": some(40, seed=9) + 50.0}
    assert facility_location(rows, 6, over="candidates", **given).tolist() == want
    assert facility_location(rows, 6, **given).tolist() != want
    below = facility_location(rows, 6, utility=worth - 0.5 * worth.max(), over="candidates")
    assert len(set(below.tolist())) == 6


def test_lazy_greedy_asks_for_few_gains_and_chooses_the_same(monkeypatch):
    rows = some(600, seed=5)
    similar = rbf(rows, rows, rows)
    asked = []
    of = greedy.Covering.of
    monkeypatch.setattr(greedy.Covering, "of", lambda self, some: (asked.append(len(some)), of(self, some))[1])
    best, want = np.zeros(600), []
    for _ in range(30):
        want.append(int(np.maximum(similar - best, 0.0).sum(axis=1).argmax()))
        best = np.maximum(best, similar[want[-1]])
    assert facility_location(rows, 30).tolist() == want
    assert sum(asked) < 600 * 30 / 3


def test_what_is_kept_of_similarities_does_not_change_the_choice(monkeypatch):
    rows = some(300, seed=2)
    whole = facility_location(rows, 40)
    for kept, step in ((0, 1), (900, 300), (3000, 50)):
        monkeypatch.setattr(greedy, "_KEPT", kept)
        monkeypatch.setattr(greedy, "_AT_ONCE", step)
        assert np.array_equal(facility_location(rows, 40), whole)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 25), st.integers(1, 2)), elements=st.integers(-2, 2)),
    st.integers(0, 3),
)
def test_ties_on_grids_go_to_the_lower_position(rows, labelled):
    similar = np.exp(-squares(rows, rows))
    best = np.exp(-squares(rows, rows[:labelled])).max(axis=1, initial=0.0)
    want = []
    while len(want) < len(rows):
        gains = np.maximum(similar - best, 0.0).sum(axis=1)
        if gains.max() <= 1e-6:
            want += [row for row in range(len(rows)) if row not in want]
            break
        want.append(int((gains >= gains.max() * (1 - 1e-6)).argmax()))
        best = np.maximum(best, similar[want[-1]])
    got = facility_location(rows, len(rows), labelled=rows[:labelled], bandwidth=1.0)
    assert got.tolist() == want


def test_a_copy_of_what_is_covered_gains_nothing():
    # row 16 is a copy of row 1; in float32 it seemed to add 1e-7 to what row 1 covers, and came before row 0
    rows = np.zeros((22, 1))
    rows[[1, 16]] = 1.0
    got = facility_location(rows, 22, labelled=rows[:1], bandwidth=1.0)
    assert got.tolist() == [1, 0, *range(2, 22)]


def test_a_pool_far_from_the_origin_or_on_another_scale_gives_the_same_batch():
    rows = some(60)
    want = facility_location(rows, 10).tolist()
    assert facility_location(rows * 1e-20, 10).tolist() == want
    assert facility_location(rows * 2.0**60, 10).tolist() == want
    assert (
        facility_location(np.round(rows, 3) + 2.0**20, 10).tolist() == facility_location(np.round(rows, 3), 10).tolist()
    )
    assert facility_location(rows.astype(np.float32), 10).tolist() == want


def test_rows_far_out_do_not_make_copies_unlike():
    rows = np.vstack([some(400), [[1e6, 0.0, 0.0]] * 3])
    kernel = Similarity(rows, bandwidth=1.0)
    ready = kernel.ready(rows[-3:])
    assert kernel.between(ready, ready).min() > 0.9999


@pytest.mark.parametrize("balance", [0.0, 0.3, 1.0])
def test_graph_cut_is_greedy_on_its_function(balance):
    rows, labelled, pool = some(25), some(4, seed=7), some(40, seed=8)
    every = np.vstack([rows, labelled])
    alike, among = rbf(pool, rows, pool).sum(axis=0), rbf(every, every, pool)
    weight = balance or 2 * (8 + 4) / 40

    def value(chosen):
        both = [*chosen, *range(25, 29)]
        return weight * alike[chosen].sum() - among[np.ix_(both, both)].sum()

    got = graph_cut(rows, 8, labelled=labelled, reference=pool, balance=balance)
    assert got.tolist() == greedily(value, 25, 8)


@pytest.mark.parametrize(("name", "phi"), [("sqrt", np.sqrt), ("log", np.log1p), ("inverse", lambda x: x / (1 + x))])
def test_feature_based_is_greedy_on_its_function(name, phi):
    counts = np.random.default_rng(3).poisson(1.0, size=(30, 5)).astype(float)
    before = counts[:3].sum(axis=0)

    def value(chosen):
        return phi(before + counts[chosen].sum(axis=0)).sum()

    assert feature_based(counts, 9, labelled=counts[:3], concave=name).tolist() == greedily(value, 30, 9)


def test_features_below_0_count_as_features_of_their_own():
    rows = np.array([[2.0], [1.9], [-1.0]])
    assert feature_based(rows, 2).tolist() == [0, 2]
    two_sided = np.column_stack([np.maximum(some(20), 0), np.maximum(-some(20), 0)])
    assert feature_based(some(20), 20).tolist() == feature_based(two_sided, 20).tolist()


def test_one_similarity_for_every_use():
    rows, pool = some(12), some(30, seed=4)
    for kind, plain in (("rbf", rbf), ("cosine", cosine)):
        kernel = Similarity(pool, kind)
        here, there = kernel.ready(rows), kernel.ready(pool)
        want = plain(rows, pool, pool)
        np.testing.assert_allclose(kernel.between(here, there), want, atol=2e-6)
        np.testing.assert_allclose(best_of(kernel, here, there), want.max(axis=1), atol=2e-6)
        np.testing.assert_allclose(total_of(kernel, here, there), want.sum(axis=1), atol=6e-5)
        exact = Similarity(pool, kind, coarse=False)
        np.testing.assert_allclose(exact.fine(exact.ready(rows), exact.ready(pool)), want, rtol=1e-11)
    assert Similarity(pool).bandwidth == pytest.approx(np.sqrt(squares(pool, mean_of(pool)[None]).mean()))
    right_angle = Similarity(rows, "cosine")
    zero = right_angle.ready(np.zeros((1, 3)))
    assert right_angle.between(zero, right_angle.ready(rows)).tolist() == [[0.5] * 12]


@pytest.mark.parametrize("function", [facility_location, maxherding, graph_cut])
def test_settings_out_of_range_are_refused(function):
    with pytest.raises(ValueError, match="similarity must be one of rbf, cosine"):
        function(np.empty((0, 1)), 0, similarity="euclidean")
    with pytest.raises(ValueError, match="bandwidth"):
        function(np.empty((0, 1)), 0, bandwidth=-1.0)
    with pytest.raises(ValueError, match="reference has 2 columns"):
        function(np.ones((4, 3)), 2, reference=np.ones((4, 2)))


def test_words_that_are_no_settings_are_refused():
    with pytest.raises(ValueError, match="over must be one of"):
        facility_location(np.empty((0, 1)), 0, over="all")
    with pytest.raises(ValueError, match="concave must be one of"):
        feature_based(np.empty((0, 1)), 0, concave="cube")
    with pytest.raises(ValueError, match="balance"):
        graph_cut(np.empty((0, 1)), 0, balance=-1.0)
