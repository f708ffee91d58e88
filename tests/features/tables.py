"""Rows made in memory, and a pool of them in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from alcli.tables.pool import Column, PoolFacts, Request, Rows


def rows(columns: Mapping[str, Sequence[Any]], request: Request) -> Rows:
    """Rows as a pool reads them for this request."""
    kinds: dict[str, Any] = dict.fromkeys(request.text, pa.string()) | dict.fromkeys(request.numbers, pa.float64())
    for name in request.vectors:
        size = next((len(cell) for cell in columns[name] if cell is not None), 1)
        kinds[name] = pa.list_(pa.float32(), size)
    n = len(next(iter(columns.values())))
    ids = pa.array([f"r{i}" for i in range(n)], pa.string())
    return Rows(ids, {name: pa.array(columns[name], kind) for name, kind in kinds.items()}, 0, 0)


def part(whole: Rows, start: int, stop: int) -> Rows:
    """A slice, whose arrow arrays have an offset."""
    size = stop - start
    arrays = {name: array.slice(start, size) for name, array in whole.columns.items()}
    return Rows(whole.ids.slice(start, size), arrays, 0, start)


def as_text(columns: Mapping[str, Sequence[Any]]) -> Rows:
    return rows(columns, Request(text=tuple(columns)))


def facts(numeric: Sequence[str] = (), lists: Sequence[str] = ()) -> PoolFacts:
    return PoolFacts(rows=0, numeric=frozenset(numeric), lists=frozenset(lists), fingerprint="")


def columns(**kinds: str) -> list[Column]:
    return [Column(name, kind) for name, kind in kinds.items()]  # type: ignore[arg-type]
