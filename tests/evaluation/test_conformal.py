"""What a prediction may promise, from held-out rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.evaluation.conformal import (
    lower_bound,
    most_strange,
    nonconformity,
    rows_for_coverage,
    rows_for_precision,
    safe_threshold,
    sets,
    surest,
)


def overconfident(rng, rows, classes=4):
    """Probabilities of a model that is too sure of itself, and the truth."""
    scores = rng.normal(size=(rows, classes)) * 2
    real = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    claimed = np.exp(scores * 2) / np.exp(scores * 2).sum(axis=1, keepdims=True)
    return claimed, (rng.random((rows, 1)) > real.cumsum(axis=1)).sum(axis=1).clip(max=classes - 1)


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_hold_the_truth_as_often_as_promised_and_not_much_more(coverage):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(300):
        held, truth = overconfident(rng, 99)
        most = most_strange(nonconformity(held, truth), coverage)
        new, now = overconfident(rng, 200)
        found.append(sets(new, most)[np.arange(200), now].mean())
    # exactly uniform ranks: the expected coverage is ceil(100 c) / 100
    assert np.mean(found) == pytest.approx(coverage, abs=0.01)


def test_the_rank_by_hand():
    # n = 9: ceil(10 * 0.9) = 9, the largest of nine
    assert most_strange(np.arange(9) / 10, 0.9) == 0.8
    assert most_strange(np.arange(19) / 20, 0.9) == pytest.approx(17 / 20)


def test_too_few_rows_promise_nothing():
    assert rows_for_coverage(0.9) == 9
    with pytest.raises(ValueError, match="8 held-out rows"):
        most_strange(np.zeros(8), 0.9)


def test_a_class_that_the_model_does_not_know_is_as_strange_as_can_be():
    scores = nonconformity([[0.5, 0.5]] * 10, [0] * 9 + [-1])
    assert np.isinf(scores[-1]) and most_strange(scores, 0.8) == 0.5
    assert sets([[0.1, 0.9]], np.inf).all()


@settings(deadline=None)
@given(st.integers(1, 400), st.data())
def test_the_bound_is_below_the_share_and_grows_with_it(rows, data):
    right = data.draw(st.integers(0, rows))
    bound = lower_bound(right, rows)
    assert 0.0 <= bound <= right / rows
    if right:
        assert lower_bound(right - 1, rows) <= bound


def test_the_bound_is_the_exact_binomial_one():
    from scipy.stats import binom

    bound = lower_bound(45, 50)
    assert binom.sf(44, 50, bound) == pytest.approx(0.05)


@pytest.mark.parametrize("precision", [0.5, 0.9, 0.95, 0.99])
def test_the_fewest_rows_suffice_and_one_less_does_not(precision):
    fewest = rows_for_precision(precision)
    assert lower_bound(fewest, fewest) >= precision
    assert lower_bound(fewest - 1, fewest - 1) < precision


def test_rows_of_one_confidence_are_taken_together():
    confidence = [0.99] * 70 + [0.8] * 30
    assert safe_threshold(confidence, [True] * 70 + [False] * 30, 0.95).rows == 70
    assert safe_threshold(confidence, [True] * 100, 0.95).confidence == 0.8


def test_a_promise_of_precision_is_kept_in_95_of_100_draws():
    rng = np.random.default_rng(1)

    def draw(rows):
        confidence = rng.random(rows)
        return confidence, rng.random(rows) < 0.6 + 0.4 * confidence

    # precision of all rows above t is 0.6 + 0.2 (1 + t)
    broken = taken = 0
    for _ in range(600):
        threshold = safe_threshold(*draw(400), 0.9)
        if threshold is not None:
            taken += 1
            broken += 0.6 + 0.2 * (1 + threshold.confidence) < 0.9
    assert taken > 300
    assert broken / 600 <= 0.05 + 2 * (0.05 * 0.95 / 600) ** 0.5


@pytest.mark.parametrize(
    "precision_at",
    [
        lambda sure: np.where(sure > 0.9, 0.5, np.where(sure > 0.5, 0.99, 0.7)),  # surest and wrong
        lambda sure: np.where(sure > 0.85, 0.85, np.where(sure > 0.6, 0.95, 0.6)),  # best in the middle
        lambda sure: np.full_like(sure, 0.89),  # says nothing, a little below what is promised
    ],
)
def test_a_promise_is_kept_where_surer_is_not_righter(precision_at):
    rng = np.random.default_rng(3)
    grid = np.linspace(1, 0, 10_001)
    above = np.cumsum(precision_at(grid)) / np.arange(1, len(grid) + 1)  # precision of all rows at or above each
    broken = 0
    for _ in range(400):
        sure = rng.random(400)
        found = safe_threshold(sure, rng.random(400) < precision_at(sure), 0.9)
        broken += found is not None and above[np.searchsorted(-grid, -found.confidence)] < 0.9
    assert broken / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5


def test_where_the_walk_starts():
    assert surest([0.9] * 58, [True] * 58, 0.95) is None
    first = surest([0.9] * 59 + [0.8] * 41, [False] * 9 + [True] * 91, 0.95)
    assert (first.confidence, first.rows, first.right) == (0.9, 59, 50)
    assert safe_threshold([0.9] * 59 + [0.8] * 41, [False] * 9 + [True] * 91, 0.95) is None


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0])
def test_a_share_is_between_0_and_1(share):
    with pytest.raises(ValueError):
        most_strange([0.1], share)
    with pytest.raises(ValueError):
        safe_threshold([0.1], [True], share)
