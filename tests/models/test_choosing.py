"""`auto`: which estimator, by log loss out of fold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from alcli.errors import UsageError
from alcli.models import choosing
from alcli.models.choosing import Candidate, candidates, choose
from alcli.models.estimators import check_name
from alcli.models.recipes import Shape, make
from alcli.models.training import fit, pick

LINEAR_CLASSES = ["a", "b"]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten trees and one repeat say as much here, and are quicker."""
    few = [("logistic", {}), ("logistic", {"C": 0.01}), ("linear-svm", {}), ("extra-trees", {"n_estimators": 25})]
    monkeypatch.setattr(choosing, "candidates", lambda shape, classes, pool=False: few)
    monkeypatch.setattr(choosing, "REPEATS", ())


def ring(rows: int, seed: int = 0):
    """Inside or outside of a circle: nothing that a plane can tell."""
    X = np.random.default_rng(seed).normal(size=(rows, 2))
    return X, (np.linalg.norm(X, axis=1) > 1.18).astype(np.int64)


def plane(rows: int, seed: int = 0):
    """A noisy half-space: what logistic regression is made for."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 3))
    return X, (rng.random(rows) < 1 / (1 + np.exp(-2 * X[:, 0] - X[:, 1]))).astype(np.int64)


def test_trees_count_for_more_where_nothing_is_linear():
    """A logistic regression that says little leaves the word to the trees."""
    found = choose(*ring(150))
    assert found.chosen.estimator == "logistic+extra-trees" and (found.chosen.calibrate or found.chosen.params)
    assert found.chosen.gain > found.chosen.gain_se > 0
    assert found.candidates[0].estimator == "logistic+extra-trees" and found.candidates[0].gain == 0
    assert not found.candidates[0].calibrate and "logistic__C" not in found.candidates[0].params
    losses = [each.log_loss for each in found.candidates[1:]]
    assert losses == sorted(losses)
    assert found.chosen.log_loss == min(each.log_loss for each in found.candidates if each.gain > each.gain_se)


def test_it_is_seldom_worse_than_logistic_by_more_than_a_little():
    """Where logistic regression is the truth itself, it is mostly found."""
    X, codes = plane(2000, 99)
    worse = []
    for seed in range(6):
        L, y = plane(60, seed)
        chosen = choose(L, y, seed=seed).chosen
        losses = []
        for name, params, calibrate in (("logistic", {}, False), (chosen.estimator, chosen.params, chosen.calibrate)):
            labels = [LINEAR_CLASSES[code] for code in y]
            model = fit(L, labels, LINEAR_CLASSES, estimator=name, params=params, calibrate=calibrate, seed=seed)
            losses.append(-np.log(np.maximum(model.predict_proba(X)[np.arange(2000), codes], 2e-16)).mean())
        worse.append(losses[1] - losses[0])
    assert np.mean(worse) < 0.02 and max(worse) < 0.06


def test_a_mean_is_judged_as_it_would_be_fitted():
    """Its log loss is that of the mean of the parts' probabilities, by hand."""
    X, codes = ring(60)
    found = choose(X, codes, seed=3)
    mean = next(each for each in found.candidates if "+" in each.estimator and not each.calibrate)
    (fold,) = choosing._folds(codes, 3)
    total = 0.0
    for part in range(choosing.FOLDS):
        train, test = fold != part, fold == part
        labels = [LINEAR_CLASSES[code] for code in codes[train]]
        model = fit(X[train], labels, LINEAR_CLASSES, estimator=mean.estimator, params=mean.params, seed=3)
        own = model.predict_proba(X[test])[np.arange(test.sum()), codes[test]]
        total -= np.log(np.maximum(own, 2.2e-16)).sum()
    assert mean.log_loss == pytest.approx(total / 60, rel=1e-6)


@pytest.mark.parametrize("rows", [1, 5, 19])
def test_few_labels_stay_with_the_default(rows):
    found = choose(np.arange(rows * 2.0).reshape(rows, 2), np.arange(rows) % 2)
    assert repr(found.chosen) == repr(Candidate("logistic+extra-trees", {"extra-trees__n_estimators": 25}))
    assert found.candidates == () and "too few" in found.why


def test_a_class_with_one_label_and_rows_that_are_alike_do_no_harm():
    X, codes = plane(40)
    codes[7] = 2
    assert np.isfinite([each.log_loss for each in choose(X, codes).candidates]).all()
    assert choose(np.ones((30, 2)), np.arange(30) % 2).chosen.estimator == "logistic+extra-trees"
    lonely = np.zeros(30, dtype=np.int64)
    lonely[0] = 1
    assert choose(np.ones((30, 2)), lonely).candidates == ()


def test_the_seed_alone_decides():
    X, codes = ring(60)
    assert choose(X, codes, seed=1) == choose(X, codes, seed=1) != choose(X, codes, seed=2)


def test_only_what_is_calibrated_when_that_is_asked_for():
    found = choose(*ring(80), calibrate=True)
    assert found.chosen.calibrate and all(each.calibrate for each in found.candidates)


def test_weights_of_rows_and_of_classes_count():
    X, codes = plane(80)
    labels = [LINEAR_CLASSES[code] for code in codes]
    plain = pick(X, labels, LINEAR_CLASSES)
    assert pick(X, labels, LINEAR_CLASSES, weights=[1.0] * 80) == plain
    heavy = pick(X, labels, LINEAR_CLASSES, weights=[5.0 if code else 1.0 for code in codes])
    assert heavy.candidates != plain.candidates
    # as often as a row counts: the same weights, given class by class
    by_class = pick(X, labels, LINEAR_CLASSES, class_weight={"b": 5.0})
    assert by_class == heavy


def test_text_and_tables_have_their_own_candidates(monkeypatch):
    monkeypatch.undo()
    text = [name for name, _ in candidates(Shape(300, 5000, sparse=True), 2)]
    assert "naive-bayes" in text and "hist-gradient-boosting" not in text and text[0] == "logistic"
    assert "hist-gradient-boosting" in [name for name, _ in candidates(Shape(300, 10), 2)]
    assert "hist-gradient-boosting" not in [name for name, _ in candidates(Shape(50, 10), 2)]
    assert "hist-gradient-boosting" not in [name for name, _ in candidates(Shape(300, 10), 20)]
    X = csr_matrix(np.random.default_rng(0).poisson(0.3, size=(40, 30)).astype(float))
    chosen = choose(X, np.arange(40) % 2).chosen
    # there is nothing to learn: what knows it is as good as tossing a coin
    assert 0.65 < chosen.log_loss < 0.75


def test_a_mean_of_estimators_is_the_mean_of_their_probabilities():
    X, codes = ring(50)
    labels = [LINEAR_CLASSES[code] for code in codes]
    params = {"logistic__C": "0.1", "extra-trees__n_estimators": "20"}
    both = fit(X, labels, LINEAR_CLASSES, estimator="logistic+extra-trees", params=params, seed=4)
    one = fit(X, labels, LINEAR_CLASSES, estimator="logistic", params={"C": "0.1"}, seed=4)
    other = fit(X, labels, LINEAR_CLASSES, estimator="extra-trees", params={"n_estimators": 20}, seed=4)
    np.testing.assert_allclose(both.predict_proba(X), (one.predict_proba(X) + other.predict_proba(X)) / 2)


def test_a_mean_takes_weights_a_committee_and_a_temperature():
    X, codes = ring(50)
    labels = [LINEAR_CLASSES[code] for code in codes]
    weights = [1.0 if code else 3.0 for code in codes]
    named = {"estimator": "logistic+naive-bayes", "committee": 2}
    by_rows = fit(X, labels, LINEAR_CLASSES, weights=weights, **named)
    by_class = fit(X, labels, LINEAR_CLASSES, class_weight={"a": 3.0}, **named)
    np.testing.assert_allclose(by_rows.predict_proba(X), by_class.predict_proba(X))
    assert by_rows.committee_proba(X).shape == (2, 50, 2)
    warm = fit(X, labels, LINEAR_CLASSES, estimator="logistic+naive-bayes", calibrate=True, weights=weights)
    assert warm.calibration == "temperature" and warm.notes == ()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("logistic+nothing", {}),
        ("logistic+linear-svm", {}),
        ("logistic+rbf-svm", {}),
        ("logistic+logistic", {}),
        ("logistic+extra-trees", {"C": "1"}),
        ("logistic+extra-trees", {"knn__C": "1"}),
        ("logistic+extra-trees", {"logistic__D": "1"}),
    ],
)
def test_a_mean_that_cannot_be(name, params):
    with pytest.raises(UsageError):
        check_name(name)
        make(name, params, shape=Shape(50, 2))
