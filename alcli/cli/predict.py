"""`alcli predict`: use the model."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import OUTPUT, TABLE_FORMAT, TRUST_MODEL

HELP = """Write the model's label and confidence for every row of the pool.

Examples:

\b
    alcli predict -o predictions.parquet
    alcli predict --only-confident 0.95 --proba -o - | head
"""


def words(result: Any) -> list[str]:
    if result.output == "-":
        return []
    return [f"wrote {result.written:,} of {result.rows:,} rows to {result.output}"]


def register(app: typer.Typer) -> None:
    add(
        app,
        "predict",
        help=HELP,
        short="Label and confidence for every row of the pool",
        words=words,
        once={"output": OUTPUT, "table_format": TABLE_FORMAT, "trust_model": TRUST_MODEL},
    )
