from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import entropy as scipy_entropy

from alcli.strategies.utilities.uncertainty import boundary, entropy, least_confident, margin, ratio

ROWS = np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.0, 0.0, 1.0], [0.4, 0.2, 0.4]])


def some_probabilities(low=2, high=40):
    shapes = st.tuples(st.integers(1, 20), st.integers(low, high))
    scores = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(-800, 800)))
    return scores.map(lambda values: softmax(values, axis=1))


def test_values_worked_by_hand():
    np.testing.assert_allclose(least_confident(ROWS), [0.5, 0.4, 0.0, 0.6])
    np.testing.assert_allclose(margin(ROWS), [0.8, 0.7, 0.0, 1.0])
    np.testing.assert_allclose(ratio(ROWS), [0.6, 0.5, 0.0, 1.0])
    # -(0.5 ln 0.5 + 0.3 ln 0.3 + 0.2 ln 0.2) = 1.029653; ln 3 = 1.098612
    np.testing.assert_allclose(entropy(ROWS), [0.937231, 0.817346, 0.0, 0.960230], atol=1e-6)


def test_boundary_of_two_classes_and_of_more():
    np.testing.assert_array_equal(boundary(np.array([-3.0, 0.5, 0.0])), [-3.0, -0.5, 0.0])
    np.testing.assert_array_equal(boundary(np.array([[-3.0], [0.5]])), [-3.0, -0.5])
    np.testing.assert_array_equal(boundary(np.array([[1.0, 4.0, 3.5], [-1.0, -9.0, -2.0]])), [-0.5, -1.0])


def test_boundary_names_the_row_of_a_score_that_is_not_finite():
    with pytest.raises(ValueError, match="row 2"):
        boundary(np.array([[1.0, 2.0], [0.0, 1.0], [np.inf, 0.0]]))


@given(some_probabilities())
def test_entropy_is_that_of_scipy(proba):
    np.testing.assert_allclose(entropy(proba), scipy_entropy(proba, axis=1) / np.log(proba.shape[1]), atol=1e-12)


@given(some_probabilities())
def test_two_largest_are_those_of_a_sort(proba):
    ordered = np.sort(proba, axis=1)
    np.testing.assert_allclose(margin(proba), 1.0 - (ordered[:, -1] - ordered[:, -2]), atol=1e-12)
    np.testing.assert_array_equal(ratio(proba), ordered[:, -2] / ordered[:, -1])


@given(some_probabilities())
def test_bounds(proba):
    classes = proba.shape[1]
    for utility, most in ((least_confident, 1 - 1 / classes), (margin, 1.0), (ratio, 1.0), (entropy, 1.0)):
        got = utility(proba)
        assert got.min() >= 0.0 and got.max() <= most + 1e-9
    assert (margin(proba) >= least_confident(proba) - 1e-12).all()


@given(some_probabilities(high=2))
def test_two_classes_are_ordered_alike_by_all(proba):
    by = [utility(proba) for utility in (least_confident, margin, ratio, entropy)]
    order = np.argsort(by[0], kind="stable")
    assert all((np.diff(each[order]) >= -1e-9).all() for each in by)


def test_exact_zeros_and_ones_are_certain():
    corners = np.eye(5)
    for utility in (least_confident, margin, ratio, entropy):
        np.testing.assert_array_equal(utility(corners), np.zeros(5))


@pytest.mark.parametrize("sum_", [1 + 9e-7, 1 - 9e-7])
def test_a_sum_within_a_millionth_of_one_is_taken(sum_):
    proba = np.array([[0.25, 0.75]]) * sum_
    for utility in (least_confident, margin, ratio, entropy):
        assert 0.0 <= utility(proba)[0] <= 1.0
    with pytest.raises(ValueError, match=r"sum to 0\.99"):
        margin(np.array([[0.25, 0.75]]) * (1 - 3e-6))


def test_what_is_wrong_with_a_row_is_said():
    for bad, words in (([1.5, -0.5], "negative"), ([np.nan, 1.0], "not a number"), ([0.2, 0.2], "sum to 0.4")):
        with pytest.raises(ValueError, match=words):
            entropy(np.array([[0.5, 0.5], bad]))
    with pytest.raises(ValueError, match="shape"):
        entropy(np.ones(3))
    with pytest.raises(ValueError, match="c >= 1"):
        entropy(np.ones((3, 0)))
