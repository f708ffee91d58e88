"""A sheet as a format's reader gives it: text cells, and nothing known of what the columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# row as a spreadsheet numbers it; cells; for a few cells by position what they are instead of text:
# number, date, boolean, error, formula (one without a stored value)
RawRow = tuple[int, list[str], Mapping[int, str] | None]


@dataclass
class RawSheet:
    """A sheet as read: text cells.

    Attributes
    ----------
    file : its name in messages.
    format : csv, workbook, or the labelling tool's.
    header : the first filled row, as it stands.
    rows : gives the rows below the header, from the top each time it is called: large sheets are
        read row by row, and once more only to fetch rows that turn out to be wrong late.
    label : the column that holds the answers, where the format has a name of its own for it.
    own : columns that the reader made; one of the pool's that is called the same is not meant.
    """

    file: str
    format: str
    header: list[str]
    rows: Callable[[], Iterator[RawRow]]
    label: str = ""
    own: tuple[str, ...] = ()
