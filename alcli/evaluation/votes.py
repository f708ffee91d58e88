"""Answers of several labelers as arrays: which row, whose, which class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Votes:
    """n answers, sorted by row, then by labeler, so that sums come out the same in any order of the ledger.

    Attributes
    ----------
    rows, labelers, classes : the names that the numbers stand for, sorted.
    row, labeler, label : (n,) numbers.
    """

    rows: tuple[str, ...]
    labelers: tuple[str, ...]
    classes: tuple[str, ...]
    row: NDArray[np.intp]
    labeler: NDArray[np.intp]
    label: NDArray[np.intp]

    @classmethod
    def of(cls, answers: Iterable[tuple[str, str, str]]) -> Votes:
        """From (row, labeler, class); one answer a labeler and row.

        >>> votes = Votes.of([("r1", "ann", "yes"), ("r1", "bob", "no"), ("r0", "ann", "no")])
        >>> votes.rows, votes.classes, votes.label.tolist()
        (('r0', 'r1'), ('no', 'yes'), [0, 1, 0])

        Raises
        ------
        ValueError
            If a labeler answers a row twice.
        """
        given = sorted(answers)
        for before, after in pairwise(given):
            if before[:2] == after[:2]:
                raise ValueError(f"{after[1]!r} answers row {after[0]!r} twice")
        names = [tuple(sorted(set(column))) for column in zip(*given, strict=True)] or [(), (), ()]
        numbers = []
        for at, known in enumerate(names):
            number = {name: code for code, name in enumerate(known)}
            numbers.append(np.array([number[answer[at]] for answer in given], dtype=np.intp))
        return cls(names[0], names[1], names[2], *numbers)

    @property
    def counts(self) -> NDArray[np.float64]:
        """(rows, classes): how many labelers gave the row the class."""
        flat = self.row * len(self.classes) + self.label
        found = np.bincount(flat, minlength=len(self.rows) * len(self.classes))
        table: NDArray[np.float64] = found.reshape(len(self.rows), len(self.classes)).astype(np.float64)
        return table
