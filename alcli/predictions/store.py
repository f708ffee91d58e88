"""Rows of numbers on the disk, found by id without being read into memory.

One file: a fixed-size record a row, then the sorted 64-bit hashes of the ids and the record of each
(16 bytes a row), then a note of what the records hold. It is mapped for each batch of rows and let
go again, so that no more of it stays in memory than is being looked at, and so that what points to
it can be sent to another process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from alcli.files import reporting_disk_trouble
from alcli.tables.hashing import hash_ids

_MAGIC = b"alcli-rows-1\n..."
_LINE = 64
_PIECE = 1 << 16  # rows that are gathered at a time

Fields = Mapping[str, tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Store:
    """A store that is there.

    Attributes
    ----------
    rows : how many.
    fields : signal -> dtype and shape of one row.
    note : what else was written down.
    purpose : names the hash of the ids.
    """

    path: Path
    rows: int
    fields: Fields
    note: Mapping[str, Any]
    purpose: str

    @property
    def dtype(self) -> np.dtype[Any]:
        return dtype_of(self.fields)

    def find(self, ids: Any) -> NDArray[np.int64]:
        """For each of an Arrow array of ids its record, -1 for one that is not there."""
        wanted = hash_ids(ids, purpose=self.purpose)
        found = np.full(len(wanted), -1, np.int64)
        if self.rows == 0 or len(wanted) == 0:
            return found
        hashes, records = self._index()
        # neighbours in the index are asked for one after the other
        order = np.argsort(wanted, kind="stable")
        at = np.minimum(np.searchsorted(hashes, wanted[order]), self.rows - 1)
        hit = hashes[at] == wanted[order]
        found[order[hit]] = records[at[hit]]
        return found

    def take(self, name: str, records: NDArray[np.int64]) -> NDArray[Any]:
        """One signal of some records: (len(records), …)."""
        with reporting_disk_trouble(self.path):
            whole = np.memmap(self.path, self.dtype, "r", 0, (self.rows,))
        taken: NDArray[Any] = np.array(whole[name][records])
        return taken

    def _index(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        start = _padded(self.rows * self.dtype.itemsize)
        with reporting_disk_trouble(self.path):
            hashes = np.memmap(self.path, "<u8", "r", start, (self.rows,))
            records = np.memmap(self.path, "<i8", "r", start + 8 * self.rows, (self.rows,))
        return hashes, records


def dtype_of(fields: Fields) -> np.dtype[Any]:
    """One record."""
    return np.dtype([(name, kind, tuple(shape)) for name, (kind, shape) in fields.items()])


def _padded(size: int) -> int:
    return -(-size // _LINE) * _LINE


def load(path: Path) -> Store | None:
    """The store at `path`; None when there is none, or it is damaged."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - len(_MAGIC) - 8))
            length, magic = int.from_bytes(file.read(8), "little"), file.read()
            if magic != _MAGIC or length > size:
                return None
            file.seek(size - len(_MAGIC) - 8 - length)
            note = json.loads(file.read(length))
        fields = {name: (kind, tuple(shape)) for name, (kind, shape) in note["fields"].items()}
        store = Store(path, note["rows"], fields, note["note"], note["purpose"])
        whole = _padded(store.rows * store.dtype.itemsize) + 16 * store.rows + length + 8 + len(_MAGIC)
        return store if whole == size else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Twice(Exception):
    """Hashes that stand on more than one record: `pairs` of records, the later one second."""

    def __init__(self, pairs: Sequence[tuple[int, int]], count: int) -> None:
        super().__init__(pairs, count)
        self.pairs, self.count = pairs, count


class Draft:
    """A store being written, record by record; holds 8 bytes a row in memory.

    Parameters
    ----------
    file : open for writing at its beginning.
    purpose : names the hash; another one when two ids had the same.
    """

    def __init__(self, file: IO[bytes], purpose: str) -> None:
        self.file, self.purpose = file, purpose
        self.fields: Fields | None = None
        self.rows = 0
        self._hashes: list[NDArray[np.uint64]] = []

    def add(self, hashes: NDArray[np.uint64], signals: Mapping[str, NDArray[Any]]) -> None:
        """Append rows: (n, …) each. The first call fixes what a record holds."""
        if self.fields is None:
            self.fields = {
                name: ("<f4" if array.dtype == np.float32 else "<f8", array.shape[1:])
                for name, array in signals.items()
            }
        records = np.empty(len(hashes), dtype_of(self.fields))
        for name, array in signals.items():
            records[name] = array
        self.file.write(records.tobytes())
        self._hashes.append(hashes)
        self.rows += len(hashes)

    def finish(self, note: Mapping[str, Any]) -> None:
        """Write the index and the note.

        Raises
        ------
        Twice
            If two rows have the same hash.
        """
        hashes = np.concatenate(self._hashes) if self._hashes else np.empty(0, np.uint64)
        self._hashes.clear()
        order = np.argsort(hashes, kind="stable").astype(np.int64)
        hashes = hashes[order]
        refuse_repeats(hashes, order)
        size = self.rows * dtype_of(self.fields or {}).itemsize
        self.file.write(b"\0" * (_padded(size) - size))
        self.file.write(hashes.astype("<u8", copy=False).tobytes())
        self.file.write(order.astype("<i8", copy=False).tobytes())
        text = json.dumps(
            {"rows": self.rows, "fields": dict(self.fields or {}), "note": dict(note), "purpose": self.purpose}
        ).encode()
        self.file.write(text + len(text).to_bytes(8, "little") + _MAGIC)


def refuse_repeats(hashes: NDArray[np.uint64], rows: NDArray[np.int64]) -> None:
    """Raise `Twice` for equal neighbours among sorted hashes; `rows` says whose each is."""
    again = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
    if again.size:
        # by the place in the file, so that the same file gives the same message
        first = again[np.argsort(rows[again], kind="stable")[:1000]]
        pairs = [(int(rows[at - 1]), int(rows[at])) for at in first]
        raise Twice(sorted(pairs, key=lambda pair: pair[1]), int(again.size))


class Passes:
    """Rows that each hold one pass of an id, in any order, to be put together.

    The rows wait in a scratch file; in memory are 8 bytes of each for the hash and 2 for the pass.
    """

    def __init__(self, scratch: IO[bytes]) -> None:
        self.scratch = scratch
        self.names: dict[str, int] = {}
        self._hashes: list[NDArray[np.uint64]] = []
        self._codes: list[NDArray[np.uint16]] = []
        self._shape: tuple[int, ...] = ()

    def add(self, hashes: NDArray[np.uint64], members: Sequence[str], proba: NDArray[np.float64]) -> None:
        """Append rows: the pass of each, and (n, c) probabilities."""
        codes = [self.names.setdefault(name, len(self.names)) for name in members]
        self._hashes.append(hashes)
        self._codes.append(np.array(codes, np.uint16))
        self._shape = proba.shape[1:]
        self.scratch.write(np.ascontiguousarray(proba, "<f8").tobytes())

    def put_together(self, draft: Draft) -> None:
        """Write one record an id, in the order in which ids first turned up, its passes sorted by name.

        Raises
        ------
        Twice
            If a pass of an id stands twice.
        Lacking
            If an id lacks a pass.
        """
        hashes, codes = np.concatenate(self._hashes), np.concatenate(self._codes)
        self._hashes.clear()
        rank = np.empty(len(self.names), np.uint16)
        rank[[self.names[name] for name in sorted(self.names, key=_natural)]] = np.arange(len(rank), dtype=np.uint16)
        codes = rank[codes]
        order = np.lexsort((codes, hashes)).astype(np.int64)
        hashes, codes = hashes[order], codes[order]
        same = hashes[1:] == hashes[:-1]
        again = np.flatnonzero(same & (codes[1:] == codes[:-1])) + 1
        if again.size:
            first = again[np.argsort(order[again], kind="stable")[:1000]]
            raise Twice([(int(order[at - 1]), int(order[at])) for at in first], int(again.size))
        begins = np.flatnonzero(np.concatenate([[True], ~same]))
        counts = np.diff(np.append(begins, len(hashes)))
        members = len(self.names)
        if (counts != members).any():
            short = np.flatnonzero(counts != members)
            at = int(short[np.argmin(order[begins[short]])])
            here = set(codes[begins[at] : begins[at] + counts[at]].tolist())
            missing = [name for name, code in self.names.items() if int(rank[code]) not in here]
            raise Lacking(int(order[begins[at]]), sorted(missing, key=_natural), members, int(short.size))
        order, hashes = order.reshape(-1, members), hashes[begins]
        by_turn = np.argsort(order.min(axis=1), kind="stable")
        self.scratch.flush()
        for start in range(0, len(by_turn), _PIECE):
            some = by_turn[start : start + _PIECE]
            # mapped anew for each piece, so that what was looked at does not stay in memory
            whole = np.memmap(self.scratch, "<f8", "r", 0, (order.size, *self._shape))
            draft.add(hashes[some], {"committee": np.array(whole[order[some]])})
            del whole


class Lacking(Exception):
    """A row of an id that lacks passes: its record, which ones, how many there are, and how many such ids."""

    def __init__(self, record: int, missing: Sequence[str], members: int, ids: int) -> None:
        super().__init__(record, missing, members, ids)
        self.record, self.missing, self.members, self.ids = record, missing, members, ids


def _natural(name: str) -> tuple[int, str]:
    """Numbers by their size: pass 10 stands after pass 9."""
    return (int(name), name) if name.isdecimal() and name.isascii() else (1 << 62, name)
