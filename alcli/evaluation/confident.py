"""Labels that are likely wrong: confident learning, on probabilities of models that did not see the row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_EQUAL = 1e-6  # probabilities that differ by less are alike


def self_confidence(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> Numbers:
    """(n,) probability of each row's own label: 0 when the model is sure that it is wrong.

    >>> self_confidence(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]])).tolist()
    [0.9, 0.2]
    """
    labels, proba = _checked(labels, proba)
    return proba[np.arange(len(labels)), labels]


def normalized_margin(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> Numbers:
    """(n,) how far the label is ahead of the likeliest other class, in [0, 1]; below 0.5 another is ahead.

    >>> normalized_margin(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]])).round(2).tolist()
    [0.9, 0.2]
    """
    labels, proba = _checked(labels, proba)
    others = proba.copy()
    others[np.arange(len(labels)), labels] = -np.inf
    margin: Numbers = (self_confidence(labels, proba) - others.max(axis=1) + 1.0) / 2.0
    return margin


def thresholds(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> Numbers:
    """(c,) how probable a class is on average where it is the label; infinite for a class without labels."""
    labels, proba = _checked(labels, proba)
    own = [proba[labels == each, each] for each in range(proba.shape[1])]
    return np.array([max(float(part.mean()), 2 * _EQUAL) if len(part) else np.inf for part in own])


def confident_classes(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> NDArray[np.intp]:
    """(n,) the class that a row is confidently of: it reaches its class's threshold; -1 where none does.

    Where several do it is the likeliest class of all.
    """
    labels, proba = _checked(labels, proba)
    reached = proba >= thresholds(labels, proba) - _EQUAL
    many = reached.sum(axis=1)
    found: NDArray[np.intp] = np.where(many > 1, proba.argmax(axis=1), reached.argmax(axis=1))
    return np.where(many > 0, found, -1)


def confident_joint(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> NDArray[np.intp]:
    """(c, c): how many rows labelled as the row's class are confidently of the column's class.

    Off the diagonal are labels that are likely wrong; the diagonal is at least 1.

    References
    ----------
    Northcutt, Jiang, Chuang (2021). Confident learning: estimating uncertainty in dataset labels.

    Examples
    --------
    >>> proba = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.9, 0.1]])
    >>> confident_joint(np.array([0, 0, 1, 1, 1]), proba).tolist()
    [[1, 0], [1, 2]]
    """
    labels, proba = _checked(labels, proba)
    true = confident_classes(labels, proba)
    c = proba.shape[1]
    sure = true >= 0
    table = np.bincount(labels[sure] * c + true[sure], minlength=c * c).reshape(c, c)
    np.fill_diagonal(table, np.maximum(table.diagonal(), 1))
    return table.astype(np.intp)


def wrong_per_class(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> NDArray[np.intp]:
    """(c,) how many of the labels of each class are wrong, estimated: at least one of them is taken for right.

    It is the confident joint, brought to the number of labels that each class has, without its diagonal.
    """
    labels, proba = _checked(labels, proba)
    joint = confident_joint(labels, proba)
    have = np.bincount(labels, minlength=proba.shape[1])
    right = [
        _rounded(row / row.sum() * count)[at] for at, (row, count) in enumerate(zip(joint, have.tolist(), strict=True))
    ]
    return np.maximum(have - np.maximum(right, 1), 0)


def _rounded(row: Numbers) -> NDArray[np.intp]:
    """Whole numbers near the row's, with its sum: those that rounding changed most are rounded the other way."""
    whole = row.round()
    short = int(round(float(row.sum())) - whole.sum())
    for at in np.argsort(row - whole)[:: -1 if short > 0 else 1][: abs(short)]:
        whole[at] += 1 if short > 0 else -1
    return whole.astype(np.intp)


def likely_wrong(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(n,) whether a label is likely wrong.

    Of each class as many labels as are estimated to be wrong: those of the lowest probability, as far as
    another class is likelier.

    Parameters
    ----------
    labels : (n,) numbers of the columns of `proba`.
    proba : (n, c), of models that were not fitted on the row: one that was finds every label right. Of equal
        probabilities the first row counts as the less likely.

    References
    ----------
    Northcutt, Jiang, Chuang (2021), as above: pruning by class, which found more planted errors of many classes
    than pruning by noise rate or the off-diagonal rows, and as many of two.

    Examples
    --------
    >>> proba = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.9, 0.1]])
    >>> likely_wrong(np.array([0, 0, 1, 1, 1]), proba).tolist()
    [False, False, False, False, True]
    """
    labels, proba = _checked(labels, proba)
    own = self_confidence(labels, proba)
    doubted = np.zeros(len(labels), bool)
    for each, most in enumerate(wrong_per_class(labels, proba).tolist()):
        rows = np.flatnonzero(labels == each)
        doubted[rows[np.argsort(own[rows], kind="stable")[:most]]] = True
    favoured = proba.copy()
    favoured[np.arange(len(labels)), labels] += _EQUAL
    wrong: NDArray[np.bool_] = doubted & (favoured.argmax(axis=1) != labels)
    return wrong


def _checked(labels: NDArray[np.integer], proba: NDArray[np.floating]) -> tuple[NDArray[np.intp], Numbers]:
    given: NDArray[np.intp] = np.asarray(labels, dtype=np.intp)
    chances: Numbers = np.asarray(proba, dtype=np.float64)
    if chances.ndim != 2 or given.shape != (len(chances),) or chances.shape[1] < 2:
        raise ValueError(f"labels of shape {given.shape} do not fit probabilities of shape {chances.shape}")
    if len(given) and (given.min() < 0 or given.max() >= chances.shape[1]):
        raise ValueError("a label is no column of the probabilities")
    return given, chances
