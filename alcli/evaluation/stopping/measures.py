"""What a trained model says of the stop set, and how it differs from the model before: numbers for metrics.csv.

The stop set is a fixed random sample of the pool, so these need no labels. Rows of `proba` are rows of the stop
set, columns are classes, in the same order for both models.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Proba = NDArray[np.float64]


def entropies(proba: Proba) -> NDArray[np.float64]:
    """(n,) entropy of each row as a share of the largest possible, in [0, 1]; 0 with one class.

    >>> entropies(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    if proba.shape[1] < 2:
        return np.zeros(len(proba))
    logs = np.log(np.where(proba > 0, proba, 1.0))  # 0 ln 0 is 0
    found: NDArray[np.float64] = np.clip((proba * -logs).sum(axis=1) / np.log(proba.shape[1]), 0.0, 1.0)
    return found


def uncertainty(proba: Proba) -> float | None:
    """Mean share of the largest entropy; None without rows.

    References
    ----------
    Zhu, Wang, Hovy (2008). Multi-criteria-based strategy to stop active learning for data annotation. COLING.
    They take the plain entropy; divided by ln c one threshold fits any number of classes.
    """
    return float(entropies(proba).mean()) if len(proba) else None


def max_uncertainty(proba: Proba) -> float | None:
    """The largest share of the largest entropy; None without rows.

    References
    ----------
    Zhu, Hovy (2007). Active learning for word sense disambiguation with methods for addressing the class
    imbalance problem. EMNLP-CoNLL: max confidence.
    """
    return float(entropies(proba).max()) if len(proba) else None


def expected_error(proba: Proba) -> float | None:
    """Mean of 1 - p1: what the model itself expects to get wrong; None without rows.

    References
    ----------
    Zhu, Wang, Hovy (2008). Learning a stopping criterion for active learning for word sense disambiguation and
    text classification. IJCNLP.
    """
    return float((1 - proba.max(axis=1)).mean()) if len(proba) else None


def confidence(proba: Proba) -> float | None:
    """Mean of p1; None without rows. Vlachos (2008) takes the margin of an SVM or the entropy as well."""
    return float(proba.max(axis=1).mean()) if len(proba) else None


def remaining(proba: Proba, rows: int) -> list[float]:
    """For each class how many of `rows` unlabelled rows are expected to be of it; empty without a sample.

    >>> remaining(np.array([[0.75, 0.25], [0.25, 0.75]]), 10)
    [5.0, 5.0]
    """
    return [float(mean) * rows for mean in proba.mean(axis=0)] if len(proba) else []


def change(before: Sequence[str], after: Sequence[str]) -> float | None:
    """Share of rows that two models put into different classes; None without rows.

    >>> change(["a", "b", "b", "a"], ["a", "b", "a", "a"])
    0.25
    """
    if not len(before):
        return None
    return sum(one != other for one, other in zip(before, after, strict=True)) / len(before)


def contradiction(before: Proba, after: Proba) -> float | None:
    """Mean total variation distance between what two models say of a row, in [0, 1]; None without rows.

    References
    ----------
    Abraham, Dreyfus-Schmidt (2020). Rebuilding trust in active learning with actionable metrics. ICDM workshops.
    They sum absolute differences over rows and classes; a mean does not depend on the size of the stop set.

    >>> contradiction(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]]))
    0.5
    """
    return float(np.abs(after - before).sum(axis=1).mean() / 2) if len(before) else None


def delta_f(before: Sequence[str], after: Sequence[str], positive: str) -> float | None:
    """Predicted change of F1: 1 minus the F1 of the new model's positives, with the old model's as the truth.

    None when neither model finds a positive: then nothing is known of F1, and certainly not that it has
    settled. (Not-a-number would never stop, and 0 would stop before the first is found.)

    References
    ----------
    Altschuler, Bloodgood (2019). Stopping active learning based on predicted change of F measure for text
    classification. ICSC.

    >>> delta_f(["x", "x", "o"], ["x", "o", "x"], "x")
    0.5
    >>> delta_f(["o", "o"], ["o", "o"], "x") is None
    True
    """
    pairs = list(zip(before, after, strict=True))
    both = sum(one == positive == other for one, other in pairs)
    either = sum((one == positive) != (other == positive) for one, other in pairs)
    return 1 - 2 * both / (2 * both + either) if both or either else None
