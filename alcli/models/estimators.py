"""Estimators by name. The table imports nothing heavy, so help and refusals can read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alcli.errors import UsageError, did_you_mean

#: A Gaussian process inverts a matrix of labels by labels, again and again.
MOST_GAUSSIAN = 2_000
#: Chooses among them by what the labels say; see alcli.models.choosing.
AUTO = "auto"
#: No part of a mean: they have no probabilities of their own.
UNAVERAGED = ("linear-svm", "rbf-svm")


@dataclass(frozen=True)
class Estimator:
    """One named estimator. `target` is imported when first used.

    `on_text` are defaults that take the place of `defaults` when the matrix is sparse. `pooled` says that it learns
    from rows without a label too.
    """

    name: str
    summary: str
    target: str
    accepts_sparse: bool
    defaults: Mapping[str, Any] = field(default_factory=dict)
    on_text: Mapping[str, Any] = field(default_factory=dict)
    pooled: bool = False


ROWS = (
    Estimator(
        "logistic",
        "Logistic regression: quick, steady with few labels, made for text",
        "sklearn.linear_model:LogisticRegression",
        True,
        {"max_iter": 1000},
        # rows of length 1 want less shrinking than scaled columns: on sms_spam, trec6 and mr with 100
        # and 400 random labels, 10 gave a lower log loss and a higher macro F1 than 1 in most
        {"C": 10.0},
    ),
    Estimator(
        "linear-svm",
        "Linear support vectors with probabilities by Platt's sigmoid",
        "sklearn.svm:LinearSVC",
        True,
        {"max_iter": 5000},
    ),
    Estimator(
        "rbf-svm",
        "Support vectors with a radial kernel: curved boundaries from few labels; the model of many published comparisons",
        "sklearn.svm:SVC",
        True,
        # on scaled columns "auto", 1 / columns, is what "scale" comes to; it does not move with the rows labelled
        {"gamma": "auto"},
        # rows of length 1 are at most 1.4 apart
        {"gamma": 1.0},
    ),
    Estimator(
        "naive-bayes",
        "Naive Bayes: multinomial for text, Gaussian for numbers, Bernoulli for both together",
        "sklearn.naive_bayes:MultinomialNB",
        True,
    ),
    Estimator(
        "random-forest",
        "A hundred randomized trees: curved boundaries, no tuning",
        "sklearn.ensemble:RandomForestClassifier",
        True,
        {"n_estimators": 100, "n_jobs": 1},
    ),
    Estimator(
        "extra-trees",
        "Trees with random cuts: like random-forest, smoother and faster",
        "sklearn.ensemble:ExtraTreesClassifier",
        True,
        {"n_estimators": 100, "n_jobs": 1},
    ),
    Estimator(
        "hist-gradient-boosting",
        "Boosted trees: strongest on tables once there are some hundred labels; no text",
        "sklearn.ensemble:HistGradientBoostingClassifier",
        False,
        {"early_stopping": False},
    ),
    Estimator(
        "knn",
        "The nearest labelled rows vote, the nearer the louder",
        "sklearn.neighbors:KNeighborsClassifier",
        True,
        {"n_neighbors": 5, "weights": "distance", "n_jobs": 1},
    ),
    Estimator(
        "gaussian-process",
        f"Gaussian process: smooth and honest with few labels; at most {MOST_GAUSSIAN:,}, no text",
        "sklearn.gaussian_process:GaussianProcessClassifier",
        False,
        {"n_jobs": 1},
    ),
    Estimator(
        "mlp",
        "A small neural network",
        "sklearn.neural_network:MLPClassifier",
        True,
        {"hidden_layer_sizes": (64,), "max_iter": 500},
    ),
    Estimator(
        "self-training",
        "`logistic`, or another `base`, that also learns from rows of the pool of which it is sure",
        "alcli.models.pooled:SelfTraining",
        True,
        pooled=True,
    ),
    Estimator(
        "label-spreading",
        "Labels spread over the graph of nearest rows of the pool",
        "alcli.models.pooled:Spreading",
        True,
        pooled=True,
    ),
)
ESTIMATORS = {row.name: row for row in ROWS}
#: Learn from rows of the pool without a label too.
POOLED = tuple(row.name for row in ROWS if row.pooled)


def pooled(name: str) -> bool:
    """Whether an estimator, or a part of a mean, learns from rows without a label too.

    >>> pooled("logistic+label-spreading"), pooled("logistic"), pooled("mine:build")
    (True, False, False)
    """
    return any(part in POOLED for part in parts_of(name))


def check_name(name: str) -> None:
    """Refuse an estimator that is neither in the table, nor several of it with `+` between, nor `module:factory`.

    >>> check_name("logistic"); check_name("mine:build")
    >>> check_name("logistik")
    Traceback (most recent call last):
    alcli.errors.UsageError: no estimator is called 'logistik'
    """
    if name in ESTIMATORS:
        return
    if "+" in name and ":" not in name:
        _check_parts(parts_of(name))
        return
    module, colon, attribute = name.partition(":")
    if colon and module and attribute:
        return
    hint = (
        did_you_mean(name, (*ESTIMATORS, AUTO)) or f"there are {', '.join(ESTIMATORS)}, or your own as `module:factory`"
    )
    raise UsageError(f"no estimator is called {name!r}", hint=hint, code="unknown-estimator")


def parts_of(name: str) -> tuple[str, ...]:
    """The estimators of which `name` is the mean.

    >>> parts_of("logistic+extra-trees")
    ('logistic', 'extra-trees')
    """
    return tuple(part.strip() for part in name.split("+"))


def _check_parts(parts: tuple[str, ...]) -> None:
    for part in parts:
        if part not in ESTIMATORS:
            raise UsageError(
                f"no estimator is called {part!r}",
                hint=did_you_mean(part, ESTIMATORS) or f"there are {', '.join(ESTIMATORS)}",
                code="unknown-estimator",
            )
        if part in UNAVERAGED:
            raise UsageError(
                f"{part} has no probabilities of its own to take the mean of",
                hint="`logistic` has them, `gaussian-process` for curved boundaries",
                code="unknown-estimator",
            )
    if len(set(parts)) < len(parts):
        raise UsageError(f"`{'+'.join(parts)}` names an estimator twice", code="unknown-estimator")
