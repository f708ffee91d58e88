"""A row as a short text, for tables of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from alcli.reporting.svg import one_line

if TYPE_CHECKING:
    from alcli.tables.pool import Pool

LONGEST = 160
COLUMNS = 6


def texts_of(pool: Pool, ids: Sequence[str], roles: Mapping[str, str]) -> list[str]:
    """The text of each row, or its other columns by name where there is none; shortened."""
    from alcli.tables.pool import Request

    named = [name for name, role in roles.items() if role == "text"]
    plain = [name for name, role in roles.items() if role in ("numeric", "categorical")]
    columns = (named or plain)[:COLUMNS]
    if not columns or not ids:
        return [""] * len(ids)
    rows = pool.take(ids, Request(text=tuple(columns)))
    cells = {name: rows.columns[name].to_pylist() for name in columns}
    bare = len(columns) == 1
    found = []
    for at in range(len(ids)):
        parts = [(name, cells[name][at] or "") for name in columns]
        text = parts[0][1] if bare else "; ".join(f"{name}: {value[:LONGEST]}" for name, value in parts if value)
        found.append(shortened(text))
    return found


def shortened(text: str) -> str:
    """On one line, and no longer than a reader wants to see in a table."""
    text = one_line(text[: 4 * LONGEST])
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
