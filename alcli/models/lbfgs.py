"""scikit-learn's logistic regression with less around it: its loss, its solver, its tolerances, its start.

With a few hundred labels most of a fit is spent between the sums: checks, and the search for an array library,
at every step. Rounds of a simulation are such fits, thousands of them. Here a step is its matrix products, of rows in
the coordinates of their own span where there are many more columns, as text has. The path of the solver is
scikit-learn's but for the last digits of sums, so the weights agree to far within its tolerance.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.models.coordinates import Span

Array = NDArray[np.float64]

#: Parameters that this fit follows; all others must stand at scikit-learn's defaults.
_FOLLOWED = ("C", "fit_intercept", "max_iter", "tol")
#: What they have to be; all else is scikit-learn's to refuse.
_KINDS = {"C": (int, float), "max_iter": (int,), "tol": (int, float)}
#: Parameters that do nothing to a fit by L-BFGS.
_IDLE = ("random_state", "n_jobs")
#: Numbers that the solver handles a step for each column and class, in those that a product of matrices does.
_WORTH = 60


def suits(estimator: Any) -> bool:
    """Whether `fit` gives what the estimator's own fit would: a plain logistic regression with squared weights."""
    from sklearn.linear_model import LogisticRegression

    if type(estimator) is not LogisticRegression:
        return False
    # its attributes before a fit are its parameters; asking for them by name would take longer than a step
    told, plain = vars(estimator), _plain()
    if not plain.keys() <= told.keys():
        return False
    others = [name for name in plain if name not in (*_FOLLOWED, *_IDLE)]
    if any(told[name] is not plain[name] and told[name] != plain[name] for name in others):
        return False
    numbers = all(type(told[name]) in kinds and told[name] > 0 for name, kinds in _KINDS.items())
    return numbers and bool(np.isfinite(told["C"])) and isinstance(told["fit_intercept"], bool)


@cache
def _plain() -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    found: dict[str, Any] = LogisticRegression().get_params()
    return found


def fit(estimator: Any, X: Any, codes: NDArray[np.int64]) -> Any:
    """Fit a logistic regression that `suits`; returns it.

    Parameters
    ----------
    X : dense or CSR matrix of shape (n, d), finite.
    codes : (n,) class numbers 0..s-1, each of which occurs, s >= 2.

    Raises
    ------
    ValueError
        If a number in X is not finite.
    """
    from scipy.optimize import minimize
    from sklearn.exceptions import ConvergenceWarning

    X = np.ascontiguousarray(X, dtype=np.float64) if isinstance(X, np.ndarray) else X
    if not np.isfinite(X.sum() if isinstance(X, np.ndarray) else X.data.sum()):
        raise ValueError("Input X contains NaN or infinity")
    span = _span(X)
    X = X if span is None else span.placed
    classes, (n, width) = int(codes.max()) + 1, X.shape
    vectors = 1 if classes == 2 else classes
    loss = _Loss(X, codes, classes, 1.0 / (estimator.C * n), estimator.fit_intercept)
    both = _Both(loss)
    found = minimize(
        both.value,
        np.zeros(vectors * (width + int(estimator.fit_intercept))),
        method="L-BFGS-B",
        jac=both.gradient,
        options={
            "maxiter": estimator.max_iter,
            "maxls": 50,
            "gtol": estimator.tol,
            "ftol": 64 * np.finfo(float).eps,
        },
    )
    if found.status != 0:
        warnings.warn(f"lbfgs stopped: {found.message}", ConvergenceWarning, stacklevel=2)
    weights = found.x.reshape((vectors, -1), order="F")
    estimator.coef_ = np.ascontiguousarray(weights[:, :width]) if span is None else span.back(weights[:, :width])
    estimator.intercept_ = weights[:, width].copy() if estimator.fit_intercept else np.zeros(vectors)
    estimator.classes_ = np.arange(classes)
    estimator.n_features_in_ = estimator.coef_.shape[1]
    estimator.n_iter_ = np.asarray([min(found.nit, estimator.max_iter)], dtype=np.int32)
    return estimator


def _span(X: Any) -> Span | None:
    """The span of the rows, where the weights lie, if the fit is quicker there.

    From zero the solver stays in that span and sees only inner products, so that its path is the same there; at
    each step it has n x n numbers to multiply, and vectors of n in place of d, of which it keeps twenty.
    """
    n, width = X.shape
    # sparse rows are texts, of length 1 or so: among dense ones a single huge number would hide all others
    if isinstance(X, np.ndarray) or 2 * n > width or n * n > _WORTH * width:
        return None
    span = Span(X)
    # squares of huge or tiny numbers are not there to decompose
    return span if span.placed.shape[1] and np.isfinite(span.placed).all() else None


class _Both:
    """Value and gradient, which scipy asks for one after the other, from one pass.

    `minimize(jac=True)` does it too, but compares the weights number by number.
    """

    def __init__(self, loss: _Loss) -> None:
        self.loss = loss
        self._seen = b""
        self._gradient: Array = np.empty(0)

    def value(self, flat: Array) -> float:
        self._seen = flat.tobytes()
        value, self._gradient = self.loss(flat)
        return value

    def gradient(self, flat: Array) -> Array:
        if flat.tobytes() != self._seen:
            self.value(flat)
        return self._gradient


class _Loss:
    """Mean log loss plus ``ridge / 2 ||weights||^2``, and its gradient, at flat weights in class-major columns."""

    def __init__(self, X: Any, codes: NDArray[np.int64], classes: int, ridge: float, intercept: bool) -> None:
        self.X, self.turned, self.n = X, X.T, X.shape[0]
        self.vectors = 1 if classes == 2 else classes
        self.own = np.arange(len(codes)) * self.vectors + codes  # where the score of a row's class stands
        self.target = codes.astype(np.float64)
        self.ridge, self.intercept, self.width = ridge, intercept, X.shape[1]

    def __call__(self, flat: Array) -> tuple[float, Array]:
        end = self.width * self.vectors
        weights, offsets = flat[:end], flat[end:]
        scores = self.X @ weights.reshape(self.width, self.vectors)
        if self.intercept:
            scores += offsets
        loss = self._loss(scores) / self.n + 0.5 * self.ridge * float(weights @ weights)
        scores /= self.n
        gradient = np.empty_like(flat)
        np.multiply(self.ridge, weights, out=gradient[:end])
        gradient[:end] += (self.turned @ scores).ravel()
        if self.intercept:
            scores.sum(axis=0, out=gradient[end:])
        return loss, gradient

    def _loss(self, scores: Array) -> float:
        """The summed loss; `scores` become its derivatives."""
        if self.vectors == 1:
            raw = scores[:, 0]
            total = float(np.logaddexp(0.0, raw).sum() - raw @ self.target)
            np.negative(raw, out=raw)
            np.minimum(raw, 700.0, out=raw)  # beyond, the exponential overflows and the share is 0 anyway
            np.exp(raw, out=raw)
            raw += 1.0
            np.divide(1.0, raw, out=raw)
            raw -= self.target
            return total
        scores -= scores.max(axis=1, keepdims=True)
        flat = scores.ravel()  # a view: products are in C order
        own = float(flat[self.own].sum())
        np.exp(scores, out=scores)
        sums = scores.sum(axis=1, keepdims=True)
        scores /= sums
        flat[self.own] -= 1.0
        return float(np.log(sums).sum()) - own
