"""`alcli predict`: use the model."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import OUTPUT, TABLE_FORMAT, TRUST_MODEL

HELP = """Write the model's label and confidence for every row of the pool.

Promises are kept by held-out rows: the test file, else rows asked for evaluation, else the labels fold by fold.

Examples:

\b
    alcli predict -o predictions.parquet
    alcli predict --only-confident 0.95 --proba -o - | head
    alcli predict --target-precision 0.99 --test test.csv -o sure.csv
    alcli predict --coverage 0.9 -o sets.csv
"""


def words(result: Any) -> list[str]:
    lines = []
    if result.output is None:
        lines.append(f"{result.missed}; nothing was written")
    elif result.output != "-":
        lines.append(f"wrote {result.written:,} of {result.rows:,} rows to {result.output}")
    lines += [text for text in (result.found, result.guarantee) if text]
    if result.mean_set_size is not None:
        lines.append(
            f"a set holds {result.mean_set_size:.2f} classes in the mean; "
            f"{result.single_class_sets:.1%} hold one class, {result.empty_sets:.1%} none"
        )
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "predict",
        help=HELP,
        short="Label and confidence for every row of the pool",
        words=words,
        once={"output": OUTPUT, "table_format": TABLE_FORMAT, "trust_model": TRUST_MODEL},
    )
