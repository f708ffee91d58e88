"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Confusion:
    """Counts of rows by true and predicted class.

    Attributes
    ----------
    classes : the order of rows and columns: as given, then classes met besides, sorted.
    counts : integers of shape (c, c); row i is the true class i, column j the predicted class j.
    """

    classes: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class ClassScore:
    """One line of the per-class table; a share is None where there is nothing to take it of."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int


def confusion(y_true: Sequence[str], y_predicted: Sequence[str], classes: Sequence[str]) -> Confusion:
    """Count rows by true and predicted class.

    Parameters
    ----------
    y_true, y_predicted : n labels each.
    classes : the order wanted; classes without any row keep their place.

    Raises
    ------
    ValueError
        If the two are not of the same length.

    Examples
    --------
    >>> confusion(["a", "a", "b"], ["a", "b", "b"], ["a", "b"]).counts.tolist()
    [[1, 1], [0, 1]]
    """
    from sklearn.metrics import confusion_matrix

    if len(y_true) != len(y_predicted):
        raise ValueError(f"{len(y_true)} true and {len(y_predicted)} predicted labels")
    names = (*classes, *sorted(set(y_true).union(y_predicted) - set(classes)))
    code = {name: position for position, name in enumerate(names)}
    if not len(y_true):
        return Confusion(names, np.zeros((len(names), len(names)), dtype=np.int64))
    counts = confusion_matrix(
        [code[label] for label in y_true],
        [code[label] for label in y_predicted],
        labels=np.arange(len(names)),
    )
    return Confusion(names, np.asarray(counts, dtype=np.int64))


def per_class(table: Confusion) -> list[ClassScore]:
    """Precision, recall, F1, support and number of predictions of each class, in its order.

    A class that neither occurs nor is predicted keeps its line, with nothing to say.
    """
    hits = table.counts.diagonal().tolist()
    supports = table.counts.sum(axis=1).tolist()
    predictions = table.counts.sum(axis=0).tolist()
    return [
        ClassScore(
            label=label,
            precision=_share(hit, predicted),
            recall=_share(hit, support),
            f1=_share(2 * hit, support + predicted),
            support=support,
            predicted=predicted,
        )
        for label, hit, support, predicted in zip(table.classes, hits, supports, predictions, strict=True)
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
