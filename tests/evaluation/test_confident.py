"""Confident learning: beside cleanlab's, and on planted errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation.confident import (
    confident_classes,
    confident_joint,
    likely_wrong,
    normalized_margin,
    self_confidence,
    thresholds,
    wrong_per_class,
)

from .answers import CASES, SINGLE, recorded


@pytest.mark.parametrize("case", CASES + SINGLE)
def test_everything_equals_cleanlab(case: str) -> None:
    told = recorded(case)
    given_, one = told["given"], told["models"][0]
    assert confident_joint(given_, one).tolist() == told["joint"].tolist()
    assert likely_wrong(given_, one).tolist() == told["wrong"].tolist()
    np.testing.assert_allclose(self_confidence(given_, one), told["confidence"], rtol=0, atol=0)
    np.testing.assert_allclose(normalized_margin(given_, one), told["margin"], rtol=0, atol=1e-15)


def test_planted_errors_are_found() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=600)
    proba = 0.5 * rng.dirichlet(np.ones(3), 600) + 0.5 * np.eye(3)[truth]
    labels = truth.copy()
    planted = rng.permutation(600)[:30]
    labels[planted] = (labels[planted] + 1) % 3
    wrong = likely_wrong(labels, proba)
    assert wrong[planted].mean() > 0.8 and wrong.sum() < 60
    assert wrong_per_class(labels, proba).sum() == pytest.approx(30, abs=20)


def test_a_class_without_labels_has_no_threshold_and_nobody_is_of_it() -> None:
    labels, proba = np.array([0, 0, 1]), np.array([[0.4, 0.1, 0.5], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    assert thresholds(labels, proba)[2] == np.inf
    assert confident_classes(labels, proba).tolist() == [-1, 0, 1]
    assert not likely_wrong(labels, proba).any()


def test_a_model_that_is_right_about_every_label_doubts_none() -> None:
    labels = np.arange(20) % 4
    assert not likely_wrong(labels, np.eye(4)[labels]).any()


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 40))
def test_what_is_doubted_has_a_likelier_class_and_no_class_is_doubted_whole(seed: int, classes: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    labels, proba = rng.integers(classes, size=rows), rng.dirichlet(np.ones(classes), rows)
    wrong = likely_wrong(labels, proba)
    assert (proba[wrong].argmax(axis=1) != labels[wrong]).all()
    assert all(not wrong[labels == each].all() for each in set(labels.tolist()))
    assert confident_joint(labels, proba).diagonal().min() >= 1
    assert (wrong_per_class(labels, proba) <= np.bincount(labels, minlength=classes)).all()


def test_labels_that_are_no_columns_are_refused() -> None:
    for labels, proba in (([2], [[0.5, 0.5]]), ([0, 1], [[0.5, 0.5]]), ([0], [[1.0]]), ([-1], [[0.5, 0.5]])):
        with pytest.raises(ValueError, match="probabilities"):
            likely_wrong(np.array(labels), np.array(proba))
