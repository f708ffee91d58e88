"""Delimited files by record: strict, for small files and messages.

`read_records` goes through Python's csv module and knows every row's number. Pools are read by block (blocks.py),
and a block that is wrong is read again here, to say what is wrong in which row. Both read the same language:
RFC 4180 with any line end, quotes that open at the start of a cell and end at its end, a literal quote inside an
unquoted cell, blank lines skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import Place, TableError
from alcli.tables.dialect import (
    LONGEST_RECORD,
    Dialect,
    csv_reader,
    lines,
    recognise,
    too_long,
)
from alcli.tables.formats import opened


@dataclass(frozen=True)
class Records:
    """A delimited file, record by record.

    Attributes
    ----------
    header : column names as they stand.
    rows : ``(number, cells)``; the number counts as a spreadsheet does, header and blank lines included.
    dialect : what was recognised.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    dialect: Dialect


def read_records(
    source: Path | str | bytes,
    encoding: str | None = None,
    separator: str | None = None,
    *,
    strict: bool = False,
    shown: str | None = None,
) -> Records:
    """Read a delimited file with Python's csv module.

    Parameters
    ----------
    source : a path, or the bytes themselves; gzip is known by its first bytes.
    encoding, separator : what the file cannot tell; see `dialect.recognise`.
    strict : refuse rows with more or fewer cells than the header.
    shown : the file's name in messages.

    Raises
    ------
    TableError
        ``encoding``, ``nul-byte``, ``quoting``, ``unclosed-quote``, ``row-too-long``, ``ragged``,
        ``empty-file``, ``damaged-gzip``; also while the rows are taken.
    FileTrouble
        If the file cannot be read.
    """
    if isinstance(source, str):
        source = Path(source)
    shown = shown or (str(source) if isinstance(source, Path) else "the input")
    dialect = recognise(source, shown, encoding, separator)
    return Records(list(dialect.header), rows_of(source, dialect, shown, strict), dialect)


def rows_of(source: Path | bytes, dialect: Dialect, shown: str, strict: bool) -> Iterator[tuple[int, list[str]]]:
    width = len(dialect.header)
    with opened(source, shown) as stream:
        reader = csv_reader(lines(stream, dialect.encoding), dialect.separator)
        number = 0
        for cells in _checked(reader, shown):
            number += 1
            if number <= dialect.header_row or not cells:
                continue
            if strict and len(cells) != width:
                raise _ragged(number, len(cells), width, dialect, shown)
            yield number, cells


def _ragged(number: int, found: int, width: int, dialect: Dialect, shown: str) -> TableError:
    columns = "1 column" if width == 1 else f"{width} columns"
    hint = "a cell that holds the separator or a line break must stand in quotes"
    if width == 1:
        hint += "; another separator is told with `--separator`"
    return TableError(
        f"the row has {found} cell{'s' * (found != 1)}, the header has {columns}",
        at=Place(shown, number),
        hint=hint,
        code="ragged",
    )


def _checked(reader: Any, shown: str) -> Iterator[list[str]]:
    """Records, with the csv module's complaints told with the line where the record starts."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error):
                raise too_long(line, shown) from error
            if "end of data" in str(error):
                raise TableError(
                    f"a quote opened in the row that starts at line {line} is never closed",
                    at=shown,
                    hint="close it, or double it inside a quoted cell",
                    code="unclosed-quote",
                ) from error
            until = f" (line {reader.line_num})" if reader.line_num != line else ""
            raise TableError(
                f"the quotes of the row that starts at line {line} do not fit: text follows a closing quote{until}",
                at=shown,
                hint="a quote inside a quoted cell is written twice; is an earlier quote never closed?",
                code="quoting",
            ) from error
        if reader.line_num - line > 1 and sum(map(len, cells)) > LONGEST_RECORD:
            raise too_long(line, shown)
        yield cells


def row_numbers(path: Path, dialect: Dialect, shown: str, positions: Sequence[int]) -> list[int]:
    """The spreadsheet rows of some records, counted from 0 after the header. For messages: reads the file."""
    wanted, found = set(positions), {}
    if wanted:
        last = max(wanted)
        for position, (number, _) in enumerate(rows_of(path, dialect, shown, strict=False)):
            if position in wanted:
                found[position] = number
            if position >= last:
                break
    return [found.get(position, position + dialect.header_row + 1) for position in positions]
