"""A pool in memory whose matrix is made once: what simulated campaigns choose from, round after round.

It answers like a `Pool`, and its maker like the maker that made the matrix, so that the engine chooses from it
as from files. Rows keep their place in the matrix; nothing is read, parsed or transformed a second time. The
arrays may be memory maps: a pool of a million rows takes no more memory than the pages in use.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import TableError, listing
from alcli.features.maker import FeatureMaker
from alcli.tables.arrays import integers, strings
from alcli.tables.hashing import avalanche, hash_ids
from alcli.tables.pool import BATCH_ROWS, UNIT_ROWS, Pool, PoolFacts
from alcli.tables.rows import Column, Request, Rows, Unit

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_matrix

#: By this column two rows are told to be copies: the same number for rows that hold the same.
CONTENT = "\0content"
_KEPT_ORDERS = 8
#: Rows of a pool whose ids are kept in a dictionary, some 10 MB.
_IN_DICTIONARY = 100_000


@dataclass(frozen=True)
class HeldRows(Rows):
    """Some rows of a held pool; `at` says where they stand in it, shape (n,), and `pool` which it is."""

    at: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    pool: HeldPool | None = None

    def take(self, positions: Any) -> HeldRows:
        """Rows at some positions (integers), in that order."""
        chosen = np.asarray(positions, np.int64)
        where = integers(chosen)
        columns = {name: array.take(where) for name, array in self.columns.items()}
        return HeldRows(self.ids.take(where), columns, at=self.at[chosen], pool=self.pool)

    def hashes(self, seed: int, purpose: str, positions: Any = None) -> NDArray[np.uint64]:
        """Those of the pool, which are made once: a few rows' own would take as long as a thousand's."""
        assert self.pool is not None
        at = self.at if positions is None else self.at[positions]
        return self.pool.hashes(seed, purpose)[at]

    def among(self, ids: pa.Array) -> NDArray[np.bool_]:
        """By their places."""
        assert self.pool is not None
        return self.pool.among(ids)[self.at]


class Places:
    """Where ids stand, found by hash: 16 bytes a row.

    Parameters
    ----------
    ids : n different ids.
    """

    def __init__(self, ids: pa.Array) -> None:
        for attempt in range(8):
            self.purpose = f"place-{attempt}"
            hashes = hash_ids(ids, 0, self.purpose)
            self.order = np.argsort(hashes, kind="stable")
            self.hashes = hashes[self.order]
            if len(self.hashes) < 2 or bool((self.hashes[1:] != self.hashes[:-1]).all()):
                break
        else:
            raise ValueError("an id stands there twice")
        self.ids = ids
        self._by_text: dict[str, int] | None = None

    def of_texts(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """As `of`. Small pools have a dictionary for it: hashing a few ids takes as long as hashing a thousand."""
        if len(self.ids) > _IN_DICTIONARY:
            return self.of(strings(ids))
        if self._by_text is None:
            self._by_text = {id_: place for place, id_ in enumerate(self.ids.to_pylist())}
        return np.fromiter((self._by_text.get(id_, -1) for id_ in ids), np.intp, len(ids))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_by_text": None}

    def of(self, ids: pa.Array) -> NDArray[np.intp]:
        """The place of each id, -1 for one that is not there."""
        import pyarrow.compute as pc

        if not len(self.hashes) or not len(ids):
            return np.full(len(ids), -1, np.intp)
        spots = np.minimum(np.searchsorted(self.hashes, hash_ids(ids, 0, self.purpose)), len(self.hashes) - 1)
        places: NDArray[np.intp] = self.order[spots]
        same = pc.equal(self.ids.take(integers(places)), ids)
        return np.where(np.asarray(same.to_pylist(), np.bool_), places, -1)


class HeldPool(Pool):
    """The rows of one pool, held.

    Parameters
    ----------
    ids : of the n rows, none twice.
    columns : what strategies and rules read besides the matrix, by name: text or numbers, n cells each.
    """

    def __init__(self, ids: pa.Array, columns: Mapping[str, pa.Array], id_column: str = "id") -> None:
        kinds = tuple(
            Column(name, "text" if str(array.type).endswith("string") else "float") for name, array in columns.items()
        )
        super().__init__((), id_column, False, kinds, None)
        self.ids = ids
        self.held = dict(columns)
        self.places = Places(ids)
        self._facts = PoolFacts(
            rows=len(ids), numeric=frozenset(), lists=frozenset(), fingerprint="", file_rows=(len(ids),)
        )
        self._orders: dict[tuple[int, str], NDArray[np.intp]] = {}
        self._hashes: dict[tuple[int, str], NDArray[np.uint64]] = {}
        self._among: tuple[Any, NDArray[np.bool_]] = (None, np.zeros(0, np.bool_))

    def __len__(self) -> int:
        return len(self.ids)

    def units(self, size: int = UNIT_ROWS) -> list[Unit]:
        """Ranges of up to `size` rows."""
        n = len(self.ids)
        return [
            Unit(0, start, min(start + size, n), start, min(size, n - start)) for start in range(0, n, max(1, size))
        ]

    def read(
        self, unit: Unit, request: Request, batch_rows: int = BATCH_ROWS, among: Any = None, ids: Any = None
    ) -> Iterator[Rows]:
        """The rows of a unit in batches; `among` leaves those whose ids are in it. `ids` are held already."""
        for start in range(unit.start, unit.stop, batch_rows):
            length = min(batch_rows, unit.stop - start)
            at = np.arange(start, start + length)
            columns = {name: self._column(name).slice(start, length) for name in request.columns}
            rows = HeldRows(self.ids.slice(start, length), columns, 0, start, at=at, pool=self)
            if among is not None:
                import pyarrow.compute as pc

                from alcli.tables.arrays import mask

                rows = rows.take(np.flatnonzero(mask(pc.is_in(rows.ids, value_set=among))))
                if not len(rows):
                    continue
            yield rows

    def take(self, ids: Iterable[str], request: Request) -> HeldRows:
        """The rows of these ids, in this order.

        Raises
        ------
        TableError
            ``unknown-id`` when one is not in the pool.
        """
        wanted = list(ids)
        at = self.places.of_texts(wanted)
        if (at < 0).any():
            missing = [wanted[place] for place in np.flatnonzero(at < 0)]
            raise TableError(f"not in the pool: {listing([repr(each) for each in missing], most=5)}", code="unknown-id")
        return self.at(at, request)

    def at(self, places: NDArray[np.intp], request: Request) -> HeldRows:
        """The rows that stand at these places."""
        where = integers(places)
        columns = {name: self._column(name).take(where) for name in request.columns}
        return HeldRows(self.ids.take(where), columns, at=np.asarray(places, np.intp), pool=self)

    def sample(self, n: int, request: Request, seed: int, purpose: str = "sample") -> HeldRows:
        """The n rows with the smallest seeded hash of their id, sorted by it."""
        key = seed, purpose
        if key not in self._orders:
            if len(self._orders) >= _KEPT_ORDERS:
                self._orders.clear()
            self._orders[key] = np.argsort(hash_ids(self.ids, seed, purpose), kind="stable")
        return self.at(self._orders[key][:n], request)

    def among(self, ids: pa.Array) -> NDArray[np.bool_]:
        """Which rows of the pool have one of these ids; asked again with the same array, it is known."""
        known, there = self._among
        if known is not ids:
            places = self.places.of_texts(ids.to_pylist())
            there = np.zeros(len(self), np.bool_)
            there[places[places >= 0]] = True
            self._among = ids, there
        return there

    def hashes(self, seed: int, purpose: str) -> NDArray[np.uint64]:
        """`hash_ids` of all rows; the last few are kept."""
        key = seed, purpose
        found = self._hashes.get(key)
        if found is None:
            if len(self._hashes) >= _KEPT_ORDERS:
                self._hashes.clear()
            found = self._hashes[key] = hash_ids(self.ids, seed, purpose)
        return found

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of these ids are in the pool."""
        wanted = list(dict.fromkeys(ids))
        found = self.places.of_texts(wanted) >= 0
        return set(itertools.compress(wanted, found.tolist()))

    def _column(self, name: str) -> Any:
        if name not in self.held:
            raise TableError(f"the pool has no column {name!r}", code="no-such-column")
        return self.held[name]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_orders": {}, "_hashes": {}, "_among": (None, np.zeros(0, np.bool_))}


class HeldMaker(FeatureMaker):
    """The maker of a held pool: rows know where their matrix stands.

    Parameters
    ----------
    maker : that made the matrix.
    pool : whose rows it is of.
    X : (n, width) matrix, row i of row i of the pool, as `maker.transform` gives it.
    """

    def __init__(self, maker: FeatureMaker, pool: HeldPool, X: Any) -> None:
        self.maker, self.pool, self.X = maker, pool, X
        self.roles, self.seed = maker.roles, maker.seed
        self.sparse, self.width, self.fingerprint = maker.sparse, maker.width, maker.fingerprint
        self._points: dict[bool, NDArray[np.float32]] = {}

    @property
    def request(self) -> Request:
        return Request()

    @property
    def names(self) -> list[str]:
        return self.maker.names

    @property
    def has_text(self) -> bool:
        """Nothing is expensive any more."""
        return False

    def transform(self, rows: Rows) -> NDArray[np.float64] | csr_matrix:
        """The matrix of these rows, in the layout in which the maker gives it."""
        at = self._at(rows)
        if len(at) and at[-1] - at[0] == len(at) - 1 and bool((np.diff(at) == 1).all()):
            return self.X[int(at[0]) : int(at[0]) + len(at)]
        found = self.X[at]
        if isinstance(found, np.ndarray) and self.X.flags.f_contiguous:
            return np.asfortranarray(found)
        return found

    def pieces(self, rows: Rows, kind: type[np.floating[Any]] = np.float64) -> Iterator[tuple[int, Any]]:
        """The matrix of these rows, whole: it is there."""
        yield 0, self.transform(rows)

    def points_width(self, embedding: bool = False) -> int | None:
        return self.maker.points_width(embedding)

    def vectors(self, X: NDArray[np.floating[Any]] | csr_matrix) -> NDArray[np.float32]:
        return self.maker.vectors(X)

    def embedding_only(self, X: NDArray[np.floating[Any]] | csr_matrix) -> NDArray[np.float32]:
        return self.maker.embedding_only(X)

    def points_of(self, rows: Rows, X: NDArray[np.float64] | csr_matrix, embedding: bool) -> NDArray[np.float32]:
        """Points of rows; those of text, which take a projection, are made once for the whole pool."""
        if not self.maker.has_text:
            return super().points_of(rows, X, embedding)
        if embedding not in self._points:
            parts = [
                self.maker.points_of(part, self.transform(part), embedding)
                for unit in self.pool.units()
                for part in self.pool.read(unit, Request())
            ]
            self._points[embedding] = np.concatenate(parts)
        return self._points[embedding][self._at(rows)]

    def _at(self, rows: Rows) -> NDArray[np.intp]:
        if isinstance(rows, HeldRows):
            return rows.at
        return self.pool.places.of(rows.ids)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_points": {}}


def contents(arrays: Sequence[pa.Array]) -> NDArray[np.uint64]:
    """For each row a hash of what its cells hold; 0 for a row that holds nothing.

    Two rows that hold the same have the same hash; two different ones share one with probability 2**-64.

    Parameters
    ----------
    arrays : columns of text, numbers or vectors, n cells each; missing numbers and NaN are the same.
    """
    total = np.zeros(0, np.uint64)
    filled = np.zeros(0, np.bool_)
    for place, array in enumerate(arrays):
        cells, present = _cells(array, place)
        if place == 0:
            total, filled = np.zeros(len(cells), np.uint64), np.zeros(len(cells), np.bool_)
        with np.errstate(over="ignore"):
            total = avalanche(total + avalanche(cells + np.uint64(2 * place + 1)))
        filled |= present
    return np.where(filled, np.maximum(total, np.uint64(1)), np.uint64(0))


def _cells(array: pa.Array, place: int) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """A hash of each cell, and whether there is something in it."""
    import pyarrow as pa

    from alcli.features import arrow

    present = arrow.valid(array)
    present = np.ones(len(array), np.bool_) if present is None else present
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        hashes = hash_ids(array, place, "content")
        return np.where(present, hashes, np.uint64(0)), present
    if pa.types.is_fixed_size_list(array.type):
        matrix = arrow.vectors(array).astype(np.float64)
        columns = [_number_bits(matrix[:, at]) for at in range(matrix.shape[1])]
        total = np.zeros(len(array), np.uint64)
        for column in columns:
            total = avalanche(total + column)
        return np.where(present, total, np.uint64(0)), present
    values = arrow.numbers(array).astype(np.float64)
    present = present & ~np.isnan(values)
    return np.where(present, _number_bits(values), np.uint64(0)), present


def _number_bits(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    bits: NDArray[np.uint64] = np.ascontiguousarray(values + 0.0).view(np.uint64)  # -0.0 is 0.0
    return avalanche(bits + np.uint64(0x9E3779B97F4A7C15))
