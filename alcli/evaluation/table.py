"""The metrics there are: names, directions, bounds, papers. One row a metric; imports nothing heavy.

A new metric is one function in scores.py and one row here. `resampled` names a second function
that scores all bootstrap replicates at once; without it the first is called for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from alcli.errors import UsageError, did_you_mean, listing


@dataclass(frozen=True)
class Metric:
    """One way to say how good a model is.

    Parameters
    ----------
    name : as it stands in metrics.csv; a metric of one class is called ``f1[spam]``.
    summary : one line for people.
    target : ``module:function``, taking a `Judged` (and the class's code for a metric of one class).
    resampled : the same for a `Resampled`, giving one value for each replicate.
    needs : ``"predicted"`` when only the likeliest class counts, ``"proba"`` otherwise.
    better : ``"higher"`` or ``"lower"``.
    low, high : the bounds of its values.
    proportion : a share of rows, so that a closed-form interval exists.
    of : the class that it is about.
    source : the paper, where it is not in every textbook.
    """

    name: str
    summary: str
    target: str
    resampled: str | None
    needs: Literal["proba", "predicted"]
    better: Literal["higher", "lower"] = "higher"
    low: float = 0.0
    high: float = 1.0
    proportion: bool = False
    of: str | None = None
    source: str = ""


_SCORES = "alcli.evaluation.scores"
_FAST = "alcli.evaluation.resampled"

METRICS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric(
            "accuracy",
            "share of rows whose likeliest class is the true one",
            f"{_SCORES}:accuracy",
            f"{_FAST}:accuracy",
            needs="predicted",
            proportion=True,
        ),
        Metric(
            "balanced_accuracy",
            "mean recall of the classes in the test set",
            f"{_SCORES}:balanced_accuracy",
            f"{_FAST}:balanced_accuracy",
            needs="predicted",
        ),
        Metric(
            "f1_macro",
            "mean F1 of the classes that occur or are predicted",
            f"{_SCORES}:f1_macro",
            f"{_FAST}:f1_macro",
            needs="predicted",
        ),
        Metric(
            "log_loss",
            "mean of -ln(probability of the true class)",
            f"{_SCORES}:log_loss",
            f"{_FAST}:log_loss",
            needs="proba",
            better="lower",
            high=inf,
        ),
        Metric(
            "brier",
            "mean squared distance of the probabilities from the truth",
            f"{_SCORES}:brier",
            f"{_FAST}:brier",
            needs="proba",
            better="lower",
            high=2.0,
            source="Brier 1950",
        ),
        Metric(
            "ece",
            "how far confidence is from accuracy, over 15 bins of equal width",
            f"{_SCORES}:ece",
            f"{_FAST}:ece",
            needs="proba",
            better="lower",
            source="Guo, Pleiss, Sun, Weinberger 2017",
        ),
        Metric(
            "auc",
            "chance that a row of a class is ranked above one that is not, mean over the classes",
            f"{_SCORES}:auc",
            f"{_FAST}:auc",
            needs="proba",
        ),
    )
}

PER_CLASS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric(
            "precision",
            "share of the rows predicted as this class that are of it",
            f"{_SCORES}:precision",
            f"{_FAST}:precision",
            needs="predicted",
            proportion=True,
        ),
        Metric(
            "recall",
            "share of the rows of this class that are predicted as it",
            f"{_SCORES}:recall",
            f"{_FAST}:recall",
            needs="predicted",
            proportion=True,
        ),
        Metric(
            "f1",
            "harmonic mean of precision and recall of this class",
            f"{_SCORES}:f1",
            f"{_FAST}:f1",
            needs="predicted",
        ),
        Metric(
            "support",
            "rows of this class",
            f"{_SCORES}:support",
            f"{_FAST}:support",
            needs="predicted",
            high=inf,
        ),
    )
}

ALIASES: dict[str, str] = {
    "acc": "accuracy",
    "f1": "f1_macro",
    "macro_f1": "f1_macro",
    "logloss": "log_loss",
    "roc_auc": "auc",
    "brier_score": "brier",
}

DEFAULT: tuple[str, ...] = ("accuracy", "balanced_accuracy", "f1_macro", "log_loss", "ece", "auc")


def find_metric(name: str, classes: Sequence[str] | None = None) -> Metric:
    """The metric that a person means by `name`.

    Case and the difference between ``-`` and ``_`` do not count, except in the name of a class.

    Parameters
    ----------
    classes : when given, the class in ``f1[class]`` must be one of them.

    Raises
    ------
    UsageError
        ``unknown-metric`` when nothing is called so, ``unknown-class`` when the class is unknown.

    Examples
    --------
    >>> find_metric("Macro-F1").name
    'f1_macro'
    >>> find_metric("recall[spam]", ["ham", "spam"]).of
    'spam'
    >>> find_metric("acuracy")
    Traceback (most recent call last):
    alcli.errors.UsageError: no metric is called 'acuracy'
    """
    family, bracket, rest = name.partition("[")
    plain = family.strip().casefold().replace("-", "_")
    if bracket and rest.endswith("]") and plain in PER_CLASS:
        return _of_class(PER_CLASS[plain], rest[:-1], classes)
    if not bracket and (found := ALIASES.get(plain, plain)) in METRICS:
        return METRICS[found]
    if not bracket and plain in PER_CLASS:
        raise UsageError(
            f"{plain!r} is measured for one class at a time",
            hint=f"name the class: `{plain}[{classes[-1] if classes else 'CLASS'}]`",
            code="unknown-metric",
        )
    known = [*METRICS, *ALIASES, *(f"{family}[CLASS]" for family in PER_CLASS)]
    near = did_you_mean(plain, [*METRICS, *ALIASES])
    raise UsageError(
        f"no metric is called {name!r}",
        hint=near or f"there are {listing(known, most=len(known))}",
        code="unknown-metric",
    )


def _of_class(metric: Metric, label: str, classes: Sequence[str] | None) -> Metric:
    if classes is not None and label not in classes:
        raise UsageError(
            f"{label!r} in `{metric.name}[{label}]` is not one of the {len(classes)} classes",
            hint=did_you_mean(label, classes) or f"the classes are {listing(classes)}",
            code="unknown-class",
        )
    return replace(metric, name=f"{metric.name}[{label}]", of=label)


def per_class_names(classes: Sequence[str]) -> list[str]:
    """``precision[a]``, ``recall[a]``, ``f1[a]``, ``support[a]``, then the same for the next class.

    >>> per_class_names(["ham"])
    ['precision[ham]', 'recall[ham]', 'f1[ham]', 'support[ham]']
    """
    return [f"{family}[{label}]" for label in classes for family in PER_CLASS]
