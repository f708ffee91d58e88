"""One estimator fitted on one set of labels, calibrated where asked, as a head."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import AlcliError, ModelError, UsageError
from alcli.models import lbfgs
from alcli.models.heads import ConstantHead, EstimatorHead, Head, LinearHead
from alcli.models.recipes import Recipe

FOLDS = 5

Fitted = tuple[Head, str, list[str]]


def fit_head(
    recipe: Recipe,
    X: Any,
    codes: NDArray[np.int64],
    *,
    weights: NDArray[np.float64] | None,
    calibrate: bool,
    seed: int,
) -> Fitted:
    """Fit, calibrate, and take to plain arrays what is linear.

    Parameters
    ----------
    X, codes : rows and their class numbers 0..s-1, every class at least once, s >= 2.
    weights : of the rows, shape (n,), or None.
    calibrate : by temperature, fitted on out-of-fold scores.

    Returns
    -------
    head, calibration, notes
        `calibration` says how scores become probabilities: "none", "temperature", "sigmoid", "margin".
    """
    if recipe.dense and not isinstance(X, np.ndarray):
        X = X.toarray()
    counts = np.bincount(codes, weights)
    seen, fewest = len(counts), int(np.bincount(codes).min())
    if _alike(X):
        # There is nothing to learn from, and Gaussian naive Bayes would answer NaN.
        note = "all labelled rows are alike: the model knows only how common each class is"
        return ConstantHead(counts / counts.sum()), "none", [note]
    method = "temperature" if calibrate else "sigmoid" if recipe.name == "linear-svm" else "none"
    notes: list[str] = []
    if method != "none" and fewest < 2:
        if calibrate:
            notes.append("not calibrated: that needs two labels of every class")
        method = "none"
    fitted = None
    if method != "none":
        try:
            fitted = _calibrated(recipe, X, codes, weights, method, min(FOLDS, fewest), seed)
        except ModelError as error:
            # A fold may be too small or too uniform for what can be fitted on the whole.
            notes.append(f"not calibrated: {error.message}")
    if fitted is None:
        estimator = _fit(recipe, recipe.build(seed), X, codes, weights)
        notes += getattr(estimator, "notes_", ())
        return _head(recipe, estimator, seen, None), "margin" if _has_margins_only(estimator) else "none", notes
    inner = fitted.calibrated_classifiers_[0]
    if method == "sigmoid" and any(calibrator.a_ >= 0 for calibrator in inner.calibrators):
        # With a handful of labels the folds can disagree with the whole; Platt's sigmoid then turns
        # the ranking upside down.
        notes.append("too few labels for Platt's sigmoid: probabilities are a softmax of the margin")
        return _head(recipe, inner.estimator, seen, None), "margin", notes
    notes += getattr(inner.estimator, "notes_", ())
    return _head(recipe, inner.estimator, seen, fitted), method, notes


def _fit(recipe: Recipe, estimator: Any, X: Any, codes: NDArray[np.int64], weights: NDArray[np.float64] | None) -> Any:
    from sklearn.utils._param_validation import InvalidParameterError

    extra = {} if weights is None else {"sample_weight": weights}
    try:
        if weights is None and lbfgs.suits(estimator):
            return lbfgs.fit(estimator, X, codes)
        return estimator.fit(X, codes, **extra)
    except AlcliError:
        raise
    except InvalidParameterError as error:
        raise UsageError(str(error).rstrip("."), hint="given by `--param`", code="bad-param") from error
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"{recipe.name} could not be fitted: {lines[0].rstrip('.')}",
            hint="the values of `--param`, or another `--estimator`, may help",
            code="estimator-failed",
        ) from error


def _calibrated(
    recipe: Recipe,
    X: Any,
    codes: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
    method: str,
    folds: int,
    seed: int,
) -> Any:
    """One calibrator on out-of-fold scores, around an estimator fitted on all rows."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    estimator = recipe.build(seed)
    if recipe.name == "knn":
        inside = len(codes) - -(-len(codes) // folds)  # rows left when the largest fold is out
        estimator.set_params(n_neighbors=min(estimator.get_params()["n_neighbors"], inside))
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32)
    wrapper = CalibratedClassifierCV(estimator, method=method, cv=splits, ensemble=False, n_jobs=1)
    return _fit(recipe, wrapper, X, codes, weights)


def _alike(X: Any) -> bool:
    """Whether all rows are the same."""
    if isinstance(X, np.ndarray):
        return bool((X[0] == X).all())
    return not (X.max(axis=0) - X.min(axis=0)).count_nonzero()


def _is_svm(estimator: Any) -> bool:
    from sklearn.svm import LinearSVC

    return isinstance(estimator, LinearSVC)


def _has_margins_only(estimator: Any) -> bool:
    """Whether probabilities are made of its margins."""
    return not hasattr(estimator, "predict_proba")


def _head(recipe: Recipe, estimator: Any, seen: int, calibrated: Any) -> Head:
    """Plain arrays for what is linear inside, else the estimator itself."""
    linear = _linear_parts(estimator)
    if linear is None:
        return EstimatorHead(calibrated or estimator, recipe.name, seen, recipe.dense)
    coef, intercept = linear
    if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
        raise ModelError(
            f"{recipe.name} learned weights that are not finite",
            hint="another `--estimator`, or other `--param`, may suit these data",
            code="bad-probabilities",
        )
    binary = len(coef) == 1
    calibrators = calibrated.calibrated_classifiers_[0].calibrators if calibrated else []
    if calibrated and calibrated.method == "sigmoid":
        slopes = np.array([-calibrator.a_ for calibrator in calibrators])
        offsets = np.array([-calibrator.b_ for calibrator in calibrators])
    else:
        # Of a temperature, two classes have the scores -x and x: twice the distance.
        doubled = binary and (calibrated or _is_svm(estimator))
        slope = (float(calibrators[0].beta_) if calibrated else 1.0) * (2.0 if doubled else 1.0)
        slopes, offsets = np.full(len(coef), slope), np.zeros(len(coef))
    link = "sigmoid" if binary else "softmax"
    if calibrated and calibrated.method == "sigmoid" and not binary:
        link = "ovr"
    return LinearHead((coef * slopes[:, None]).T, intercept * slopes + offsets, link, 1.0 / slopes, -offsets / slopes)


def _linear_parts(estimator: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """(k, d) and (k,) of an estimator that is exactly a linear one of scikit-learn, or was trained by itself as one."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.svm import LinearSVC

    from alcli.models.pooled import SelfTraining

    if type(estimator) is SelfTraining:
        return _linear_parts(estimator.inside_)
    if type(estimator) in (LogisticRegression, LinearSVC):
        intercept = np.broadcast_to(np.asarray(estimator.intercept_, np.float64), len(estimator.coef_))
        return np.asarray(estimator.coef_, np.float64), intercept
    if type(estimator) is MultinomialNB:
        return estimator.feature_log_prob_, estimator.class_log_prior_
    return None
