"""Ids: that each stands once, and what takes their place where a pool has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from alcli.errors import Place, TableError
from alcli.files import replacing
from alcli.tables.arrays import booleans, mask, one, strings
from alcli.tables.hashing import hash_ids, letters

EXAMPLES = 5
ENOUGH = 1000  # that many bad rows tell as much as a million, and the rest isn't read
Batches = Iterable[tuple[int, int, Any]]  # file, position of the first row in it, ids
Numbers = Callable[[int, Sequence[int]], list[int]]  # file, positions -> rows as people count


class IdCheck:
    """Takes a pool's ids batch by batch and holds 8 bytes of each.

    Parameters
    ----------
    column : the id column's name.
    shown : the files' names.
    numbers : gives the rows of some positions in a file, for messages.
    """

    def __init__(self, column: str, shown: Sequence[str], numbers: Numbers) -> None:
        self.column, self.shown, self.numbers = column, shown, numbers
        self._hashes: list[Any] = []
        self._repeats = 0
        self._blanks: list[tuple[int, int]] = []
        self._blank_count = 0

    def add(self, file: int, first: int, ids: Any) -> bool:
        """Take a batch of `pa.string()` ids; False when enough is wrong to stop reading."""
        import numpy as np
        import pyarrow.compute as pc

        # an id of blanks alone is none either
        missing = mask(pc.is_null(ids)) | mask(pc.utf8_is_space(ids))
        if missing.any():
            blank = np.flatnonzero(missing)
            self._blank_count += len(blank)
            room = EXAMPLES - len(self._blanks)
            self._blanks += [(file, first + int(position)) for position in blank[:room]]
        hashes = np.sort(hash_ids(ids, purpose="unique"))
        self._repeats += int((hashes[1:] == hashes[:-1]).sum())
        self._hashes.append(hashes)
        return self._repeats < ENOUGH and self._blank_count < ENOUGH

    def finish(self, whole: bool, again: Callable[[], Batches]) -> None:
        """Refuse blank and repeated ids.

        Parameters
        ----------
        whole : whether all of the pool was added.
        again : reads the ids a second time, when two hashes are equal.

        Raises
        ------
        TableError
            ``blank-id`` or ``duplicate-id``, with up to five rows of each.
        """
        import numpy as np

        if self._blanks:
            self._refuse_blanks(whole)
        if not self._hashes:
            return
        hashes = np.concatenate(self._hashes)
        self._hashes.clear()
        hashes.sort()
        twice = hashes[1:][hashes[1:] == hashes[:-1]]
        del hashes
        if not twice.size:
            return
        suspects = np.unique(twice)
        # Two ids of one hash are no repetition. The first thousand tell: if none repeats, look at the next.
        for start in range(0, len(suspects), ENOUGH):
            examples = _repeated(again(), suspects[start : start + ENOUGH])
            if examples:
                self._refuse_repeats(examples, len(twice), whole)

    def _refuse_blanks(self, whole: bool) -> None:
        rows = [self._row(file, position) for file, position in self._blanks]
        count = self._blank_count
        least = "" if whole else "at least "
        raise TableError(
            f"{least}{count} row{'s have' if count != 1 else ' has'} no id: {_and_more(rows, count)}",
            at=self._place(*self._blanks[0]),
            hint="fill them in, or name another id column"
            + (f"; {self._repeats:,} more rows repeat an id" if self._repeats else ""),
            code="blank-id",
        )

    def _refuse_repeats(self, found: list[tuple[str, list[tuple[int, int]]]], count: int, whole: bool) -> None:
        found.sort(key=lambda example: example[1])
        told = []
        for name, places in found[:EXAMPLES]:
            rows = " and ".join(self._row(*place) for place in places[:2])
            told.append(f"{name!r} ({rows})")
        least = "" if whole else "at least "
        raise TableError(
            f"{least}{count} row{'s repeat' if count != 1 else ' repeats'} an id: {_and_more(told, count)}",
            at=self._place(*found[0][1][1]),
            hint="an id must stand on one row only; remove the repeated rows, or name another id column",
            code="duplicate-id",
        )

    def _row(self, file: int, position: int) -> str:
        row = f"row {self.numbers(file, [position])[0]}"
        return f"{self.shown[file]} {row}" if len(self.shown) > 1 else row

    def _place(self, file: int, position: int) -> Place:
        return Place(self.shown[file], self.numbers(file, [position])[0], self.column)


def _and_more(told: list[str], count: int) -> str:
    more = count - len(told)
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def _repeated(batches: Batches, suspects: Any) -> list[tuple[str, list[tuple[int, int]]]]:
    """Ids that really stand more than once, among those with these hashes, with their first places."""
    import numpy as np

    places: dict[str, list[tuple[int, int]]] = {}
    for file, first, ids in batches:
        hashes = hash_ids(ids, purpose="unique")
        at = np.minimum(np.searchsorted(suspects, hashes), len(suspects) - 1)
        rows = np.flatnonzero(suspects[at] == hashes)
        if not rows.size:
            continue
        rows = rows[: ENOUGH * 4]
        for position, name in zip(rows, ids.filter(booleans(_chosen(len(ids), rows))).to_pylist(), strict=True):
            found = places.setdefault(name, [])
            if len(found) < 2:
                found.append((file, first + int(position)))
        if sum(len(found) == 2 for found in places.values()) >= ENOUGH:
            break
    return [(name, found) for name, found in places.items() if len(found) == 2]


def _chosen(length: int, rows: Any) -> Any:
    import numpy as np

    flags = np.zeros(length, np.bool_)
    flags[rows] = True
    return flags


def content_ids(columns: Sequence[Any]) -> Any:
    """`hashing.content_id` of every row.

    Parameters
    ----------
    columns : `pa.string()` arrays of one length, in the order of their names.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    # Scalars taken from an array: made from a Python text they would wake pandas.
    comma, mark, nothing = (strings([","])[0], strings(["\x1f"])[0], strings([""])[0])
    lengths = [pc.binary_length(column).cast(pa.string()) for column in columns]
    sizes = pc.binary_join_element_wise(*lengths, comma, null_handling="replace", null_replacement="-")
    cells = pc.binary_join_element_wise(*columns, nothing, null_handling="replace", null_replacement="")
    joined = pc.binary_join_element_wise(sizes, cells, mark)
    return strings([letters(row) for row in one(joined).cast(pa.binary()).to_pylist()])


def write_generated(batches: Iterable[Any], draft: Path) -> Any:
    """Write content ids to a draft; returns their hashes, in order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    hashes = []
    with pq.ParquetWriter(draft, pa.schema([("id", pa.string())]), compression="lz4", use_dictionary=False) as writer:
        for ids in batches:
            hashes.append(hash_ids(ids, purpose="content"))
            writer.write_table(pa.Table.from_arrays([ids], names=["id"]))
    return np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)


def number_repeats(drafts: Sequence[Path], targets: Sequence[Path], hashes: Sequence[Any]) -> None:
    """Give the second row of the same content ``-2``, the third ``-3``, … over all files in order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    every = np.sort(np.concatenate(hashes))
    twice = np.unique(every[1:][every[1:] == every[:-1]])
    del every
    count: dict[str, int] = {}
    for draft, target in zip(drafts, targets, strict=True):
        with replacing(target) as file, pq.ParquetFile(draft, pre_buffer=False) as source:
            writer = pq.ParquetWriter(file, pa.schema([("id", pa.string())]), compression="lz4", use_dictionary=False)
            for batch in source.iter_batches(use_threads=False):
                ids = batch.column(0)
                if twice.size:
                    ids = _numbered(ids, twice, count)
                writer.write_table(pa.Table.from_arrays([ids], names=["id"]))
            writer.close()


def _numbered(ids: Any, twice: Any, count: dict[str, int]) -> Any:
    import numpy as np

    hashes = hash_ids(ids, purpose="content")
    at = np.minimum(np.searchsorted(twice, hashes), len(twice) - 1)
    rows = np.flatnonzero(twice[at] == hashes)
    if not rows.size:
        return ids
    names = ids.to_pylist()
    for position in rows:
        name = names[position]
        count[name] = number = count.get(name, 0) + 1
        if number > 1:
            names[position] = f"{name}-{number}"
    return strings(names)


def stored_ids(path: Path, skip: int) -> Iterator[Any]:
    """Generated ids from their file, batch by batch, without the first `skip`."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        groups: list[int] = []
        for number in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(number).num_rows
            if not groups and skip >= rows:
                skip -= rows
            else:
                groups.append(number)
        for batch in file.iter_batches(row_groups=groups, use_threads=False):
            ids = batch.column(0)
            if skip:
                ids, skip = ids.slice(min(skip, len(ids))), max(0, skip - len(ids))
            if len(ids):
                yield ids


class Feed:
    """Hands out arrays in lengths of the taker's choice."""

    def __init__(self, arrays: Iterator[Any]) -> None:
        self._arrays = arrays
        self._rest: Any = None

    def take(self, length: int) -> Any:
        import pyarrow as pa

        parts = []
        while length > 0:
            if self._rest is None or not len(self._rest):
                self._rest = next(self._arrays)
            parts.append(self._rest.slice(0, length))
            self._rest = self._rest.slice(length)
            length -= len(parts[-1])
        return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)
