"""What a prediction may promise, from held-out rows whose truth is known.

Both promises are about rows of the same kind as the held-out ones (exchangeable with them), whatever the model and
however wrong its probabilities are. Rows that a strategy chose are of another kind than the pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, inf, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]

#: Chance with which a promise about precision may fail.
RISK = 0.05


def nonconformity(proba: ArrayLike, truth: ArrayLike) -> Values:
    """How strange each held-out row looks: 1 minus the probability of its true class; shape (n,).

    Parameters
    ----------
    proba : (n, c). truth : (n,) class numbers; -1 for a class that the model does not know, whose row is as strange
        as can be.
    """
    chances, codes = np.asarray(proba, dtype=np.float64), np.asarray(truth, dtype=np.intp)
    own = chances[np.arange(len(codes)), np.maximum(codes, 0)]
    return np.where(codes < 0, inf, 1.0 - own)


def most_strange(scores: ArrayLike, coverage: float) -> float:
    """The score up to which classes stay in a prediction set: the ``ceil((n + 1) coverage)``-th smallest.

    A new row's true class is in its set with a chance of at least `coverage`, over the draw of the held-out rows
    and of the new one. Infinite when too many rows are of classes that the model does not know: then nothing is
    promised, as no set holds those.

    Raises
    ------
    ValueError
        If `coverage` is not between 0 and 1, or there are fewer rows than `rows_for_coverage` says.

    References
    ----------
    Vovk, Gammerman, Shafer (2005). Papadopoulos et al. (2002). Sadinle, Lei, Wasserman (2019). Least ambiguous
    set-valued classifiers with bounded error levels.

    Examples
    --------
    >>> most_strange([0.1, 0.2, 0.3, 0.4], 0.8)
    0.4
    """
    _between(coverage)
    found = np.sort(np.asarray(scores, dtype=np.float64))
    rank = ceil((len(found) + 1) * coverage - 1e-9)
    if rank > len(found):
        raise ValueError(f"{len(found)} held-out rows cannot promise a coverage of {coverage:g}")
    return float(found[rank - 1])


def rows_for_coverage(coverage: float) -> int:
    """The fewest held-out rows that can promise it: ``n >= coverage / (1 - coverage)``.

    >>> rows_for_coverage(0.9), rows_for_coverage(0.99)
    (9, 99)
    """
    _between(coverage)
    return ceil(coverage / (1.0 - coverage) - 1e-9)


def sets(proba: ArrayLike, most: float) -> NDArray[np.bool_]:
    """Which classes are in each row's set, shape (n, c): those at most as strange as `most`.

    A set may be empty: the model finds no class likely, and a row of the promised share stands there.

    >>> sets([[0.7, 0.25, 0.05]], 0.8).tolist()
    [[True, True, False]]
    """
    return 1.0 - np.asarray(proba, dtype=np.float64) <= most + 1e-12


@dataclass(frozen=True)
class Threshold:
    """Where predictions are safe enough.

    Attributes
    ----------
    confidence : rows at or above it are taken.
    rows, right : held-out rows at or above it, and how many of them the model gets right.
    bound : what their precision is at least, with a chance of 1 - RISK.
    """

    confidence: float
    rows: int
    right: int
    bound: float


def safe_threshold(confidence: ArrayLike, right: ArrayLike, precision: float, risk: float = RISK) -> Threshold | None:
    """The lowest confidence at which the model is right often enough, promised by held-out rows.

    Confidences are walked down from a start that was fixed before the truth was looked at: the strictest at which
    the bound can be reached at all. At each, the exact binomial bound for the precision of the rows at or above it is
    held against `precision`; the walk ends at the first that fails. Since the order is fixed, the chance that any
    accepted threshold breaks its promise is at most `risk` (fixed-sequence testing). This is exact when surer rows
    are not less often right; where they are, simulated promises broke no more often, as the walk then ends early.

    Parameters
    ----------
    confidence : (n,) of the held-out rows. right : (n,) whether the model is.
    precision : share of taken rows that must be right.

    Returns
    -------
    threshold : None when these rows can promise it nowhere.

    References
    ----------
    Angelopoulos, Bates, Candès, Jordan, Lei (2021). Learn then test. Clopper, Pearson (1934).

    Examples
    --------
    >>> safe_threshold([0.9] * 60, [True] * 60, 0.95).rows
    60
    >>> safe_threshold([0.9] * 58, [True] * 58, 0.95) is None
    True
    """
    _between(precision)
    _between(risk)
    found = None
    for confidence_, rows, good in _steps(confidence, right, rows_for_precision(precision, risk)):
        bound = lower_bound(good, rows, risk)
        if bound < precision:
            break
        found = Threshold(confidence_, rows, good, bound)
    return found


def surest(confidence: ArrayLike, right: ArrayLike, precision: float, risk: float = RISK) -> Threshold | None:
    """Where the walk of `safe_threshold` starts, kept or not; None when there are fewer rows than any promise needs."""
    for confidence_, rows, good in _steps(confidence, right, rows_for_precision(precision, risk)):
        return Threshold(confidence_, rows, good, lower_bound(good, rows, risk))
    return None


def _steps(confidence: ArrayLike, right: ArrayLike, fewest: int) -> Iterator[tuple[float, int, int]]:
    """Each confidence from the largest down, how many rows reach it, `fewest` or more, and how many are right."""
    sure, hits = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.bool_)
    if len(sure) != len(hits):
        raise ValueError(f"{len(sure)} confidences and {len(hits)} truths")
    order = np.argsort(-sure, kind="stable")
    sure, hits = sure[order], np.cumsum(hits[order])
    # a threshold takes all rows of the same confidence
    ends = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) if len(sure) else np.empty(0, np.intp)
    for end in ends[ends + 1 >= fewest].tolist():
        yield float(sure[end]), end + 1, int(hits[end])


def lower_bound(right: int, rows: int, risk: float = RISK) -> float:
    """What a share is at least, with a chance of 1 - risk, when `right` of `rows` were: Clopper and Pearson's bound.

    >>> round(lower_bound(59, 59), 4)
    0.9505
    """
    from scipy.stats import beta

    return 0.0 if right == 0 else float(beta.ppf(risk, right, rows - right + 1))


def rows_for_precision(precision: float, risk: float = RISK) -> int:
    """The fewest held-out rows, all of them right, that can promise it.

    >>> rows_for_precision(0.95), rows_for_precision(0.99)
    (59, 299)
    """
    exact = log(risk) / log(precision)
    return floor(exact) if abs(exact - round(exact)) < 1e-12 else ceil(exact)


def _between(share: float) -> None:
    if not 0.0 < share < 1.0:
        raise ValueError(f"{share:g} is not between 0 and 1")
