"""McPAL: what labels in a neighbourhood would be worth."""

from __future__ import annotations

from itertools import product
from math import factorial, lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.strategies.utilities.probabilistic import gain, mcpal, neighbourhood

ERRORS = 1.0 - np.eye(2)


def told(labelled, labels, reference, classes=2, **more):
    return neighbourhood(
        np.asarray(labelled, float), labels, np.asarray(reference, float), 1.0 - np.eye(classes), **more
    )


def test_the_gain_by_hand():
    # No labels, prior 1: both classes at 1/2. After one label its class is at 2/3, a gain of 1/6. After two: both
    # of one class with chance 2/3, which is then at 3/4; else 1/2 again: (2/3 * 3/4 + 1/3 * 1/2 - 1/2) / 2 = 1/12.
    # One label is what counts.
    assert gain([[1.0, 1.0]], ERRORS, 1) == pytest.approx(1 / 6)
    assert gain([[1.0, 1.0]], ERRORS, 2) == pytest.approx(1 / 6)
    # Counts 3 and 2: one label cannot change the answer. Two can, if both are of the second class, which has chance
    # 2/5 * 3/6 = 1/5: it is at 4/7 then, where staying with the first would have 3/7.
    assert gain([[3.0, 2.0]], ERRORS, 1) == 0.0
    assert gain([[3.0, 2.0]], ERRORS, 2) == pytest.approx((1 / 5) * (4 / 7 - 3 / 7) / 2)


def integral(alpha, most):
    """E over Dir(alpha) of E over Mult(p, m), by the paper's closed form: sums of Beta functions, decision by decision."""

    def log_beta(a):
        return sum(lgamma(x) for x in a) - lgamma(sum(a))

    c = len(alpha)
    best = 0.0
    for m in range(1, most + 1):
        total = 0.0
        for fall in product(range(m + 1), repeat=c):
            if sum(fall) != m:
                continue
            ways = factorial(m) / np.prod([factorial(x) for x in fall])
            now, then = int(np.argmax(alpha)), int(np.argmax(np.add(alpha, fall)))
            for decision, sign in ((then, 1.0), (now, -1.0)):
                more = [a + x + (i == decision) for i, (a, x) in enumerate(zip(alpha, fall, strict=True))]
                total += sign * ways * np.exp(log_beta(more) - log_beta(alpha))
        best = max(best, total / m)
    return best


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 20.0), min_size=2, max_size=4), st.integers(1, 4))
def test_the_gain_is_the_papers_closed_form(alpha, most):
    assert gain([alpha], 1.0 - np.eye(len(alpha)), most)[0] == pytest.approx(integral(alpha, most), abs=1e-11)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(2, 4))
def test_the_short_form_for_errors_is_the_long_one_for_any_cost(seed, most, classes):
    random = np.random.default_rng(seed)
    alpha = random.gamma(1.0, 3.0, size=(5, classes)) + 0.01
    # a cost that is not quite 0 and 1 goes the long way
    nearly = (1.0 - np.eye(classes)) * (1.0 + 1e-13)
    np.testing.assert_allclose(gain(alpha, 1.0 - np.eye(classes), most), gain(alpha, nearly, most), atol=1e-11)


def test_costs_count():
    # Missing class 1 costs 9: the answer is 1 for fear of it, and a label 0 may change that
    fear = np.array([[0.0, 1.0], [9.0, 0.0]])
    assert gain([[4.0, 1.0]], ERRORS, 1) == 0.0
    # at (4, 1) not yet: 9/6 against 5/6 after it
    assert gain([[4.0, 1.0]], fear, 1) == 0.0
    # At (8.9, 1) it does: now min(9, 8.9) / 9.9; with chance 8.9 / 9.9 a label 0 and then min(9, 9.9) / 10.9, else a
    # label 1 and min(18, 8.9) / 10.9
    wanted = 8.9 / 9.9 - (8.9 / 9.9 * 9 / 10.9 + 1 / 9.9 * 8.9 / 10.9)
    assert gain([[8.9, 1.0]], fear, 1)[0] == pytest.approx(wanted)


def test_the_whole_formula_on_few_rows():
    random = np.random.default_rng(3)
    labelled, labels, pool = random.normal(size=(6, 2)), np.array([0, 1, 2, 0, 1, 0]), random.normal(size=(9, 2))
    rows = random.normal(size=(4, 2))
    got = mcpal(rows, told(labelled, labels, pool, 3, bandwidth=0.8, prior=0.5, most=3))
    for row, value in zip(rows, got, strict=True):
        counts = np.zeros(3)
        for there, label in zip(labelled, labels, strict=True):
            counts[label] += np.exp(-((row - there) ** 2).sum() / (2 * 0.8**2))
        density = np.mean([np.exp(-((row - there) ** 2).sum() / (2 * 0.8**2)) for there in pool])
        assert value == pytest.approx(density * integral((counts + 0.5).tolist(), 3), rel=1e-9)


def test_the_bandwidth_is_the_mean_criterions():
    # 4 rows of variance 1 in one dimension: s^2 = 2 n v / ((n - 1) ln((n - 1) / 2e-12))
    pool = np.array([[1.0], [-1.0], [1.0]])
    found = told([[-1.0]], [0], pool)
    assert found.gamma == pytest.approx(1.0 / (2.0 * (2 * 4 * 1.0 / (3 * np.log(3 / 2e-12)))))


def test_dense_places_without_labels_come_first():
    pool = np.concatenate([np.full((20, 1), 0.0), np.full((20, 1), 9.0), [[30.0]]])
    labelled_place, dense, lonely = mcpal(
        np.array([[0.0], [9.0], [30.0]]), told([[0.0]] * 3, [0, 0, 1], pool, bandwidth=1.0)
    )
    assert dense > labelled_place and dense > lonely


def test_copies_and_rows_all_alike_are_no_trouble():
    same = np.ones((5, 2))
    got = mcpal(same, told(same[:2], [0, 1], same))
    assert np.isfinite(got).all() and np.ptp(got) == 0.0
    far = np.random.default_rng(0).normal(size=(30, 2)) + 1e8
    assert np.isfinite(mcpal(far, told(far[:4], [0, 1, 0, 1], far))).all()


def test_many_classes_do_not_take_many_ways():
    pool = np.random.default_rng(0).normal(size=(30, 2))
    assert np.isfinite(mcpal(pool, told(pool[:9], np.arange(9) * 30, pool, 300))).all()
    with pytest.raises(ValueError, match="give a smaller `most`"):
        told(pool[:9], np.arange(9), pool, 300, most=3)


@pytest.mark.parametrize(
    ("more", "word"), [({"most": 0}, "most"), ({"prior": 0.0}, "prior"), ({"bandwidth": -1.0}, "bandwidth")]
)
def test_settings_are_checked(more, word):
    with pytest.raises(ValueError, match=word):
        told([[0.0]], [0], [[0.0]], **more)
