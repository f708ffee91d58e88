"""How far labelers agree with each other, beyond what chance would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.votes import Votes

# Cells of a table of labelers by labelers that is kept whole: 2,000 labelers, 32 MB.
_DENSE = 4_000_000


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


@dataclass(frozen=True)
class Pairs:
    """Labelers `one` and `other` > `one`, by number, with `rows` that both answered and their `kappa`; all (p,)."""

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    rows: NDArray[np.intp]
    kappa: NDArray[np.float64]


def pairwise_kappa(votes: Votes) -> Pairs:
    """Cohen's kappa of every two labelers who have rows in common, on those rows.

    Two who give one and the same class to all of them agree: 1. Memory grows with the answers and the pairs, not
    with rows x labelers.

    References
    ----------
    Cohen (1960). A coefficient of agreement for nominal scales.

    Examples
    --------
    >>> votes = Votes.of([(f"r{i}", who, "xyxy"[i] if who == "a" else "xyyx"[i]) for i in range(4) for who in "ab"])
    >>> pairwise_kappa(votes).kappa
    array([0.])
    """
    from scipy.sparse import csr_matrix, triu

    shape = (len(votes.labelers), len(votes.rows))

    def answers(of: NDArray[np.bool_] | slice) -> Any:
        labeler, row = votes.labeler[of], votes.row[of]
        return csr_matrix((np.ones(len(row)), (labeler, row)), shape=shape)

    every = answers(slice(None))
    both = triu(every @ every.T, k=1, format="coo")
    order = np.lexsort((both.col, both.row))
    one, other, rows = both.row[order].astype(np.intp), both.col[order].astype(np.intp), both.data[order]
    agreed, chance = np.zeros(len(rows)), np.zeros(len(rows))
    for code in range(len(votes.classes)):
        given = answers(votes.label == code)
        agreed += _cells(given @ given.T, one, other)
        # how often each of the two gave the class on the rows that both answered
        mine = given @ every.T
        chance += (_cells(mine, one, other) / rows) * (_cells(mine, other, one) / rows)
    agreed /= rows
    alike = chance >= 1.0 - 1e-12
    kappa = np.where(alike, 1.0, (agreed - chance) / np.where(alike, 1.0, 1.0 - chance))
    return Pairs(one, other, rows.astype(np.intp), kappa)


def _cells(matrix: Any, row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float64]:
    if matrix.shape[0] ** 2 <= _DENSE:
        matrix = matrix.toarray()  # looking up half a million cells of a sparse matrix takes seconds
    found: NDArray[np.float64] = np.asarray(matrix[row, column], dtype=np.float64).ravel()
    return found


def _beyond_chance(agreed: float, chance: float) -> float:
    # One class everywhere: chance explains everything, and the formula is 0 / 0.
    return 1.0 if chance >= 1.0 else (agreed - chance) / (1.0 - chance)
