"""How right each labeler is, by the others or by answers that are known, and how quick."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.intervals import wilson
from alcli.evaluation.votes import Votes

#: Seconds after which the next answer comes from a new sitting.
PAUSE = 1800.0
_CELLS = 4_000_000

Known = tuple[str, str, str, str]


@dataclass(frozen=True)
class Share:
    """`right` answers `of` so many, as `share` with Wilson's 95% interval; None without answers."""

    right: int
    of: int
    share: float | None
    low: float | None
    high: float | None

    @classmethod
    def over(cls, right: int, of: int) -> Share:
        """Out of two counts.

        >>> Share.over(9, 10)
        Share(right=9, of=10, share=0.9, low=0.596, high=0.982)
        """
        if not of:
            return cls(0, 0, None, None, None)
        low, high = wilson(right / of, of)
        return cls(right, of, right / of, round(low, 3), round(high, 3))


def accuracy(known: Iterable[Known]) -> dict[str, Share]:
    """How often each labeler is right.

    Parameters
    ----------
    known : (labeler, row, answer, truth), whatever the truth comes from: rows whose answer is known, an expert,
        or the other labelers (`by_the_others`).

    Examples
    --------
    >>> accuracy([("ann", "r1", "x", "x"), ("ann", "r2", "y", "x"), ("bob", "r1", "x", "x")])["ann"].share
    0.5
    """
    right: dict[str, int] = defaultdict(int)
    of: dict[str, int] = defaultdict(int)
    for labeler, _, answer, truth in known:
        of[labeler] += 1
        right[labeler] += answer == truth
    return {labeler: Share.over(right[labeler], of[labeler]) for labeler in sorted(of)}


def confusion(known: Iterable[Known], classes: Sequence[str]) -> dict[str, list[list[int]]]:
    """For each labeler how often the truth of the row was answered by the class of the column.

    Parameters
    ----------
    known : as for `accuracy`; what is not among `classes` is left out.

    Examples
    --------
    >>> confusion([("ann", "r1", "x", "x"), ("ann", "r2", "y", "x")], ["x", "y"])
    {'ann': [[1, 1], [0, 0]]}
    """
    number = {name: code for code, name in enumerate(classes)}
    found: dict[str, list[list[int]]] = {}
    for labeler, _, answer, truth in known:
        if answer in number and truth in number:
            table = found.setdefault(labeler, [[0] * len(number) for _ in number])
            table[number[truth]][number[answer]] += 1
    return dict(sorted(found.items()))


def by_the_others(votes: Votes) -> list[Known]:
    """Every answer beside what most of the row's other labelers say; rows where they are tied or missing are left out.

    Nobody is measured by their own answer: with it, the more alone somebody is on a row, the more right they look.

    >>> votes = Votes.of([("r", "a", "x"), ("r", "b", "x"), ("r", "c", "y")])
    >>> by_the_others(votes)
    [('c', 'r', 'y', 'x')]
    """
    most = _most_of_the_others(votes)
    kept = np.flatnonzero(most >= 0)
    columns = (votes.labeler[kept], votes.row[kept], votes.label[kept], most[kept])
    names = (votes.labelers, votes.rows, votes.classes, votes.classes)
    told = ([name[code] for code in codes.tolist()] for name, codes in zip(names, columns, strict=True))
    return list(zip(*told, strict=True))


def _most_of_the_others(votes: Votes) -> NDArray[np.intp]:
    """(n,) the class that most of the others gave to the row of each answer; -1 where no class leads."""
    classes = len(votes.classes)
    counts = votes.counts
    most = np.full(len(votes.row), -1, dtype=np.intp)
    step = max(1, _CELLS // max(1, classes))
    for start in range(0, len(most), step):
        part = slice(start, start + step)
        others = counts[votes.row[part]]
        others[np.arange(len(others)), votes.label[part]] -= 1
        top = others.max(axis=1)
        leads = (top > 0) & ((others == top[:, None]).sum(axis=1) == 1)
        most[part] = np.where(leads, others.argmax(axis=1), -1)
    return most


def seconds_per_answer(answered: Mapping[str, Iterable[float]]) -> float | None:
    """The median time from one answer to the next, of one labeler.

    Parameters
    ----------
    answered : sheet or batch -> the moments of its answers in seconds, in any order. A step longer than
        `PAUSE` is a pause; steps between sheets are not counted at all.

    Returns
    -------
    seconds : None with fewer than three steps, or where a tool wrote one moment for all.

    Examples
    --------
    >>> seconds_per_answer({"1": [0, 4, 9, 14, 5000], "2": [9000, 9006]})
    5.0
    """
    steps: list[float] = []
    for moments in answered.values():
        ordered = sorted(moments)
        steps += [after - before for before, after in pairwise(ordered)]
    working = [step for step in steps if step <= PAUSE]
    if len(working) < 3 or not any(working):
        return None
    return float(median(working))
