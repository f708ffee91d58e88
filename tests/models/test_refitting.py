"""Fits with supposed labels: equal to fitting afresh, whatever way they are done."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from alcli.models import coordinates, logistic
from alcli.models.coordinates import Coordinates
from alcli.models.logistic import Curvature, Fits, Penalty
from alcli.models.refitting import Learner
from alcli.models.training import fit


def rows(n: int, d: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(classes, d))
    codes = np.arange(n) % classes
    return centres[codes] + rng.normal(size=(n, d)), codes


def words(n: int, d: int, seed: int = 0) -> csr_matrix:
    """Rows of length 1 with few filled cells, as text has."""
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((n, d)) < 0.05, rng.random((n, d)), 0.0)
    X[:, 0] += 0.1
    return csr_matrix(X / np.linalg.norm(X, axis=1, keepdims=True))


def learner_of(X, codes, candidates, reference, classes=3, *, known=True, estimator="logistic", **recipe):
    """A learner with the recipe it would have in a project; without it when not `known`."""
    names = [f"class {code}" for code in range(classes)]
    labels = [names[code] for code in codes]

    def again(rows, y):
        again.fits += 1
        return fit(rows, y, names, estimator=estimator, **recipe)

    again.fits = 0
    if known:
        again.recipe = SimpleNamespace(
            estimator=estimator, params=recipe.get("params", {}), class_weight=recipe.get("class_weight")
        )
    model = again(X, labels)
    again.fits = 0
    return Learner(model, again, X, labels, classes=names, candidates=candidates, reference=reference)


def cold(learner, at, codes, where, **settings):
    """The optimum by scikit-learn, from nothing, for as long as it takes."""
    stack = np.vstack(
        [
            np.asarray(part.todense() if hasattr(part, "todense") else part)
            for part in (learner.X, learner.candidates[list(at)])
        ]
    )
    y = [learner.classes.index(label) for label in learner.labels] + list(codes)
    model = LogisticRegression(solver="newton-cholesky", tol=1e-13, max_iter=10_000, **settings).fit(stack, y)
    found = np.zeros((where.shape[0], len(learner.classes)))
    found[:, model.classes_] = model.predict_proba(np.asarray(where.todense()) if hasattr(where, "todense") else where)
    return found


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("weight", [None, "balanced", {"class 0": 4.0}])
def test_a_fit_with_supposed_labels_is_the_fit_from_nothing(classes, weight):
    X, codes = rows(40, 4, classes)
    codes = np.where(np.arange(40) % 4 == 3, 0, codes)  # of unequal size
    candidates, reference = rows(6, 4, classes, 1)[0] * 2.0, rows(9, 4, classes, 2)[0]
    learner = learner_of(X, codes, candidates, reference, classes, class_weight=weight)
    told = {0: 4.0} | dict.fromkeys(range(1, classes), 1.0) if isinstance(weight, dict) else weight
    for at, supposed in [([], []), ([0], [1]), ([2], [0]), ([5, 3, 1], [0, 1, 1])]:
        fitted = learner.after(at, supposed)
        wanted = partial(cold, learner, at, supposed, class_weight=told)
        np.testing.assert_allclose(fitted.reference(), wanted(reference), atol=2e-8)
        np.testing.assert_allclose(fitted.labelled(), wanted(X), atol=2e-8)
        np.testing.assert_allclose(fitted.candidates(), wanted(candidates), atol=2e-8)
        np.testing.assert_allclose(fitted.candidates([4, 1]), wanted(candidates)[[4, 1]], atol=2e-8)
    assert learner.fit.fits == 0


@pytest.mark.parametrize("params", [{"C": "0.01"}, {"C": "100"}, {"fit_intercept": "false"}])
def test_parameters_of_the_recipe_count(params):
    X, codes = rows(40, 4, 3)
    learner = learner_of(X, codes, rows(3, 4, 3, 1)[0], X[:7], params=params)
    told = {"C": float(params["C"])} if "C" in params else {"fit_intercept": False}
    np.testing.assert_allclose(learner.after([1], [2]).reference(), cold(learner, [1], [2], X[:7], **told), atol=2e-8)
    assert learner.fit.fits == 0


@pytest.mark.parametrize("classes", [2, 3])
def test_a_class_without_labels_can_be_supposed(classes):
    X, codes = rows(30, 4, classes)
    candidates, reference = rows(5, 4, classes, 1)[0], rows(9, 4, classes, 2)[0]
    learner = learner_of(X, codes, candidates, reference, classes + 1)
    assert (learner.after([0], [0]).reference()[:, classes] == 0.0).all()
    for at in (0, 3):
        fitted = learner.after([at], [classes])
        np.testing.assert_allclose(fitted.reference(), cold(learner, [at], [classes], reference), atol=2e-8)


def test_labels_of_one_class_make_a_model_that_knows_only_that():
    X, _ = rows(6, 3, 2)
    learner = learner_of(X, [1] * 6, X[:2] + 1.0, X[:4], 2)
    assert np.array_equal(learner.after([0], [1]).reference(), np.tile([0.0, 1.0], (4, 1)))
    np.testing.assert_allclose(learner.after([0], [0]).reference(), cold(learner, [0], [0], X[:4]), atol=2e-8)


@pytest.mark.parametrize("classes", [2, 4])
def test_text_is_fitted_in_few_coordinates_and_the_same(classes):
    X, candidates, reference = words(30, 300), words(6, 300, 1), words(8, 300, 2)
    learner = learner_of(X, np.arange(30) % classes, candidates, reference, classes, params={})
    assert learner._quick.places["X"].shape[1] <= 36
    for at, supposed in [([], []), ([2], [1]), ([5, 0], [0, 1])]:
        got = learner.after(at, supposed).reference()
        np.testing.assert_allclose(got, cold(learner, at, supposed, reference, C=10.0), atol=2e-8)


def test_copies_of_rows_take_no_coordinates():
    X = csr_matrix(np.vstack([words(20, 300).toarray()] * 2))
    learner = learner_of(X, np.arange(40) % 3, X[:4], X[:9])
    assert learner._quick.places["X"].shape[1] == 20
    np.testing.assert_allclose(learner.after([1], [2]).reference(), cold(learner, [1], [2], X[:9], C=10.0), atol=2e-8)


def test_coordinates_keep_inner_products_with_rows_that_may_be_fitted_on():
    X, candidates, other = words(20, 400), words(5, 400, 1), words(7, 400, 2)
    placed = Coordinates(X, candidates)
    np.testing.assert_allclose(placed.known @ placed.candidates.T, (X @ candidates.T).toarray(), atol=1e-12)
    np.testing.assert_allclose(placed.of(other) @ placed.known.T, (other @ X.T).toarray(), atol=1e-12)


def test_too_many_rows_and_columns_are_fitted_as_training_does(monkeypatch):
    monkeypatch.setattr(coordinates, "MOST", 20)
    X = words(30, 300)
    learner = learner_of(X, np.arange(30) % 3, X[:4], X[:9])
    assert learner.after([1], [2]).reference().shape == (9, 3) and learner.fit.fits == 1


def test_many_parameters_are_fitted_with_the_hessian_in_parts(monkeypatch):
    X, codes = rows(60, 6, 4)
    whole = learner_of(X, codes, X[:3] + 1.0, X[:9], 4).after([1], [2]).reference()
    monkeypatch.setattr(logistic, "WHOLE", 0)
    np.testing.assert_allclose(
        learner_of(X, codes, X[:3] + 1.0, X[:9], 4).after([1], [2]).reference(), whole, atol=2e-8
    )
    monkeypatch.setattr(logistic, "BLOCKS", 0)
    np.testing.assert_allclose(
        learner_of(X, codes, X[:3] + 1.0, X[:9], 4).after([1], [2]).reference(), whole, atol=2e-8
    )


@pytest.mark.parametrize("size", [0, 1500])
def test_the_curvature_is_the_inverse_of_the_hessian(monkeypatch, size):
    monkeypatch.setattr(logistic, "WHOLE", size)
    rng = np.random.default_rng(5)
    Z, theta, ridge = rng.normal(size=(30, 4)), rng.normal(size=(3, 4)), np.full(4, 0.7)
    p = np.exp(theta @ Z.T) / np.exp(theta @ Z.T).sum(axis=0)
    hessian = sum(
        np.kron(np.diag(p[:, i]) - np.outer(p[:, i], p[:, i]), np.outer(Z[i], Z[i])) * (i + 1.0) for i in range(30)
    ) + 0.7 * np.eye(12)
    curvature = Curvature(Z, theta, ridge, np.arange(30) + 1.0)
    vectors = rng.normal(size=(2, 3, 4))
    wanted = np.linalg.solve(hessian, vectors.reshape(2, 12).T).T
    np.testing.assert_allclose(curvature.times(vectors).reshape(2, 12), wanted, rtol=1e-7)


def test_gradients_are_those_of_the_loss():
    # the loss is -sum ln p + ridge / 2 |w|^2, looked at from both sides of a small step
    rng = np.random.default_rng(2)
    Z = np.hstack([rng.normal(size=(5, 2)), np.ones((5, 1))])
    extra = np.concatenate([rng.normal(size=(1, 1, 2)), np.ones((1, 1, 1))], axis=2)
    target, supposed = np.array([0, 1, 2, 1, 0]), np.array([[2]])
    fits = Fits(Z, target, extra, supposed, 3, Penalty(0.5))
    theta = rng.normal(size=(1, 3, 3))

    def loss(theta):
        scores = np.vstack([Z, extra[0]]) @ theta[0].T
        own = scores[np.arange(6), np.append(target, 2)]
        return np.sum(np.log(np.exp(scores).sum(axis=1)) - own) + 0.25 * (theta[0, :, :2] ** 2).sum()

    got = fits.gradient(theta, *fits.residuals(*fits.scores(theta)))
    for a in range(3):
        for i in range(3):
            step = np.zeros_like(theta)
            step[0, a, i] = 1e-6
            assert got[0, a, i] == pytest.approx((loss(theta + step) - loss(theta - step)) / 2e-6, abs=1e-7)


def test_a_temperature_is_kept():
    for classes in (2, 3):
        X, codes = rows(60, 4, classes)
        learner = learner_of(X, codes, X[:3] * 2.0, X[:9], classes, calibrate=True)
        assert learner.model.calibration == "temperature"
        plain = learner_of(X, codes, X[:3] * 2.0, X[:9], classes)
        # without a supposed label it is the model that there is, but for scikit-learn's tolerance
        np.testing.assert_allclose(learner.after([], []).reference(), learner.model.predict_proba(X[:9]), atol=2e-3)
        hot, cool = (np.log(each.after([1], [0]).reference()) for each in (learner, plain))
        ratio = (hot[:, 0] - hot[:, 1]) / (cool[:, 0] - cool[:, 1])
        assert np.ptp(ratio) < 1e-6 and ratio[0] != pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("estimator", ["naive-bayes", "random-forest"])
def test_any_other_estimator_is_fitted_as_training_does(estimator):
    X, codes = rows(30, 3, 3)
    learner = learner_of(X, codes, X[:4] + 1.0, X[:9], 4, estimator=estimator)
    fitted = learner.after([1, 2], [0, 2])
    wanted = fit(
        np.vstack([X, X[1:3] + 1.0]), [*learner.labels, "class 0", "class 2"], learner.classes, estimator=estimator
    )
    assert np.array_equal(fitted.reference(), wanted.predict_proba(X[:9]))
    assert np.array_equal(fitted.candidates([2]), wanted.predict_proba(X[2:3] + 1.0))
    assert (fitted.labelled()[:, 3] == 0.0).all() and learner.fit.fits == 1


@pytest.mark.parametrize(
    "given",
    [
        {"known": False},
        {"params": {"solver": "liblinear"}},
        {"params": {"C": "1e999"}},
        {"params": {"l1_ratio": "0.5", "solver": "saga"}},
    ],
)
def test_a_logistic_regression_of_another_kind_is_fitted_as_training_does(given):
    X, codes = rows(30, 3, 2)
    learner = learner_of(X, codes, X[:4] + 1.0, X[:9], 2, **given)
    learner.after([1], [0]).reference()
    assert learner.fit.fits == 1


def test_rows_that_are_all_alike_are_fitted_as_training_does():
    X = np.ones((6, 3))
    learner = learner_of(X, [0, 0, 0, 0, 1, 1], X[:2], X[:3], 2)
    np.testing.assert_allclose(learner.after([0], [1]).reference(), np.tile([4 / 7, 3 / 7], (3, 1)))


def test_fits_do_not_depend_on_which_are_asked_for_together():
    X, codes = rows(50, 5, 3)
    candidates = rows(20, 5, 3, 1)[0]
    together, alone = (learner_of(X, codes, candidates, X[:9]) for _ in range(2))
    asked = [together.after([at], [code]) for at in range(20) for code in range(3)]
    got = np.array([fitted.reference() for fitted in asked])
    one = np.array([alone.after([at], [code]).reference() for at in range(20) for code in range(3)])
    np.testing.assert_allclose(got, one, atol=1e-8)
    again = learner_of(X, codes, candidates, X[:9])
    asked = [again.after([at], [code]) for at in range(20) for code in range(3)]
    assert np.array_equal(np.array([fitted.reference() for fitted in asked]), got)


def test_nothing_is_changed_that_was_handed_in():
    X, codes = rows(30, 3, 3)
    candidates, reference = X[:4] + 1.0, X[:5]
    for array in (X, candidates, reference):
        array.setflags(write=False)
    learner = learner_of(X, codes, candidates, reference)
    learner.after([1], [0]).reference()
    assert learner.labels == [f"class {code}" for code in codes]


def test_without_labels_only_supposed_ones_count():
    X, _ = rows(6, 3, 2)
    learner = learner_of(X, [0, 1] * 3, X, X)
    bare = Learner(learner.model, learner.fit, None, [], classes=learner.classes, candidates=X, reference=X)
    assert bare.after([0, 1], [0, 1]).labelled().shape == (0, 3)
    assert bare.after([0, 1], [0, 1]).reference().argmax(axis=1)[:2].tolist() == [0, 1]
    with pytest.raises(ValueError, match="no labels"):
        bare.after([], [])


@pytest.mark.parametrize(("at", "codes"), [([0], []), ([9], [0]), ([-1], [0]), ([0], [3]), ([0], [-1])])
def test_rows_and_classes_that_do_not_exist_are_refused(at, codes):
    X, y = rows(9, 3, 3)
    with pytest.raises(ValueError, match=r"rows|class numbers"):
        learner_of(X, y, X, X).after(at, codes)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_data_ends_at_the_optimum(data):
    """The gradient of the whole loss is nothing, however the rows lie."""
    seed, scale = data.draw(st.integers(0, 999)), data.draw(st.sampled_from([1e-3, 1.0, 30.0]))
    n, d, classes = data.draw(st.integers(4, 30)), data.draw(st.integers(1, 6)), data.draw(st.integers(2, 4))
    rng = np.random.default_rng(seed)
    X, codes = rng.normal(size=(n, d)) * scale, np.arange(n) % classes
    learner = learner_of(
        X, codes, X[:3] * 2.0, X[:3], classes, params={"C": str(data.draw(st.sampled_from([0.1, 10.0])))}
    )
    fitted = learner.after([1], [0])
    fitted.reference()
    theta = fitted.source.theta[None]
    quick = learner._quick
    fits = quick._fits(tuple(range(classes)), [fitted])
    gradient = fits.gradient(theta, *fits.residuals(*fits.scores(theta)))
    assert np.abs(gradient).max() < 1e-6 * max(1.0, scale) * n
