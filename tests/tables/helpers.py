"""What the tests of the tables share: pools made of bytes, and all of a pool as plain values."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from alcli.tables.pool import Pool, Request


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def put_parquet(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, **options)
    return path


def written(header: Sequence[str], rows: Sequence[Sequence[str]], **dialect: Any) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def cells(pool: Pool, request: Request | None = None, **read: Any) -> dict[str, dict[str, Any]]:
    """Id -> column -> value."""
    if request is None:
        request = Request(text=tuple(column.name for column in pool.columns if column.kind != "other"))
    found: dict[str, dict[str, Any]] = {}
    for unit in pool.units():
        for rows in pool.read(unit, request, **read):
            lists = {name: array.to_pylist() for name, array in rows.columns.items()}
            for position, name in enumerate(rows.ids.to_pylist()):
                found[name] = {column: values[position] for column, values in lists.items()}
    return found
