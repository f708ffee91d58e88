"""`alcli recheck`: send doubtful labels out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.options import DRY_RUN, FORCE, OUTPUT, TRUST_MODEL
from alcli.cli.text import fill_it, send_them, table, whose_sheets
from alcli.errors import counted

SHOWN = 10  # rows in words; `--json` has all

HELP = """Send labels out again that look wrong, and rows that labelers disagree on.

Examples:

\b
    alcli recheck -n 30 -o again.xlsx
    alcli recheck -n 30 --show-answers -o again.html
    alcli recheck -n 30 --annotators a1,a2,a3 --per-row 2 -o outbox/
    alcli recheck -n 50 --with-new -o next.csv
    alcli recheck --dry-run
"""


def words(result: Any) -> list[str]:
    if result.note:
        return [result.note]
    lines = [
        f"{counted(result.doubtful, 'doubtful label')}: {result.wrong:,} likely wrong, "
        f"{result.disagree:,} disputed between labelers",
        *_rows(result.rows),
        "",
    ]
    what = "would ask" if result.dry_run else "asked"
    new = f", {result.new:,} of them new" if result.new else ""
    lines.append(f"{what} {counted(result.asked, 'row')}{new}, batch {result.batch}; {result.left:,} doubtful left")
    if result.dry_run:
        lines.append("dry run: nothing was written")
    elif result.sheets:
        lines += [*whose_sheets(result.sheets), f"{counted(result.out, 'row')} out", *send_them()]
    elif result.sheet != "-":
        lines.append(f"the sheet is {result.sheet}; {counted(result.out, 'row')} out")
        lines += fill_it(result)
    return lines


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    whom = any(row["ask"] for row in rows)  # only where there are several labelers
    shown = [
        [
            row["id"],
            ", ".join(f"{who} {label}".strip() for who, label in sorted(row["answers"].items())),
            "" if row["confidence"] is None else f"{row['model']} {row['confidence']:.2f}",
            f"{row['score']:.3f}",
            _why(row),
            *([row["ask"]] if whom else []),
        ]
        for row in rows[:SHOWN]
    ]
    lines = ["", *table(["id", "answered", "model says", "sure", "why", *(["ask"] if whom else [])], shown)]
    if len(rows) > SHOWN:
        lines.append(f"and {len(rows) - SHOWN:,} more, all in the sheet and in `--json`")
    return lines


def _why(row: Mapping[str, Any]) -> str:
    names = {"wrong": "likely wrong", "disagree": "disputed", "new": "no label yet"}
    return ", ".join(names[each] for each in row["why"])


def register(app: typer.Typer) -> None:
    again = Annotated[
        bool | None, typer.Option("--ask-again", help="Also rows rechecked before, or out", show_default=False)
    ]
    add(
        app,
        "recheck",
        help=HELP,
        short="Send out again labels that look wrong or are disputed",
        words=words,
        once={
            "output": OUTPUT,
            "dry_run": DRY_RUN,
            "ask_again": again,
            "force": FORCE,
            "trust_model": TRUST_MODEL,
        },
    )
