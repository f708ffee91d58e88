from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from alcli.strategies.utilities.change import egl, egl_word
from alcli.strategies.utilities.perturbation import Weights, adversarial, weights_from


def gradients(weights, x, label):
    """d(-ln p_label) / d weights by differences, weights (c, d + 1) of a softmax layer."""

    def loss(flat):
        scores = flat.reshape(weights.shape) @ np.append(x, 1.0)
        return np.log(np.exp(scores).sum()) - scores[label]

    flat, step = weights.ravel(), 1e-6
    found = [(loss(flat + step * e) - loss(flat - step * e)) / (2 * step) for e in np.eye(len(flat))]
    return np.reshape(found, weights.shape)


def test_values_worked_by_hand():
    proba = np.array([[0.8, 0.2], [0.2, 0.8]])
    # p - e_1 = (-0.2, 0.2), p - e_2 = (0.8, -0.8): 0.8 * 0.2 sqrt 2 + 0.2 * 0.8 sqrt 2 = 0.452548; [3, 4, 1] has
    # the length sqrt 26 = 5.099020.
    np.testing.assert_allclose(egl(proba, [[3.0, 4.0], [0.0, 0.0]]), [2.307553, 0.452548], atol=1e-6)
    np.testing.assert_allclose(egl_word(proba, [[3.0, -4.0], [0.0, 0.0]]), [1.810193, 0.0], atol=1e-6)


@pytest.mark.parametrize("classes", [2, 4])
def test_it_is_the_expected_length_of_gradients_found_by_differences(classes):
    random = np.random.default_rng(classes)
    weights, x = random.normal(size=(classes, 4)), random.normal(size=(5, 3))
    proba = softmax(np.hstack([x, np.ones((5, 1))]) @ weights.T, axis=1)
    whole, word = np.zeros(5), np.zeros(5)
    for row in range(5):
        each = [gradients(weights, x[row], label) for label in range(classes)]
        whole[row] = sum(p * np.linalg.norm(g) for p, g in zip(proba[row], each, strict=True))
        word[row] = max(
            sum(p * np.linalg.norm(g[:, j]) for p, g in zip(proba[row], each, strict=True)) for j in range(3)
        )
    np.testing.assert_allclose(egl(proba, x), whole, rtol=1e-6)
    np.testing.assert_allclose(egl_word(proba, x), word, rtol=1e-6)


def test_small_text_took_another_length():
    # The sums of absolute values are 2 and 1.8, the lengths sqrt 1 and sqrt 1.62: the order turns round.
    proba, x = np.full((2, 2), 0.5), np.array([[1.0, 1.0], [1.8, 0.0]])
    assert egl(proba, x).argmax() == 1 and np.abs(x).sum(axis=1).argmax() == 0


def test_a_nearly_certain_row_is_not_lost_in_rounding():
    small = 1e-12
    got = egl(np.array([[1.0 - small, small], [1.0, 0.0]]), np.zeros((2, 1)))
    np.testing.assert_allclose(got, [2 * small * np.sqrt(2), 0.0], rtol=1e-3)


def test_words_of_a_sparse_matrix():
    random = np.random.default_rng(0)
    x = np.where(random.random((30, 50)) < 0.1, random.normal(size=(30, 50)), 0.0)
    proba = random.dirichlet(np.ones(3), 30)
    np.testing.assert_array_equal(egl_word(proba, csr_matrix(x)), egl_word(proba, x))
    assert egl_word(proba[:0], csr_matrix(x)[:0]).shape == (0,)


def test_rows_must_match():
    for function in (egl, egl_word):
        with pytest.raises(ValueError, match="shape"):
            function(np.full((3, 2), 0.5), np.zeros((2, 2)))
        with pytest.raises(ValueError, match=", row 1"):
            function(np.full((2, 2), 0.5), np.array([[0.0], [np.nan]]))


def linear(classes, columns, seed=0, rows=200):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, columns))
    weights = random.normal(size=(classes, columns)) * 2.0
    return x, weights, softmax(x @ weights.T + random.normal(size=classes), axis=1)


@given(st.integers(2, 5), st.integers(1, 6), st.integers(0, 100))
def test_weights_are_read_off_a_linear_model_exactly(classes, columns, seed):
    x, weights, proba = linear(classes, columns, seed)
    proba = np.maximum(proba, 1e-11)  # what is smaller is not looked at
    proba /= proba.sum(axis=1, keepdims=True)
    keep = (proba > 1e-10).all(axis=1)
    if keep.sum() > columns + 1:
        apart = np.linalg.norm(weights[:, None] - weights[None], axis=2)
        found = weights_from(x[keep], proba[keep])
        np.testing.assert_allclose(found.apart, apart, atol=1e-6 * apart.max())


def test_the_step_is_the_shortest_that_flips_the_prediction():
    x, weights, proba = linear(3, 2, seed=4)
    got = adversarial(proba, weights_from(x, proba))
    scale = weights_from(x, proba).scale
    bias = np.log(proba[0]) - weights @ x[0]
    for row in range(6):
        first = proba[row].argmax()
        lengths = []
        for other in {0, 1, 2} - {first}:
            gap = {
                "type": "eq",
                "fun": lambda v, o=other, r=row, f=first: (weights[o] - weights[f]) @ (x[r] + v) + bias[o] - bias[f],
            }
            lengths.append(np.sqrt(minimize(lambda v: v @ v, np.zeros(2), constraints=gap).fun))
        np.testing.assert_allclose(got[row], 1.0 / (1.0 + min(lengths) / scale), rtol=1e-4)


def test_it_holds_for_a_fitted_model_far_from_the_origin_and_in_any_unit():
    random = np.random.default_rng(1)
    x = random.normal(size=(300, 3)) + 50.0
    model = LogisticRegression(max_iter=2000).fit(x - 50.0, (x[:, 0] > 50.0) + (x[:, 1] > 50.5).astype(int))
    proba = model.predict_proba(x - 50.0)
    apart = np.linalg.norm(model.coef_[:, None] - model.coef_[None], axis=2)
    np.testing.assert_allclose(weights_from(x, proba).apart, apart, rtol=1e-6)
    here, there = weights_from(x, proba), weights_from(x * 1e9, proba)
    np.testing.assert_allclose(adversarial(proba, here), adversarial(proba, there), rtol=1e-6)


def test_no_other_class_no_slope_and_ties():
    flat = Weights(np.zeros((2, 2)), 1.0)
    assert adversarial(np.array([[1.0, 0.0], [0.5, 0.5], [0.6, 0.4]]), flat).tolist() == [0.0, 1.0, 0.0]
    assert weights_from(np.zeros((0, 2)), np.zeros((0, 3))).apart.shape == (3, 3)
    same = weights_from(np.ones((5, 2)), np.full((5, 2), 0.5))
    assert np.isfinite(adversarial(np.array([[0.7, 0.3]]), same)).all()
