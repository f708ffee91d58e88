"""Rows as CSV text that every reader reads back the same."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any


def csv_text(rows: Iterable[Sequence[Any]], separator: str = ",") -> str:
    """Rows with ``\\n`` at their ends and quotes only where they are needed; None is empty.

    >>> csv_text([["id", "comment"], ["007", 'a "b", c']])
    'id,comment\\n007,"a ""b"", c"\\n'
    """
    lines = _Lines()
    csv.writer(lines, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return "".join(lines)


class _Lines(list[str]):
    """Python's csv module before 3.13 quotes a lone ``\\r`` only when it is part of the line end.

    Unquoted it would end the row for every reader, so the module is told ``\\r\\n``, which is
    shortened here. The module calls `write` once a row.
    """

    def write(self, line: str) -> None:
        self.append(line[:-2] + "\n")
