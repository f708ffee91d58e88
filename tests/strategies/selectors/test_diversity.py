from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.selectors import diversity
from alcli.strategies.selectors.coverage import disparity_min, kcenter
from alcli.strategies.selectors.diversity import disparity_sum, log_det


def some(m, d=3, seed=0):
    return np.random.default_rng(seed).normal(size=(m, d))


def squares(left, right):
    return ((left[:, None] - right) ** 2).sum(axis=2)


def by_determinants(similar, known, n, quality=None):
    """Greedy choice by the logarithms of whole determinants. The first `known` rows are there already."""
    m = len(similar) - known
    scale = np.ones(len(similar)) if quality is None else np.concatenate([np.ones(known), quality])
    whole = scale[:, None] * (similar + 1e-8 * np.eye(len(similar))) * scale
    chosen = []
    for _ in range(n):
        gains = np.full(m, -np.inf)
        for row in set(range(m)) - set(chosen):
            both = [*range(known), *(known + each for each in [*chosen, row])]
            gains[row] = np.linalg.slogdet(whole[np.ix_(both, both)])[1]
        chosen.append(int((gains >= gains.max() - 1e-9).argmax()))
    return chosen


@pytest.mark.parametrize("known", [0, 1, 6])
@pytest.mark.parametrize("worth", [False, True])
def test_log_det_is_greedy_on_whole_determinants(known, worth):
    rows, labelled, pool = some(20), some(known, seed=3), some(50, seed=5)
    width = squares(pool, pool.mean(axis=0)[None]).mean()
    both = np.vstack([labelled, rows])
    quality = np.random.default_rng(2).random(20) if worth else None
    want = by_determinants(np.exp(-squares(both, both) / width), known, 8, quality)
    assert log_det(rows, 8, labelled=labelled, reference=pool, utility=quality).tolist() == want


def test_log_det_of_cosines():
    rows = some(20, d=5)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert log_det(rows, 6, similarity="cosine").tolist() == by_determinants((1 + unit @ unit.T) / 2, 0, 6)


def test_a_determinant_worked_by_hand():
    # exp(-d²/9): 0.1 is 0.999 like 0, 5 is 0.062 like it, 9 is 0.0001. Against 0, then, 9 leaves the
    # largest determinant 1 - s²; of 0.1 and 5 the copy of 0 leaves next to nothing.
    assert log_det(np.array([[0.0], [0.1], [5.0], [9.0]]), 4, bandwidth=3.0).tolist() == [0, 3, 2, 1]


def test_copies_have_next_to_no_determinant_and_come_last():
    rows = np.repeat(some(5), 4, axis=0)
    got = log_det(rows, 20)
    assert set((got[:5] // 4).tolist()) == {0, 1, 2, 3, 4}
    assert sorted(got.tolist()) == list(range(20))
    assert 0 not in log_det(rows, 4, labelled=rows[:1]) // 4


def test_quality_of_0_is_never_worth_a_place_while_there_is_another():
    quality = np.where(np.arange(20) < 6, 0.5, 0.0)
    assert set(log_det(some(20), 6, utility=quality).tolist()) == set(range(6))
    with pytest.raises(ValueError, match="below 0"):
        log_det(some(3), 2, utility=np.array([1.0, -1.0, 0.5]))


def test_many_labelled_rows_are_cut_to_the_first(monkeypatch):
    rows, labelled = some(20), some(30, seed=1)
    few = log_det(rows, 5, labelled=labelled[:7])
    monkeypatch.setattr(diversity, "ANCHORS", 7)
    assert np.array_equal(log_det(rows, 5, labelled=labelled), few)


@pytest.mark.parametrize("known", [0, 3])
def test_disparity_sum_is_greedy_on_its_function(known):
    rows, labelled = some(30) + 1e6, some(known, seed=1) + 1e6
    away = np.sqrt(squares(rows, rows))
    before = np.sqrt(squares(rows, labelled)).sum(axis=1)
    chosen = [] if known else [int(squares(rows, rows.mean(axis=0)[None])[:, 0].argmax())]
    while len(chosen) < 8:
        total = before + away[:, chosen].sum(axis=1)
        total[chosen] = -1.0
        chosen.append(int(total.argmax()))
    assert disparity_sum(rows, 8, labelled=labelled).tolist() == chosen


def test_disparity_sum_worked_by_hand():
    # Mean 5.8: 0 is farthest. Then 11; then 4 and 5 add 4 + 7 and 5 + 6, 9 adds 9 + 2: all 11, and 4 is first.
    assert disparity_sum(np.array([[0.0], [4.0], [5.0], [9.0], [11.0]]), 4).tolist() == [0, 4, 1, 3]


@pytest.mark.parametrize("known", [0, 3])
def test_disparity_min_is_greedy_on_its_function(known):
    rows, labelled = some(40), some(known, seed=1)
    both = np.vstack([rows, labelled])
    away = squares(both, both) + np.diag(np.full(len(both), np.inf))
    chosen = [] if known else [int(squares(rows, rows.mean(axis=0)[None])[:, 0].argmax())]
    while len(chosen) < 10:
        there = [*chosen, *range(40, 40 + known)]
        chosen.append(int(np.where(np.isin(np.arange(40), chosen), -1.0, away[:40, there].min(axis=1)).argmax()))
    got = disparity_min(rows, 10, labelled=labelled)
    assert got.tolist() == chosen
    if known:
        assert np.array_equal(got, kcenter(rows, 10, labelled=labelled))
