"""Rows that count less: as if there were fewer of them, and the same in fits with supposed labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from alcli.errors import UsageError
from alcli.models.refitting import Learner
from alcli.models.training import fit
from alcli.steps.learning import Recipe, Refit, certainty
from tests.evaluation.crowds import simulated

NAMES = ["class 0", "class 1", "class 2"]
WEIGHERS = ["logistic", "linear-svm", "naive-bayes", "random-forest", "extra-trees", "hist-gradient-boosting", "mlp"]


def blobs(n: int = 60, classes: int = 3) -> tuple[np.ndarray, list[str], list[float]]:
    random = np.random.default_rng(0)
    codes = np.arange(n) % classes
    X = np.random.default_rng(9).normal(size=(classes, 4))[codes] + random.normal(size=(n, 4))
    return X, [NAMES[code] for code in codes], random.uniform(0.1, 1.0, n).tolist()


@pytest.mark.parametrize("name", WEIGHERS)
def test_every_estimator_that_weighs_rows_hears_the_weights(name: str) -> None:
    X, y, _ = blobs()
    # a tree that is grown until all leaves are pure has nothing to weigh in them
    params = {"min_samples_leaf": "5"} if "trees" in name or "forest" in name else {}
    others = X + np.random.default_rng(5).normal(size=X.shape)  # a tree knows its own rows by heart
    plain = fit(X, y, NAMES, estimator=name, params=params).predict_proba(others)
    same = fit(X, y, NAMES, estimator=name, weights=[1.0] * len(y), params=params).predict_proba(others)
    np.testing.assert_array_equal(plain, same)
    heavy = [5.0 if label == "class 1" else 0.2 for label in y]
    found = fit(X, y, NAMES, estimator=name, weights=heavy, params=params).predict_proba(others)
    assert found[:, 1].mean() > plain[:, 1].mean() + 0.02


@pytest.mark.parametrize("name", ["knn", "gaussian-process"])
@pytest.mark.parametrize("weights", [[1.0] * 60, [0.5] * 60])
def test_an_estimator_that_cannot_weigh_rows_is_refused_whatever_the_weights(name: str, weights: list[float]) -> None:
    X, y, _ = blobs()
    with pytest.raises(UsageError, match=f"{name} cannot weigh rows") as caught:
        fit(X, y, NAMES, estimator=name, weights=weights)
    assert caught.value.code == "label-weight" and "--label-weight" in str(caught.value.hint)
    with pytest.raises(UsageError, match=f"{name} cannot weigh rows"):
        fit(X, y, NAMES, committee=["logistic", name], weights=weights)


def test_a_mean_weighs_rows_if_all_of_its_parts_do() -> None:
    X, y, weights = blobs()
    with pytest.raises(UsageError, match=r"logistic\+knn cannot weigh rows") as caught:
        fit(X, y, NAMES, estimator="logistic+knn", weights=weights)
    assert caught.value.code == "label-weight"
    with pytest.raises(UsageError, match=r"logistic\+knn cannot weigh classes"):
        fit(X, y, NAMES, estimator="logistic+knn", class_weight={"class 0": 3.0})
    assert fit(X, y, NAMES, estimator="logistic+naive-bayes", weights=weights).estimator == "logistic+naive-bayes"


def test_a_weight_of_two_is_the_row_twice() -> None:
    X, y, _ = blobs()
    twice = [*range(60), *range(0, 60, 4)]
    weights = [2.0 if row % 4 == 0 else 1.0 for row in range(60)]
    one = fit(X, y, NAMES, weights=weights, params={"tol": 1e-10}).predict_proba(X)
    other = fit(X[twice], [y[row] for row in twice], NAMES, params={"tol": 1e-10}).predict_proba(X)
    np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("class_weight", ["balanced", {"class 0": 4.0}])
def test_weights_of_rows_multiply_those_of_classes(class_weight: object) -> None:
    X, y, weights = blobs()
    y[:10] = ["class 0"] * 10
    counts = {name: y.count(name) for name in NAMES}
    if class_weight == "balanced":
        own = {name: len(y) / (3 * counts[name]) for name in NAMES}
    else:
        own = {"class 0": 4.0, "class 1": 1.0, "class 2": 1.0}
    product = [weight * own[label] for weight, label in zip(weights, y, strict=True)]
    got = fit(X, y, NAMES, class_weight=class_weight, weights=weights).predict_proba(X)  # type: ignore[arg-type]
    np.testing.assert_allclose(got, fit(X, y, NAMES, weights=product).predict_proba(X), atol=1e-12)


def test_a_committee_of_bootstraps_takes_the_weights_along() -> None:
    X, y, _ = blobs()
    heavy = [9.0 if label == "class 2" else 0.1 for label in y]
    plain, found = fit(X, y, NAMES, committee=4), fit(X, y, NAMES, committee=4, weights=heavy)
    assert (found.committee_proba(X)[:, :, 2].mean(axis=1) > plain.committee_proba(X)[:, :, 2].mean(axis=1) + 0.1).all()


@pytest.mark.parametrize("weights", [[1.0] * 59, [0.0] * 60, [float("nan")] * 60, [-1.0] * 60])
def test_weights_are_checked(weights: list[float]) -> None:
    X, y, _ = blobs()
    with pytest.raises(ValueError, match="60 weights above 0"):
        fit(X, y, NAMES, weights=weights)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced", {"class 0": 4.0}])
def test_a_fit_with_supposed_labels_keeps_the_weights(classes: int, class_weight: object) -> None:
    """Quick refits, refits afresh and scikit-learn's optimum are one."""
    X, y, weights = blobs(40, classes)
    names = NAMES[:classes]
    candidates, reference = X[:6] * 1.7, X[7:16] * 0.6
    recipe = Recipe("logistic", {"tol": "1e-12", "max_iter": "5000"}, 0, False, class_weight, 0)  # type: ignore[arg-type]
    model = Refit(recipe, tuple(names))(X, y, weights)
    quick = Learner(
        model,
        Refit(recipe, tuple(names)),
        X,
        y,
        classes=names,
        candidates=candidates,
        reference=reference,
        weights=weights,
    )
    assert quick._quick is not None

    def afresh(X: object, y: list[str], weights: list[float] | None = None) -> object:
        return Refit(recipe, tuple(names))(X, y, weights)

    slow = Learner(
        model,
        afresh,
        X,
        y,
        classes=names,
        candidates=candidates,
        reference=reference,
        weights=weights,  # type: ignore[arg-type]
    )
    assert slow._quick is None
    for at, codes in [([], []), ([2], [1]), ([5, 1], [0, 1])]:
        one, other = quick.after(at, codes).reference(), slow.after(at, codes).reference()
        np.testing.assert_allclose(one, other, atol=1e-5)
        labels = y + [names[code] for code in codes]
        counts = {name: labels.count(name) for name in names}
        own = dict.fromkeys(names, 1.0) | (class_weight if isinstance(class_weight, dict) else {})
        if class_weight == "balanced":
            own = {name: len(labels) / (classes * counts[name]) for name in names}
        told = [weight * own[label] for weight, label in zip([*weights, *(1.0 for _ in at)], labels, strict=True)]
        cold = LogisticRegression(solver="newton-cholesky", tol=1e-13, max_iter=10_000)
        cold.fit(np.vstack([X, candidates[at]]), labels, sample_weight=told)
        np.testing.assert_allclose(one, cold.predict_proba(reference), atol=2e-8)


def test_certainty_is_nothing_at_a_guess_and_one_when_sure() -> None:
    assert certainty(1.0, 7) == 1.0 and certainty(1 / 7, 7) == 0.01 and certainty(0.5, 2) == 0.01
    values = [certainty(p, 3) for p in np.linspace(0.34, 1.0, 30)]
    assert values == sorted(values)
    assert certainty(1.0, 1) == 1.0


def test_noisy_labels_hurt_less_when_they_count_as_much_as_they_are_certain() -> None:
    """On breast_cancer of scikit-learn with one to three answers a row; docs/agreement.md has more."""
    from alcli.evaluation.votes import Votes
    from alcli.evaluation.weighted import weighted

    data = load_breast_cancer()
    X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    y = np.array(["malignant" if code == 0 else "benign" for code in data.target])
    quality = {f"a{at}": good for at, good in enumerate((0.95, 0.85, 0.75, 0.65, 0.55, 0.5))}
    plain, aware = [], []
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(len(y))
        given, _ = simulated(250, quality, share=0.35, classes="01", seed=seed)
        random = np.random.default_rng(100 + seed)
        answers = []
        for row, who, _ in given:
            true = y[order[int(row[1:])]]
            wrong = "benign" if true == "malignant" else "malignant"
            answers.append((row, who, true if random.random() < quality[who] else wrong))
        votes = Votes.of(answers)
        proba = weighted(votes).proba
        best = proba.max(axis=1)
        kept = np.flatnonzero(best > 0.5 + 1e-9)
        at = order[[int(votes.rows[row][1:]) for row in kept]]
        labels = [votes.classes[code] for code in proba[kept].argmax(axis=1)]
        test = order[250:]
        for scores, weights in ((plain, None), (aware, [certainty(p, 2) for p in best[kept].tolist()])):
            model = fit(X[at], labels, ["benign", "malignant"], weights=weights)
            said = np.array(model.classes)[model.predict_proba(X[test]).argmax(axis=1)]
            scores.append(float((said == y[test]).mean()))
    assert np.mean(aware) > np.mean(plain) + 0.01
