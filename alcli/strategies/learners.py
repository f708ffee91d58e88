"""What a strategy asks of a model that can be fitted again, and a small one to try strategies with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class Fitted(Protocol):
    """A model after supposed labels; see `alcli.models.refitting.Fitted`."""

    def reference(self) -> Array: ...

    def labelled(self) -> Array: ...

    def candidates(self, rows: Sequence[int] | None = None) -> Array: ...


class Learner(Protocol):
    """A model that can be fitted again; see `alcli.models.refitting.Learner`."""

    def after(self, rows: Sequence[int], codes: Sequence[int]) -> Fitted: ...


class Nearest:
    """A small learner to try selectors with: the nearer the mean of a class, the likelier.

    Parameters
    ----------
    X, y : labelled rows (l, d) and their class numbers, each of them at least once.
    candidates, reference : (m, d) and (r, d).

    Examples
    --------
    >>> Nearest([[0.0], [2.0]], [0, 1], [[1.0]], [[1.0]]).after([], []).reference()
    array([[0.5, 0.5]])
    """

    def __init__(self, X: ArrayLike, y: Sequence[int], candidates: ArrayLike, reference: ArrayLike) -> None:
        self.X, self.y, self.c, self.r = np.asarray(X), np.asarray(y), np.asarray(candidates), np.asarray(reference)

    def after(self, rows: Sequence[int], codes: Sequence[int]) -> NearestFitted:
        X, y = np.concatenate([self.X, self.c[list(rows)]]), np.concatenate([self.y, np.asarray(codes, dtype=int)])
        return NearestFitted(self, np.array([X[y == code].mean(axis=0) for code in range(int(self.y.max()) + 1)]))


class NearestFitted:
    """What `Nearest` says after supposed labels."""

    def __init__(self, learner: Nearest, means: Array) -> None:
        self.learner, self.means = learner, means

    def _proba(self, rows: Array) -> Array:
        near = np.exp(-((rows[:, None] - self.means) ** 2).sum(axis=2) / 10.0)
        found: Array = near / near.sum(axis=1, keepdims=True)
        return found

    def reference(self) -> Array:
        """(r, c), of the rows that stand for the pool."""
        return self._proba(self.learner.r)

    def labelled(self) -> Array:
        """(l, c), of the labelled rows."""
        return self._proba(self.learner.X)

    def candidates(self, rows: Sequence[int] | None = None) -> Array:
        """(m, c), or of some candidates."""
        return self._proba(self.learner.c if rows is None else self.learner.c[list(rows)])
