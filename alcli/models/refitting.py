"""The model, fitted again with labels that are only supposed: for strategies that look one label ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from alcli.models.classifier import Model
from alcli.models.coordinates import Coordinates
from alcli.models.heads import LinearHead, committee_of
from alcli.models.logistic import TOGETHER, Curvature, Fits, Penalty, settle

Array = NDArray[np.float64]
Key = tuple[tuple[int, ...], int]


class Learner:
    """What a strategy asks when it wants to know how the model would change.

    Logistic regression is fitted by `alcli.models.logistic`, from where the fit without supposed labels
    ended: exactly, to the optimum, in a few milliseconds. Everything else is fitted by `fit`, afresh each
    time. A temperature is kept as it is now: one more label hardly moves it, and finding it anew takes five
    fits. Nothing is fitted before it is asked about; then all that `after` has been asked for meanwhile is
    fitted together, which is many times faster than one by one. Results do not depend on that.

    Parameters
    ----------
    model : as it is now.
    fit : makes a model like it from a matrix and labels. When it has an attribute `recipe`, with the
        attributes `estimator`, `params` and `class_weight`, that says whether it is a logistic regression.
    X : (l, d) matrix of the labelled rows, dense or CSR; None when there are none.
    labels : their classes.
    classes : of the project, in the order of probabilities; class numbers are positions here.
    candidates : (m, d) matrix of the candidates.
    reference : (r, d) matrix of rows that stand for the pool.
    weights : of the labelled rows, given to `fit` as a third argument; supposed labels weigh 1. None without.
    """

    def __init__(
        self,
        model: Model,
        fit: Callable[..., Model],
        X: Any,
        labels: Sequence[str],
        *,
        classes: Sequence[str],
        candidates: Any,
        reference: Any,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.model = model
        self.weights = None if weights is None else np.asarray(weights, dtype=np.float64)
        self.fit = fit
        self.X = X
        self.labels = list(labels)
        self.classes = tuple(classes)
        self.candidates = candidates
        self.reference = reference
        self.threads = ThreadpoolController()
        self._waiting: list[Fitted] = []
        with self.threads.limit(limits=1):
            self._quick = _Quick.of(self)

    def after(self, rows: Sequence[int], codes: Sequence[int]) -> Fitted:
        """The model fitted on what is labelled and on the candidates `rows` with the class numbers `codes`.

        Raises
        ------
        ValueError
            If rows and codes are not as many, there is no such row or class, or there is no label at all.
        """
        at, numbers = [int(row) for row in rows], [int(code) for code in codes]
        if len(at) != len(numbers):
            raise ValueError(f"{len(at)} rows and {len(numbers)} class numbers")
        if any(not 0 <= row < self.candidates.shape[0] for row in at):
            raise ValueError(f"rows must be between 0 and {self.candidates.shape[0] - 1}, not {at}")
        if any(not 0 <= code < len(self.classes) for code in numbers):
            raise ValueError(f"class numbers must be between 0 and {len(self.classes) - 1}, not {numbers}")
        if not at and not self.labels:
            raise ValueError("no labels, and none supposed")
        fitted = Fitted(self, tuple(at), tuple(numbers))
        self._waiting.append(fitted)
        return fitted

    def settle(self) -> None:
        """Fit all that wait."""
        waiting, self._waiting = self._waiting, []
        if self._quick is not None:
            self._quick.settle(waiting)
            return
        for fitted in waiting:
            fitted.source = _Whole(self, fitted)


class Fitted:
    """A model after supposed labels. Each method gives probabilities, columns in the order of `classes`."""

    def __init__(self, learner: Learner, rows: tuple[int, ...], codes: tuple[int, ...]) -> None:
        self.learner, self.rows, self.codes = learner, rows, codes
        self.source: _Whole | _Linear | None = None

    def reference(self) -> Array:
        """(r, c) for the rows that stand for the pool."""
        return self._proba("reference", None)

    def labelled(self) -> Array:
        """(l, c) for the labelled rows."""
        return self._proba("X", None)

    def candidates(self, rows: Sequence[int] | None = None) -> Array:
        """(m, c) for the candidates, or for some of them."""
        return self._proba("candidates", None if rows is None else np.asarray(rows, dtype=np.intp))

    def _proba(self, name: str, rows: NDArray[np.intp] | None) -> Array:
        # One BLAS thread: the same sums in the same order on every machine.
        with self.learner.threads.limit(limits=1):
            if self.source is None:
                self.learner.settle()
            assert self.source is not None
            return self.source.proba(name, rows)


class _Whole:
    """Fitted as `alcli train` would."""

    def __init__(self, learner: Learner, fitted: Fitted) -> None:
        own = learner.candidates[list(fitted.rows)]
        X = own if learner.X is None else _stacked(learner.X, own)
        self.learner = learner
        y = learner.labels + [learner.classes[code] for code in fitted.codes]
        if learner.weights is None:
            self.model = learner.fit(X, y)
        else:
            self.model = learner.fit(X, y, [*learner.weights.tolist(), *(1.0 for _ in fitted.codes)])

    def proba(self, name: str, rows: NDArray[np.intp] | None) -> Array:
        matrix = getattr(self.learner, name)
        if matrix is None:
            return np.empty((0, len(self.learner.classes)))
        found: Array = self.model.over(self.learner.classes).predict_proba(matrix if rows is None else matrix[rows])
        return found[:, : len(self.learner.classes)]


class _Linear:
    """A logistic regression in the coordinates of the learner.

    `theta` has the shape (k, D), a last column for the intercept where there is one.
    """

    def __init__(self, quick: _Quick, classes: tuple[int, ...], theta: Array) -> None:
        self.quick, self.classes, self.theta = quick, classes, theta

    def proba(self, name: str, rows: NDArray[np.intp] | None) -> Array:
        Z = self.quick.places[name]
        Z = Z if rows is None else Z[rows]
        if len(self.classes) == len(self.quick.learner.classes):
            return self._seen(Z)
        found = np.zeros((len(Z), len(self.quick.learner.classes)))
        found[:, self.classes] = self._seen(Z)
        return found

    def _seen(self, Z: Array) -> Array:
        if len(self.classes) == 1:
            return np.ones((len(Z), 1))
        width = Z.shape[1]
        theta = self.theta * self.quick.slope(len(self.classes))
        bias = theta[:, width] if theta.shape[1] > width else np.zeros(len(theta))
        link = "sigmoid" if len(theta) == 1 else "softmax"
        proba: Array = committee_of([LinearHead(theta[:, :width].T, bias, link)], Z)[0].T
        return proba


class _Quick:
    """Logistic regressions of one learner. Made by `of`, which returns None where `fit` has to do."""

    def __init__(self, learner: Learner, penalty: Penalty, temperature: float | None) -> None:
        self.learner, self.penalty, self.temperature = learner, penalty, temperature
        number = {name: code for code, name in enumerate(learner.classes)}
        self.codes = np.array([number[label] for label in learner.labels], dtype=np.intp)
        placed = Coordinates(learner.X, learner.candidates)
        self.places = {
            "X": placed.known,
            "candidates": placed.candidates,
            "reference": placed.of(learner.reference),
        }
        self.start: dict[tuple[int, ...], tuple[Array, Curvature]] = {}

    @classmethod
    def of(cls, learner: Learner) -> _Quick | None:
        penalty = penalty_of(getattr(learner.fit, "recipe", None), learner)
        if penalty is None or learner.X is None or not Coordinates.fits(learner.X, learner.candidates):
            return None
        temperature = None
        if learner.model.calibration == "temperature" and isinstance(learner.model.head, LinearHead):
            head = learner.model.head
            temperature = float(head.margins[0]) * (2.0 if head.link == "sigmoid" else 1.0)
        quick = cls(learner, penalty, temperature)
        known = quick.places["X"]
        # `alcli train` makes another model of rows that are all alike.
        return None if bool((known[:1] == known).all()) else quick

    def slope(self, seen: int) -> float:
        """What scores are multiplied with: of a temperature, two classes stand twice as far apart."""
        if self.temperature is None:
            return 1.0
        return (2.0 if seen == 2 else 1.0) / self.temperature

    def settle(self, waiting: Sequence[Fitted]) -> None:
        """Fit these, many at once."""
        groups: dict[Key, list[Fitted]] = {}
        for fitted in waiting:
            classes = tuple(sorted({*self.codes.tolist(), *fitted.codes}))
            groups.setdefault((classes, len(fitted.rows)), []).append(fitted)
        for (classes, _), group in groups.items():
            if len(classes) == 1:
                for fitted in group:
                    fitted.source = _Linear(self, classes, np.empty((1, 0)))
                continue
            step = max(1, TOGETHER // (len(self.codes) * len(classes)))
            for first in range(0, len(group), step):
                some = group[first : first + step]
                for fitted, theta in zip(some, self._fit(classes, some), strict=True):
                    fitted.source = _Linear(self, classes, theta)

    def _fit(self, classes: tuple[int, ...], group: Sequence[Fitted]) -> Array:
        """(B, k, D) for fits with as many supposed rows each, over the same classes."""
        theta, curvature = self._begun(classes, group[0])
        fits = self._fits(classes, group)
        found, done = fits.descend(np.repeat(theta[None], len(group), axis=0), curvature)
        for late in np.flatnonzero(~done).tolist():
            found[late] = settle(self._fits(classes, group[late : late + 1]), found[late][None])[0]
        return found

    def _fits(self, classes: tuple[int, ...], group: Sequence[Fitted]) -> Fits:
        rows = np.array([fitted.rows for fitted in group], dtype=np.intp)
        codes = np.searchsorted(classes, np.array([fitted.codes for fitted in group], dtype=np.intp))
        Z, places = self._ones(self.places["X"]), self._ones(self.places["candidates"])
        target, penalty = np.searchsorted(classes, self.codes), self._penalty(classes)
        return Fits(Z, target, places[rows], codes, len(classes), penalty, self.learner.weights)

    def _penalty(self, classes: tuple[int, ...]) -> Penalty:
        weight = self.penalty.weight
        if isinstance(weight, Mapping):
            weight = {i: weight.get(code, 1.0) for i, code in enumerate(classes)}
        return Penalty(self.penalty.ridge, self.penalty.intercept, weight)

    def _ones(self, Z: Array) -> Array:
        return np.hstack([Z, np.ones((len(Z), 1))]) if self.penalty.intercept else Z

    def _begun(self, classes: tuple[int, ...], first: Fitted) -> tuple[Array, Curvature]:
        """Where fits over these classes begin, and the curvature there.

        For the classes that are labelled, the fit on the labels there are. A class without a label would
        there have an intercept of minus infinity: then the first fit that is asked for.
        """
        if classes not in self.start:
            known = tuple(sorted(set(self.codes.tolist())))
            begin = Fitted(self.learner, (), ()) if classes == known else first
            fits = self._fits(classes, [begin])
            theta = settle(fits, np.zeros(fits.shape))[0]
            weights = None if fits.weights is None else fits.weights[0][0]
            self.start[classes] = theta, Curvature(fits.Z, theta, fits.ridge, weights)
        return self.start[classes]


def penalty_of(recipe: Any, learner: Learner) -> Penalty | None:
    """The penalty of a recipe that is a logistic regression with a squared one; None for all others."""
    if recipe is None or recipe.estimator != "logistic":
        return None
    from sklearn.linear_model import LogisticRegression

    from alcli.models.recipes import Shape, make

    X = learner.candidates
    shape = Shape(len(learner.labels) + 1, X.shape[1], not isinstance(X, np.ndarray))
    estimator = make("logistic", recipe.params, shape=shape).build(0)
    told = estimator.get_params()
    plain = LogisticRegression().get_params()
    free = ("C", "fit_intercept", "max_iter", "tol", "random_state", "n_jobs", "verbose", "warm_start", "class_weight")
    same = all(value == plain[name] for name, value in told.items() if name not in free)
    if not same or not 0.0 < float(told["C"]) < np.inf:
        return None
    weight = recipe.class_weight if recipe.class_weight is not None else told["class_weight"]
    if isinstance(weight, Mapping):
        if recipe.class_weight is None:
            return None
        weight = {code: float(weight.get(name, 1.0)) for code, name in enumerate(learner.classes)}
    return Penalty(1.0 / float(told["C"]), bool(told["fit_intercept"]), weight)


def _stacked(first: Any, last: Any) -> Any:
    if isinstance(first, np.ndarray):
        return np.concatenate([first, last])
    from scipy.sparse import vstack

    return vstack([first, last], format="csr")
