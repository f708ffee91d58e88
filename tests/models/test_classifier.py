"""Models: probabilities for every class of the settings, committees, weights, calibration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from alcli.errors import ModelError, UsageError
from alcli.models.estimators import ESTIMATORS
from alcli.models.heads import LinearHead
from alcli.models.training import fit

CLASSES = ["a", "b", "c"]


def blobs(n: int = 60, classes: int = 3, d: int = 5, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % classes
    centres = rng.normal(scale=3, size=(classes, d))
    return centres[codes] + rng.normal(size=(n, d)), [CLASSES[code] for code in codes]


def nonneg(X: np.ndarray) -> csr_matrix:
    return csr_matrix(np.where(X > 0.5, X, 0))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_keeps_the_contract(name: str, sparse: bool) -> None:
    X, y = blobs()
    X = nonneg(X) if sparse else X
    model = fit(X, y, ["zebra", *CLASSES], estimator=name, committee=2, seed=3, unlabelled=X)
    proba = model.predict_proba(X)
    assert proba.shape == (60, 4)
    assert np.isfinite(proba).all()
    assert np.allclose(proba.sum(axis=1), 1, atol=1e-12)
    assert (proba[:, 0] == 0).all()  # a class without labels
    assert model.seen == ("a", "b", "c")
    assert np.mean([model.classes[i] == label for i, label in zip(proba.argmax(1), y, strict=True)]) > 0.6
    votes = model.committee_proba(X)
    assert votes.shape == (2, 60, 4)
    assert np.allclose(votes.sum(axis=2), 1)
    assert model.decision(X).shape == (60, 3)
    # an empty batch, and each row by itself
    assert model.predict_proba(X[:0]).shape == (0, 4)
    assert model.committee_proba(X[:0]).shape == (2, 0, 4)
    assert np.allclose(model.predict_proba(X[7:8]), proba[7:8], atol=1e-12)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("labels", [["1", "2"], ["True", "False"], ["007", "7"]])
def test_one_label_of_each_class_is_enough(name: str, labels: list[str]) -> None:
    X = np.array([[1.0, 2.0], [-1.0, 0.5]])
    model = fit(X, labels, labels, estimator=name, committee=2, calibrate=True, unlabelled=X)
    proba = model.predict_proba(X)
    assert np.allclose(proba.sum(axis=1), 1)
    assert any("not calibrated" in note for note in model.notes)
    assert model.decision(X).shape == (2,)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_duplicate_rows_with_different_labels_do_no_harm(name: str) -> None:
    X = np.ones((8, 3))
    model = fit(X, ["a", "b"] * 4, ["a", "b"], estimator=name, committee=2, unlabelled=X)
    assert np.allclose(model.predict_proba(X), 0.5, atol=0.2)


def test_one_class_gives_a_constant_model() -> None:
    X, _ = blobs(4)
    model = fit(X, ["b"] * 4, CLASSES, committee=3)
    assert model.predict_proba(X).tolist() == [[0, 1, 0]] * 4
    assert model.committee_proba(X).shape == (3, 4, 3)
    assert model.decision(X).tolist() == [0] * 4
    assert model.notes == ("all labels are 'b': the model says so of every row",)


def test_no_label_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no labels"):
        fit(np.zeros((0, 2)), [], CLASSES)


def test_a_label_that_is_no_class_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="not among the classes: d"):
        fit(np.zeros((2, 2)), ["a", "d"], CLASSES)


def test_order_of_classes_in_the_settings_decides_the_columns() -> None:
    X, y = blobs()
    forward, backward = fit(X, y, CLASSES), fit(X, y, CLASSES[::-1])
    assert np.allclose(forward.predict_proba(X), backward.predict_proba(X)[:, ::-1], atol=1e-3)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("sparse", [False, True])
def test_logistic_equals_scikit_learns(classes: int, sparse: bool) -> None:
    X, y = blobs(classes=classes)
    X = nonneg(X) if sparse else X
    # sparse rows are those of text, for which the default is another
    theirs = LogisticRegression(C=10.0 if sparse else 1.0, max_iter=1000, random_state=0).fit(X, y)
    ours = fit(X, y, CLASSES[:classes])
    assert isinstance(ours.head, LinearHead)
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).max() < 1e-12
    assert np.abs(ours.decision(X) - theirs.decision_function(X)).max() < 1e-10


@pytest.mark.parametrize("classes", [2, 3])
def test_linear_svm_equals_scikit_learns_platt(classes: int) -> None:
    X, y = blobs(classes=classes)
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    svm = LinearSVC(max_iter=5000, random_state=0)
    theirs = CalibratedClassifierCV(svm, method="sigmoid", cv=cv, ensemble=False).fit(X, y)
    ours = fit(X, y, CLASSES[:classes], estimator="linear-svm")
    assert ours.calibration == "sigmoid"
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).max() < 1e-9
    raw = LinearSVC(max_iter=5000, random_state=0).fit(X, y).decision_function(X)
    assert np.abs(ours.decision(X) - raw).max() < 1e-8


def test_multinomial_naive_bayes_equals_scikit_learns() -> None:
    X, y = blobs()
    theirs = MultinomialNB().fit(nonneg(X), y)
    ours = fit(nonneg(X), y, CLASSES, estimator="naive-bayes")
    assert np.abs(ours.predict_proba(nonneg(X)) - theirs.predict_proba(nonneg(X))).max() < 1e-12


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", ["logistic", "linear-svm", "random-forest", "knn", "naive-bayes"])
def test_temperature_equals_scikit_learns(name: str, classes: int) -> None:
    from alcli.models.recipes import Shape, make

    X, y = blobs(40, classes)
    X = X * 0.3  # overlapping, so that the temperature is finite
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    base = make(name, shape=Shape(40, 5)).build(0)
    theirs = CalibratedClassifierCV(base, method="temperature", cv=cv, ensemble=False).fit(X, y)
    ours = fit(X, y, CLASSES[:classes], estimator=name, calibrate=True)
    assert ours.calibration == "temperature"
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).max() < 1e-8


def test_calibration_keeps_the_decision() -> None:
    X, y = blobs(40)
    plain, calibrated = fit(X * 0.3, y, CLASSES), fit(X * 0.3, y, CLASSES, calibrate=True)
    assert np.allclose(plain.decision(X), calibrated.decision(X))
    assert not np.allclose(plain.predict_proba(X), calibrated.predict_proba(X))


@given(st.integers(0, 300))
@settings(max_examples=15, deadline=None)
def test_svm_probability_never_contradicts_its_margin(seed: int) -> None:
    # Few labels of noise: Platt's sigmoid by itself turns the ranking upside down for some seeds.
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(6, 3))
    model = fit(X, ["a", "b"] * 3, ["a", "b"], estimator="linear-svm", seed=seed)
    order = np.argsort(model.decision(X))
    assert (np.diff(model.predict_proba(X)[order, 1]) >= -1e-12).all()


def test_committee_of_linear_members_equals_one_by_one() -> None:
    X, y = blobs()
    for matrix in (X, nonneg(X)):
        model = fit(matrix, y, CLASSES, committee=4)
        alone = np.stack([head.proba(matrix).T for head in model.heads])
        assert np.abs(model.committee_proba(matrix) - alone).max() < 1e-12
        assert np.ptp(model.committee_proba(matrix), axis=0).max() > 1e-3  # members differ


def test_every_bootstrap_member_sees_every_class() -> None:
    X, _ = blobs(50)
    y = ["a"] * 48 + ["b", "c"]
    model = fit(X, y, CLASSES, committee=8, estimator="random-forest", params={"n_estimators": "5"})
    assert all(head.estimator.classes_.tolist() == [0, 1, 2] for head in model.heads)


def test_committee_of_several_estimators() -> None:
    X, y = blobs()
    model = fit(X, y, CLASSES, committee=["logistic", "naive-bayes", "knn"])
    assert model.members == ("logistic", "naive-bayes", "knn")
    assert model.committee_proba(X).shape == (3, 60, 3)


def test_threads_change_nothing() -> None:
    X, y = blobs()
    one, two = fit(X, y, CLASSES, committee=4, jobs=1), fit(X, y, CLASSES, committee=4, jobs=2)
    assert np.array_equal(one.committee_proba(X), two.committee_proba(X))


def test_no_committee_names_the_flag() -> None:
    X, y = blobs()
    with pytest.raises(ModelError) as caught:
        fit(X, y, CLASSES).committee_proba(X)
    assert caught.value.code == "no-committee"
    assert "--committee 5" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["logistic", "hist-gradient-boosting", "naive-bayes", "mlp"])
def test_class_weight_moves_probability_to_the_heavy_class(name: str) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    y = ["a" if x + e > 1 else "b" for x, e in zip(X[:, 0], rng.normal(size=80), strict=True)]
    plain = fit(X, y, CLASSES, estimator=name).predict_proba(X)[:, 0].mean()
    heavy = fit(X, y, CLASSES, estimator=name, class_weight={"a": 20, "c": 3}).predict_proba(X)[:, 0].mean()
    balanced = fit(X, y, CLASSES, estimator=name, class_weight="balanced").predict_proba(X)[:, 0].mean()
    assert plain < balanced
    assert plain < heavy


def test_class_weights_are_checked() -> None:
    X, y = blobs()
    for given_weight, word in [({"d": 1}, "not one of the classes"), ({"a": 0}, "above 0"), ("even", "balanced")]:
        with pytest.raises(UsageError, match=word):
            fit(X, y, CLASSES, class_weight=given_weight)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cannot weigh"):
        fit(X, y, CLASSES, estimator="knn", class_weight="balanced")


def test_a_fit_that_did_not_settle_is_told_once() -> None:
    X, y = blobs()
    model = fit(X, y, CLASSES, params={"max_iter": "1"}, committee=3)
    assert len(model.notes) == 1
    assert "max_iter" in model.notes[0]


class NotANumber:
    """An estimator of the user's that answers NaN."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> NotANumber:
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return np.full((len(X), 3), np.nan)


class Sulking(NotANumber):
    def fit(self, X: np.ndarray, y: np.ndarray) -> NotANumber:
        raise RuntimeError("not today\nnor tomorrow")


class Narrow(NotANumber):
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return np.ones((len(X), 1))


class OnlyScores(NotANumber):
    def __getattribute__(self, name: str) -> object:
        if name == "predict_proba":
            raise AttributeError(name)
        return super().__getattribute__(name)

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        return np.c_[X[:, 0], X[:, 1], X[:, 2]]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (NotANumber, "not finite"),
        (Narrow, r"shape \(60, 1\) for 60 rows and 3 classes"),
        (Sulking, "could not be fitted: not today$"),
    ],
)
def test_a_bad_estimator_of_the_users_is_a_model_error(kind: type, message: str) -> None:
    X, y = blobs()
    with pytest.raises(ModelError, match=message):
        fit(X, y, CLASSES, estimator=f"{__name__}:{kind.__name__}").predict_proba(X)


def test_an_estimator_with_scores_only_gets_a_softmax() -> None:
    X, y = blobs()
    model = fit(X, y, CLASSES, estimator=f"{__name__}:OnlyScores")
    assert np.array_equal(model.predict_proba(X).argmax(1), X[:, :3].argmax(1))


@given(st.floats(1e3, 1e80), st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_huge_values_still_sum_to_one(size: float, seed: int) -> None:
    X, y = blobs(seed=seed)
    model = fit(X, y, CLASSES, committee=2)
    for proba in (model.predict_proba(X * size), *model.committee_proba(X * size)):
        assert np.allclose(proba.sum(axis=1), 1)


def test_wide_text_is_refused_where_it_would_be_made_dense() -> None:
    X = csr_matrix((np.ones(4), ([0, 1, 2, 3], [0, 1, 2, 3])), shape=(4, 6000))
    with pytest.raises(ModelError, match="6,000 columns"):
        fit(X, list("abab"), CLASSES, estimator="hist-gradient-boosting")
