"""The model of a project: probabilities for the classes of the settings, and a committee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import ModelError, UsageError, did_you_mean, listing
from alcli.models.estimators import POOLED, Recipe, Shape, check_name, make, nonnegative, pooled
from alcli.models.heads import ConstantHead, Head, LinearHead, committee_of, stack_of
from alcli.threads import one_thread

if TYPE_CHECKING:
    from alcli.models.choosing import Choice

Array = NDArray[np.float64]


class Model:
    """A fitted classifier; made by `fit`.

    Attributes
    ----------
    classes : the classes of the settings; columns of probabilities stand in this order.
    seen : those that had labels, in the same order; the others have probability 0.
    estimator : its name.
    calibration : how scores become probabilities: "none" (the estimator's own), "temperature",
        "sigmoid" (Platt's) or "margin" (a softmax of the margin: too few labels for a sigmoid).
    members : names of the committee's estimators, () without one.
    notes : what the user should hear about the fit.
    """

    def __init__(
        self,
        classes: Sequence[str],
        seen: Sequence[str],
        head: Head,
        heads: Sequence[Head],
        *,
        estimator: str,
        calibration: str,
        members: Sequence[str],
        notes: Sequence[str],
    ) -> None:
        self.classes = tuple(classes)
        self.seen = tuple(seen)
        self.head = head
        self.heads = list(heads)
        self.estimator = estimator
        self.calibration = calibration
        self.members = tuple(members)
        self.notes = tuple(notes)

    def predict_proba(self, X: Any) -> Array:
        """Class probabilities, shape (n, c), columns in the order of `classes`.

        Rows are finite and sum to 1. The array is column-major: class by class in memory.

        Parameters
        ----------
        X : dense float64 or CSR matrix of shape (n, d), from the maker the model was fitted with.
        """
        proba: Array = self._checked(self._spread(self.head.proba(X)[None]))[0].T
        return proba

    def committee_proba(self, X: Any) -> Array:
        """What each member says, shape (m, n, c).

        Raises
        ------
        ModelError
            `no-committee` when the model was trained without one.
        """
        if not self.heads:
            raise ModelError(
                "this model has no committee",
                hint="train one with `alcli train --committee 5`",
                code="no-committee",
            )
        if all(isinstance(head, LinearHead) for head in self.heads):
            linear = [head for head in self.heads if isinstance(head, LinearHead)]
            if len({(head.link, len(head.bias)) for head in linear}) == 1:
                return self._checked(self._spread(committee_of(linear, X, self._stacked(linear)))).transpose(0, 2, 1)
        votes = np.stack([head.proba(X) for head in self.heads])
        return self._checked(self._spread(votes)).transpose(0, 2, 1)

    def decision(self, X: Any) -> Array:
        """Scores before calibration, over the classes seen.

        Shape (n,) when two classes were seen, positive for the second; zeros when it was one; else
        (n, len(seen)), larger for likelier. An estimator without scores gives log-odds or logs.
        """
        return self.head.decision(X)

    @property
    def has_committee(self) -> bool:
        """Whether `committee_proba` can be had."""
        return bool(self.heads)

    def over(self, classes: Sequence[str]) -> Model:
        """The same model over other classes: those it never saw have probability 0.

        Classes that it saw and that are not named stay, behind the others: what a model says of
        them has to go somewhere.
        """
        whole = (*classes, *(name for name in self.seen if name not in classes))
        return Model(
            whole,
            self.seen,
            self.head,
            self.heads,
            estimator=self.estimator,
            calibration=self.calibration,
            members=self.members,
            notes=self.notes,
        )

    def _stacked(self, heads: Sequence[LinearHead]) -> Array:
        """The members' weights side by side, kept in memory but not in the file."""
        stack: Array | None = self.__dict__.get("_stack")
        if stack is None:
            stack = self._stack = stack_of(heads)
        return stack

    def _spread(self, votes: Array) -> Array:
        """(m, s, n) to (m, c, n): zeros for classes without labels."""
        if self.seen == self.classes:
            return votes
        out = np.zeros((votes.shape[0], len(self.classes), votes.shape[2]))
        out[:, [self.classes.index(name) for name in self.seen]] = votes
        return out

    def _checked(self, votes: Array) -> Array:
        # A sum is finite only if all of it is; probabilities are too small to overflow.
        if not np.isfinite(votes.sum()):
            raise ModelError(
                f"{self.estimator} gave probabilities that are not finite",
                hint="train again with another `--estimator` or other `--param`",
                code="bad-probabilities",
            )
        return votes

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_stack"}


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
    weight = _class_weight(class_weight, classes, number)
    several = [] if isinstance(committee, int) else list(committee)
    shape = Shape(len(labels), X.shape[1], not isinstance(X, np.ndarray), nonnegative(X))
    own = _row_weights(weights, len(labels))
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
            _check_weighs_rows(its)
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
        weights = _sample_weight(recipe, weight, its) if recipe.weighted or (own is not None and weight) else None
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
    weight, own = _class_weight(class_weight, classes, number), _row_weights(weights, len(labels))
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


def _class_weight(given: str | Mapping[str, float] | None, classes: Sequence[str], number: Mapping[str, int]) -> Any:
    """As scikit-learn takes it: None, "balanced" or class number -> weight."""
    if given is None or given == "balanced":
        return given
    if isinstance(given, str):
        raise UsageError(f"class weights are `balanced` or CLASS=WEIGHT, not {given!r}", code="class-weight")
    weights = dict.fromkeys(number.values(), 1.0)
    for name, value in given.items():
        if name not in classes:
            raise UsageError(
                f"a class weight names {name!r}, which is not one of the classes",
                hint=did_you_mean(name, classes) or f"the classes are: {listing(list(classes))}",
                code="class-weight",
            )
        if not 0 < float(value) < float("inf"):
            raise UsageError(f"the weight of class {name!r} has to be above 0", code="class-weight")
        if name in number:
            weights[number[name]] = float(value)
    return weights


def _row_weights(weights: Sequence[float] | None, rows: int) -> Array | None:
    """Weights of rows as an array; None when all are 1, so that the model is the very one without them."""
    if weights is None:
        return None
    found = np.asarray(weights, dtype=np.float64)
    if found.shape != (rows,) or not (np.isfinite(found).all() and (found > 0).all()):
        raise ValueError(f"{rows} weights above 0 are needed")
    return None if bool((found == 1.0).all()) else found


def _weighs_rows(recipe: Recipe) -> bool:
    """Whether the estimator, or every part of a mean, takes weights of rows."""
    from sklearn.utils.validation import has_fit_parameter

    from alcli.models.average import Average

    own = recipe.build(0)
    parts = [part for _, part in own.estimators] if isinstance(own, Average) else [own]
    return all(has_fit_parameter(part, "sample_weight") for part in parts)


def _check_weighs_rows(recipe: Recipe) -> None:
    if not _weighs_rows(recipe):
        raise UsageError(
            f"{recipe.name} cannot weigh rows",
            hint="leave out `--label-weight`, or use another `--estimator`",
            code="label-weight",
        )


def _sample_weight(recipe: Recipe, weight: Any, codes: NDArray[np.int64]) -> Array:
    """Class weights as weights of rows, for an estimator that has no `class_weight`."""
    from sklearn.utils import compute_sample_weight

    if not _weighs_rows(recipe):
        raise UsageError(
            f"{recipe.name} cannot weigh classes",
            hint="leave out `--class-weight`, or use another `--estimator`",
            code="class-weight",
        )
    return np.asarray(compute_sample_weight(weight, codes), dtype=np.float64)


def _bootstrap(codes: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn with replacement inside each class, in order of row."""
    draws = []
    for code in range(int(codes.max()) + 1):
        rows = np.flatnonzero(codes == code)
        draws.append(rng.choice(rows, size=len(rows)))
    return np.sort(np.concatenate(draws))
