"""Matrices of text pools, kept between rounds.

Making TF-IDF of a pool takes minutes, reading it back a second. An entry is one folder per unit of
a pool and fingerprint of a maker: the arrays of a CSR matrix, and a note of their sizes and sums.
Everything here may be deleted at any time, damaged or half there: it is made again. A cache that
cannot be written is done without.

    CACHE/matrices/FINGERPRINT/UNIT/data.npy  indices.npy  indptr.npy  entry.json
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alcli.tables.pool import Request

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from alcli.features.maker import FeatureMaker
    from alcli.tables.pool import Pool, Rows, Unit

KINDS: dict[str, np.dtype[Any]] = {"data": np.dtype("<f8"), "indices": np.dtype("<i4"), "indptr": np.dtype("<i8")}
UNUSED_DAYS = 30
_PIECE = 1 << 21  # numbers looked at before their pages are given back
_HEADER = 128  # bytes kept for an .npy header, whose length is known only at the end


def matrices(
    pool: Pool, unit: Unit, maker: FeatureMaker, cache: Path | None, batch_rows: int = 32768
) -> Iterator[tuple[Rows, Any]]:
    """The matrix of a unit of the pool in batches, with the ids of its rows.

    Parameters
    ----------
    cache : folder for kept matrices, None to keep nothing. Only text is worth keeping; without it
        the matrix is made every time.

    Yields
    ------
    rows : Rows; with the columns of `maker.request` where nothing is kept, without columns otherwise.
    X : matrix of shape (len(rows), maker.width), bit for bit what `maker.transform` gives.
    """
    if cache is None or not maker.has_text:
        for rows in pool.read(unit, maker.request, batch_rows=batch_rows):
            yield rows, maker.transform(rows)
        return
    place = _place(cache, pool, unit, maker)
    kept = _Entry.open(place, maker.width)
    if kept is not None:
        with suppress(OSError):
            os.utime(place)  # last used: what `_prune` goes by
            os.utime(place.parent)
        yield from kept.batches(pool, unit, batch_rows)
        return
    yield from _make(pool, unit, maker, place, batch_rows)


def _place(cache: Path, pool: Pool, unit: Unit, maker: FeatureMaker) -> Path:
    """The folder of this unit's matrix; the same when other files join the pool."""
    file = pool.files[unit.file]
    how_read = (file.kind, file.dialect, sorted(file.partitions.items()))
    content = repr((1, file.stamp, how_read, unit.start, unit.stop, unit.first))
    name = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return cache / "matrices" / maker.fingerprint / name


class _Kept:
    """One array of an entry, mapped. Pages are given back when asked, so that memory doesn't grow."""

    def __init__(self, path: Path, kind: np.dtype[Any]) -> None:
        with path.open("rb") as file:
            self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        size = (len(self.map) - _HEADER) // kind.itemsize
        if self.map[:_HEADER] != _header(kind, size) or len(self.map) != _HEADER + size * kind.itemsize:
            raise ValueError(f"{path} is not whole")
        self.array: Any = np.frombuffer(self.map, kind, size, _HEADER)

    def forget(self) -> None:
        """Let the pages read so far go; the next access reads them again."""
        if hasattr(self.map, "madvise"):
            self.map.madvise(mmap.MADV_DONTNEED)

    def pieces(self) -> Iterator[Any]:
        for start in range(0, len(self.array), _PIECE):
            yield self.array[start : start + _PIECE]
            self.forget()


class _Entry:
    """A kept matrix, found whole."""

    def __init__(self, kept: Mapping[str, _Kept], width: int) -> None:
        self.kept, self.width = kept, width
        self.data, self.indices, self.indptr = (kept[name].array for name in KINDS)

    @classmethod
    def open(cls, place: Path, width: int) -> _Entry | None:
        """The entry, or None when it is absent or anything about it is wrong."""
        try:
            note = json.loads((place / "entry.json").read_text(encoding="utf-8"))
            entry = cls({name: _Kept(place / f"{name}.npy", kind) for name, kind in KINDS.items()}, width)
            sums = {name: sum(map(_sum, kept.pieces())) % 2**64 for name, kept in entry.kept.items()}
            return entry if note == {"width": width, **sums} and entry._is_sound() else None
        except (OSError, ValueError, RecursionError):
            return None

    def _is_sound(self) -> bool:
        """Scipy trusts its indices: a wrong one would read beyond the matrix."""
        ends = self.indptr
        return bool(
            len(ends)
            and ends[0] == 0
            and ends[-1] == len(self.data) == len(self.indices)
            and np.all(np.diff(ends) >= 0)
            and all(0 <= its.min() <= its.max() < self.width for its in self.kept["indices"].pieces())
        )

    def batches(self, pool: Pool, unit: Unit, batch_rows: int) -> Iterator[tuple[Rows, Any]]:
        from scipy.sparse import csr_matrix

        start = 0
        for rows in pool.read(unit, Request(), batch_rows=batch_rows):
            ends = self.indptr[start : start + len(rows) + 1]
            part = slice(int(ends[0]), int(ends[-1]))
            parts = (self.data[part], self.indices[part], (ends - ends[0]).astype("i4"))
            matrix: csr_matrix = csr_matrix(parts, shape=(len(rows), self.width), copy=False)
            matrix.has_sorted_indices = True
            matrix.has_canonical_format = True
            yield replace(rows, columns={}), matrix
            start += len(rows)
            for kept in self.kept.values():
                kept.forget()


def _sum(array: Any) -> int:
    """Length and a sum of the bytes as whole numbers: catches lost, zeroed and changed pages."""
    whole = array.view(np.uint64 if array.itemsize == 8 else np.uint32)
    return (int(np.add.reduce(whole, dtype=np.uint64)) + 31 * len(array)) % 2**64


def _make(pool: Pool, unit: Unit, maker: FeatureMaker, place: Path, batch_rows: int) -> Iterator[tuple[Rows, Any]]:
    """Make the matrix batch by batch, giving each out and writing it down beside."""
    writer: _Writer | None = None
    try:
        with suppress(OSError):
            writer = _Writer(place)
        for rows in pool.read(unit, maker.request, batch_rows=batch_rows):
            matrix: csr_matrix = maker.transform(rows)
            if writer is not None:
                try:
                    writer.add(matrix)
                except OSError:  # a full disk: go on without the cache
                    writer.drop()
                    writer = None
            yield replace(rows, columns={}), matrix
        if writer is not None:
            with suppress(OSError):
                writer.finish(maker.width)
                _prune(place)
    finally:
        # Also when the one who asked stops early: half a matrix is none.
        if writer is not None:
            writer.drop()


class _Writer:
    """An entry in the making, in a folder of its own beside its place."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place.with_name(f".{place.name}.{os.getpid()}.{time.monotonic_ns()}.tmp")
        self.folder.mkdir(parents=True)
        self.files = {name: (self.folder / f"{name}.npy").open("wb") for name in KINDS}
        self.sizes = dict.fromkeys(KINDS, 0)
        self.sums = dict.fromkeys(KINDS, 0)
        for file in self.files.values():
            file.write(b"\0" * _HEADER)
        self._write("indptr", np.zeros(1, KINDS["indptr"]))

    def add(self, matrix: csr_matrix) -> None:
        ends = matrix.indptr[1:].astype(KINDS["indptr"]) + self.sizes["data"]
        self._write("indptr", ends)
        self._write("indices", matrix.indices.astype(KINDS["indices"], copy=False))
        self._write("data", matrix.data.astype(KINDS["data"], copy=False))

    def _write(self, name: str, array: Any) -> None:
        self.files[name].write(np.ascontiguousarray(array).data)
        self.sizes[name] += len(array)
        self.sums[name] = (self.sums[name] + _sum(array)) % 2**64

    def finish(self, width: int) -> None:
        """Put the entry in its place; when another process was faster, its entry is as good."""
        for name, file in self.files.items():
            file.seek(0)
            file.write(_header(KINDS[name], self.sizes[name]))
            file.close()
        note = {"width": width, **self.sums}
        (self.folder / "entry.json").write_text(json.dumps(note), encoding="utf-8")
        if self.place.exists() and _Entry.open(self.place, width) is None:
            damaged = self.folder.with_suffix(".old")
            self.place.rename(damaged)
            shutil.rmtree(damaged, ignore_errors=True)
        self.folder.rename(self.place)

    def drop(self) -> None:
        for file in self.files.values():
            with suppress(OSError):
                file.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _header(kind: np.dtype[Any], size: int) -> bytes:
    """An .npy header of exactly `_HEADER` bytes."""
    words = f"{{'descr': {kind.str!r}, 'fortran_order': False, 'shape': ({size},), }}".encode()
    start = b"\x93NUMPY\x01\x00" + (_HEADER - 10).to_bytes(2, "little")
    return start + words.ljust(_HEADER - 11) + b"\n"


def _prune(place: Path) -> None:
    """Drop what is old: makers but the three used last, units not used for a month, dead writers' folders."""
    top = place.parent.parent
    now = time.time()
    makers = sorted(top.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    others = [folder for folder in makers if folder != place.parent]
    for folder in others[2:]:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (place.parent, *others[:2]):
        for entry in folder.iterdir():
            days = 1 if entry.name.endswith((".tmp", ".old")) else UNUSED_DAYS
            if entry.stat().st_mtime < now - days * 86_400:
                shutil.rmtree(entry, ignore_errors=True)
