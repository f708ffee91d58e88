"""`alcli labels`: the labelled data set to take away."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import OUTPUT, TABLE_FORMAT

HELP = """Write one label a labelled row, with its votes; -o - unless told otherwise.

Examples:

\b
    alcli labels > labelled.csv
    alcli labels --with-columns -o labelled.parquet
"""


def words(result: Any) -> list[str]:
    return [] if result.output == "-" else [f"wrote {result.rows:,} labelled rows to {result.output}"]


def register(app: typer.Typer) -> None:
    add(
        app,
        "labels",
        help=HELP,
        short="The labelled data set to take away",
        words=words,
        once={"output": OUTPUT, "table_format": TABLE_FORMAT},
    )
