"""`--estimator auto`: which estimator, by cross-validated log loss on the labels there are.

A handful of candidates of different kinds, means of them, and all of these also with a temperature. A default stays unless
another is better by more than noise: no search is free of luck. It is the mean of logistic regression and extra-trees, of which
each smooths what the other is too sure of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.models.estimators import POOLED, UNAVERAGED
from alcli.models.fitting import fit_head
from alcli.models.recipes import Recipe, Shape, make, nonnegative
from alcli.threads import one_thread

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Tried = tuple[str, dict[str, Any]]

LINEAR = ("logistic", "naive-bayes")
FOREST, BOOSTED, SPREAD = "extra-trees", "hist-gradient-boosting", "label-spreading"
#: Only as a part of a mean. Alone a forest says 0 to what no tree has seen, and one such row outweighs all others; and on tables
#: a linear model is too sure of what is not linear, which labels that were chosen actively hardly show.
APART, APART_ON_TABLES = (FOREST,), (FOREST, "logistic")
#: What claims less than the default needs one standard error only: this by itself, and the default with a temperature.
SIMPLE: Tried = ("logistic", {})
#: By how many standard errors another has to be better than the default: labels that were chosen actively are no fair sample.
BETTER = 2.0
FEWEST = 20  # labels below which nothing is compared: the default stays
FOLDS = 5
#: Splits that are averaged over: with few labels one split says little, and more cost little.
REPEATS = ((60, 2),)
#: Labels from which less regularisation than the default's is tried. How wrong a sure model is shows in a few rows, and
#: among fewer labels there may be none of them.
BOLD = 100
BOOST = 60  # labels from which boosted trees are tried, which are slow with many classes
MOST_BOOSTED = 5
#: For a few hundred labels: leaves of 20 rows, as is usual, leave them nothing to learn.
SMALL = {"max_iter": 60, "min_samples_leaf": 8}
#: Leaves of two rows at least: with one, trees learn by heart what is noise, and the mean falls behind logistic regression there.
PAIRED = {"min_samples_leaf": 2}
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


def candidates(shape: Shape, classes: int, pool: bool = False) -> list[tuple[str, dict[str, Any]]]:
    """What is tried on a matrix of this shape, by itself or as a part of a mean; logistic regression is the first.

    `pool` says that there are rows without labels at hand.
    """
    bold = shape.rows >= BOLD
    if shape.sparse:
        return [
            ("logistic", {}),
            *(("logistic", {"C": C}) for C in ((1.0, 100.0) if bold else (1.0,))),
            ("linear-svm", {}),
            ("naive-bayes", {}),
            ("naive-bayes", {"alpha": 0.1}),
            (FOREST, {}),
        ]
    boosted = shape.rows >= BOOST and classes <= MOST_BOOSTED
    return [
        ("logistic", {}),
        *(("logistic", {"C": C}) for C in ((0.1, 10.0) if bold else (0.1,))),
        (FOREST, PAIRED),
        *([(BOOSTED, SMALL)] if boosted else []),
        *([(SPREAD, {})] if pool else []),
    ]


def _default(tried: Sequence[Tried], calibrate: bool) -> Candidate:
    """What stays as long as nothing else is better, and where there are too few labels to compare.

    The mean of the first, logistic regression, and the forest: docs/choosing.md has what it gains over logistic regression
    alone, with 30 labels as with 200.
    """
    name, params = _mean_of([tried[0], next(its for its in tried if its[0] == FOREST)])
    return Candidate(name, params, calibrate)


def choose(
    X: Any,
    codes: Codes,
    *,
    weights: Array | None = None,
    calibrate: bool = False,
    seed: int = 0,
    unlabelled: Any = None,
) -> Choice:
    """The estimator with the lowest log loss, of those that beat the default by more than two standard errors.

    One is enough for what claims less: plain logistic regression, and the default with a temperature.

    Parameters
    ----------
    X : dense or CSR matrix of shape (n, d).
    codes : n class numbers 0..s-1, every class at least once.
    weights : of the rows, in fitting and in the mean loss; None when all count the same.
    calibrate : only what is calibrated by temperature may be chosen.
    unlabelled : (u, d) rows of the pool, or None. On tables they let labels spread, where nothing weighs rows.

    Notes
    -----
    One fit after the other: scikit-learn's forests change the process's list of warnings while they are fitted, so
    that fits in several threads trip over each other.

    The standard error is that of the difference row by row, on the same folds. Rows are not independent given
    the folds, so it is a yardstick and no test.
    """
    shape = Shape(len(codes), X.shape[1], not isinstance(X, np.ndarray), nonnegative(X))
    pool = unlabelled is not None and weights is None and unlabelled.shape[0] > len(codes)
    tried = candidates(shape, int(codes.max()) + 1, pool)
    default = _default(tried, calibrate)
    counts = np.bincount(codes)
    if len(codes) < FEWEST or int((counts > 1).sum()) < 2:
        return Choice(default, f"too few labels to compare estimators: it takes {FEWEST}, and two of two classes")
    own = np.ones(len(codes)) if weights is None else weights
    labels = _Labels(codes, own, weights is None, _folds(codes, seed), counts[codes] > 1)
    proba = _out_of_fold(X, labels, [make(*its, shape=shape, unlabelled=unlabelled) for its in tried], seed)
    return _best(_compared(_with_means(tried, proba, labels, shape.sparse), default, labels, calibrate))


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


def _out_of_fold(X: Any, labels: _Labels, recipes: Sequence[Recipe], seed: int) -> list[Array]:
    """What each candidate says of every row without having seen it, each of shape (repeats, n, classes)."""
    import warnings

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

    found = [np.empty((len(labels.folds), len(labels.codes), labels.classes)) for _ in recipes]
    # one BLAS thread: the same sums in the same order on every machine
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        for which, (repeat, fold), part in product(range(len(recipes)), enumerate(labels.folds), range(FOLDS)):
            found[which][repeat, fold == part] = one(recipes[which], fold, part)
    return found


def _with_means(
    tried: Sequence[Tried], proba: Sequence[Array], labels: _Labels, sparse: bool
) -> list[tuple[Tried, Array]]:
    """The candidates that may stand alone; means of each linear one with the forest; of the best one with the others."""
    known = list(zip(tried, proba, strict=True))
    found = [(its, own) for its, own in known if its == SIMPLE or its[0] not in (APART if sparse else APART_ON_TABLES)]
    linear = [(its, own) for its, own in known if its[0] in LINEAR]
    forest = [(its, own) for its, own in known if its[0] == FOREST]
    more = [(its, own) for its, own in known if its[0] in (BOOSTED, SPREAD)]
    best = [min(linear, key=lambda each: _mean(_loss(each[1], labels), labels)[0])]
    for parts in (*product(linear, forest), *product(best, more), *product(best, forest, more)):
        found.append((_mean_of([its for its, _ in parts]), np.mean([own for _, own in parts], axis=0)))
    return found


def _mean_of(parts: Sequence[Tried]) -> Tried:
    """The mean of several as one estimator."""
    params = {f"{name}__{key}": value for name, its in parts for key, value in its.items()}
    return "+".join(name for name, _ in parts), params


def _compared(
    found: Sequence[tuple[Tried, Array]], default: Candidate, labels: _Labels, calibrate: bool
) -> list[Candidate]:
    """All of them, the default first: plain, and with a temperature where there is not one inside already."""
    rows = []
    for (name, params), proba in found:
        if not calibrate and name not in POOLED:  # which always have a temperature
            rows.append((name, params, False, _loss(proba, labels)))
        if name not in UNAVERAGED:
            rows.append((name, params, True, _loss(_tempered(proba, labels), labels)))
    mine = (default.estimator, default.params, default.calibrate)
    rows.sort(key=lambda row: row[:3] != mine)
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


def _best(entries: Sequence[Candidate]) -> Choice:
    """The default, which is the first, unless another is better by two standard errors of the difference, or a modest one by one."""
    base, *others = entries
    modest = SIMPLE, (base.estimator, base.params)
    able = [
        each
        for each in others
        if each.gain > (1.0 if (each.estimator, each.params) in modest else BETTER) * each.gain_se
    ]
    best = min(able, key=lambda each: each.log_loss, default=base)
    if best is base:
        why = f"{base.estimator} stays: no other log loss is lower by enough standard errors"
    else:
        why = f"its log loss is lower than that of {base.estimator} by {best.gain:.3f} ± {best.gain_se:.3f}"
    return Choice(best, why, (base, *sorted(others, key=lambda each: each.log_loss)))
