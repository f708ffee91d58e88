"""Votes that weigh as much as their labeler is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.consensus import majority
from alcli.evaluation.votes import Votes

#: Answers at the crowd's mean accuracy that everybody begins with. From 2 to 8 the labels of rte and of
#: simulated crowds were the same within half a percent; without any, somebody with three answers may count as infallible.
BEFORE = 4.0
#: The weight of somebody who is no better than chance: next to nothing, but it still decides where nobody else answered.
LEAST = 1e-6
_ROUNDS, _SETTLED = 200, 1e-9
# Digits that are kept of a labeler's right answers: equals stay equal whatever the order of their answers.
_DIGITS = 9


@dataclass(frozen=True)
class Weighted:
    """What the weighted votes say.

    Attributes
    ----------
    proba : (rows, classes), each row sums to 1: how likely each class is, had everybody the accuracy found.
    accuracy : (labelers,) estimated share of right answers.
    weight : (labelers,) of each vote, at least `LEAST`.
    """

    proba: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    weight: NDArray[np.float64]


def weighted(votes: Votes, truth: NDArray[np.intp] | None = None) -> Weighted:
    """Weighted majority voting, the weights estimated from the votes and from rows whose truth is known.

    A labeler who is right with probability p, and otherwise gives any of the c - 1 other classes, has the weight
    ``log(p (c - 1) / (1 - p))``: the votes for each class are added up, and the sums are the logarithms of the
    classes' probabilities. The accuracies are found together with them, in turn, beginning with the shares of
    the votes: p is the mean probability of the classes that the labeler gave, on rows of known truth 1 or 0,
    shrunk to the mean of all labelers as if by `BEFORE` answers. It is Dawid and Skene's model with one number
    a labeler instead of a table, which a few answers cannot fill. It departs from both papers in that no
    weight is negative: somebody worse than chance is not turned round, so a row on which all agree keeps its label.

    Parameters
    ----------
    votes : at least one answer a row.
    truth : (rows,) class number where the truth is known, -1 elsewhere, as `Votes.truth` gives it. It
        tells who is right; the row's own votes are still what its probabilities are made of.

    References
    ----------
    Nitzan, Paroush (1982). Optimal decision rules in uncertain dichotomous choice situations (the weights).
    Li, Yu (2014). Error rate bounds and iterative weighted majority voting for crowdsourcing (in turn).

    Examples
    --------
    Ann and Bob always agree, so Ann is believed where Cid, who often differs, says otherwise.

    >>> rows = [(f"r{i}", who, "yes" if who != "cid" or i % 2 else "no") for i in range(8) for who in ("ann", "bob", "cid")]
    >>> found = weighted(Votes.of([*rows, ("r9", "ann", "no"), ("r9", "cid", "yes")]))
    >>> found.proba[8].argmax(), found.accuracy.round(2).tolist()
    (np.int64(0), [0.93, 0.93, 0.56])
    """
    rows, labelers, classes = len(votes.rows), len(votes.labelers), len(votes.classes)
    answers = np.bincount(votes.labeler, minlength=labelers)
    known = np.full(rows, -1) if truth is None else truth
    at = known[votes.row]
    cell = votes.row * classes + votes.label
    proba = majority(votes)
    accuracy, weight = np.ones(labelers), np.ones(labelers)
    for _ in range(_ROUNDS):
        credit = np.where(at >= 0, at == votes.label, proba[votes.row, votes.label])
        right = np.bincount(votes.labeler, credit, minlength=labelers).round(_DIGITS)
        mean = float(np.sort(right).sum() / answers.sum())
        accuracy = (right + BEFORE * mean) / (answers + BEFORE)
        weight = _log_odds(accuracy, classes)
        sums = np.bincount(cell, weight[votes.labeler], minlength=rows * classes).reshape(rows, classes)
        before, proba = proba, np.exp(sums - sums.max(axis=1, keepdims=True))
        proba /= proba.sum(axis=1, keepdims=True)
        if float(np.abs(proba - before).max(initial=0.0)) < _SETTLED:
            break
    return Weighted(proba, accuracy, weight)


def _log_odds(accuracy: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """How much a vote is worth; of one class only there is nothing to weigh."""
    others = max(1, classes - 1)
    sure = np.clip(accuracy, 1e-9, 1.0 - 1e-9)
    found: NDArray[np.float64] = np.maximum(np.log(sure * others / (1.0 - sure)), LEAST)
    return found
