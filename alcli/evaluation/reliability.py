"""How far labelers agree with each other, beyond what chance would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.votes import Votes


def fleiss_kappa(votes: Votes) -> float | None:
    """Fleiss' kappa over the rows with two answers or more, in [-1, 1]; 1 is full agreement, 0 chance.

    Rows may have different numbers of answers: a row's agreement is the share of its pairs of answers
    that agree. None without a row of two answers; 1 when all answers are one class.

    References
    ----------
    Fleiss (1971). Measuring nominal scale agreement among many raters.

    Examples
    --------
    >>> votes = Votes.of([("r1", "a", "x"), ("r1", "b", "x"), ("r2", "a", "x"), ("r2", "b", "y")])
    >>> round(fleiss_kappa(votes), 3)
    -0.333
    """
    counts = votes.counts
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        return None
    answers = counts.sum(axis=1)
    agreed = (counts * (counts - 1)).sum(axis=1) / (answers * (answers - 1))
    share = counts.sum(axis=0) / answers.sum()
    return _beyond_chance(float(agreed.mean()), float((share**2).sum()))


def krippendorff_alpha(votes: Votes) -> float | None:
    """Krippendorff's alpha for nominal data: any number of labelers, any answers missing.

    None without a row of two answers; 1 when all answers are one class.

    References
    ----------
    Krippendorff (2011). Computing Krippendorff's alpha-reliability.

    Examples
    --------
    >>> votes = Votes.of([("r1", "a", "x"), ("r1", "b", "x"), ("r2", "a", "x"), ("r2", "b", "y")])
    >>> krippendorff_alpha(votes)
    0.0
    """
    counts = votes.counts
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        return None
    answers = counts.sum(axis=1)
    total = answers.sum()
    classes = counts.sum(axis=0)
    apart = ((answers**2 - (counts**2).sum(axis=1)) / (answers - 1)).sum()
    by_chance = (total**2 - (classes**2).sum()) / (total - 1)
    return 1.0 if by_chance == 0 else float(1.0 - apart / by_chance)


def pairwise_kappa(votes: Votes) -> NDArray[np.float64]:
    """Cohen's kappa of every two labelers on the rows that both answered: (labelers, labelers).

    NaN where two have no row in common.

    References
    ----------
    Cohen (1960). A coefficient of agreement for nominal scales.

    Examples
    --------
    >>> votes = Votes.of([(f"r{i}", who, "xyxy"[i] if who == "a" else "xyyx"[i]) for i in range(4) for who in "ab"])
    >>> pairwise_kappa(votes)[0, 1]
    np.float64(0.0)
    """
    workers, classes = len(votes.labelers), len(votes.classes)
    found = np.full((workers, workers), np.nan)
    said = np.full((workers, len(votes.rows)), -1)
    said[votes.labeler, votes.row] = votes.label
    for one in range(workers):
        for other in range(one, workers):
            both = (said[one] >= 0) & (said[other] >= 0)
            if both.any():
                table = np.bincount(said[one, both] * classes + said[other, both], minlength=classes**2)
                share = table.reshape(classes, classes) / both.sum()
                chance = float(share.sum(axis=0) @ share.sum(axis=1))
                found[one, other] = found[other, one] = _beyond_chance(float(np.trace(share)), chance)
    return found


def _beyond_chance(agreed: float, chance: float) -> float:
    # One class everywhere: chance explains everything, and the formula is 0 / 0.
    return 1.0 if chance >= 1.0 else (agreed - chance) / (1.0 - chance)
