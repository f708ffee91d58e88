"""`alcli check`: every problem in pool, ledgers and settings."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table

HELP = """Report every problem in the pool, the ledgers, the model and the settings. No (3) if there is one.

Examples:

\b
    alcli check
    alcli check --json
    alcli check --repair
"""


def words(result: Any) -> list[str]:
    lines = [*result.repaired]
    if not result.problems_found:
        return [*lines, "no problems"]
    rows = [
        [each["file"], str(each["row"] or ""), each["column"] or "", each["problem"]] for each in result.problems_found
    ]
    return [*lines, *table(["file", "row", "column", "problem"], rows)]


def register(app: typer.Typer) -> None:
    add(
        app,
        "check",
        help=HELP,
        words=words,
        once={
            "repair": Annotated[
                bool | None,
                typer.Option("--repair", help="Mend what can be mended without loss", show_default=False),
            ],
        },
    )
