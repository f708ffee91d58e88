"""A `.npy` file of vectors with its ids in a file beside it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from alcli.errors import Place, TableError
from alcli.files import digest_bytes
from alcli.predictions.cells import Cells
from alcli.predictions.source import LISTED_ROWS, Block, Source, stamp_of
from alcli.tables.arrays import strings
from alcli.tables.delimited import Records, read_records
from alcli.tables.dialect import lines
from alcli.tables.formats import opened

ENDINGS = (".ids.txt", ".ids.csv")


class NpySource(Source):
    """An array of shape (n, d), row i of which belongs to id i of the file beside it.

    `vectors.npy` has its ids in `vectors.ids.txt`, one a line, or in `vectors.ids.csv`, a table with
    an id column; `vectors.npy.ids.txt` does as well.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path, self.shown = path, shown
        self.kinds = {"id": "text", "embedding": "list"}
        self.beside = self._ids_file()
        array = self._array()
        if array.ndim != 2 or array.dtype.kind not in "fiu":
            raise TableError(
                f"the array has the shape {array.shape} and holds {array.dtype}, not one row of numbers for each id",
                at=shown,
                code="not-a-vector",
            )
        self.width = array.shape[1]

    def _ids_file(self) -> Path:
        stems = (self.path.with_suffix(""), self.path)
        near = [Path(str(stem) + ending) for stem in stems for ending in ENDINGS]
        for place in near:
            if place.is_file():
                return place
        raise TableError(
            "there is no file of ids beside the array",
            at=self.shown,
            hint=f"write them to {near[0].name}, one a line, in the order of the array's rows",
            code="no-ids",
        )

    def _array(self) -> Any:
        try:
            return np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            hint = "`np.save` writes one that can be: of numbers, with two axes"
            if _cut_off(self.path):
                said, hint = "the file is shorter than its header says", "it was not written, or copied, to its end"
            raise TableError(
                f"the array cannot be read: {said}",
                at=self.shown,
                hint=hint,
                code="damaged-npy",
            ) from None

    def stamp(self) -> str:
        return digest_bytes((super().stamp() + stamp_of(self.beside, self.beside.name)).encode())

    def row(self, position: int) -> int | None:
        return position + 1

    def id_place(self, position: int, id_column: str) -> Place:
        shown = str(Path(self.shown).with_name(self.beside.name))
        if self.beside.suffix == ".txt":
            return Place(shown, position + 1)
        read, at = self._table()
        row = next((number for here, (number, _) in enumerate(read.rows) if here == position), None)
        return Place(shown, row, read.header[at])

    def blocks(self, columns: Collection[str]) -> Iterator[Block]:
        array, first, held = self._array(), 0, list[str | None]()
        for id_ in self._ids():
            held.append(id_)
            if len(held) == LISTED_ROWS:
                yield self._block(array, first, held)
                first, held = first + len(held), []
        if held:
            yield self._block(array, first, held)
        if first + len(held) < len(array):
            raise self._uneven(first + len(held), len(array))

    def _block(self, array: Any, first: int, ids: list[str | None]) -> Block:
        if first + len(ids) > len(array):
            raise self._uneven(sum(1 for _ in self._ids()), len(array))
        return _NpyBlock(first, ids, np.array(array[first : first + len(ids)]))

    def _uneven(self, ids: int, rows: int) -> TableError:
        return TableError(
            f"the array has {rows:,} rows and {self.beside.name} {ids:,} ids",
            at=self.shown,
            hint="they belong to each other row by row, so there must be as many",
            code="uneven-ids",
        )

    def _ids(self) -> Iterator[str | None]:
        if self.beside.suffix == ".txt":
            with opened(self.beside, self.beside.name) as stream:
                for line in lines(stream, "utf-8"):
                    yield line.rstrip("\r\n") or None
            return
        read, at = self._table()
        for _, cells in read.rows:
            yield cells[at] or None

    def _table(self) -> tuple[Records, int]:
        """The table of ids, and which of its columns holds them."""
        read = read_records(self.beside, strict=True, shown=self.beside.name)
        return read, read.header.index("id") if "id" in read.header else 0


def _cut_off(path: Path) -> bool:
    """Whether a file that numpy refuses ends before its header does, or before the numbers that the header tells of."""
    try:
        size, file = path.stat().st_size, path.open("rb")
    except OSError:
        return False
    with file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, kind = read(file)
        except (ValueError, EOFError):
            return file.tell() == size  # it ended while the header was read
        return not kind.hasobject and file.tell() + math.prod(shape) * kind.itemsize > size


class _NpyBlock(Block):
    def __init__(self, first: int, ids: list[str | None], values: Any) -> None:
        self.first, self.length = first, len(ids)
        self.ids, self.values = ids, values

    def text(self, name: str) -> Any:
        return strings(self.ids)

    def cells(self, name: str, depth: int) -> Cells:
        return Cells(self.values.reshape(-1), (np.full(len(self.values), self.values.shape[1], np.int64),))
