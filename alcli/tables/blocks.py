"""Delimited files by block, for pools: whole blocks go to pyarrow, some ten times as fast as record by record.

A block knows no rows, so when anything is wrong the reader by record says what (delimited.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from alcli.errors import TableError
from alcli.tables.delimited import rows_of
from alcli.tables.dialect import LONGEST_RECORD, Dialect, csv_reader, lines
from alcli.tables.formats import opened

BLOCK = 4 << 20


class Suspect(Exception):
    """The fast reader met what it does not take; the slow one will say what it is."""


def read_blocks(
    path: Path,
    dialect: Dialect,
    shown: str,
    columns: Sequence[str] | None = None,
    listen: Callable[[bytes], object] | None = None,
) -> Iterator[Any]:
    """Read a delimited file as arrow tables of strings, some 4 MB of text each.

    Parameters
    ----------
    columns : only these; None for all.
    listen : is given every piece of the file as it is read, unzipped (for a digest).

    Yields
    ------
    pyarrow.Table
        One `pa.string()` column for each, one chunk; an empty cell is null.

    Raises
    ------
    TableError
        As `read_records` with `strict` does, with the row.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = list(dialect.header)
    wanted = names if columns is None else list(columns)
    convert = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        include_columns=wanted,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    try:
        for block, separator in _record_blocks(path, dialect, shown, listen):
            table = arrow_csv.read_csv(
                pa.BufferReader(block),
                read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
                parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
                convert_options=convert,
            )
            if table.num_rows:
                yield table.combine_chunks()
    except (Suspect, pa.ArrowException) as problem:
        for _ in rows_of(path, dialect, shown, strict=True):
            pass
        raise TableError(
            f"the file cannot be read as a table: {str(problem).splitlines()[0]}", at=shown, code="table"
        ) from problem


def _record_blocks(
    path: Path, dialect: Dialect, shown: str, listen: Callable[[bytes], object] | None
) -> Iterator[tuple[bytes, str]]:
    """Blocks of whole records in UTF-8, each with its separator."""
    plain = dialect.separator.isascii()
    with opened(path, shown) as stream:
        pieces = _pieces(stream, dialect, listen)
        carry = b""
        for piece in pieces:
            data = carry + piece if carry else piece
            cut = _boundary(data, dialect.separator.encode()) if plain else None
            if cut is None:
                yield from _rewritten(data, pieces, dialect.separator)
                return
            if len(data) - cut > LONGEST_RECORD:
                raise Suspect("a row that does not end")
            if cut:
                yield data[:cut], dialect.separator
            carry = data[cut:]
        if carry:
            cut = _boundary(carry + b"\n", dialect.separator.encode())
            if cut is None or cut <= len(carry):
                yield from _rewritten(carry, iter(()), dialect.separator)
            else:
                yield carry, dialect.separator


def _pieces(stream: opened, dialect: Dialect, listen: Callable[[bytes], object] | None) -> Iterator[bytes]:
    """The file after its header, as UTF-8, in pieces."""
    import codecs

    recode = None
    if dialect.encoding != "utf-8":
        recode = codecs.getincrementaldecoder(dialect.encoding)("strict")
    skip, first, end = dialect.body, True, False
    while not end:
        piece = stream.read(BLOCK)
        end = not piece
        if listen is not None and piece:
            listen(piece)
        if recode is not None:
            try:
                text = recode.decode(piece, final=end)
                piece = (text.removeprefix("\ufeff") if first else text).encode()
            except UnicodeError as error:
                raise Suspect(str(error)) from error
        elif first:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        first = False
        if b"\0" in piece:
            raise Suspect("a NUL byte")
        if skip:
            skip, piece = max(0, skip - len(piece)), piece[skip:]
        if piece:
            yield piece


def _boundary(data: bytes, separator: bytes) -> int | None:
    """Where the last whole record of `data` ends; None when its quotes are not all tidy.

    Tidy: quotes taken in pairs, each first one stands at the start of a cell and each second one at
    its end (or two stand together, which is one quote inside a cell). Where all do, the pairs are
    the quoted cells, and pyarrow, Python's csv module and RFC 4180 agree on every record.
    """
    if b'"' not in data:
        return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1

    import numpy as np

    content = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(content == 34)
    end = len(data)
    while True:
        end = max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end))
        if end < 0:
            cut = 0
            break
        before = int(np.searchsorted(quotes, end))
        if before % 2 == 0:
            cut = end + 1
            break
        end = int(quotes[before - 1])
    special = np.zeros(256, np.bool_)
    special[[10, 13, 34, separator[0]]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    # Those after the cut too: one literal quote would otherwise look like a cell without an end.
    closing = closing[closing + 1 < len(data)]
    starts = special[content[opening[opening > 0] - 1]].all()
    return cut if starts and special[content[closing + 1]].all() else None


def _rewritten(start: bytes, rest: Iterator[bytes], separator: str) -> Iterator[tuple[bytes, str]]:
    """The remaining records read by Python's csv module and written again with tidy quotes."""

    class Chain:
        shown = "the input"

        def __init__(self) -> None:
            self.ahead = start

        def read(self, size: int) -> bytes:
            piece, self.ahead = self.ahead or next(rest, b""), b""
            return piece

    chain: Any = Chain()
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    try:
        for cells in csv_reader(lines(chain, "utf-8"), separator):
            if not cells:
                continue
            writer.writerow(cells)
            if out.tell() > BLOCK:
                yield out.getvalue().encode(), ","
                out.seek(0)
                out.truncate()
    except (csv.Error, TableError) as error:
        raise Suspect(str(error)) from error
    if out.tell():
        yield out.getvalue().encode(), ","
