"""`[train]`, `[evaluate]`, `[enough]` and `[predict]`: what learns, how good it is, when it is enough, what it is used for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from alcli.settings.rows import setting

learning = partial(setting, section="train")
measuring = partial(setting, section="evaluate")
stopping = partial(setting, section="enough")
using = partial(setting, section="predict")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Train:
    """What learns."""

    estimator: str = learning(
        "logistic",
        "text",
        "What learns: a name, several with + between, auto, or module:factory",
        "train",
    )
    train_param: tuple[str, ...] = learning(
        (), "texts", "KEY=VALUE for the estimator", "train", flag="param", key="param"
    )
    committee: str | None = learning(
        None,
        "text",
        "Members: a number, or names of estimators with commas between",
        "train simulate",
    )
    calibrate: bool = learning(False, "bool", "Calibrate the probabilities", "train simulate")
    class_weight: str | None = learning(
        None, "text", "`balanced`, or CLASS=WEIGHT with commas between", "train simulate"
    )
    label_weight: str = learning(
        "none",
        "choice",
        "How much a labelled row counts in training: all the same, or as much as its label is certain",
        "train simulate",
        choices=("none", "certainty"),
    )
    train_fail_under: tuple[str, ...] = learning(
        (),
        "texts",
        "Also measure by cross-validation on the labels, and answer no (3) when a metric is below this",
        "train",
        flag="fail_under",
        key="fail_under",
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Evaluate:
    """What is measured, and on what."""

    folds: int = measuring(5, "int", "Folds of the cross-validation", "evaluate predict train recheck report", least=2)
    metric: tuple[str, ...] = measuring((), "texts", "Metrics to measure", "evaluate simulate report")
    fail_under: tuple[str, ...] = measuring((), "texts", "Answer no (3) when a metric is below this", "evaluate")
    by: str | None = measuring(None, "text", "Measure for each value of this column", "evaluate")
    how: str = measuring(
        "auto",
        "choice",
        "What to measure on: the test file, rows drawn for it, the random rows of a mix, or all labels by folds",
        "evaluate report",
        choices=("auto", "test", "evaluation", "random-arm", "folds"),
    )
    calibration: bool = measuring(False, "bool", "Show confidence beside accuracy", "evaluate")
    cutoffs: str | None = measuring(None, "text", "Show precision and recall of this class at thresholds", "evaluate")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Enough:
    """When to stop."""

    rule: tuple[str, ...] = stopping(
        (),
        "texts",
        "Stopping rule, such as 'kappa >= 0.99 for 3'; one that holds is enough",
        "enough query status check report",
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Predict:
    """What predictions are written, and what they promise."""

    proba: bool = using(False, "bool", "Write the probability of every class", "predict")
    only_confident: float | None = using(
        None,
        "float",
        "Only rows whose confidence reaches this; without P beside --target-precision, which chooses it",
        "predict",
        least=0,
        most=1,
    )
    target_precision: float | None = using(
        None,
        "float",
        "Only rows so confident that this share of them is right, as held-out rows promise",
        "predict",
        least=0,
        most=1,
    )
    coverage: float | None = using(
        None,
        "float",
        "Write the set of classes that holds the true one with this chance, as held-out rows promise",
        "predict",
        least=0,
        most=1,
    )
