"""Metrics, one function each, by scikit-learn where it has them; `measure` computes many at once.

Each takes a `Judged` (and the code of a class where it is about one class) and gives a float, or
raises `Undefined` with the reason in words.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import listing
from alcli.evaluation.judged import Judged, judge
from alcli.evaluation.table import DEFAULT, Metric, find_metric

# Guo et al. use 15 bins throughout.
ECE_BINS = 15


class Undefined(Exception):
    """A metric has no value on these rows; the message says why."""


@dataclass(frozen=True)
class Score:
    """A metric's value, its interval and, where one of them is missing, why.

    Attributes
    ----------
    value : None when the metric is undefined on these rows.
    low, high : 95% interval; None when it was not asked for or cannot be had.
    why : the reason of whatever is None, and what was left out; empty when there is nothing to say.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


def measure(
    y_true: Sequence[str],
    proba: NDArray[np.floating],
    classes: Sequence[str],
    metrics: Iterable[str] = DEFAULT,
    *,
    weights: NDArray[np.floating] | None = None,
) -> dict[str, Score]:
    """Each metric's value on these rows.

    Works for any test set: with classes the model does not know, with one class only, with one
    row. What cannot be computed there is None, with the reason.

    Parameters
    ----------
    y_true : n labels.
    proba : array of shape (n, c), columns in the order of `classes`, rows summing to 1.
    metrics : names as `find_metric` takes them; the result's keys are the proper names.
    weights : array of shape (n,); importance weights of the rows, None for equal ones.

    Raises
    ------
    UsageError
        If a metric is unknown.
    ValueError
        If the arrays do not fit (see `judge`).

    Examples
    --------
    >>> got = measure(["a", "b"], np.array([[0.9, 0.1], [0.8, 0.2]]), ["a", "b"], ["accuracy", "auc"])
    >>> got["accuracy"].value, got["auc"].value
    (0.5, 1.0)
    """
    judged = judge(y_true, proba, classes, weights)
    return {metric.name: score(judged, metric) for metric in wanted(judged, metrics)}


def wanted(judged: Judged, metrics: Iterable[str]) -> list[Metric]:
    """The named metrics, each once."""
    found = {metric.name: metric for metric in (find_metric(name, judged.classes) for name in metrics)}
    return list(found.values())


def score(judged: Judged, metric: Metric) -> Score:
    """One metric's value; `why` also names the classes that it had to leave out."""
    if not len(judged):
        return Score(None, why="there are no rows to measure on")
    try:
        return Score(value(judged, metric), why=_remarks(judged, metric))
    except Undefined as reason:
        return Score(None, why=str(reason))


def value(judged: Judged, metric: Metric) -> float:
    """One metric's bare value.

    Raises
    ------
    Undefined
        If it has none on these rows.
    """
    function = load(metric.target)
    with _without_warnings():
        if metric.of is None:
            return float(function(judged))
        return float(function(judged, judged.classes.index(metric.of)))


def load(target: str) -> Callable[..., Any]:
    """The function behind ``module:name``."""
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


@contextmanager
def _without_warnings() -> Iterator[None]:
    # scikit-learn warns of classes without rows; here they are told in `why`
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _remarks(judged: Judged, metric: Metric) -> str:
    """What a reader of the value should know about these rows."""
    if metric.name in ("auc", "balanced_accuracy"):
        codes = set(present(judged).tolist())
        absent = [repr(name) for code, name in enumerate(judged.classes) if code not in codes]
        return f"without {listing(absent)}: no test row is of it" if absent else ""
    if metric.name == "log_loss":
        own = judged.proba[np.arange(len(judged)), judged.truth]
        hopeless = int((own == 0).sum())
        if hopeless:
            return f"the true class had probability 0 in {hopeless} of {len(judged)} rows: each costs 36.04"
    return ""


def present(judged: Judged) -> NDArray[np.intp]:
    """Codes of the classes that the truth holds, ascending."""
    return np.unique(judged.truth)


def accuracy(judged: Judged) -> float:
    """Share of rows whose likeliest class is the true one."""
    return float(np.average(judged.truth == judged.predicted, weights=judged.weights))


def balanced_accuracy(judged: Judged) -> float:
    """Mean recall of the classes that the truth holds; chance is 1 / their number."""
    from sklearn.metrics import balanced_accuracy_score

    return float(balanced_accuracy_score(judged.truth, judged.predicted, sample_weight=judged.weights))


def f1_macro(judged: Judged) -> float:
    """Mean F1 of the classes that occur in the truth or among the predictions.

    A class that is predicted but never true counts as 0; one that is neither does not count.
    """
    from sklearn.metrics import f1_score

    return float(
        f1_score(judged.truth, judged.predicted, average="macro", zero_division=0, sample_weight=judged.weights)
    )


def log_loss(judged: Judged) -> float:
    """Mean of -ln(probability of the true class), in nats; 0 is best.

    A probability of 0 is counted as 2.2e-16 (scikit-learn's clip), so a row of a class that the
    model does not know costs 36.04.
    """
    from sklearn.metrics import log_loss as by_sklearn

    if len(judged.classes) == 1:
        return 0.0  # nothing to be wrong about; scikit-learn refuses a single class
    codes = np.arange(len(judged.classes))
    return float(by_sklearn(judged.truth, judged.proba, labels=codes, sample_weight=judged.weights))


def brier(judged: Judged) -> float:
    """Mean over rows of the summed squared distance between probabilities and truth, in [0, 2].

    References
    ----------
    Brier (1950). Verification of forecasts expressed in terms of probability. This is his form
    for any number of classes; for two classes it is twice what is often called the Brier score.
    """
    return float(np.average(squared_distance(judged), weights=judged.weights))


def squared_distance(judged: Judged) -> NDArray[np.float64]:
    """What each row adds to the Brier score: array of shape (n,)."""
    own = judged.proba[np.arange(len(judged)), judged.truth]
    # Σ(p - t)² = Σp² - 2 p_true + 1, without an (n, c) one-hot of the truth
    distance: NDArray[np.float64] = np.einsum("ij,ij->i", judged.proba, judged.proba) - 2 * own + 1
    return np.maximum(distance, 0)


def ece(judged: Judged) -> float:
    """Expected calibration error of the top label, in [0, 1]; 0 is best.

    Rows are put into 15 bins of equal width by the probability of their likeliest class, open
    below and closed above; the error is the mean over rows of their bin's
    ``|accuracy - mean confidence|``. With few rows it is biased upwards: a perfectly
    calibrated model does not get 0.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017). On calibration of modern neural networks, section 2.
    """
    weights = np.ones(len(judged)) if judged.weights is None else judged.weights
    bins, gap = calibration_gaps(judged)
    return float(np.abs(np.bincount(bins, weights=gap * weights, minlength=ECE_BINS)).sum() / weights.sum())


def calibration_gaps(judged: Judged) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Each row's bin (0 … 14) and ``right - confidence``: arrays of shape (n,)."""
    confidence = judged.proba.max(axis=1)
    # A probability may come out a hair above 1 and must not open a sixteenth bin.
    bins = np.clip(np.ceil(confidence * ECE_BINS) - 1, 0, ECE_BINS - 1).astype(np.intp)
    return bins, (judged.truth == judged.predicted) - confidence


def auc(judged: Judged) -> float:
    """Area under the ROC curve; with more than two classes the mean of one class against the rest.

    Chance is 0.5. Of two classes the last is the positive one, which makes no difference to the
    value. Classes without a row in the truth are left out; a class that the model does not know
    has all rows tied, so 0.5.

    Raises
    ------
    Undefined
        If the truth holds one class only.

    References
    ----------
    Hand, Till (2001) average over pairs of classes; this is the plainer one-vs-rest average of
    Provost, Domingos (2000) with equal weights.
    """
    from sklearn.metrics import roc_auc_score

    areas = [
        roc_auc_score(judged.truth == code, judged.proba[:, code], sample_weight=judged.weights)
        for code in auc_classes(judged)
    ]
    return float(np.mean(areas))


def auc_classes(judged: Judged) -> NDArray[np.intp]:
    """Codes of the classes whose curves are averaged.

    Raises
    ------
    Undefined
        If the truth holds one class only.
    """
    codes = present(judged)
    if len(codes) < 2:
        raise Undefined(f"all test rows are of one class, {judged.classes[codes[0]]!r}")
    return codes[-1:] if len(judged.classes) == 2 else codes


def precision(judged: Judged, of: int) -> float:
    """Share of the rows predicted as this class that are of it; undefined when there are none."""
    from sklearn.metrics import precision_score

    if not (judged.predicted == of).any():
        raise Undefined(f"no row was predicted as {judged.classes[of]!r}")
    return float(precision_score(judged.truth == of, judged.predicted == of, sample_weight=judged.weights))


def recall(judged: Judged, of: int) -> float:
    """Share of the rows of this class that are predicted as it; undefined when there are none."""
    from sklearn.metrics import recall_score

    if not (judged.truth == of).any():
        raise Undefined(f"no test row is of class {judged.classes[of]!r}")
    return float(recall_score(judged.truth == of, judged.predicted == of, sample_weight=judged.weights))


def f1(judged: Judged, of: int) -> float:
    """Harmonic mean of precision and recall; undefined when the class neither occurs nor is predicted."""
    from sklearn.metrics import f1_score

    if not ((judged.truth == of) | (judged.predicted == of)).any():
        raise Undefined(f"{judged.classes[of]!r} neither occurs nor is predicted")
    return float(f1_score(judged.truth == of, judged.predicted == of, sample_weight=judged.weights))


def support(judged: Judged, of: int) -> float:
    """Rows of this class, or their summed weights."""
    own = judged.truth == of
    return float(own.sum() if judged.weights is None else judged.weights[own].sum())
