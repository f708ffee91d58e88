"""Answers of several labelers as arrays: which row, whose, which class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
        columns = tuple(zip(*answers, strict=True)) or ((), (), ())
        names, numbers = [], []
        for column in columns:
            known = tuple(sorted(set(column)))
            number = {name: code for code, name in enumerate(known)}
            names.append(known)
            numbers.append(np.fromiter(map(number.__getitem__, column), dtype=np.intp, count=len(column)))
        order = np.lexsort((numbers[1], numbers[0]))
        row, labeler, label = (codes[order] for codes in numbers)
        twice = np.flatnonzero((np.diff(row) == 0) & (np.diff(labeler) == 0))
        if len(twice):
            at = twice[0]
            raise ValueError(f"{names[1][labeler[at]]!r} answers row {names[0][row[at]]!r} twice")
        return cls(names[0], names[1], names[2], row, labeler, label)

    def truth(self, known: Mapping[str, str]) -> NDArray[np.intp]:
        """(rows,) the number of the class that `known` has for the row; -1 where it has none.

        A class that nobody gave is numbered behind all others.

        >>> Votes.of([("r0", "ann", "no"), ("r1", "ann", "yes")]).truth({"r1": "yes", "r7": "no"}).tolist()
        [-1, 1]
        """
        number = {name: code for code, name in enumerate(self.classes)}
        codes = (number.get(known[row], len(number)) if row in known else -1 for row in self.rows)
        return np.fromiter(codes, dtype=np.intp, count=len(self.rows))

    @property
    def counts(self) -> NDArray[np.float64]:
        """(rows, classes): how many labelers gave the row the class."""
        flat = self.row * len(self.classes) + self.label
        found = np.bincount(flat, minlength=len(self.rows) * len(self.classes))
        table: NDArray[np.float64] = found.reshape(len(self.rows), len(self.classes)).astype(np.float64)
        return table
