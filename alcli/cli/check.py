"""`alcli check`: every problem in pool, ledgers and settings."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table

HELP = """Report every problem in pool, ledgers, sheets, model and settings. No (3) if there is one.

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
        [each["file"], str(each["row"] or ""), each["column"] or "", _problem(each)] for each in result.problems_found
    ]
    return [*lines, *table(["file", "row", "column", "problem"], rows, wrap=True)]


def _problem(each: Any) -> str:
    return f"{each['problem']}; {each['hint']}" if each["hint"] else str(each["problem"])


def register(app: typer.Typer) -> None:
    add(
        app,
        "check",
        help=HELP,
        short="Report every problem in pool, ledgers, sheets, settings",
        words=words,
        once={
            "repair": Annotated[
                bool | None,
                typer.Option("--repair", help="Mend what can be mended without loss", show_default=False),
            ],
        },
    )
