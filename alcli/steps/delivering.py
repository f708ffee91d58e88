"""Where a result table goes: a file by its suffix, or stdout."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from alcli.errors import UsageError, did_you_mean, listing
from alcli.files import replacing, reporting_disk_trouble
from alcli.tables.csv_text import csv_text

FORMATS = {".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".xlsx": "xlsx", ".jsonl": "jsonl"}
BINARY = ("parquet", "xlsx")


class TableWriter:
    """Writes rows of text and numbers as they come, whole or not at all.

    Parameters
    ----------
    output : a path whose suffix is the format, or ``-`` for CSV on stdout.
    header : the names of the columns.
    numbers : which of them are numbers; all others are text.
    named : the format, where the suffix does not say it.

    Raises
    ------
    UsageError
        If nothing says the format, or a binary one would go to a terminal.
    """

    def __init__(
        self, output: str, header: Sequence[str], numbers: Iterable[str] = (), named: str | None = None
    ) -> None:
        self.output = output
        self.header = list(header)
        self.numbers = set(numbers)
        self.format = table_format(output, named)
        if output == "-" and self.format in BINARY and sys.stdout.isatty():
            raise UsageError(
                f"{self.format} does not go to a terminal", hint="write it to a file: `-o FILE`", code="terminal"
            )
        self.rows = 0
        self._cell: Any = None

    def write(self, batches: Iterable[Sequence[Sequence[Any]]]) -> int:
        """Write batches of rows; returns how many rows."""
        if self.output == "-":
            if self.format in BINARY:
                whole = io.BytesIO()
                (self._parquet if self.format == "parquet" else self._xlsx)(batches, whole)
                write_stdout(whole.getvalue())
                return self.rows
            for piece in self._text(batches):
                write_stdout(piece)
            return self.rows
        path = Path(self.output)
        with replacing(path) as file:
            if self.format == "parquet":
                self._parquet(batches, file)
            elif self.format == "xlsx":
                self._xlsx(batches, file)
            else:
                for piece in self._text(batches):
                    file.write(piece)
        return self.rows

    def _text(self, batches: Iterable[Sequence[Sequence[Any]]]) -> Iterable[bytes]:
        if self.format == "jsonl":
            for rows in batches:
                self.rows += len(rows)
                lines = (
                    json.dumps(dict(zip(self.header, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
                )
                yield "".join(lines).encode("utf-8", "surrogatepass")
            return
        separator = "\t" if self.format == "tsv" else ","
        for rows in self._with_header(batches):
            yield csv_text(rows, separator).encode("utf-8", "surrogatepass")
        self.rows -= 1

    def _with_header(self, batches: Iterable[Sequence[Sequence[Any]]]) -> Iterable[Sequence[Sequence[Any]]]:
        self.rows += 1
        yield [self.header]
        for rows in batches:
            self.rows += len(rows)
            yield rows

    def _parquet(self, batches: Iterable[Sequence[Sequence[Any]]], file: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(name, pa.float64() if name in self.numbers else pa.string()) for name in self.header])
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for rows in batches:
                self.rows += len(rows)
                columns: list[Any] = list(zip(*rows, strict=True)) if rows else [[] for _ in self.header]
                arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

    def _xlsx(self, batches: Iterable[Sequence[Sequence[Any]]], file: Any) -> None:
        import xlsxwriter

        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(row for rows in self._with_header(batches) for row in rows):
            if number >= 1_048_576:
                raise UsageError(
                    "a workbook holds 1,048,576 rows at most", hint="write .csv or .parquet", code="too-large"
                )
            for at, cell in enumerate(row):
                if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                    sheet.write_number(number, at, cell)
                elif cell not in (None, ""):
                    sheet.write_string(number, at, str(cell), text)
        self.rows -= 1
        book.close()


def table_format(output: str, named: str | None = None) -> str:
    """The format of a table: the one that is named, else that of its suffix, else CSV on stdout.

    Raises
    ------
    UsageError
        If the suffix says nothing, or no format has that name.
    """
    return format_of(output, named, FORMATS, "table")


def format_of(output: str, named: str | None, formats: Mapping[str, str], what: str) -> str:
    """The format of `what`: the one that is named, else that of its suffix, else the first of `formats` on stdout.

    Parameters
    ----------
    formats : suffix -> format.

    Raises
    ------
    UsageError
        If the suffix says nothing, or no format has that name.
    """
    known = list(dict.fromkeys(formats.values()))
    if named is not None:
        if named not in known:
            raise UsageError(
                f"no format of a {what} is called {named!r}",
                hint=did_you_mean(named, known) or f"the formats are: {listing(known)}",
                code="unknown-format",
            )
        return named
    if output == "-":
        return known[0]
    suffix = Path(output).suffix.lower()
    if suffix not in formats:
        raise UsageError(
            f"{output!r} does not say what format the {what} is to have",
            hint=f"end it with one of {listing(list(formats))}",
            code="unknown-format",
        )
    return formats[suffix]


def write_stdout(data: bytes) -> None:
    """Bytes to stdout and through to the other side, whatever the locale."""
    buffer = getattr(sys.stdout, "buffer", None)
    with reporting_disk_trouble("stdout"):
        if buffer is None:
            sys.stdout.write(data.decode("utf-8"))
        else:
            sys.stdout.flush()
            buffer.write(data)
        sys.stdout.flush()
