"""`--estimator auto`: which estimator, by cross-validated log loss on the labels there are.

A handful of candidates of different kinds, means of the best linear one and each kind of trees, and all of these also
with a temperature. Logistic regression stays unless another is better by more than noise: no search is free of luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.models.estimators import UNAVERAGED, Recipe, Shape, make, nonnegative
from alcli.models.fitting import fit_head
from alcli.threads import one_thread

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Tried = tuple[str, dict[str, Any]]

LINEAR, TREES = ("logistic", "naive-bayes"), ("extra-trees", "random-forest", "hist-gradient-boosting")
#: Only as a part of a mean: alone they say 0 to what no tree has seen, and one such row outweighs all others.
SURE = ("extra-trees", "random-forest")
FEWEST = 20  # labels below which nothing is compared: the default stays
FOLDS = 5
#: Splits that are averaged over: with few labels one split says little, and more cost little.
REPEATS = ((100, 3), (200, 2))
#: Labels from which less regularisation than the default's is tried. How wrong a sure model is shows in a few rows, and
#: among fewer labels there may be none of them.
BOLD = 100
BOOSTED = 200  # labels from which boosted trees are tried, which are slow with many classes
MOST_BOOSTED = 5
_TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Candidate:
    """One estimator with its parameters; `calibrate` by temperature.

    Attributes
    ----------
    log_loss : mean over the labelled rows, each by models that did not see it; `se` is its standard error.
    gain : how much lower than that of the default, in the mean over the same rows; `gain_se` its standard error.
    """

    estimator: str
    params: Mapping[str, Any] = field(default_factory=dict)
    calibrate: bool = False
    log_loss: float = float("nan")
    se: float = float("nan")
    gain: float = 0.0
    gain_se: float = 0.0


@dataclass(frozen=True)
class Choice:
    """What was chosen, `why` in words, and all that was compared: the default, then the others by log loss."""

    chosen: Candidate
    why: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class _Labels:
    """What is learned from.

    Attributes
    ----------
    codes, weights : (n,) class numbers, and how much the rows count.
    plain : whether all count the same.
    folds : for each repeat the fold of every row, (n,).
    judged : (n,) rows that count in the loss. The only row of its class is known to no model that did not see it.
    """

    codes: Codes
    weights: Array
    plain: bool
    folds: tuple[Codes, ...]
    judged: NDArray[np.bool_]

    @property
    def classes(self) -> int:
        return int(self.codes.max()) + 1


def candidates(shape: Shape, classes: int) -> list[tuple[str, dict[str, Any]]]:
    """What is tried on a matrix of this shape; the first is the default."""
    bold = shape.rows >= BOLD
    if shape.sparse:
        return [
            ("logistic", {}),
            *(("logistic", {"C": C}) for C in ((1.0, 100.0) if bold else (1.0,))),
            ("linear-svm", {}),
            ("naive-bayes", {}),
            ("naive-bayes", {"alpha": 0.1}),
            ("extra-trees", {}),
        ]
    boosted = shape.rows >= BOOSTED and classes <= MOST_BOOSTED
    return [
        ("logistic", {}),
        *(("logistic", {"C": C}) for C in ((0.01, 0.1, 10.0) if bold else (0.01, 0.1))),
        ("linear-svm", {}),
        ("extra-trees", {}),
        ("random-forest", {}),
        *([("hist-gradient-boosting", {})] if boosted else []),
    ]


def choose(
    X: Any,
    codes: Codes,
    *,
    weights: Array | None = None,
    calibrate: bool = False,
    seed: int = 0,
) -> Choice:
    """The estimator with the lowest log loss, of those that beat the default by more than one standard error.

    Parameters
    ----------
    X : dense or CSR matrix of shape (n, d).
    codes : n class numbers 0..s-1, every class at least once.
    weights : of the rows, in fitting and in the mean loss; None when all count the same.
    calibrate : only what is calibrated by temperature may be chosen.

    Notes
    -----
    One fit after the other: scikit-learn's forests change the process's list of warnings while they are fitted, so
    that fits in several threads trip over each other.

    The standard error is that of the difference row by row, on the same folds. Rows are not independent given
    the folds, so it is a yardstick and no test.
    """
    default = Candidate("logistic", calibrate=calibrate)
    counts = np.bincount(codes)
    if len(codes) < FEWEST or int((counts > 1).sum()) < 2:
        return Choice(default, f"too few labels to compare estimators: it takes {FEWEST}, and two of two classes")
    own = np.ones(len(codes)) if weights is None else weights
    labels = _Labels(codes, own, weights is None, _folds(codes, seed), counts[codes] > 1)
    shape = Shape(len(codes), X.shape[1], not isinstance(X, np.ndarray), nonnegative(X))
    tried = candidates(shape, labels.classes)
    proba = _out_of_fold(X, labels, tried, shape, seed)
    return _best(_compared(_with_means(tried, proba, labels), labels, calibrate), default)


def _folds(codes: Codes, seed: int) -> tuple[Codes, ...]:
    """For each repeat, the fold of every row: classes are dealt like cards, so that each fold has its share."""
    n = len(codes)
    repeats = next((times for most, times in REPEATS if n < most), 1)
    found = []
    for repeat in range(repeats):
        shuffled = np.random.default_rng([seed % 2**32, repeat]).permutation(n)
        order = shuffled[np.argsort(codes[shuffled], kind="stable")]
        fold = np.empty(n, dtype=np.int64)
        fold[order] = np.arange(n) % FOLDS
        found.append(fold)
    return tuple(found)


def _out_of_fold(X: Any, labels: _Labels, tried: Sequence[Tried], shape: Shape, seed: int) -> list[Array]:
    """What each candidate says of every row without having seen it, each of shape (repeats, n, classes)."""
    import warnings

    recipes = [make(name, params, shape=shape) for name, params in tried]

    def one(recipe: Recipe, fold: Codes, part: int) -> Array:
        train, test = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        seen, own = np.unique(labels.codes[train], return_inverse=True)
        weights = None if labels.plain else labels.weights[train]
        out = np.zeros((len(test), labels.classes))
        if len(seen) < 2:
            out[:, seen] = 1.0
        else:
            head, _, _ = fit_head(recipe, X[train], own, weights=weights, calibrate=False, seed=seed)
            out[:, seen] = head.proba(X[test]).T
        return out

    found = [np.empty((len(labels.folds), len(labels.codes), labels.classes)) for _ in tried]
    # one BLAS thread: the same sums in the same order on every machine
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        for which, (repeat, fold), part in product(range(len(tried)), enumerate(labels.folds), range(FOLDS)):
            found[which][repeat, fold == part] = one(recipes[which], fold, part)
    return found


def _with_means(tried: Sequence[Tried], proba: Sequence[Array], labels: _Labels) -> list[tuple[Tried, Array]]:
    """The candidates that may stand alone, then the mean of the best linear one with each kind of trees."""
    found = [(its, own) for its, own in zip(tried, proba, strict=True) if its[0] not in SURE]
    losses = [_mean(_loss(own, labels), labels)[0] for own in proba]
    linear = min((at for at, (name, _) in enumerate(tried) if name in LINEAR), key=lambda at: losses[at])
    for at, (name, params) in enumerate(tried):
        if name in TREES:
            first, its = tried[linear]
            both = {f"{first}__{key}": value for key, value in its.items()}
            both |= {f"{name}__{key}": value for key, value in params.items()}
            found.append(((f"{first}+{name}", both), (proba[linear] + proba[at]) / 2))
    return found


def _compared(found: Sequence[tuple[Tried, Array]], labels: _Labels, calibrate: bool) -> list[Candidate]:
    """All of them beside the first, plain and with a temperature where there is not one inside already."""
    rows = []
    for (name, params), proba in found:
        if not calibrate:
            rows.append((name, params, False, _loss(proba, labels)))
        if name not in UNAVERAGED:
            rows.append((name, params, True, _loss(_tempered(proba, labels), labels)))
    base = rows[0][3]
    return [
        Candidate(name, params, its, *_mean(loss, labels), *_mean(base - loss, labels))
        for name, params, its, loss in rows
    ]


def _loss(proba: Array, labels: _Labels) -> Array:
    """Log loss of each row, in the mean over repeats, shape (n,); a probability of 0 counts as 2.2e-16."""
    own = proba[:, np.arange(len(labels.codes)), labels.codes]
    mean: Array = -np.log(np.maximum(own, _TINY)).mean(axis=0)
    return mean


def _mean(values: Array, labels: _Labels) -> tuple[float, float]:
    """Mean over the judged rows, and its standard error."""
    own, weights = values[labels.judged], labels.weights[labels.judged]
    mean = float(np.average(own, weights=weights))
    return mean, float(np.sqrt((weights**2 * (own - mean) ** 2).sum()) / weights.sum())


def _tempered(proba: Array, labels: _Labels) -> Array:
    """With the temperature of each fold found on the other folds, as calibration finds it."""
    from scipy.special import log_softmax

    logits = np.log(proba + _TINY)
    found = np.empty_like(proba)
    for repeat, fold in enumerate(labels.folds):
        for part in range(FOLDS):
            known, new = labels.judged & (fold != part), fold == part
            inverse = _inverse_temperature(logits[repeat, known], labels.codes[known], labels.weights[known])
            found[repeat, new] = np.exp(log_softmax(inverse * logits[repeat, new], axis=1))
    return found


def _inverse_temperature(logits: Array, codes: Codes, weights: Array) -> float:
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def cost(log_inverse: float) -> float:
        own = log_softmax(np.exp(log_inverse) * logits, axis=1)[np.arange(len(codes)), codes]
        return -float(np.average(own, weights=weights))

    return float(np.exp(minimize_scalar(cost, bounds=(-5.0, 5.0), method="bounded").x))


def _best(entries: Sequence[Candidate], default: Candidate) -> Choice:
    """The default, unless another is better by more than one standard error of the difference."""
    base, *others = entries
    able = [each for each in others if each.gain > each.gain_se]
    best = min(able, key=lambda each: each.log_loss, default=base)
    if best is base:
        why = f"{default.estimator} stays: no other log loss is lower by more than its standard error"
    else:
        why = f"its log loss is lower than that of {default.estimator} by {best.gain:.3f} ± {best.gain_se:.3f}"
    return Choice(best, why, (base, *sorted(others, key=lambda each: each.log_loss)))
