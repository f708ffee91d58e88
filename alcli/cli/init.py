"""`alcli init`: look at a pool and write alcli.toml."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.options import FORCE, OUTPUT
from alcli.cli.text import table
from alcli.errors import counted

HELP = """Look at a pool and write alcli.toml: what each column is, shown as a table. POOL is files, patterns or folders.

Examples:

\b
    alcli init reviews.parquet --text review --classes neg,pos
    alcli init 'parts/*.csv' --id review_id --test test.csv
"""


def words(result: Any) -> list[str]:
    lines = table(
        ["column", "role", "why", "example"],
        [[role.column, role.role, role.why, role.example] for role in result.roles],
        wrap=True,
    )
    lines.append("")
    lines.append(
        f"{result.rows:,} rows, id column {result.id}{', ids made from row content' if result.made_ids else ''}"
    )
    named = next((role.column for role in result.roles if "identifier" in role.why), None)
    if result.made_ids and named is not None:
        lines.append(f"if {named!r} names the rows, say so: `--force --id {named}`")
    if result.classes:
        lines.append(f"classes: {', '.join(result.classes)}")
    if result.labels:
        lines.append(f"{counted(result.labels, 'label')} taken in from the pool")
    if result.settings_path:
        lines.append(
            f"wrote {result.settings_path}; correct it with --force and --id, --text, --numeric, --categorical …"
        )
        lines.append(f"next: {result.next}")
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "init",
        help=HELP,
        short="Look at a pool and write alcli.toml",
        words=words,
        once={"output": OUTPUT, "force": FORCE},
        positional=(
            "pool",
            Annotated[
                list[str],
                typer.Argument(metavar="POOL", hidden=True, show_default=False),
            ],
            ...,
        ),
    )
