"""CSV sheets: UTF-8, `\\n`, minimal quotes; formulas made harmless (see harmless.py)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from alcli.sheets.harmless import escape
from alcli.sheets.raw import RawRow, RawSheet

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written


class RowWriter:
    """Writes rows with `\\n` at their ends, every cell made harmless.

    Python's csv module before 3.13 quotes a lone `\\r` only when it is part of the line end; unquoted
    it would end the row for every reader. So the module is given `\\r\\n`, and it is shortened here.
    """

    def __init__(self, text: TextIO, separator: str = ",") -> None:
        self._text = text
        self._writer = csv.writer(self, delimiter=separator, lineterminator="\r\n")

    def write(self, line: str) -> int:
        """Called by the csv module, once a row."""
        return self._text.write(line[:-2] + "\n")

    def row(self, cells: Iterable[str]) -> None:
        """Write one row."""
        self._writer.writerow([escape(cell) for cell in cells])


def recognises(head: bytes) -> bool:
    """CSV is what is left when no other format knows the file's first bytes."""
    page = head[:64].lstrip().lower().startswith(b"<!doctype html")
    return not page and not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF"))


def write(sheet: Sheet, file: BinaryIO, *, separator: str = ",", mark: bool = False) -> Written:
    """Write a sheet.

    Parameters
    ----------
    separator : `,`, `;` or a tab.
    mark : begin with the UTF-8 mark, by which Excel knows the encoding.
    """
    from alcli.sheets.base import Written

    text = io.TextIOWrapper(file, encoding="utf-8-sig" if mark else "utf-8", newline="")
    try:
        out = RowWriter(text, separator)
        out.row(sheet.header)
        for row in sheet.rows:
            out.row(sheet.cells(row))
        text.flush()
    finally:
        text.detach()
    return Written(rows=len(sheet.rows))


def write_tabs(sheet: Sheet, file: BinaryIO, *, mark: bool = False) -> Written:
    """Write a sheet with tabs between its cells."""
    return write(sheet, file, separator="\t", mark=mark)


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open a returned sheet; its rows are read one by one.

    Raises
    ------
    TableError
        If the bytes are in no known encoding or a quote is never closed; from `tables.delimited`.
    """
    from alcli.tables.delimited import read_records

    del wanted  # a CSV is one table: it is told what is missing when its columns are looked up
    records = read_records(source, encoding, separator, shown=shown)
    first: list[Iterator[tuple[int, list[str]]]] = [records.rows]

    def rows() -> Iterator[RawRow]:
        again = first.pop() if first else read_records(source, encoding, separator, shown=shown).rows
        for number, cells in again:
            yield number, cells, None

    return RawSheet(file=shown, format="csv", header=list(records.header), rows=rows)
