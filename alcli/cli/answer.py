"""`alcli answer`: label a sheet at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import import_line
from alcli.errors import counted

HELP = """Label a CSV sheet at the terminal, one key a row. Every answer is in SHEET before the next row is shown.

Keys: the one before a label gives it, 0 skips, u takes the last answer back, c writes a comment, n and b turn
pages, q stops. Labels of one letter or digit are their own keys; a key above that they take moves, as 0 to s,
and ? lists them. Without a terminal each line of stdin is a key or a label, or c and the words of a comment.

Examples:

\b
    alcli answer sheets/0001.csv
    alcli answer sheets/0001.csv && alcli import-labels sheets/0001.csv
"""


def words(result: Any) -> list[str]:
    lines = [
        f"{counted(result.given, 'answer')} written to {result.sheet}: {result.answered:,} answered, "
        f"{result.skipped:,} skipped, {result.left:,} left"
    ]
    if result.answered + result.skipped:
        lines.append(f"next: `{import_line(result.sheet)}`")
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "answer",
        help=HELP,
        short="Label a sheet at the terminal",
        words=words,
        once={
            "again": Annotated[
                bool | None,
                typer.Option("--again", help="Begin at the first row, also if it is answered", show_default=False),
            ],
        },
        positional=("sheet", Annotated[str, typer.Argument(metavar="SHEET", hidden=True, show_default=False)], ...),
        given=_at_the_terminal,
    )


def _at_the_terminal() -> Mapping[str, Any]:
    from alcli.cli.asking import Terminal

    return {"ask": Terminal()}
