"""A file of predictions or vectors, whatever its format, read in blocks of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alcli.errors import Place
from alcli.files import digest_bytes
from alcli.predictions.cells import (
    KINDS,
    Bad,
    Cells,
    from_arrow,
    from_values,
    kind_of_text,
    kind_of_type,
    kind_of_value,
    short,
)
from alcli.predictions.jsonl import BY_CLASS, Record, records
from alcli.tables.arrays import strings
from alcli.tables.convert import to_text
from alcli.tables.delimited import read_records
from alcli.tables.formats import no_file
from alcli.tables.parquet import open_parquet, refusing_damage
from alcli.tables.sources import PoolFile, raw_batches, read_row_numbers

if TYPE_CHECKING:
    from alcli.predictions.later import Later

ROWS = 8192
LISTED_ROWS = 2048  # a row of lists may be long
VALUES = 4 << 20  # numbers that one block of single numbers holds at most
_EDGE = 64 << 10


class Block(ABC):
    """Some rows in a row; `first` is the position of the first of them in the file."""

    first: int
    length: int

    @abstractmethod
    def text(self, name: str) -> Any:
        """A column as an Arrow array of text, null where missing."""

    @abstractmethod
    def cells(self, name: str, depth: int) -> Cells:
        """A column as numbers, lists (depth 1) or lists of lists (depth 2). Raises `Bad`."""


class Source(ABC):
    """A file.

    Attributes
    ----------
    shown : its name in messages.
    kinds : column -> ``number``, ``list``, ``lists``, ``text`` or ``other``, by its first row.
    later : judges columns that come up after the first row, where the format lets them.
    """

    path: Path
    shown: str
    kinds: dict[str, str]
    open_ended = False
    later: Later | None = None

    @abstractmethod
    def blocks(self, columns: Collection[str]) -> Iterator[Block]:
        """The file from its beginning; only some columns."""

    @abstractmethod
    def row(self, position: int) -> int | None:
        """A row as people count: of a spreadsheet, a line, or from 1."""

    def id_place(self, position: int, id_column: str) -> Place:
        """Where the id of a row stands."""
        return Place(self.shown, self.row(position), id_column)

    def size(self, columns: Collection[str]) -> int:
        """Rows of a block."""
        if any(self.kinds.get(name) in KINDS[1:] for name in columns):
            return LISTED_ROWS
        return max(64, min(ROWS, VALUES // max(1, len(columns))))

    def stamp(self) -> str:
        """Changes when the file does; cheap."""
        return stamp_of(self.path, self.shown)


def stamp_of(path: Path, shown: str) -> str:
    """A digest of a file's size, time and both ends."""
    try:
        status = path.stat()
        with path.open("rb") as file:
            head = file.read(_EDGE)
            file.seek(max(0, status.st_size - _EDGE))
            tail = file.read(_EDGE)
    except OSError as error:
        raise no_file(error, shown) from error
    return digest_bytes(repr((status.st_size, status.st_mtime_ns)).encode() + head + tail)


class TableSource(Source):
    """A delimited or Parquet file."""

    def __init__(self, file: PoolFile) -> None:
        self.file, self.path, self.shown = file, file.path, file.shown
        # virtual column -> stored column and field of its struct
        self.fields: dict[str, tuple[str, str]] = {}
        self.kinds = self._of_schema() if file.footer is not None else self._of_first_row()

    def _of_first_row(self) -> dict[str, str]:
        read = read_records(self.path, shown=self.shown, strict=True)
        _, cells = next(read.rows, (0, []))
        return {name: kind_of_text(cells[at] if cells else None) for at, name in enumerate(read.header)}

    def _of_schema(self) -> dict[str, str]:
        import pyarrow as pa

        with refusing_damage(self.shown), open_parquet(self.path, self.shown) as file:
            schema = file.schema_arrow
        kinds: dict[str, str] = {}
        for field in schema:
            struct, listed = field.type, False
            if pa.types.is_list(struct) or pa.types.is_large_list(struct):
                struct, listed = struct.value_type, True
            if not (pa.types.is_struct(struct) and field.name in BY_CLASS):
                kinds[field.name] = kind_of_type(field.type)
                continue
            for inner in struct:
                name = BY_CLASS[field.name] + inner.name
                kind = kind_of_type(inner.type)
                kinds[name] = {"number": "list"}.get(kind, "other") if listed else kind
                self.fields[name] = field.name, inner.name
        return kinds

    def blocks(self, columns: Collection[str]) -> Iterator[Block]:
        stored = dict.fromkeys(self.fields.get(name, (name, ""))[0] for name in columns)
        first = 0
        for length, arrays in raw_batches(self.file, None, dict.fromkeys(stored, "text"), None, self.size(columns)):
            if length:
                yield _ArrowBlock(first, length, arrays, self.fields)
            first += length

    def row(self, position: int) -> int | None:
        return read_row_numbers(self.file, [position])[0]


class _ArrowBlock(Block):
    def __init__(self, first: int, length: int, arrays: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        self.first, self.length, self.arrays, self.fields = first, length, arrays, fields

    def text(self, name: str) -> Any:
        return to_text(self.arrays[name])

    def cells(self, name: str, depth: int) -> Cells:
        if name not in self.fields:
            return from_arrow(self.arrays[name], depth, name)
        import pyarrow.compute as pc

        stored, field = self.fields[name]
        array = self.arrays[stored]
        if not hasattr(array.type, "value_field"):
            return from_arrow(pc.struct_field(array, field), depth, name)
        lengths = from_arrow(pc.list_value_length(array), 0, name)
        if not np.isfinite(lengths.values).all():
            raise Bad(int(np.argmin(np.isfinite(lengths.values))), "has nothing", column=stored, code="not-a-vector")
        inner = from_arrow(pc.struct_field(array.flatten(), field), depth - 1, name)
        return Cells(inner.values, (lengths.values.astype(np.int64), *inner.counts))


class JsonlSource(Source):
    """One JSON object a line."""

    open_ended = True

    def __init__(self, path: Path, shown: str) -> None:
        self.path, self.shown = path, shown
        _, first = next(records(path, shown))
        self.kinds = {name: kind_of_value(value) for name, value in first.items()}

    def blocks(self, columns: Collection[str]) -> Iterator[Block]:
        names, size = list(columns), self.size(columns)
        held: list[Record] = []
        first, weight = 0, 0
        lists = [name for name in names if self.kinds.get(name) in KINDS[1:]]
        for _, record in records(self.path, self.shown):
            held.append(record)
            for name in lists:
                value = record.get(name)
                weight += len(value) if isinstance(value, list) else 0
            if len(held) >= size or weight > VALUES // 4:
                yield _JsonBlock(first, held, names, self.kinds, self.later)
                first, held, weight = first + len(held), [], 0
        if held:
            yield _JsonBlock(first, held, names, self.kinds, self.later)

    def row(self, position: int) -> int | None:
        for at, (number, _) in enumerate(records(self.path, self.shown)):
            if at == position:
                return number
        return None


class _JsonBlock(Block):
    def __init__(
        self, first: int, held: Sequence[Record], names: Sequence[str], kinds: Mapping[str, str], later: Later | None
    ) -> None:
        self.first, self.length = first, len(held)
        self.columns = {name: [record.get(name) for record in held] for name in names}
        self.strange = _strange(held, kinds, later)

    def text(self, name: str) -> Any:
        cells = self.columns[name]
        if set(map(type, cells)) - {str}:
            cells = [_as_text(value, row, name) for row, value in enumerate(cells)]
        return strings([value or None for value in cells])

    def cells(self, name: str, depth: int) -> Cells:
        if self.strange is not None:
            raise self.strange
        return from_values(self.columns[name], depth, name)


def _strange(held: Sequence[Record], kinds: Mapping[str, str], later: Later | None) -> Bad | None:
    """The first record with a column that the first line does not have and that may not be passed over."""
    if later is None:
        return None
    known = kinds.keys()
    for row, record in enumerate(held):
        if not record.keys() <= known:
            bad = later.bad(row, record)
            if bad is not None:
                return bad
    return None


def _as_text(value: Any, row: int, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    code = "float-ids" if isinstance(value, float) else "id-type"
    raise Bad(row, f"{short(value)} is neither text nor an integer", column=name, hint="write ids as text", code=code)
