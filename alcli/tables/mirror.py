"""The mirror of a delimited file: the same cells as Parquet, made once and read ever after.

Every cell's text stands in a column ``t0``, ``t1``, … as it was in the file. Columns of numbers have
a float64 twin ``n0``, …, and columns of JSON lists a twin ``v0``, …, so that a scan parses nothing.
The header's names stand in the metadata: no name of a user's can clash with a twin's.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import AlcliError, FileTrouble, TableError
from alcli.files import digest_bytes, replacing
from alcli.tables.blocks import read_blocks
from alcli.tables.dialect import Dialect
from alcli.tables.parquet import open_parquet
from alcli.tables.survey import Seen, Survey

VERSION = 1
GROUP_ROWS = 65_536
GROUP_BYTES = 24 << 20
_NOTE = b"alcli.mirror"
_BUILDING = threading.Lock()


@dataclass(frozen=True)
class Mirror:
    """A mirror that is there.

    Attributes
    ----------
    names : the delimited file's columns; text number i is column ``t{i}``.
    twins : physical columns of the second kind that exist, such as ``n3`` and ``v5``.
    seen : columns with numbers only, with lists of numbers only.
    groups : rows of each row group.
    digest : of the delimited file's content, unzipped.
    """

    path: Path
    names: tuple[str, ...]
    twins: frozenset[str]
    seen: Seen
    groups: tuple[int, ...]
    digest: str


def mirrored(path: Path, dialect: Dialect, shown: str, stamp: str, cache: Path) -> Mirror | None:
    """The mirror of a delimited file, made now if it isn't there; None where the cache cannot be written.

    Raises
    ------
    TableError
        Whatever is wrong with the file, with its row; see `delimited.read_blocks`.
    """
    key = digest_bytes(repr((VERSION, stamp, dialect)).encode())
    target = cache / "pools" / f"{key}.parquet"
    with _BUILDING:
        found = _load(target)
        if found is None:
            try:
                _build(target, path, dialect, shown)
            except FileTrouble:
                return None  # a full or read-only disk: the pool is read without a mirror
            found = _load(target)
    return found


def _load(target: Path) -> Mirror | None:
    if not target.is_file():
        return None
    try:
        with open_parquet(target, str(target)) as file:
            footer = file.metadata
            note = json.loads(footer.metadata[_NOTE])
            groups = tuple(footer.row_group(number).num_rows for number in range(footer.num_row_groups))
        return Mirror(
            target,
            tuple(note["names"]),
            frozenset(note["twins"]),
            Seen(note["numbers"], note["lists"]),
            groups,
            note["digest"],
        )
    except (AlcliError, ValueError, KeyError, TypeError):
        return None  # damaged: made again


def _build(target: Path, path: Path, dialect: Dialect, shown: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(dialect.header)
    digest = hashlib.blake2b(digest_size=16)
    survey = Survey(names)
    before = path.stat().st_mtime_ns, path.stat().st_size
    with replacing(target) as file:
        writer = None
        twins: dict[str, Any] = {}
        waiting: list[Any] = []

        def flush() -> None:
            nonlocal writer, twins
            table = pa.concat_tables(waiting).combine_chunks() if waiting else _none(names)
            waiting.clear()
            columns = [table.column(number).combine_chunks() for number in range(len(names))]
            columns = [column.chunk(0) if isinstance(column, pa.ChunkedArray) else column for column in columns]
            found: dict[str, Any] = {}
            for number, (name, text) in enumerate(zip(names, columns, strict=True)):
                found[f"n{number}"] = survey.numbers(name, text)
                found[f"v{number}"] = survey.lists(name, text)
            if writer is None:
                # A column that fails here has failed for good, so the first group knows every twin.
                twins = {
                    name: array.type if name[0] == "n" else pa.list_(pa.float64())
                    for name, array in found.items()
                    if array is not None and (name[0] == "n" or array.null_count < len(array))
                }
                fields = [(f"t{number}", pa.string()) for number in range(len(names))] + list(twins.items())
                writer = pq.ParquetWriter(
                    file, pa.schema(fields), compression="lz4", use_dictionary=False, write_statistics=False
                )
            extra = [
                pa.nulls(len(table), kind) if found[name] is None else found[name].cast(kind)
                for name, kind in twins.items()
            ]
            writer.write_table(
                pa.Table.from_arrays(columns + extra, schema=writer.schema), row_group_size=max(1, len(table))
            )

        for table in read_blocks(path, dialect, shown, listen=digest.update):
            waiting.append(table)
            if sum(map(len, waiting)) >= GROUP_ROWS or sum(part.nbytes for part in waiting) >= GROUP_BYTES:
                flush()
        if waiting or writer is None:
            flush()
        if before != (path.stat().st_mtime_ns, path.stat().st_size):
            raise TableError(
                "the file changed while it was read", at=shown, hint="run the command again", code="changed"
            )
        seen = survey.seen()
        sound = [f"n{number}" for number, name in enumerate(names) if name in seen.numbers]
        sound += [f"v{number}" for number, name in enumerate(names) if seen.lists.get(name)]
        note = {
            "names": names,
            "twins": [name for name in sound if name in twins],
            "numbers": seen.numbers,
            "lists": seen.lists,
            "digest": digest.hexdigest(),
        }
        assert writer is not None  # flush() made it
        writer.add_key_value_metadata({_NOTE: json.dumps(note).encode()})
        writer.close()


def _none(names: list[str]) -> Any:
    import pyarrow as pa

    return pa.Table.from_arrays(
        [pa.nulls(0, pa.string()) for _ in names], names=[f"t{number}" for number in range(len(names))]
    )
