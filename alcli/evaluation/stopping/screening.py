"""Rules for screening, where the aim is to find all rows of one class. Plain Python.

They look at the labels in the order in which the rows were asked, as a reader of abstracts goes down a list
that is ranked anew after each batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma

from alcli.evaluation.stopping.counting import State

RISK = 0.05  # of a bound that is too high
MOST_POINTS = 200


def negatives(state: State, of: str | None) -> float | None:
    """Rows since the last one of the class; None before any of it was found.

    A list that begins with other rows says nothing yet about the class, so they do not count before its first.
    """
    for number, label in enumerate(reversed(state.order)):
        if label == of:
            return float(number)
    return None


def found(state: State, of: str | None) -> float | None:
    """Lower 95% bound of the share of the class's rows that is found; None before any is."""
    return recall_bound([label == of for label in state.order], state.rows)


def wss(state: State, of: str | None) -> float | None:
    """Work saved over sampling if screening ended now: (N - n)/N - (1 - recall), with recall at its lower bound.

    References
    ----------
    Cohen, Hersh, Peterson, Yen (2006). Reducing workload in systematic review preparation using automated
    document classification. JAMIA 13. There recall is known; here it is bounded.
    """
    recall = found(state, of)
    if recall is None:
        return None
    return (state.rows - len(state.order)) / state.rows - (1 - recall)


def recall_bound(relevant: Sequence[bool], rows: int, risk: float = RISK) -> float | None:
    """Lower bound of the recall, when n of `rows` rows have been screened.

    The end of the list, from a point on, is taken for a random sample of what was unscreened at that point. A list that
    is ranked well puts more relevant rows there than a random one, so that the bound is on the safe side. Each row
    of the class that was found ends such a point, and the point that bounds best is taken; of many
    hundreds an even choice and the last 50.

    The level is that of one point. Where the end of the list was drawn at random (`--strategy random`), a point that
    is fixed beforehand bounds too high in at most 1 of 20 screenings, the best of all points in about 1 of 10.

    Parameters
    ----------
    relevant : n answers in the order of screening.
    rows : of the pool, screened or not.
    risk : chance that the bound of a point is too high.

    Returns
    -------
    bound : in [0, 1]; None before anything relevant was found.

    References
    ----------
    Callaghan, Müller-Hansen (2020). Statistical stopping criteria for automated screening in systematic reviews.
    Systematic Reviews 9. They test one target recall; this is the largest target that the test would grant.

    Examples
    --------
    10 relevant rows, then 150 of the 190 that were left, without another: the 40 unseen hide one at most.

    >>> round(recall_bound([True] * 10 + [False] * 150, 200), 3)
    0.909
    >>> recall_bound([True, False], 2)
    1.0
    """
    seen = sum(relevant)
    if not seen:
        return None
    best = 0.0
    points = [0, *(at + 1 for at, hit in enumerate(relevant) if hit)]
    # any point gives a bound; with thousands of them some are enough
    step = max(1, len(points) // MOST_POINTS)
    for before in sorted({*range(0, len(points), step), *range(max(0, len(points) - 50), len(points))}):
        start = points[before]
        drawn, urn = len(relevant) - start, rows - start
        most = _most_in(urn, drawn, seen - before, risk)
        best = max(best, seen / (before + most))
    return best


def _most_in(urn: int, drawn: int, hits: int, risk: float) -> int:
    """The most relevant rows that an urn may hold, when a sample of it showed so few: an exact bound."""
    low, high = hits, urn - (drawn - hits)
    # P(at most `hits` hits) falls as the urn holds more: the last number for which it is not too small
    while low < high:
        middle = (low + high + 1) // 2
        # what is as improbable as that to the last digits is still allowed
        if _at_most(hits, urn, middle, drawn) >= risk * (1 - 1e-9):
            low = middle
        else:
            high = middle - 1
    return low


def _at_most(hits: int, urn: int, relevant: int, drawn: int) -> float:
    """P(X <= hits) for the number X of relevant rows in a sample drawn without replacement.

    1 where `hits` is above the mean by one: the chance is more than a half then, and what is asked is whether it
    is small.
    """
    if hits >= min(relevant, drawn) or hits >= drawn * relevant / urn + 1:
        return 1.0
    least = max(0, drawn - (urn - relevant))
    if hits < least:
        return 0.0
    term = exp(_choose(relevant, hits) + _choose(urn - relevant, drawn - hits) - _choose(urn, drawn))
    total = 0.0
    for k in range(hits, least - 1, -1):
        total += term
        if term <= total * 1e-17:
            break
        # the term of k - 1 from that of k
        term *= k * (urn - relevant - drawn + k) / ((relevant - k + 1) * (drawn - k + 1))
    return total


def _choose(n: int, k: int) -> float:
    """Log of the number of ways to choose k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
