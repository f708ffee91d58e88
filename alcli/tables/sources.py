"""The files of a pool: opened, and read in raw batches whatever their format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alcli.errors import Place, TableError, listing
from alcli.files import digest_bytes
from alcli.tables.blocks import read_blocks
from alcli.tables.delimited import row_numbers
from alcli.tables.dialect import Dialect, recognise
from alcli.tables.formats import file_format, no_file
from alcli.tables.mirror import Mirror
from alcli.tables.parquet import Footer, read_batches, read_footer
from alcli.tables.paths import Found

_EDGE = 64 << 10


@dataclass(frozen=True)
class PoolFile:
    """One file of a pool.

    Attributes
    ----------
    path : where it is.
    shown : its name in messages.
    kind : ``"delimited"`` or ``"parquet"``.
    partitions : column -> text from ``column=text`` folders.
    stamp : changes when the file does; cheap (size, time, both ends).
    """

    path: Path
    shown: str
    kind: str
    partitions: dict[str, str | None]
    stamp: str
    dialect: Dialect | None = field(default=None, repr=False)
    footer: Footer | None = field(default=None, repr=False)

    @property
    def kinds(self) -> dict[str, str]:
        """Column -> kind, the partitions' included."""
        if self.footer is not None:
            own = dict(zip(self.footer.names, self.footer.kinds, strict=True))
        else:
            own = dict.fromkeys(self.dialect.header if self.dialect else (), "text")
        return {**own, **dict.fromkeys(self.partitions, "text")}

    def row_number(self, position: int) -> int:
        """A row as people count: a spreadsheet's number, or from 1 in a Parquet file. Reads a delimited file."""
        return read_row_numbers(self, [position])[0]


def read_row_numbers(file: PoolFile, positions: Sequence[int]) -> list[int]:
    """Rows as people count, for positions that count from 0; see `PoolFile.row_number`."""
    if file.dialect is None:
        return [position + 1 for position in positions]
    return row_numbers(file.path, file.dialect, file.shown, positions)


def open_file(found: Found, encoding: str | None, separator: str | None) -> PoolFile:
    """A file's format, columns and stamp; refuses what is no table."""
    kind = file_format(found.path, found.shown)
    stamp = _stamp(found.path, found.shown)
    dialect = footer = None
    if kind == "parquet":
        footer = read_footer(found.path, found.shown)
        header: Sequence[str] = footer.names
    else:
        dialect = recognise(found.path, found.shown, encoding, separator)
        header = dialect.header
    _check_header(header, found, dialect)
    return PoolFile(found.path, found.shown, kind, found.partitions, stamp, dialect, footer)


def _check_header(header: Sequence[str], found: Found, dialect: Dialect | None) -> None:
    at = Place(found.shown, dialect.header_row if dialect else None)
    for position, name in enumerate(header):
        if not name.strip():
            raise TableError(
                f"column {position + 1} has no name",
                at=at,
                hint=f"name it; the columns are: {listing([repr(name) for name in header])}",
                code="blank-header",
            )
    seen: set[str] = set()
    for name in header:
        if name in seen:
            raise TableError(
                f"two columns are called {name!r}", at=at, hint="rename one of them", code="duplicate-header"
            )
        seen.add(name)
    if not header:
        raise TableError("the file has no columns", at=found.shown, code="no-header")
    for name in found.partitions:
        if name in seen:
            raise TableError(
                f"column {name!r} stands in the file and in its folder's name",
                at=found.shown,
                hint="rename the column or the folders",
                code="duplicate-header",
            )


def _stamp(path: Path, shown: str) -> str:
    try:
        status = path.stat()
        with path.open("rb") as file:
            head = file.read(_EDGE)
            file.seek(max(0, status.st_size - _EDGE))
            tail = file.read(_EDGE)
    except OSError as error:
        raise no_file(error, shown) from error
    return digest_bytes(repr((status.st_size, status.st_mtime_ns)).encode() + head + tail)


def raw_batches(
    file: PoolFile,
    mirror: Mirror | None,
    want: dict[str, str],
    groups: Sequence[int] | None,
    batch_rows: int,
    longest: dict[str, int] | None = None,
    listen: Callable[[bytes], object] | None = None,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows and arrays of some columns of a file, as stored; partitions left out.

    Parameters
    ----------
    want : column -> ``text``, ``numbers`` or ``vectors``: a mirror hands out the twin that fits.
    groups : row groups; None for all of the file.
    listen : is given a delimited file's bytes where it has no mirror.
    """
    want = {name: use for name, use in want.items() if name not in file.partitions}
    if file.footer is not None:
        chosen = range(len(file.footer.groups)) if groups is None else groups
        for batch in read_batches(file.path, file.shown, list(want), chosen, batch_rows, longest=longest):
            yield batch.pop(""), batch
            del batch
    elif mirror is not None:
        chosen = range(len(mirror.groups)) if groups is None else groups
        stored = {name: _twin(mirror, name, use) for name, use in want.items()}
        for batch in read_batches(mirror.path, file.shown, list(stored.values()), chosen, batch_rows, longest={}):
            yield batch[""], {name: batch[column] for name, column in stored.items()}
            del batch
    elif file.dialect is not None:
        # One column at least, or pyarrow would not count rows.
        columns = list(want) or list(file.dialect.header[:1])
        for table in read_blocks(file.path, file.dialect, file.shown, columns, listen):
            for start in range(0, len(table), batch_rows):
                part = table.slice(start, batch_rows)
                yield len(part), {name: part.column(name).chunk(0) for name in want}


def _twin(mirror: Mirror, name: str, use: str) -> str:
    number = mirror.names.index(name)
    twin = f"{use[0]}{number}"
    return twin if twin in mirror.twins else f"t{number}"
