"""A returned sheet, whatever its format, with its columns found.

The way of an answer: bytes, a format's reader (table.py), `RawSheet` with text cells (raw.py), the
columns (columns.py), the judgement row by row (judging.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from alcli.errors import Place, TableError
from alcli.sheets.columns import Columns, find_columns, has_answers
from alcli.sheets.raw import RawSheet
from alcli.sheets.table import reader, recognise


@dataclass
class Returned:
    """A sheet that may hold answers: the raw rows and what their columns are."""

    raw: RawSheet
    columns: Columns

    @property
    def file(self) -> str:
        """The sheet's name, as the user gave it."""
        return self.raw.file


def read_answers(
    source: Path | bytes,
    shown: str,
    *,
    id_column: str,
    label_column: str = "label",
    pool_columns: Collection[str] | None = None,
    format: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Returned:
    """Open a returned sheet and find its columns. Rows are read while they are judged.

    Parameters
    ----------
    source : a file, or the bytes of one (what came from stdin).
    shown : its name in messages.
    id_column, label_column, pool_columns : see `find_columns`.
    format : a name from the table; None recognises the format by the content.
    encoding, separator : for delimited text; None recognises them.

    Raises
    ------
    TableError
        If the file is in no known format, is damaged, is larger than a sheet may be, or lacks
        the columns.
    UsageError
        If no format has that name.
    """
    chosen = reader(format) if format is not None else recognise(source, shown)
    raw = chosen(
        source,
        shown,
        wanted=lambda header: has_answers(header, id_column, label_column),
        encoding=encoding,
        separator=separator,
    )
    if not raw.header:
        raise TableError("the sheet is empty", at=Place(shown), code="empty")
    if raw.label:
        raw.header = [label_column if name == raw.label else name for name in raw.header]
    if pool_columns is not None:
        pool_columns = [name for name in pool_columns if name.strip().casefold() not in raw.own]
    columns = find_columns(raw.header, shown, id_column=id_column, label_column=label_column, pool_columns=pool_columns)
    return Returned(raw, columns)
