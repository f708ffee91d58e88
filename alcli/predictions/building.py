"""From a file to a store: read once, checked row by row, kept in the cache until the file changes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from alcli.errors import FileTrouble, Place, TableError, listing
from alcli.files import digest_bytes, replacing, sweep
from alcli.predictions.cells import Bad, short
from alcli.predictions.source import Block, Source
from alcli.predictions.store import Draft, Lacking, Passes, Store, Twice, load
from alcli.tables.arrays import mask
from alcli.tables.hashing import hash_ids
from alcli.tables.paths import own_folder
from alcli.telling import advance, stage

MOST_MEMBERS = 1000
EXAMPLES = 5
KEPT = 2  # stores of one file: another command may still read the one before
_VERSION = 2

Signals = Mapping[str, np.ndarray[Any, Any]]


def stored(
    source: Source,
    *,
    id_column: str,
    columns: Sequence[str],
    member: str | None,
    signals: Callable[[Block], Signals],
    note: Mapping[str, Any],
    cache: Path | None,
    once: str,
) -> Store:
    """The store of a file, made now if it is not there.

    Parameters
    ----------
    columns : all that is read of the file.
    signals : what the rows of a block hold; raises `Bad`.
    note : everything else that decides what is stored; with the file's stamp it is the key.
    cache : where stores are kept; None for a temporary folder of this process.
    once : what to tell of an id that stands twice.

    Raises
    ------
    TableError
        The first thing that is wrong with the file, with its row and id.
    """
    stamp = source.stamp()
    kept = dict(note) | {"columns": list(columns), "id": id_column, "member": member}
    key = digest_bytes(repr((_VERSION, stamp, sorted(kept.items()))).encode())
    name = digest_bytes(str(source.path.resolve()).encode())[:12]
    build = _Build(source, id_column, columns, member, signals, note, once)
    if cache is not None:
        folder = cache / "brought"
        found = load(folder / f"{name}-{key}.rows")
        if found is not None:
            return found
        try:
            build.into(folder / f"{name}-{key}.rows", stamp)
            _forget(folder, name)
        except FileTrouble as trouble:
            if trouble.code != "disk":
                raise
            # the cache cannot be written: the temporary folder may be elsewhere
        else:
            found = load(folder / f"{name}-{key}.rows")
            if found is not None:
                return found
    place = own_folder() / f"{name}-{key}.rows"
    build.into(place, stamp)
    found = load(place)
    if found is None:
        raise FileTrouble("what was written could not be read back", at=str(place), code="disk")
    return found


def _forget(folder: Path, name: str) -> None:
    """Remove the stores of a file as it was before, but the newest of them."""
    sweep(folder)
    old = sorted(folder.glob(f"{name}-*.rows"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in old[KEPT:]:
        path.unlink(missing_ok=True)


class _Build:
    def __init__(
        self,
        source: Source,
        id_column: str,
        columns: Sequence[str],
        member: str | None,
        signals: Callable[[Block], Signals],
        note: Mapping[str, Any],
        once: str,
    ) -> None:
        self.source, self.id_column, self.columns = source, id_column, columns
        self.member, self.signals, self.note, self.once = member, signals, note, once

    def into(self, target: Path, stamp: str) -> None:
        """Write the store at `target`, whole or not at all."""
        attempt = 0
        while True:
            try:
                with stage(f"reading {self.source.shown}"), replacing(target) as file:
                    self._write(Draft(file, f"brought-{attempt}"), target.parent)
                    if self.source.stamp() != stamp:
                        raise TableError(
                            "the file changed while it was read",
                            at=self.source.shown,
                            hint="run the command again",
                            code="changed",
                        )
                return
            except Twice as twice:
                self._refuse(twice)
            attempt += 1  # two ids of one hash: they differ by another one

    def _write(self, draft: Draft, folder: Path) -> None:
        if self.member is None:
            for block, ids in self._blocks():
                draft.add(hash_ids(ids, purpose=draft.purpose), self._signals(block, ids))
        else:
            with tempfile.TemporaryFile(dir=folder) as scratch:
                passes = Passes(scratch)
                for block, ids in self._blocks():
                    proba = self._signals(block, ids)["proba"]
                    passes.add(hash_ids(ids, purpose=draft.purpose), self._members(block, ids, passes), proba)
                try:
                    passes.put_together(draft)
                except Lacking as lacking:
                    raise self._incomplete(lacking) from None
        if draft.rows == 0:
            raise TableError("the file has no rows", at=self.source.shown, code="empty-file")
        draft.finish(self.note)

    def _blocks(self) -> Iterator[tuple[Block, Any]]:
        import pyarrow.compute as pc

        for block in self.source.blocks(self.columns):
            try:
                ids = block.text(self.id_column)
            except Bad as bad:
                raise self._told(bad, block, None) from None
            blank = mask(pc.is_null(ids)) | mask(pc.utf8_is_space(ids))
            if blank.any():
                at = int(np.argmax(blank))
                raise self._told(Bad(at, "the row has no id", column=self.id_column, code="blank-id"), block, None)
            yield block, ids
            advance(block.length)

    def _signals(self, block: Block, ids: Any) -> Signals:
        try:
            return self.signals(block)
        except Bad as bad:
            raise self._told(bad, block, ids) from None

    def _members(self, block: Block, ids: Any, passes: Passes) -> list[str]:
        assert self.member is not None
        try:
            names: list[str | None] = block.text(self.member).to_pylist()
            for row, name in enumerate(names):
                if name is None:
                    raise Bad(row, "the pass has no name", column=self.member, code="bad-prediction")
            if len(passes.names.keys() | set(names)) > MOST_MEMBERS:
                raise Bad(
                    0,
                    f"there are more than {MOST_MEMBERS:,} different passes",
                    column=self.member,
                    hint=f"column {self.member!r} numbers the passes of each id: 1, 2, 3, …",
                    code="bad-prediction",
                )
        except Bad as bad:
            raise self._told(bad, block, ids) from None
        return [name for name in names if name is not None]

    def _told(self, bad: Bad, block: Block, ids: Any) -> TableError:
        """The refusal, with the row's id."""
        whose = "" if ids is None else f"{short(ids[bad.position].as_py())}: "
        row = block.first + bad.position
        return TableError(
            whose + bad.message,
            at=self.source.id_place(row, self.id_column)
            if bad.column == self.id_column
            else Place(self.source.shown, self.source.row(row), bad.column),
            hint=bad.hint,
            code=bad.code,
        )

    def _refuse(self, twice: Twice) -> None:
        """Refuse ids that stand twice; ids that differ and only share a hash are let go."""
        records = {record for pair in twice.pairs for record in pair}
        names = dict(self.ids_at(records))
        pairs = [pair for pair in twice.pairs if names[pair[0]] == names[pair[1]]]
        if not pairs:
            return
        told = []
        for first, second in pairs[:EXAMPLES]:
            one, other = (self.source.id_place(record, self.id_column).row for record in (first, second))
            told.append(f"{names[first]!r} (rows {one} and {other})")
        count = twice.count
        what = f"{count:,} row{'s repeat' if count != 1 else ' repeats'} "
        what += "an id" if self.member is None else "a pass of an id"
        raise TableError(
            f"{what}: {', '.join(told)}" + (f" and {count - len(told):,} more" if count > len(told) else ""),
            at=self.source.id_place(pairs[0][1], self.id_column),
            hint=self.once,
            code="duplicate-id",
        )

    def _incomplete(self, lacking: Lacking) -> TableError:
        (_, name), *_ = self.ids_at({lacking.record})
        more = f"; so do {lacking.ids - 1:,} more ids" if lacking.ids > 1 else ""
        return TableError(
            f"{name!r} has {lacking.members - len(lacking.missing)} of the {lacking.members} passes; it lacks"
            f" {listing([repr(each) for each in lacking.missing], 5)}{more}",
            at=Place(self.source.shown, self.source.row(lacking.record), self.member),
            hint="every id needs every pass",
            code="missing-pass",
        )

    def ids_at(self, records: set[int]) -> Iterator[tuple[int, str]]:
        """The ids of some rows of the file."""
        yield from ids_at(self.source, self.id_column, records)


def ids_at(source: Source, id_column: str, records: set[int]) -> Iterator[tuple[int, str]]:
    """The ids of some rows of a file, by reading it again: for messages."""
    left = sorted(records)
    for block in source.blocks([id_column]):
        here = [record for record in left if record < block.first + block.length]
        if here:
            ids = block.text(id_column)
            yield from ((record, ids[record - block.first].as_py()) for record in here)
            left = left[len(here) :]
        if not left:
            return
