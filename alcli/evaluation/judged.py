"""What a model said beside what is true, as arrays that every metric reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# How far a row of probabilities may be from summing to 1: float32 models are off by about 1e-7 a class.
_SUM_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Judged:
    """Truth and prediction of n rows.

    Attributes
    ----------
    classes : the model's classes in its order, then those that only the truth holds, sorted.
    known : how many of them the model knows.
    truth : array of shape (n,), codes into `classes`.
    predicted : array of shape (n,), code of the likeliest class; of equals the first.
    proba : array of shape (n, c) in the order of `classes`; 0 for classes the model does not know.
    weights : array of shape (n,): how much each row counts, or None when all count alike.
    """

    classes: tuple[str, ...]
    known: int
    truth: NDArray[np.intp]
    predicted: NDArray[np.intp]
    proba: NDArray[np.float64]
    weights: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.truth)

    def weighted(self, weights: NDArray[np.float64]) -> Judged:
        """The same rows, counting otherwise. Rows of weight 0 are left out."""
        kept = weights > 0
        return replace(
            self,
            truth=self.truth[kept],
            predicted=self.predicted[kept],
            proba=self.proba[kept],
            weights=weights[kept],
        )


def judge(
    y_true: Sequence[str],
    proba: NDArray[np.floating],
    classes: Sequence[str],
    weights: NDArray[np.floating] | None = None,
) -> Judged:
    """Lay what a model said beside the truth.

    Parameters
    ----------
    y_true : n labels. Classes that the model does not know are fine: their probability is 0.
    proba : array of shape (n, c), columns in the order of `classes`, rows summing to 1.
    classes : c different names.
    weights : array of shape (n,), not negative, not all 0; None counts all rows alike.

    Raises
    ------
    ValueError
        If shapes do not fit, a probability is not a number in [0, 1], a row does not sum to 1, a
        class is named twice, or a weight is negative or not finite.
    """
    table = np.asarray(proba, dtype=np.float64)
    if table.ndim != 2 or table.shape != (len(y_true), len(classes)):
        raise ValueError(f"proba has shape {table.shape}, not ({len(y_true)}, {len(classes)})")
    if len(set(classes)) != len(classes) or not classes:
        raise ValueError("classes must be different names, at least one")
    off = ~(np.abs(table.sum(axis=1) - 1) <= _SUM_TOLERANCE) | ~(table >= 0).all(axis=1)
    if off.any():
        raise ValueError(f"row {int(off.argmax())} of proba is not a distribution: {table[off.argmax()]}")
    extra = sorted(set(y_true) - set(classes))
    names = (*classes, *extra)
    code = {name: position for position, name in enumerate(names)}
    judged = Judged(
        classes=names,
        known=len(classes),
        truth=np.fromiter(map(code.__getitem__, y_true), dtype=np.intp, count=len(y_true)),
        predicted=table.argmax(axis=1) if len(table) else np.zeros(0, dtype=np.intp),
        proba=np.pad(table, ((0, 0), (0, len(extra)))) if extra else table,
    )
    return judged if weights is None else judged.weighted(_checked(weights, len(y_true)))


def _checked(weights: NDArray[np.floating], n: int) -> NDArray[np.float64]:
    checked = np.asarray(weights, dtype=np.float64)
    if checked.shape != (n,):
        raise ValueError(f"weights have shape {checked.shape}, not ({n},)")
    if not (np.isfinite(checked) & (checked >= 0)).all():
        raise ValueError("weights must be finite and not negative")
    if n and not checked.any():
        raise ValueError("all weights are 0")
    return checked
