"""Whom to ask: quality with intervals, what an answer tells, and who is asked about what."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation import whom
from alcli.evaluation.votes import Votes
from alcli.evaluation.whom import Standing, assign, believed, information, standing, worth_asking

from .answers import drawn, votes_of


def test_two_labelers_are_told_apart_though_they_agree_with_each_other_equally_often() -> None:
    votes, proba, _ = drawn(0, 500, [0.7, 0.95])
    found = standing(votes, proba)
    assert found.answers.tolist() == [500, 500]
    assert found.quality == pytest.approx([0.7, 0.95], abs=0.05)
    assert (found.low < found.quality).all() and (found.quality < found.high).all()
    assert worth_asking(found).tolist() == [False, True]


def test_labelers_who_share_no_row_are_told_apart() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(2, size=400)
    table = np.full((400, 2), np.nan)
    for row in range(400):
        who = row % 2
        table[row, who] = truth[row] if rng.random() < (0.65, 0.95)[who] else 1 - truth[row]
    proba = 0.15 + 0.7 * np.eye(2)[np.where(rng.random(400) < 0.85, truth, 1 - truth)]
    # how good the model is is not known either, so it is by how much that shows
    poor, good = standing(votes_of(table, 2), proba).quality
    assert good - poor == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(level: float) -> None:
    inside = []
    for seed in range(60):
        votes, proba, truth = drawn(seed, 60, [0.75, 0.9])
        found = standing(votes, proba, known=truth, level=level)
        inside += ((found.low <= [0.75, 0.9]) & (found.high >= [0.75, 0.9])).tolist()
    assert level - 0.12 < np.mean(inside) <= 1.0


def test_ieth_of_alipy_took_the_number_of_oracles_for_that_of_answers_and_here_intervals_shrink_with_answers() -> None:
    wide = [standing(*drawn(3, rows, [0.8, 0.8])[:2]) for rows in (10, 100, 1000)]
    widths = [float((each.high - each.low).mean()) for each in wide]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_who_has_answered_little_is_tried() -> None:
    table = np.array([[0, 0, np.nan]] * 40 + [[1, 1, np.nan]] * 40 + [[0, 0, 1]])
    proba = np.vstack([np.tile([0.8, 0.2], (40, 1)), np.tile([0.2, 0.8], (40, 1)), [[0.8, 0.2]]])
    found = standing(votes_of(table, 2), proba)
    assert found.quality[2] < 0.5 < 0.9 < found.high[2]
    assert worth_asking(found).tolist() == [True, True, True]


def test_gold_rows_decide() -> None:
    # both labelers and the model say 0, and the truth is 1
    votes, proba = votes_of(np.zeros((30, 2)), 2), np.tile([0.9, 0.1], (30, 1))
    assert standing(votes, proba).quality.min() > 0.9
    assert standing(votes, proba, known=np.ones(30, int)).quality.max() < 0.1


def test_information_worked_by_hand() -> None:
    # one bit is open; a labeler who is right with q leaves the entropy of q of it
    q = 0.8
    left = -q * np.log2(q) - (1 - q) * np.log2(1 - q)
    assert information([[0.5, 0.5]], [q])[0, 0] == pytest.approx(1 - left)
    assert information([[0.25] * 4], [1.0])[0, 0] == pytest.approx(2.0)
    assert information([[1.0, 0.0]], [0.9])[0, 0] == 0.0
    assert information([[1 / 3] * 3], [1 / 3])[0, 0] == pytest.approx(0.0)


def test_information_comes_in_pieces_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    proba, quality = rng.dirichlet(np.ones(5), 103), rng.uniform(0.2, 1, 7)
    whole = information(proba, quality)
    for cells in (1, 7 * 5 * 10):
        monkeypatch.setattr(whom, "_CELLS", cells)
        assert np.array_equal(information(proba, quality), whole)
    assert information(np.empty((0, 5)), quality).shape == (0, 7)


def test_information_of_many_rows_and_labelers_fits_into_memory() -> None:
    proba, quality = np.full((20_000, 20), 0.05), np.full(50, 0.8)
    tracemalloc.start()
    told = information(proba, quality)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 160 MB for each array of rows, labelers and classes, of which there were several at a time
    assert told.shape == (20_000, 50) and most < 80e6


@given(st.integers(0, 10**6), st.integers(2, 5))
def test_a_better_labeler_tells_more_and_nobody_more_than_is_open(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.ones(classes), 10)
    quality = np.sort(rng.uniform(1 / classes, 1, 4))
    told = information(proba, quality)
    assert (np.diff(told, axis=1) >= -1e-12).all() and (told >= 0).all()
    open_ = -(proba * np.log2(np.maximum(proba, 1e-300))).sum(axis=1)
    assert (told <= open_[:, None] + 1e-12).all()


def test_believed_is_bayes() -> None:
    votes = Votes.of([("r1", "a", "x"), ("r1", "b", "y")])
    mine = believed(votes, [0.9, 0.6], [[0.3, 0.7]])
    both = np.array([0.3 * 0.9 * 0.4, 0.7 * 0.1 * 0.6])
    assert mine[0] == pytest.approx(both / both.sum())


@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 4), st.integers(0, 20))
def test_assign_keeps_to_what_is_free_and_to_how_many_each_can_take(seed: int, rows: int, people: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    free, most = rng.random((rows, people)) < 0.6, rng.integers(0, 5, people)
    pairs = assign(rng.dirichlet([1, 1, 1], rows), rng.uniform(0.4, 1, people), n, free=free, most=most)
    assert len(pairs) <= n and len({row for row, _ in pairs}) == len(pairs)
    assert all(free[row, who] for row, who in pairs)
    assert all(sum(each == who for _, each in pairs) <= most[who] for who in range(people))


def test_a_price_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        assign([[0.5, 0.5]], [0.9], 1, cost=[0.0])
    with pytest.raises(ValueError, match="threshold"):
        worth_asking(standing(*drawn(0, 10, [0.8])[:2]), 0.0)


def test_a_row_goes_to_as_many_labelers_as_it_wants_and_never_twice_to_one() -> None:
    pairs = assign([[0.5, 0.5], [0.6, 0.4]], [0.9, 0.8, 0.7], 6, each=[2, 3])
    assert sorted(pairs) == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    assert assign([[0.5, 0.5]] * 3, [0.9, 0.8], 9, each=2, most=[1, 2]) == [(0, 0), (0, 1), (1, 1)]
    some = Standing(np.array([1, 2]), *np.array([[0.5, 0.6], [0.1, 0.2], [0.8, 0.9]]))
    assert some.of([1]).high.tolist() == [0.9] and some.of([]).quality.tolist() == []
