"""Fits a model, and its committee, on labelled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import ModelError, listing
from alcli.models.classifier import Model
from alcli.models.estimators import POOLED, check_name, pooled
from alcli.models.heads import ConstantHead, Head
from alcli.models.recipes import Recipe, Shape, make, nonnegative
from alcli.models.weights import check_weighs_rows, class_weights, class_weights_of_rows, row_weights
from alcli.threads import one_thread

if TYPE_CHECKING:
    from alcli.models.choosing import Choice

Array = NDArray[np.float64]


def fit(
    X: Any,
    y: Sequence[str],
    classes: Sequence[str],
    *,
    estimator: str = "logistic",
    params: Mapping[str, Any] | None = None,
    committee: int | Sequence[str] = 0,
    calibrate: bool = False,
    class_weight: str | Mapping[str, float] | None = None,
    weights: Sequence[float] | None = None,
    seed: int = 0,
    jobs: int = 1,
    unlabelled: Any = None,
) -> Model:
    """Fit a model, and its committee, on labelled rows.

    Parameters
    ----------
    X : dense or CSR matrix of shape (n, d).
    y : n labels, each one of `classes`.
    classes : all classes of the project; some may have no label yet.
    estimator : a name of `ESTIMATORS` or the user's own `module:factory`. Estimators are fitted on
        class numbers 0..s-1 in the order of `classes`, so that any library's will do.
    params : for that estimator (not for other named members of a committee).
    committee : how many bootstrap members of the same estimator, or the names of several
        estimators that each see all rows. Bootstrap draws inside each class, so every member sees
        every class, as often as it was labelled. Members are not calibrated by temperature.
    calibrate : temperature scaling on out-of-fold scores, which self-training and label spreading always have; skipped with a note when a class has one
        label only.
    class_weight : None, "balanced", or class -> weight (1 for those not named).
    weights : of the rows, above 0; they multiply those of the classes. None when all count the same.
    jobs : threads for the members. The result doesn't depend on it.
    unlabelled : matrix of rows of the pool, for estimators that learn from them as well.

    Raises
    ------
    ValueError
        Without labels, or with one that isn't in `classes`.
    UsageError
        Unknown estimator, parameter, value or class weight.
    ModelError
        The estimator failed, or doesn't suit the data.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017). On calibration of modern neural networks (temperature).
    Platt (1999). Probabilistic outputs for support vector machines.
    """
    labels = list(y)
    _check(X, labels, classes, committee)
    present = set(labels)
    seen = [name for name in classes if name in present]
    number = {name: i for i, name in enumerate(seen)}
    codes = np.array([number[label] for label in labels], dtype=np.int64)
    weight = class_weights(class_weight, classes, number)
    several = [] if isinstance(committee, int) else list(committee)
    shape = Shape(len(labels), X.shape[1], not isinstance(X, np.ndarray), nonnegative(X))
    own = row_weights(weights, len(labels))
    # beside weights of rows, those of classes come as weights of rows too: every estimator understands them alike
    told = weight if own is None else None
    if any(map(pooled, (estimator, *several))):
        _check_unlabelled(estimator, unlabelled, X.shape[1])
    more = {"class_weight": told, "shape": shape, "unlabelled": unlabelled}
    recipe = make(estimator, params, **more)
    recipes = [recipe if name == estimator else make(name, **more) for name in several] or [recipe] * (
        committee if isinstance(committee, int) else 0
    )
    if weights is not None:
        for its in (recipe, *recipes):
            check_weighs_rows(its)
    members = [its.name for its in recipes]
    if len(seen) == 1:
        heads: list[Head] = [ConstantHead(np.ones(1)) for _ in recipes]
        notes = [f"all labels are {seen[0]!r}: the model says so of every row"]
        return Model(
            classes,
            seen,
            ConstantHead(np.ones(1)),
            heads,
            estimator=estimator,
            calibration="none",
            members=members,
            notes=notes,
        )

    # what learned from its own guesses is surer than it may be
    warm = calibrate or estimator in POOLED
    tasks: list[Task] = [(recipe, None, warm, seed)]
    for i, its in enumerate(recipes):
        draw = None if several else _bootstrap(codes, np.random.default_rng([seed % 2**32, i]))
        tasks.append((its, draw, False, seed + 7919 * (i + 1)))
    results, warned = _fit_all(X, codes, weight, own, tasks, jobs)
    notes = list(dict.fromkeys([*recipe.notes, *results[0][2], *warned]))
    return Model(
        classes,
        seen,
        results[0][0],
        [result[0] for result in results[1:]],
        estimator=estimator,
        calibration=results[0][1],
        members=members,
        notes=notes,
    )


Task = tuple[Recipe, NDArray[np.int64] | None, bool, int]


def _fit_all(
    X: Any, codes: NDArray[np.int64], weight: Any, own: Array | None, tasks: Sequence[Task], jobs: int
) -> tuple[list[tuple[Head, str, list[str]]], list[str]]:
    """Fit every task on its rows; also what scikit-learn warned of, in few words."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    from alcli.models.fitting import fit_head

    def one(recipe: Recipe, draw: NDArray[np.int64] | None, calibrate: bool, seed: int) -> Any:
        rows, its = (X, codes) if draw is None else (X[draw], codes[draw])
        weights = (
            class_weights_of_rows(recipe, weight, its) if recipe.weighted or (own is not None and weight) else None
        )
        if own is not None:
            mine = own if draw is None else own[draw]
            weights = mine if weights is None else weights * mine
        return fit_head(recipe, rows, its, weights=weights, calibrate=calibrate, seed=seed)

    # One BLAS thread: the same sums in the same order on every machine.
    with warnings.catch_warnings(record=True) as caught, one_thread():
        warnings.simplefilter("always")
        if min(jobs, len(tasks)) == 1:
            results = [one(*task) for task in tasks]
        else:
            from joblib import Parallel, delayed

            results = Parallel(n_jobs=min(jobs, len(tasks)), prefer="threads")(delayed(one)(*task) for task in tasks)
    slow = any(issubclass(its.category, ConvergenceWarning) for its in caught)
    return results, ["the fit stopped before it settled; `--param max_iter=…` gives it longer"] if slow else []


def pick(
    X: Any,
    y: Sequence[str],
    classes: Sequence[str],
    *,
    calibrate: bool = False,
    class_weight: str | Mapping[str, float] | None = None,
    weights: Sequence[float] | None = None,
    seed: int = 0,
    unlabelled: Any = None,
) -> Choice:
    """What `estimator` should be, by these labels; parameters and errors as for `fit`."""

    from sklearn.utils import compute_sample_weight

    from alcli.models.choosing import choose

    labels = list(y)
    _check(X, labels, classes, 0)
    present = set(labels)
    number = {name: at for at, name in enumerate(name for name in classes if name in present)}
    codes = np.array([number[label] for label in labels], dtype=np.int64)
    weight, own = class_weights(class_weight, classes, number), row_weights(weights, len(labels))
    if weight is not None:
        its = np.asarray(compute_sample_weight(weight, codes), dtype=np.float64)
        own = its if own is None else own * its
    return choose(X, codes, weights=own, calibrate=calibrate, seed=seed, unlabelled=unlabelled)


def _check(X: Any, labels: Sequence[str], classes: Sequence[str], committee: int | Sequence[str]) -> None:
    if not labels:
        raise ValueError("no labels")
    if X.shape[0] != len(labels):
        raise ValueError(f"{X.shape[0]} rows and {len(labels)} labels")
    if len(set(classes)) != len(classes):
        raise ValueError("a class is named twice")
    strangers = sorted({str(label) for label in labels if label not in set(classes)})
    if strangers:
        raise ValueError(f"labels that are not among the classes: {listing(strangers)}")
    if isinstance(committee, int):
        if committee < 0:
            raise ValueError("a committee cannot have fewer than 0 members")
    else:
        for name in committee:
            check_name(name)


def _check_unlabelled(name: str, unlabelled: Any, columns: int) -> None:
    if unlabelled is None or not unlabelled.shape[0]:
        raise ModelError(
            f"{name} learns from rows without a label too, and there are none",
            hint="train beside the pool, or name another `--estimator`",
            code="no-unlabelled",
        )
    if unlabelled.shape[1] != columns:
        raise ValueError(f"unlabelled rows of {unlabelled.shape[1]} columns, and labelled ones of {columns}")


def _bootstrap(codes: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn with replacement inside each class, in order of row."""
    draws = []
    for code in range(int(codes.max()) + 1):
        rows = np.flatnonzero(codes == code)
        draws.append(rng.choice(rows, size=len(rows)))
    return np.sort(np.concatenate(draws))
