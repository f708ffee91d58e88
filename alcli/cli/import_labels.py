"""`alcli import-labels`: take answers back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.options import DRY_RUN, NEW_CLASSES, REJECTS
from alcli.errors import counted

HELP = """Take filled sheets back. Good rows go into labels.csv, the others into a rejects file. SHEET is files, folders or patterns; - is stdin.

Examples:

\b
    alcli import-labels to_label.xlsx --annotator a1
    alcli import-labels inbox/ --quiet
    alcli import-labels answers.csv --on-conflict newest
"""


def words(result: Any) -> list[str]:
    parts = [f"{result.new:,} new", f"{result.known:,} already known"]
    if result.changed:
        parts.append(f"{result.changed:,} changed")
    if result.blank:
        parts.append(f"{result.blank:,} blank")
    if result.skipped:
        parts.append(f"{result.skipped:,} skipped")
    if result.withdrawn:
        parts.append(f"{result.withdrawn:,} withdrawn")
    line = ", ".join(parts)
    if result.dry_run:
        line += "; dry run: nothing was written"
    lines = [line]
    if result.out_of_batch:
        lines.append(result.out_of_batch)
    lines.append(f"{counted(result.labels, 'row')} labelled in all")
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "import-labels",
        help=HELP,
        short="Take filled sheets back into labels.csv",
        words=words,
        once={
            "rejects": REJECTS,
            "new_classes": NEW_CLASSES,
            "dry_run": DRY_RUN,
            "sheet_format": SHEET_FORMAT,
        },
        positional=(
            "sheets",
            Annotated[
                list[str],
                typer.Argument(metavar="SHEET", hidden=True, show_default=False),
            ],
            ...,
        ),
    )


SHEET_FORMAT = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="Format of the sheets", show_default=False)
]
