"""One label a row from the answers of several labelers of different quality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.votes import Votes

# Below this a probability counts as impossible; its logarithm must stay finite.
_LEAST = 1e-10
# Digits that are kept of probabilities from round to round: what is the same by symmetry stays the same, whatever
# the names of labelers and classes and so the order of the sums.
_DIGITS = 12


@dataclass(frozen=True)
class Consensus:
    """What the answers together say.

    Attributes
    ----------
    proba : (rows, classes), each row sums to 1.
    prior : (classes,) share of each class among the rows.
    confusion : (labelers, classes, classes): how often a labeler gives the column's class to a row of the
        row's class; each row sums to 1.
    """

    proba: NDArray[np.float64]
    prior: NDArray[np.float64]
    confusion: NDArray[np.float64]


def majority(votes: Votes) -> NDArray[np.float64]:
    """Share of the answers that each class has: (rows, classes).

    >>> majority(Votes.of([("r", "a", "yes"), ("r", "b", "no"), ("r", "c", "no")])).round(2).tolist()
    [[0.67, 0.33]]
    """
    counts = votes.counts
    share: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
    return share


def dawid_skene(votes: Votes, *, rounds: int = 100, tolerance: float = 1e-5) -> Consensus:
    """Probabilities of the true classes, and each labeler's errors, by expectation maximisation.

    Who often agrees with those who agree with each other counts more; a labeler who mistakes one class
    for another is corrected for it. It starts from the shares of the votes.

    Parameters
    ----------
    votes : at least one answer a row.
    rounds : at most so many.
    tolerance : stop when the evidence per answer grows by less.

    Returns
    -------
    consensus : memory is that of the answers, and rows x classes.

    References
    ----------
    Dawid, Skene (1979). Maximum likelihood estimation of observer error-rates using the EM algorithm.

    Examples
    --------
    Three who agree and one who says the opposite: the fourth is heard, turned round.

    >>> rows = [(f"r{i}", who, "yes" if (i % 2 == 0) == (who != "d") else "no") for i in range(8) for who in "abcd"]
    >>> found = dawid_skene(Votes.of([*rows, ("r9", "d", "no")]))
    >>> found.proba[8].round(2).tolist()
    [0.0, 1.0]
    """
    proba = majority(votes)
    prior, confusion = _errors(votes, proba)
    before = -np.inf
    for _ in range(rounds):
        proba = _expected(votes, prior, confusion)
        prior, confusion = _errors(votes, proba)
        now = _evidence(votes, proba, prior, confusion) / max(1, len(votes.row))
        if now - before < tolerance:
            break
        before = now
    return Consensus(proba, prior, confusion)


def _errors(votes: Votes, proba: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Maximisation: shares of the classes, and of each labeler's answers given the class."""
    workers, classes = len(votes.labelers), len(votes.classes)
    cell = votes.labeler * classes + votes.label
    said = np.stack(
        [np.bincount(cell, weights=proba[votes.row, true], minlength=workers * classes) for true in range(classes)]
    )
    confusion: NDArray[np.float64] = np.maximum(said.reshape(classes, workers, classes).transpose(1, 0, 2), _LEAST)
    confusion /= confusion.sum(axis=2, keepdims=True)
    prior: NDArray[np.float64] = np.maximum(proba.mean(axis=0), _LEAST)
    return prior, confusion


def _expected(votes: Votes, prior: NDArray[np.float64], confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expectation: probabilities of the rows' classes given everybody's errors."""
    logs = _log_likelihood(votes, prior, confusion)
    weight: NDArray[np.float64] = np.exp(logs - logs.max(axis=1, keepdims=True))
    proba: NDArray[np.float64] = (weight / weight.sum(axis=1, keepdims=True)).round(_DIGITS)
    return proba


def _log_likelihood(votes: Votes, prior: NDArray[np.float64], confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rows, classes): logarithm of the probability of the class and of the row's answers."""
    said = np.log(confusion)
    logs = np.empty((len(votes.rows), len(votes.classes)))
    for true in range(logs.shape[1]):  # one class at a time: with a hundred classes all together were 100 x the answers
        each = said[votes.labeler, true, votes.label]
        logs[:, true] = np.log(prior[true]) + np.bincount(votes.row, each, minlength=len(votes.rows))
    return logs


def _evidence(
    votes: Votes, proba: NDArray[np.float64], prior: NDArray[np.float64], confusion: NDArray[np.float64]
) -> float:
    """Lower bound of the logarithm of the likelihood, which every round raises."""
    joint = float((proba * _log_likelihood(votes, prior, confusion)).sum())
    spread = -float((proba * np.log(np.maximum(proba, 1e-300))).sum())
    return joint + spread
