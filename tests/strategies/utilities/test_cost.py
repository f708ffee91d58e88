from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import spearmanr

from alcli.strategies.utilities.alce import _between, _embedded, alce, embed_costs
from alcli.strategies.utilities.cost import cost_margin, expected_cost
from alcli.strategies.utilities.uncertainty import least_confident, margin

UNEVEN = np.array([[0.0, 1.0, 4.0], [2.0, 0.0, 1.0], [10.0, 3.0, 0.0]])


def some_probabilities():
    shapes = st.tuples(st.integers(1, 20), st.integers(2, 40))
    scores = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(-800, 800)))
    return scores.map(lambda values: softmax(values, axis=1))


def test_values_worked_by_hand():
    # p = (0.5, 0.3, 0.2): predicting 0 costs 0.3 * 2 + 0.2 * 10 = 2.6, 1: 0.5 + 0.6 = 1.1, 2: 2 + 0.3 = 2.3.
    proba = np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(expected_cost(proba, UNEVEN), [1.1, 0.0])
    # Second less first: 1.2, and 3 - 0 for the certain row; the largest cost is 10.
    np.testing.assert_allclose(cost_margin(proba, UNEVEN), [8.8, 7.0])


@given(some_probabilities())
def test_costs_of_nothing_and_one_are_the_plain_measures(proba):
    costs = 1.0 - np.eye(proba.shape[1])
    np.testing.assert_allclose(expected_cost(proba, costs), least_confident(proba), atol=1e-12)
    np.testing.assert_allclose(cost_margin(proba, costs), margin(proba), atol=1e-12)


@given(some_probabilities(), st.integers(0, 1000))
def test_they_are_the_formulas(proba, seed):
    costs = np.random.default_rng(seed).random((proba.shape[1],) * 2) * 7.0
    each = np.sort([[sum(p * costs[:, j]) for j in range(len(costs))] for p in proba], axis=1)
    np.testing.assert_allclose(expected_cost(proba, costs), each[:, 0], atol=1e-11)
    np.testing.assert_allclose(cost_margin(proba, costs), costs.max() - (each[:, 1] - each[:, 0]), atol=1e-11)


def test_what_is_wrong_with_costs_is_said():
    proba = np.full((1, 2), 0.5)
    for bad, words in (
        (np.eye(3), "shape"),
        ([[0.0, 1.0]], "shape"),
        ([[0.0, 1.0], [-1.0, 0.0]], "row 1: a cost is negative"),
        ([[0.0, np.nan], [1.0, 0.0]], "row 0: a cost"),
    ):
        for function in (expected_cost, cost_margin):
            with pytest.raises(ValueError, match=words):
                function(proba, bad)
    assert (
        expected_cost(np.ones((2, 1)), [[0.0]]).tolist() == [0.0, 0.0] == cost_margin(np.ones((2, 1)), [[0.0]]).tolist()
    )


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_classes_of_equal_costs_are_embedded_without_stress(classes):
    truths, answers = _embedded(1.0 - np.eye(classes), classes)
    distance = _between(truths, answers)
    np.testing.assert_allclose(np.diag(distance), 0.0, atol=1e-9)
    apart = distance[~np.eye(classes, dtype=bool)]
    np.testing.assert_allclose(apart, apart[0])


def test_distances_follow_costs_that_differ_by_direction():
    random = np.random.default_rng(0)
    for classes in (3, 8):
        costs = random.random((classes, classes))
        np.fill_diagonal(costs, 0.0)
        truths, answers = _embedded(costs, classes)
        assert spearmanr(costs.ravel(), _between(truths, answers).ravel()).statistic > 0.9
        # symmetric parts alone could not tell the directions apart
        distance = _between(truths, answers)
        upper = np.triu_indices(classes, 1)
        assert np.corrcoef((costs - costs.T)[upper], (distance - distance.T)[upper])[0, 1] > 0.9


def test_alce_asks_where_the_regression_is_between_answers_and_most_where_mistakes_are_dear():
    x = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], 20, axis=0)
    y = np.repeat([0, 1, 2], 20)
    costs = np.array([[0.0, 1.0, 9.0], [1.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    embedding = embed_costs(x, y, costs, ridge=1e-6)
    corners, cheap, dear = np.array([[0.0, 0], [1, 0], [0, 1]]), np.array([[0.5, 0.0]]), np.array([[0.0, 0.5]])
    assert (alce(corners, embedding) < alce(cheap, embedding)[0]).all()
    assert alce(dear, embedding)[0] > 1.5 * alce(cheap, embedding)[0]


def test_the_regression_is_ridge_on_standardised_columns():
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(3)
    x, y, new = random.normal(size=(40, 5)) * 7 + 3, random.integers(0, 3, 40), random.normal(size=(9, 5)) * 7
    for rows in (40, 4):  # with fewer rows than columns by the other formula
        embedding = embed_costs(x[:rows], y[:rows], UNEVEN)
        truths, answers = _embedded(UNEVEN, 3)
        scaler = StandardScaler().fit(x[:rows])
        model = Ridge(alpha=1.0).fit(scaler.transform(x[:rows]), truths[y[:rows]])
        there = model.predict(scaler.transform(new))
        nearest = np.linalg.norm(there[:, None] - answers, axis=2).min(axis=1)
        np.testing.assert_allclose(alce(new, embedding), nearest, rtol=1e-8)


def test_alce_at_the_edges():
    assert alce(np.ones((2, 3)), embed_costs(np.empty((0, 3)), np.empty(0), np.empty((2, 2)))).tolist() == [0.0, 0.0]
    assert alce(np.ones((2, 1)), embed_costs([[1.0], [2.0]], [0, 1], np.zeros((2, 2)))).tolist() == [0.0, 0.0]
    far = np.array([[1e8 + 1.0, 5.0], [1e8 + 2.0, 5.0], [1e8 + 3.0, 5.0]])
    one = embed_costs(far, [1, 1, 1], UNEVEN)
    assert np.ptp(alce(far, one)) == 0.0
    with pytest.raises(ValueError, match="labels must be below 3"):
        embed_costs(far, [0, 1, 3], UNEVEN)
    with pytest.raises(ValueError, match="columns"):
        alce(np.ones((2, 3)), one)
