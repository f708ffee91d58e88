"""The three ledgers: append-only CSV files, read whole, rewritten whole beside themselves.

A ledger is UTF-8 with one header and only ever gets longer. Python's csv module is used on
purpose: commands that touch nothing but ledgers must start without pandas, and a row that is
wrong has to be named by its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from alcli.cycles import no_cycles
from alcli.errors import Place, TableError
from alcli.files import digest_bytes, replacing, reporting_disk_trouble
from alcli.tables.csv_text import csv_text


@dataclass(frozen=True, slots=True)
class Asked:
    """One row sent out once."""

    batch: str
    rank: str
    id: str
    purpose: str
    strategy: str
    utility: str
    probability: str
    annotator: str
    asked_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of one annotator. `kind` is label, skip or withdraw."""

    id: str
    label: str
    annotator: str
    kind: str
    comment: str
    batch: str
    source: str
    answered_at: str
    imported_at: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric, measured once."""

    evaluated_at: str
    labels: str
    labels_fingerprint: str
    model_fingerprint: str
    how: str
    rows: str
    metric: str
    value: str
    low: str
    high: str


Row = TypeVar("Row", bound=Asked | Answer | Measurement)

PURPOSES = ("train", "evaluate", "recheck", "gold")
KINDS = ("label", "skip", "withdraw")
_AT_ONCE = 50_000  # rows written at once, so that the text of a million is never whole in memory
# Columns whose cells are mostly different from each other.
_OWN = ("id", "rank", "utility", "comment", "value", "low", "high")


class Ledger(Generic[Row]):
    """An append-only table of one kind of row.

    Parameters
    ----------
    path : the file; it need not exist yet.
    row : `Asked`, `Answer` or `Measurement`.
    """

    def __init__(self, path: Path, row: type[Row]) -> None:
        self.path = path
        self.row = row
        self.header = tuple(field.name for field in fields(row))
        self._bytes: bytes | None = None
        self._rows: list[Row] | None = None

    def rows(self) -> list[Row]:
        """All rows, oldest first.

        Raises
        ------
        TableError
            If the file is not a ledger of this kind: another header, a row with more or fewer
            cells, a row cut short, bytes that are not UTF-8. The row is named.
        """
        if self._rows is None:
            with no_cycles():
                self._rows = list(self._parse(self._read()))
        return self._rows

    def fingerprint(self) -> str:
        """A digest of the file's bytes."""
        return digest_bytes(self._read())

    def holds(self, cell: str) -> bool:
        """Whether a cell between others may be this: a look at the bytes, which parses nothing."""
        return f",{cell},".encode() in self._read()

    def append(self, new: Iterable[Row]) -> int:
        """Write the ledger anew with `new` at its end; the rename is the commit. Returns how many.

        Nothing is written when there is nothing new. The caller holds the project's lock.
        """
        new = list(new)
        if not new:
            return 0
        old = self._read()
        self.rows()  # a damaged ledger is refused, not grown
        header, glue = [], b"" if old.endswith(b"\n") else b"\n"
        if _is_empty(old):
            old, header, glue = b"", [self.header], b""
        cells = attrgetter(*self.header)
        with replacing(self.path, commits=True) as file:
            file.write(old + glue)
            for start in range(0, len(new), _AT_ONCE):
                text = csv_text([*header, *map(cells, new[start : start + _AT_ONCE])])
                # names of files and annotators may hold bytes that are no UTF-8
                file.write(text.encode("utf-8", "backslashreplace"))
                header = []
        self._bytes = self._rows = None
        return len(new)

    def _read(self) -> bytes:
        if self._bytes is None:
            with reporting_disk_trouble(self.path):
                self._bytes = self.path.read_bytes() if self.path.exists() else b""
        return self._bytes

    def _parse(self, data: bytes) -> Iterator[Row]:
        if _is_empty(data):
            return
        csv.field_size_limit(1 << 30)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise self._wrong("the ledger is not UTF-8", line, "encoding") from error
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        width = len(self.header)
        try:
            header = next(reader)
            if tuple(header) != self.header:
                raise self._wrong(
                    f"the ledger has the columns {','.join(header)}, not {','.join(self.header)}",
                    1,
                    "ledger-header",
                )
            last = reader.line_num
            row: Any = self.row
            # most cells say what others said before: a million answers of one person share their texts
            repeated = [at for at, name in enumerate(self.header) if name not in _OWN]
            share = _Shared()
            for cells in reader:
                start, last = last + 1, reader.line_num
                if len(cells) != width:
                    if not cells:
                        continue
                    raise self._wrong(f"the row has {len(cells)} cells, not {width}", start, "ragged")
                for at in repeated:
                    cells[at] = share[cells[at]]
                yield row(*cells)
        except csv.Error as error:
            raise self._wrong(f"the row cannot be read: {error}", reader.line_num, "csv") from error

    def _wrong(self, problem: str, line: int, code: str) -> TableError:
        return TableError(
            problem,
            at=Place(str(self.path), row=line),
            hint="nothing was changed; put the file back from a backup, or `alcli check` lists all problems",
            code=code,
        )


class _Shared(dict[str, str]):
    """One object for equal texts."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


def _is_empty(data: bytes) -> bool:
    return not data.removeprefix(b"\xef\xbb\xbf").strip()


def number(value: float | None) -> str:
    """A number as ledgers write it: the shortest text that reads back the same; nothing for None.

    >>> number(0.1), number(1.0), number(None)
    ('0.1', '1', '')
    """
    if value is None or value != value:
        return ""
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def fingerprint_of(pairs: Sequence[tuple[str, str]]) -> str:
    """A digest of labelled rows, the same whatever their order."""
    text = "\x1e".join(f"{id_}\x1f{label}" for id_, label in sorted(pairs))
    return digest_bytes(text.encode("utf-8", "surrogatepass"))[:16]
