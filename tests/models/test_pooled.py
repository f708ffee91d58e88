"""Self-training and label spreading: what they learn from rows without labels, and what they leave behind."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.semi_supervised import SelfTrainingClassifier

from alcli.errors import ModelError, UsageError
from alcli.models.heads import LinearHead
from alcli.models.pooled import SelfTraining, Spreading, others
from alcli.models.training import fit

CLASSES = ["a", "b"]
BOTH = ["self-training", "label-spreading"]


def moons(labels: int = 8):
    """Two moons, and as many labelled rows of each."""
    X, y = make_moons(300, noise=0.06, random_state=0)
    at = np.concatenate([np.flatnonzero(y == code)[: labels // 2] for code in (0, 1)])
    return X, y, X[at], [CLASSES[code] for code in y[at]]


def accuracy(model: Any, X: Any, y: Any) -> float:
    return float((model.predict_proba(X).argmax(axis=1) == y).mean())


def test_labels_spread_along_the_moons():
    X, y, L, labels = moons()
    plain = fit(L, labels, CLASSES)
    spread = fit(L, labels, CLASSES, estimator="label-spreading", params={"alpha": 0.8}, unlabelled=X)
    assert accuracy(plain, X, y) < 0.9 < 0.97 < accuracy(spread, X, y)
    assert spread.calibration == "temperature"
    assert any("292 rows without one" in note for note in spread.notes)


def test_rows_that_no_label_reaches_are_as_common_as_the_classes():
    near, far = np.random.default_rng(0).normal(size=(40, 2)), np.random.default_rng(1).normal(100.0, 1.0, (40, 2))
    codes = (near[:, 0] > 0).astype(np.int64)
    model = Spreading(n_neighbors=5).beside(np.concatenate([near, far])).fit(near[:12], codes[:12])
    np.testing.assert_allclose(model.predict_proba(far), np.tile(np.bincount(codes[:12]) / 12, (40, 1)))
    assert "do not reach 40 of them" in model.notes_[0]


@pytest.mark.parametrize("make", [np.asarray, csr_matrix])
def test_self_training_is_scikit_learns(make):
    X, _, L, labels = moons(20)
    y = np.array([CLASSES.index(label) for label in labels])
    found = SelfTraining(threshold=0.8, random_state=0).beside(make(X)).fit(make(L), y)
    rest = others(L, X)
    base = LogisticRegression(max_iter=1000, random_state=0, C=10.0 if make is csr_matrix else 1.0)
    whole, codes = make(np.concatenate([L, rest])), np.concatenate([y, np.full(len(rest), -1)])
    by_hand = SelfTrainingClassifier(base, threshold=0.8, max_iter=10).fit(whole, codes)
    np.testing.assert_allclose(found.predict_proba(make(X)), by_hand.predict_proba(make(X)), rtol=1e-6)
    assert f"of {len(rest)} rows" in found.notes_[0]


def test_a_linear_base_stays_a_linear_model():
    X, _, L, labels = moons(20)
    model = fit(L, labels, CLASSES, estimator="self-training", unlabelled=X)
    assert isinstance(model.head, LinearHead) and model.calibration == "temperature"
    trees = fit(L, labels, CLASSES, estimator="self-training", params={"base": "naive-bayes"}, unlabelled=X)
    assert trees.predict_proba(X).shape == (300, 2)


@pytest.mark.parametrize("kind", [SelfTraining, Spreading])
def test_the_pool_is_shared_by_clones_and_left_out_of_what_is_saved(kind):
    X = np.random.default_rng(0).normal(size=(5000, 20))
    y = (X[:, 0] > 0).astype(np.int64)
    one = kind().beside(X)
    assert clone(one).unlabelled is X and clone(one) is not one
    opened = pickle.loads(pickle.dumps(one))
    assert opened.unlabelled is None and len(pickle.dumps(one)) < 1000
    fitted = SelfTraining().beside(X).fit(X[:50], y[:50])
    assert len(pickle.dumps(fitted)) < 10_000
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(X), fitted.predict_proba(X))


@pytest.mark.parametrize("name", BOTH)
def test_the_same_rows_give_the_same_model_and_none_is_changed(name):
    X, _, L, labels = moons(20)
    before = X.copy()
    one, two = (fit(L, labels, CLASSES, estimator=name, unlabelled=X, seed=3).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("name", [*BOTH, "logistic+label-spreading"])
@pytest.mark.parametrize("unlabelled", [None, np.zeros((0, 2))])
def test_without_a_pool_there_is_nothing_to_learn_from(name, unlabelled):
    _, _, L, labels = moons(20)
    with pytest.raises(ModelError, match="there are none") as told:
        fit(L, labels, CLASSES, estimator=name, unlabelled=unlabelled)
    assert told.value.code == "no-unlabelled"
    with pytest.raises(ValueError, match="columns"):
        fit(L, labels, CLASSES, estimator=name, unlabelled=np.zeros((5, 3)))


@pytest.mark.parametrize("name", BOTH)
def test_a_pool_whose_rows_are_all_labelled(name):
    X, y, _, _ = moons()
    labels = [CLASSES[code] for code in y]
    model = fit(X, labels, CLASSES, estimator=name, unlabelled=X)
    assert accuracy(model, X, y) > 0.8 and any(" 0 " in note for note in model.notes)


def test_committees_means_and_weights():
    X, _, L, labels = moons(20)
    both = fit(L, labels, CLASSES, estimator="logistic+label-spreading", committee=2, unlabelled=X)
    assert both.committee_proba(X).shape == (2, 300, 2)
    named = fit(L, labels, CLASSES, committee=["logistic", "self-training"], unlabelled=X)
    assert named.committee_proba(X).shape == (2, 300, 2)
    assert fit(L, labels, CLASSES, estimator="self-training", class_weight="balanced", unlabelled=X).notes
    for name in BOTH:
        with pytest.raises(UsageError, match="cannot weigh rows"):
            fit(L, labels, CLASSES, estimator=name, unlabelled=X, weights=[0.5] * 20)
    with pytest.raises(UsageError, match="cannot weigh classes"):
        fit(L, labels, CLASSES, estimator="label-spreading", class_weight="balanced", unlabelled=X)


@pytest.mark.parametrize("base", ["nothing", "label-spreading", "linear-svm", "auto"])
def test_a_base_that_cannot_be(base):
    X, _, L, labels = moons(20)
    with pytest.raises(UsageError, match="base"):
        fit(L, labels, CLASSES, estimator="self-training", params={"base": base}, unlabelled=X)


cells = st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0])


@given(
    st.lists(st.tuples(cells, cells), min_size=1, max_size=6),
    st.lists(st.tuples(cells, cells), max_size=12),
    st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_no_row_equals_a_labelled_one_and_the_rest_keeps_its_order(known, rows, sparse):
    X, U = np.array(known), np.array(rows).reshape(-1, 2)
    wanted = [row for row in U.tolist() if row not in X.tolist()]
    found = others(csr_matrix(X), csr_matrix(U)).toarray() if sparse else others(X, U)
    assert found.tolist() == wanted
