"""From the name of an estimator to estimators: how `--param`, `--class-weight` and the data's shape reach them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from alcli.errors import ModelError, UsageError, did_you_mean, listing
from alcli.models.estimators import ESTIMATORS, MOST_GAUSSIAN, Estimator, check_name, parts_of

#: Widest sparse matrix that an estimator without sparse input is given as a dense one.
DENSE_COLUMNS = 5_000


@dataclass(frozen=True)
class Shape:
    """What is known of the training matrix before fitting."""

    rows: int
    columns: int
    sparse: bool = False
    nonnegative: bool = False


def nonnegative(X: Any) -> bool:
    """Whether no cell of a matrix is below zero."""
    values = X.data if hasattr(X, "tocsr") else X
    return values.size == 0 or bool(values.min() >= 0)


@dataclass(frozen=True)
class Recipe:
    """How to make one fresh, unfitted estimator after another.

    `build(seed)` makes one. `dense` says that sparse rows have to be made dense for it. `weighted`
    says that class weights have to come as `sample_weight`, because it has no `class_weight`.
    """

    name: str
    build: Callable[[int], Any]
    dense: bool
    weighted: bool
    notes: tuple[str, ...] = ()


def make(
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    class_weight: Any = None,
    shape: Shape,
    unlabelled: Any = None,
) -> Recipe:
    """A recipe for the estimator called `name`, or made by the user's own `module:factory`.

    Parameters
    ----------
    params : values for the estimator's own parameters; text is read as a Python literal where it is
        one (`0.5`, `None`, `(64, 32)`; also `true`, `false`, `none`), else it stays text.
    class_weight : None, "balanced" or class index -> weight, as scikit-learn takes it.
    shape : of the training matrix.
    unlabelled : matrix of rows without a label, for estimators that learn from them; only needed to fit.

    Raises
    ------
    UsageError
        For an unknown name or parameter.
    ModelError
        When the user's factory fails, or the data don't suit the estimator.
    """
    check_name(name)
    if "+" in name and ":" not in name:
        return _average(name, params or {}, class_weight, shape, unlabelled)
    row = ESTIMATORS.get(name)
    factory = _suited(row, shape) if row else _own(name)
    dense = row is not None and not row.accepts_sparse
    if name == "naive-bayes":
        dense = not shape.sparse
    if dense and shape.sparse and shape.columns > DENSE_COLUMNS:
        raise ModelError(
            f"{name} cannot take the {shape.columns:,} columns that text makes",
            hint="use `--estimator logistic`, linear-svm, naive-bayes or random-forest",
            code="needs-dense",
        )
    if name == "gaussian-process" and shape.rows > MOST_GAUSSIAN:
        raise ModelError(
            f"gaussian-process takes at most {MOST_GAUSSIAN:,} labels, and there are {shape.rows:,}",
            hint="use `--estimator logistic` or hist-gradient-boosting",
            code="too-many-labels",
        )
    typed = {key: _typed(value) for key, value in (params or {}).items()}
    defaults = {**row.defaults, **(row.on_text if shape.sparse else {})} if row else {}
    known = _known(name, factory)
    _check_params(name, typed, known)
    settings = {key: value for key, value in defaults.items() if key in known} | typed
    notes = []
    if name == "knn" and isinstance(settings["n_neighbors"], int) and settings["n_neighbors"] > shape.rows:
        notes.append(f"knn asks {shape.rows} neighbours, not {settings['n_neighbors']}: there are no more labels")
        settings["n_neighbors"] = shape.rows
    weighted = class_weight is not None and "class_weight" not in known
    if class_weight is not None and not weighted:
        settings["class_weight"] = class_weight

    def build(seed: int) -> Any:
        # The user's own random_state stays, in a factory or by --param.
        seeded = "random_state" in known and settings.get("random_state", known["random_state"]) is None
        given = {**settings, "random_state": seed % 2**32} if seeded else settings
        # its constructor is quicker than set_params, which asks for the signature each time; an inner parameter it cannot take
        if row is not None and isinstance(factory, type) and not any("__" in key for key in given):
            estimator = factory(**given)
        else:
            estimator = _called(name, factory)
            if given:
                estimator.set_params(**given)
        return estimator.beside(unlabelled) if row is not None and row.pooled else estimator

    return Recipe(name, build, dense, weighted, tuple(notes))


def _average(name: str, params: Mapping[str, Any], class_weight: Any, shape: Shape, unlabelled: Any) -> Recipe:
    """The mean of several; `part__key` is parameter `key` of `part`."""
    parts = parts_of(name)
    own: dict[str, dict[str, Any]] = {part: {} for part in parts}
    for key, value in params.items():
        part, _, inner = key.partition("__")
        if part not in own or not inner:
            raise UsageError(
                f"{name} has no parameter {key!r}",
                hint=f"as in `--param {parts[0]}__KEY=VALUE`",
                code="unknown-param",
            )
        own[part][inner] = value
    # weights of classes come as weights of rows: every part understands them alike
    recipes = [make(part, own[part], shape=shape, unlabelled=unlabelled) for part in parts]

    def build(seed: int) -> Any:
        from alcli.models.average import Average

        return Average([(each.name, each.build(seed)) for each in recipes])

    notes = tuple(note for each in recipes for note in each.notes)
    return Recipe(name, build, any(each.dense for each in recipes), class_weight is not None, notes)


def _suited(row: Estimator, shape: Shape) -> Callable[[], Any]:
    """The class behind a name, chosen by the data where there are several."""
    if row.name == "naive-bayes":
        from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB

        if not shape.sparse:
            chosen: Callable[[], Any] = GaussianNB
        else:
            # Numbers beside text are negative below their mean: then it counts what is above zero.
            chosen = MultinomialNB if shape.nonnegative else BernoulliNB
        return chosen
    if row.name == "gaussian-process":
        from sklearn.gaussian_process import GaussianProcessClassifier
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel

        # Scaled columns put two rows about sqrt(2 d) apart; a length of 1 would see only strangers.
        length = max(float(shape.columns), 1.0) ** 0.5
        return lambda: GaussianProcessClassifier(ConstantKernel(1.0) * RBF(length, (1e-2, 1e4)))
    module, _, attribute = row.target.partition(":")
    loaded: Callable[[], Any] = getattr(import_module(module), attribute)
    return loaded


def _own(target: str) -> Callable[[], Any]:
    module, _, attribute = target.partition(":")
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise ModelError(
            f"the estimator {target!r} cannot be imported: {_reason(error)}",
            hint="`module:factory` is a Python module in this folder or on PYTHONPATH, and a callable in it",
            code="estimator-import",
        ) from error
    if not callable(found):
        raise ModelError(
            f"{target!r} is not callable",
            hint="name a class, or a function that returns an estimator",
            code="estimator-import",
        )
    factory: Callable[[], Any] = found
    return factory


def _called(name: str, factory: Callable[[], Any]) -> Any:
    if name in ESTIMATORS:
        return factory()
    try:
        estimator = factory()
    except Exception as error:
        raise ModelError(
            f"{name!r} failed when called without arguments: {_reason(error)}", code="estimator-failed"
        ) from error
    if not hasattr(estimator, "fit") or not (
        hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")
    ):
        raise ModelError(
            f"{name!r} made a {type(estimator).__name__}, which is no classifier",
            hint="it needs fit(X, y) and predict_proba(X) or decision_function(X), as in scikit-learn",
            code="not-an-estimator",
        )
    return estimator


def _known(name: str, factory: Callable[[], Any]) -> Mapping[str, Any]:
    """The parameters that an estimator has, with their defaults."""
    if name in ESTIMATORS and isinstance(factory, type):
        return _defaults(factory)
    estimator = _called(name, factory)
    found: Mapping[str, Any] = estimator.get_params() if hasattr(estimator, "get_params") else {}
    return found


@cache
def _defaults(kind: type) -> Mapping[str, Any]:
    """Asking takes longer than a small fit's bookkeeping, and a class does not change."""
    found: Mapping[str, Any] = kind().get_params()
    return found


def _check_params(name: str, params: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for key in params:
        if key == "class_weight":
            raise UsageError("class weights have a flag of their own", hint="use `--class-weight`")
        if key not in known:
            usual = sorted(k for k in known if k != "class_weight" and "__" not in k)
            raise UsageError(
                f"{name} has no parameter {key!r}",
                hint=did_you_mean(key, usual) or f"it has {listing(usual, most=40)}",
                code="unknown-param",
            )


def _typed(value: Any) -> Any:
    """
    >>> [_typed(text) for text in ("0.5", "none", "True", "(64, 32)", "saga")]
    [0.5, None, True, (64, 32), 'saga']
    """
    if not isinstance(value, str):
        return tuple(value) if isinstance(value, list) else value
    words = {"true": True, "false": False, "none": None, "null": None}
    if value.strip().lower() in words:
        return words[value.strip().lower()]
    try:
        return ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value


def _reason(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
