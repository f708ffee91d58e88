"""Which text columns hold numbers only, and which lists of numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alcli.tables.convert import BadCell, to_numbers, to_vectors


@dataclass(frozen=True)
class Seen:
    """What a survey saw in one file.

    Attributes
    ----------
    numbers : columns in which nothing but numbers and missing cells stand -> whether there was a number.
    lists : columns in which nothing but lists of one length and missing cells stand -> the length,
        0 where all were missing.
    """

    numbers: Mapping[str, bool]
    lists: Mapping[str, int]


class Survey:
    """Looks at every cell of text columns as they pass, and remembers what it saw.

    A column that once held anything else is not looked at again, so free text costs one batch.
    """

    def __init__(self, columns: Iterable[str]) -> None:
        names = list(columns)
        self._numbers = dict.fromkeys(names, False)
        self._lists = dict.fromkeys(names, 0)

    @property
    def open(self) -> set[str]:
        """Columns still worth a look."""
        return self._numbers.keys() | self._lists.keys()

    def numbers(self, column: str, text: Any) -> Any | None:
        """The cells as float64, or None when the column holds something else."""
        if column not in self._numbers:
            return None
        try:
            found = to_numbers(text)
        except BadCell:
            del self._numbers[column]
            return None
        self._numbers[column] |= found.null_count < len(found)
        return found

    def lists(self, column: str, text: Any) -> Any | None:
        """The cells as vectors of one length, or None when the column holds something else."""
        if column not in self._lists:
            return None
        try:
            found = to_vectors(text, self._lists[column] or None)
        except BadCell:
            del self._lists[column]
            return None
        if found.null_count < len(found):
            self._lists[column] = found.type.list_size
        return found

    def seen(self) -> Seen:
        return Seen(dict(self._numbers), dict(self._lists))


def merged(files: Iterable[tuple[Seen, Mapping[str, str]]]) -> tuple[frozenset[str], frozenset[str]]:
    """Columns of numbers only and of lists only, over several files.

    Parameters
    ----------
    files : what was seen in each, and the kinds of its columns: a column may be text in one file and
        typed in the next.
    """
    numeric: dict[str, set[bool | None]] = {}
    widths: dict[str, set[int]] = {}
    for seen, kinds in files:
        for name, kind in kinds.items():
            number = seen.numbers.get(name) if kind == "text" else kind in ("integer", "float") or None
            width = seen.lists.get(name, -1) if kind == "text" else -1
            numeric.setdefault(name, set()).add(number)
            widths.setdefault(name, set()).add(width)
    return (
        frozenset(name for name, found in numeric.items() if True in found and None not in found),
        frozenset(name for name, found in widths.items() if len(found - {0}) == 1 and max(found) > 0),
    )
