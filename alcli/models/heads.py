"""What turns a matrix into probabilities: a linear head of plain arrays, or a fitted estimator.

Heads give probabilities class by class, shape (s, n), s being the classes seen in training: numpy
reduces over the first axis many times faster than over a short last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import ModelError

Array = NDArray[np.float64]

#: Rows of a dense matrix scored at a time, so that scores stay in the processor's cache.
BLOCK = 4096
#: Cells of a sparse matrix made dense at a time: 32 MB.
DENSE_CELLS = 4_000_000
_TINY = float(np.finfo(np.float64).eps)


class LinearHead:
    """Probabilities from `X @ weights + bias`; covers logistic, linear-svm and multinomial naive Bayes.

    Parameters
    ----------
    weights, bias : arrays of shape (d, k) and (k,).
    link : "softmax" (k classes), "sigmoid" (k = 1, of the second of two classes) or "ovr" (a sigmoid
        for each of k classes, brought to sum 1).
    margins : k numbers that turn a score back into the estimator's own decision, with `shifts`:
        decision = score * margins + shifts.
    """

    def __init__(
        self, weights: Array, bias: Array, link: str, margins: Array | None = None, shifts: Array | None = None
    ) -> None:
        self.weights = np.ascontiguousarray(weights, dtype=np.float64)
        self.bias = np.asarray(bias, dtype=np.float64)
        self.link = link
        self.margins = np.ones(len(self.bias)) if margins is None else margins
        self.shifts = np.zeros(len(self.bias)) if shifts is None else shifts

    def proba(self, X: Any) -> Array:
        only: Array = committee_of([self], X)[0]
        return only

    def decision(self, X: Any) -> Array:
        """Scores before calibration, (n,) for the second of two classes, else (n, k)."""
        scores = np.asarray(X @ self.weights) + self.bias
        scores = scores * self.margins + self.shifts
        return scores[:, 0] if scores.shape[1] == 1 else scores


def committee_of(heads: Sequence[LinearHead], X: Any, stack: Array | None = None) -> Array:
    """Probabilities of several linear heads with one link, shape (m, s, n): one product for all.

    `stack` is their weights side by side, shape (d, m * k), where a caller keeps it.
    """
    link, k, m, n = heads[0].link, len(heads[0].bias), len(heads), X.shape[0]
    weights = stack_of(heads) if stack is None else stack
    bias = np.concatenate([head.bias for head in heads])[:, None]
    classes = 2 if link == "sigmoid" else k
    out = np.empty((m, classes, n))
    if not isinstance(X, np.ndarray):
        scores = np.ascontiguousarray(np.asarray(X @ weights).T)
        scores += bias
        _link(scores.reshape(m, k, n), link, out)
        return out
    turned, across = weights.T, X.T
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        scores = turned @ across[:, start:stop]
        scores += bias
        _link(scores.reshape(m, k, stop - start), link, out[:, :, start:stop])
    return out


def stack_of(heads: Sequence[LinearHead]) -> Array:
    """Weights of heads side by side, shape (d, m * k), C-order."""
    return heads[0].weights if len(heads) == 1 else np.concatenate([head.weights for head in heads], axis=1)


def _link(scores: Array, link: str, out: Array) -> None:
    """Scores (m, k, n) to probabilities (m, s, n); `scores` is spent."""
    if link == "softmax":
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        np.divide(scores, scores.sum(axis=1, keepdims=True), out=out)
        return
    # exp of minus the distance never overflows
    small = np.exp(-np.abs(scores))
    low, high = small / (1.0 + small), 1.0 / (1.0 + small)
    positive = scores >= 0
    second = np.where(positive, high, low)
    if link == "sigmoid":
        out[:, 1] = second[:, 0]
        out[:, 0] = np.where(positive, low, high)[:, 0]
        return
    total = second.sum(axis=1, keepdims=True)
    # No class at all, to the last digit: scikit-learn then says that each is as likely.
    np.divide(second, np.where(total > 0, total, 1.0), out=out)
    np.copyto(out, 1.0 / scores.shape[1], where=total == 0)


class EstimatorHead:
    """A fitted scikit-learn estimator, or the user's own, whose answers are checked.

    Parameters
    ----------
    estimator : fitted on class numbers 0..s-1.
    name : for messages.
    seen : how many classes it was fitted on.
    dense : whether sparse rows have to be made dense for it.
    """

    def __init__(self, estimator: Any, name: str, seen: int, dense: bool) -> None:
        self.estimator = estimator
        self.name = name
        self.seen = seen
        self.dense = dense

    def proba(self, X: Any) -> Array:
        if X.shape[0] == 0:
            return np.empty((self.seen, 0))
        parts = [self._proba(block) for block in self._blocks(X)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def decision(self, X: Any) -> Array:
        """decision_function where there is one, else log-odds (two classes) or log-probabilities."""
        if X.shape[0] and hasattr(self.estimator, "decision_function"):
            values = np.concatenate([self._ask("decision_function", block) for block in self._blocks(X)])
            if values.ndim == 1 or values.shape[1] == self.seen:  # a user's own may be one-vs-one
                return values
        logs = np.log(self.proba(X) + _TINY)
        return logs[1] - logs[0] if self.seen == 2 else logs.T

    def _blocks(self, X: Any) -> Iterator[Any]:
        if isinstance(X, np.ndarray) or not self.dense:
            yield X
            return
        step = max(DENSE_CELLS // max(X.shape[1], 1), 1)
        for start in range(0, X.shape[0], step):
            yield X[start : start + step].toarray()

    def _ask(self, method: str, X: Any) -> Array:
        import warnings

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return np.asarray(getattr(self.estimator, method)(X), dtype=np.float64)
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise ModelError(f"{self.name} failed while predicting: {lines[0]}", code="estimator-failed") from error

    def _proba(self, X: Any) -> Array:
        if hasattr(self.estimator, "predict_proba"):
            values = self._ask("predict_proba", X)
        else:
            scores = self._ask("decision_function", X)
            scores = np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            values = scores / scores.sum(axis=1, keepdims=True)
        if values.shape != (X.shape[0], self.seen):
            raise ModelError(
                f"{self.name} gave probabilities of shape {values.shape} for {X.shape[0]} rows and {self.seen} classes",
                code="bad-probabilities",
            )
        total = values.sum(axis=1, keepdims=True)
        # Written so that NaN fails too.
        if not (np.all(np.abs(total - 1) < 1e-3) and np.all(values >= -1e-9)):
            raise ModelError(
                f"{self.name} gave probabilities that are not finite, are negative or don't sum to 1",
                hint="another `--estimator`, or other `--param`, may suit these data",
                code="bad-probabilities",
            )
        values = np.maximum(values, 0.0)
        return np.ascontiguousarray((values / values.sum(axis=1, keepdims=True)).T)


class ConstantHead:
    """The same answer for every row: one class was seen, or all labelled rows are alike.

    `shares` are the probabilities of the classes, shape (s,).
    """

    def __init__(self, shares: Array) -> None:
        self.shares = shares

    def proba(self, X: Any) -> Array:
        return np.repeat(self.shares[:, None], X.shape[0], axis=1)

    def decision(self, X: Any) -> Array:
        logs = np.log(self.shares)
        if len(logs) <= 2:
            return np.full(X.shape[0], logs[-1] - logs[0])
        return np.repeat(logs[None], X.shape[0], axis=0)


Head = LinearHead | EstimatorHead | ConstantHead
