"""The pool: a user's rows, in whatever files they are, read in batches and never changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from alcli.errors import Place, TableError, did_you_mean, listing
from alcli.tables import facts as finding
from alcli.tables.arrays import integers, mask, repeated, strings
from alcli.tables.convert import BadCell, to_numbers, to_text, to_vectors
from alcli.tables.facts import PoolFacts
from alcli.tables.fit import check_id_kind, common_columns
from alcli.tables.ids import Feed, stored_ids
from alcli.tables.mirror import Mirror, mirrored
from alcli.tables.parquet import refusing_damage
from alcli.tables.paths import expand
from alcli.tables.rows import Column, Request, Rows, Unit
from alcli.tables.sources import PoolFile, open_file, raw_batches

GENERATED = "alcli_id"
UNIT_ROWS = 262_144
BATCH_ROWS = 32_768
FEW_ROWS = 20_000

__all__ = ["Column", "Pool", "PoolFacts", "PoolFile", "Request", "Rows", "Unit"]


class Pool:
    """A user's rows. Made by `Pool.open`; can be pickled and sent to workers.

    Attributes
    ----------
    files : its files, in the order in which they're read.
    id_column : the column of the ids; ``alcli_id`` when they are generated.
    generated_ids : whether the pool has no id column of its own.
    columns : its columns, a generated id not among them.
    """

    def __init__(
        self,
        files: tuple[PoolFile, ...],
        id_column: str,
        generated: bool,
        columns: tuple[Column, ...],
        cache: Path | None,
    ) -> None:
        self.files, self.id_column, self.generated_ids = files, id_column, generated
        self.columns, self.cache = columns, cache
        self._mirrors: tuple[Mirror | None, ...] | None = None
        self._facts: PoolFacts | None = None
        self._id_files: tuple[Path, ...] = ()
        self._widths: dict[str, int] = {}

    @classmethod
    def open(
        cls,
        patterns: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
        *,
        id_column: str | None = None,
        encoding: str | None = None,
        separator: str | None = None,
        cache: Path | None = None,
        base: Path | None = None,
    ) -> Pool:
        """Find the files and read their headers; the rows are checked by `facts`.

        Parameters
        ----------
        patterns : files, globs, folders (``column=value`` folders become text columns), ``-``.
        id_column : None takes the column called ``id``, then ``alcli_id``, else ids are generated
            from the rows' content.
        encoding, separator : of delimited files, where they are not UTF-8, UTF-16 with its mark, or
            separated by something else than ``,`` ``;`` or tab.
        cache : a folder for what can be derived again; None for no cache.
        base : where relative paths start; None for the working folder.

        Raises
        ------
        TableError, FileTrouble, UsageError
            No file, no table, files that don't fit together, no such id column.
        """
        several = [patterns] if isinstance(patterns, (str, os.PathLike)) else list(patterns)
        found = expand([os.fspath(pattern) for pattern in several], base or Path())
        files = tuple(open_file(file, encoding, separator) for file in found)
        kinds = common_columns(files)
        if id_column is None:
            id_column = next((name for name in ("id", GENERATED) if name in kinds), None)
        elif id_column not in kinds:
            raise TableError(
                f"there is no column {id_column!r}",
                at=files[0].shown,
                hint=did_you_mean(id_column, kinds) or f"the columns are: {listing(list(kinds))}",
                code="no-such-column",
            )
        if id_column is not None:
            check_id_kind(id_column, files)
        columns = tuple(Column(name, kind) for name, kind in kinds.items())
        return cls(files, id_column or GENERATED, id_column is None, columns, cache)

    def _plan(self) -> finding.Plan:
        if self._mirrors is None:
            self._mirrors = tuple(
                mirrored(file.path, file.dialect, file.shown, file.stamp, self.cache)
                if file.dialect is not None and self.cache is not None
                else None
                for file in self.files
            )
        return finding.Plan(self.files, self._mirrors, None if self.generated_ids else self.id_column, self.cache)

    def facts(self) -> PoolFacts:
        """Validate everything once and say what is true of the whole pool.

        Kept in the cache as long as no file changes, so the next command pays nothing.

        Raises
        ------
        TableError
            Blank or repeated ids, rows that do not fit the header, damage; with the rows.
        """
        if self._facts is None:
            plan = self._plan()
            self._facts = finding.kept(plan)
            if self._facts is not None:
                if self.generated_ids and self.cache is not None:
                    self._id_files = finding.id_files(plan, self.cache / "pools")
            else:
                self._facts, self._id_files = finding.find(plan)
                finding.keep(plan, self._facts)
        return self._facts

    def units(self, size: int = UNIT_ROWS) -> list[Unit]:
        """Parts of up to `size` rows (at least one row group), independent of each other."""
        plan = self._plan()
        units: list[Unit] = []
        for number, (file, mirror) in enumerate(zip(self.files, plan.mirrors, strict=True)):
            if file.footer is None and mirror is None:
                rows = self._facts.file_rows[number] if self._facts else -1
                units.append(Unit(number, -1, -1, 0, rows))
                continue
            groups = mirror.groups if mirror else file.footer.groups if file.footer else ()
            start = first = rows = 0
            for group, length in enumerate(groups):
                if rows and rows + length > size:
                    units.append(Unit(number, start, group, first, rows))
                    start, first, rows = group, first + rows, 0
                rows += length
            if rows:
                units.append(Unit(number, start, len(groups), first, rows))
        return units

    @property
    def columnar(self) -> bool:
        """Whether a few columns are read in a part of the time that all of them take."""
        pairs = zip(self.files, self._plan().mirrors, strict=True)
        return all(file.footer is not None or mirror is not None for file, mirror in pairs)

    def read(
        self, unit: Unit, request: Request, batch_rows: int = BATCH_ROWS, among: Any = None, ids: Any = None
    ) -> Iterator[Rows]:
        """The rows of a unit in batches; only the columns asked for are read.

        Parameters
        ----------
        among : an Arrow array of ids: only these rows are converted and given out, and batches
            without any are passed over. `first` is then that of the batch they stand in.
        ids : those of all rows of the unit where they are known: they are not read again.

        Raises
        ------
        TableError
            ``not-a-number``, ``not-a-vector`` with file, row and column; damage.
        """
        for column in request.columns:
            self._known_column(column)
        if self.generated_ids:
            self.facts()
        file, mirror = self.files[unit.file], self._plan().mirrors[unit.file]
        uses = request.uses
        widths = {name: self._width(name) for name in request.vectors}
        want = dict(uses)
        feed = None
        if ids is not None:
            feed = Feed(iter((ids,)))
        elif self.generated_ids:
            feed = Feed(stored_ids(self._id_files[unit.file], unit.first))
        else:
            want.setdefault(self.id_column, "text")
        longest = self._facts.longest[unit.file] if self._facts else None
        groups = None if unit.start < 0 else range(unit.start, unit.stop)
        first = unit.first
        for length, arrays in raw_batches(file, mirror, want, groups, batch_rows, longest):
            if not length:
                continue
            ids = feed.take(length) if feed else self._as(file, arrays, self.id_column, "text", first, length)
            chosen = None
            if among is not None:
                chosen = _positions(ids, among)
                if len(chosen) == 0:
                    first += length
                    continue
                # before anything is converted: a few rows of a wide pool must not cost the whole pool
                ids, arrays = ids.take(chosen), {name: array.take(chosen) for name, array in arrays.items()}
            columns = {
                name: self._as(file, arrays, name, use, first, len(ids), widths.get(name), chosen)
                for name, use in uses.items()
            }
            yield Rows(ids, columns, unit.file, first)
            del ids, columns, arrays
            first += length

    def _as(
        self,
        file: PoolFile,
        arrays: dict[str, Any],
        name: str,
        use: str,
        first: int,
        length: int,
        width: int | None = None,
        chosen: Any = None,
    ) -> Any:
        array = repeated(file.partitions[name], length) if name in file.partitions else arrays[name]
        try:
            with refusing_damage(file.shown, name):
                if use == "text":
                    return to_text(array)
                return to_numbers(array) if use == "numbers" else to_vectors(array, width)
        except BadCell as bad:
            position = bad.position if chosen is None else chosen[bad.position].as_py()
            raise TableError(
                f"{bad.value!r} {bad.why}" if use == "numbers" else f"{bad.value}: {bad.why}",
                at=Place(file.shown, file.row_number(first + position), name),
                hint="correct it, or give the column another role",
                code="not-a-number" if use == "numbers" else "not-a-vector",
            ) from None

    def _known_column(self, name: str) -> None:
        names = [column.name for column in self.columns]
        if name not in names:
            raise TableError(
                f"the pool has no column {name!r}",
                at=self.files[0].shown,
                hint=did_you_mean(name, names) or f"the columns are: {listing(names)}",
                code="no-such-column",
            )

    def _width(self, name: str) -> int | None:
        """The length of a column's vectors: that of the first one in the pool."""
        if name not in self._widths:
            for unit in self.units():
                file, mirror = self.files[unit.file], self._plan().mirrors[unit.file]
                groups = None if unit.start < 0 else range(unit.start, unit.stop)
                first = unit.first
                for length, arrays in raw_batches(file, mirror, {name: "vectors"}, groups, 256):
                    head = arrays[name].drop_null().slice(0, 1) if name in arrays else None
                    if head is not None and len(head):
                        vectors = self._as(file, {name: head}, name, "vectors", first, 1)
                        if vectors.null_count < len(vectors):
                            self._widths[name] = vectors.type.list_size
                            return self._widths[name]
                    first += length
            return None
        return self._widths[name]

    def sample(self, n: int, request: Request, seed: int, purpose: str = "sample") -> Rows:
        """The n rows with the smallest seeded hash of their id, sorted by it.

        The same rows whatever their order and their files; every row when the pool has no more than n.
        """
        from alcli.tables.gather import smallest

        return self.take(smallest(self, n, seed, purpose), request)

    def take(self, ids: Iterable[str], request: Request) -> Rows:
        """The rows of these ids, in this order.

        Raises
        ------
        TableError
            ``unknown-id`` when one is not in the pool.
        """
        from alcli.tables.gather import gather

        return gather(self, list(ids), request)

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of these ids are in the pool."""
        wanted = list(dict.fromkeys(ids))
        units = self.units() if wanted else []
        if all(unit.rows >= 0 for unit in units) and sum(unit.rows for unit in units) <= FEW_ROWS:
            return self._known_few(set(wanted), units)
        import pyarrow.compute as pc

        values = strings(wanted)
        found: set[str] = set()
        for unit in units:
            for rows in self.read(unit, Request()):
                here = pc.is_in(rows.ids, value_set=values)
                if mask(here).any():
                    found.update(rows.ids.filter(here).to_pylist())
            if len(found) == len(wanted):
                break
        return found

    def _known_few(self, wanted: set[str], units: Sequence[Unit]) -> set[str]:
        """`known` of a small pool, done before pyarrow.compute would have been imported."""
        found: set[str] = set()
        for unit in units:
            for rows in self.read(unit, Request()):
                found.update(wanted.intersection(rows.ids.to_pylist()))
        return found


def _positions(ids: Any, among: Any) -> Any:
    """Where the ids are among those wanted, as an Arrow array of integers."""
    import numpy as np
    import pyarrow.compute as pc

    return integers(np.flatnonzero(mask(pc.is_in(ids, value_set=among))))
