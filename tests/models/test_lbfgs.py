"""The quick fit of logistic regression is scikit-learn's, to far within the solver's tolerance."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from alcli.models.lbfgs import fit, suits


def rows(n: int, width: int, classes: int, seed: int, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
    return (random.normal(size=(n, width)) + np.eye(classes, width)[codes]) * scale, codes


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(12, 80),
    width=st.integers(1, 12),
    classes=st.integers(2, 6),
    seed=st.integers(0, 10_000),
    C=st.sampled_from([0.01, 1.0, 10.0]),
    intercept=st.booleans(),
)
def test_weights_are_scikit_learns(n: int, width: int, classes: int, seed: int, C: float, intercept: bool) -> None:
    X, codes = rows(n, width, classes, seed)
    told: dict[str, Any] = {"C": C, "fit_intercept": intercept, "max_iter": 1000}
    theirs = LogisticRegression(**told).fit(X, codes)
    ours = fit(LogisticRegression(**told), X, codes)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=2e-4)
    if int(ours.n_iter_[0]) == int(theirs.n_iter_[0]):  # the same path: only the last digits of sums differ
        assert ours.coef_ == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.coef_.shape == theirs.coef_.shape and ours.intercept_.shape == theirs.intercept_.shape


@pytest.mark.parametrize("classes", [2, 4])
def test_sparse_rows_are_the_dense_ones(classes: int) -> None:
    X, codes = rows(60, 30, classes, 0)
    X[np.abs(X) < 0.8] = 0.0
    dense = fit(LogisticRegression(C=10.0), X, codes)
    assert fit(LogisticRegression(C=10.0), csr_matrix(X), codes).coef_ == pytest.approx(dense.coef_, abs=1e-5)


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(6, 40),
    wide=st.integers(2, 40),
    copies=st.integers(0, 5),
    classes=st.integers(2, 4),
    sparse=st.booleans(),
    intercept=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_more_columns_than_rows(
    n: int, wide: int, copies: int, classes: int, sparse: bool, intercept: bool, seed: int
) -> None:
    X, codes = rows(n, n * wide, classes, seed)
    X[np.abs(X) < 1.0] = 0.0
    X[n - copies :] = X[:copies]
    told: dict[str, Any] = {"C": 0.1, "tol": 1e-7, "fit_intercept": intercept, "max_iter": 1000}
    given = csr_matrix(X) if sparse else X
    theirs = LogisticRegression(**told).fit(given, codes)
    ours = fit(LogisticRegression(**told), given, codes)
    assert ours.coef_.shape == theirs.coef_.shape and ours.n_features_in_ == n * wide
    fresh = np.random.default_rng(seed).normal(size=(50, n * wide))
    assert ours.predict_proba(fresh) == pytest.approx(theirs.predict_proba(fresh), abs=2e-4)


@pytest.mark.parametrize("scale", [1e-200, 1e170])
def test_wide_rows_whose_squares_cannot_be_written(scale: float) -> None:
    X, codes = rows(10, 60, 2, 5, scale=scale)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert fit(LogisticRegression(max_iter=5), csr_matrix(X), codes).coef_.shape == (1, 60)


@pytest.mark.parametrize("spoil", ["cells", "row", "column"])
def test_one_huge_number_does_not_hide_the_others_of_dense_rows(spoil: str) -> None:
    X, codes = rows(30, 3000, 2, 6)
    if spoil == "cells":
        X += 1e7
    elif spoil == "row":
        X[3] *= 1e7
    else:
        X[:, 5] = 1e8
    told: dict[str, Any] = {"max_iter": 1000}
    theirs = LogisticRegression(**told).fit(X, codes)
    ours = fit(LogisticRegression(**told), X, codes)
    assert (ours.predict(X) == codes).mean() >= (theirs.predict(X) == codes).mean()


@pytest.mark.parametrize("classes", [2, 3])
def test_huge_scores_overflow_nowhere(classes: int) -> None:
    X, codes = rows(40, 3, classes, 1, scale=1e4)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = fit(LogisticRegression(C=1e4, max_iter=50, tol=1e-2), X, codes)
    assert np.isfinite(found.coef_).all()


def test_a_fit_cut_short_is_told() -> None:
    X, codes = rows(60, 8, 3, 2)
    with pytest.warns(ConvergenceWarning):
        fit(LogisticRegression(max_iter=2), X, codes)


def test_what_is_not_finite_is_refused() -> None:
    X, codes = rows(20, 3, 2, 3)
    X[4, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        fit(LogisticRegression(), X, codes)


@pytest.mark.parametrize(
    ("told", "suited"),
    [
        ({}, True),
        ({"C": 10.0, "tol": 1e-3, "max_iter": 1000, "random_state": 3}, True),
        ({"solver": "saga"}, False),
        ({"class_weight": "balanced"}, False),
        ({"l1_ratio": 0.5}, False),
        ({"C": np.inf}, False),
        ({"warm_start": True}, False),
        ({"verbose": 1}, False),
        ({"C": -1.0}, False),
        ({"C": True}, False),
        ({"max_iter": 50.5}, False),
        ({"max_iter": 50.0}, False),
        ({"tol": "1e-3"}, False),
        ({"intercept_scaling": -1.0}, False),
    ],
)
def test_only_a_plain_one_is_taken_over(told: dict[str, Any], suited: bool) -> None:
    assert suits(LogisticRegression(**told)) is suited
    assert not suits(object())
