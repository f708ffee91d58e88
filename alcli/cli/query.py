"""`alcli query`: pick the rows worth labelling."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import ASK_AGAIN, DRY_RUN, EVEN_IF_ENOUGH, FOR, FORCE, OUTPUT, TRUST_MODEL
from alcli.cli.text import fill_it, send_them, whose_sheets
from alcli.errors import counted

HELP = """Pick the rows worth labelling next and write them to a sheet.

Examples:

\b
    alcli query -n 50 -o to_label.xlsx
    alcli query --strategy margin -n 20 -o - | head
    alcli query -n 60 --annotators a1,a2,a3 --per-row 2 -o outbox/
    alcli query --mix entropy:0.7,random:0.3 -n 100 -o sheets/
    alcli query --for evaluation -n 100 -o measure.xlsx
"""


def words(result: Any) -> list[str]:
    if result.note:
        return [result.note]
    what = "would ask" if result.dry_run else "asked"
    use = " to measure on" if result.purpose == "evaluation" else ""
    rows = f"{result.asked:,} row{'' if result.asked == 1 else 's'}"
    lines = [f"{what} {rows}{use} by {result.strategy}, batch {result.batch}, seed {result.seed}"]
    if result.reason:
        lines[0] += f" ({result.reason})"
    if result.cost is not None:
        lines.append(f"its labels cost {result.cost:,g} of {result.settings['budget']:,g}")
    if result.dry_run:
        lines.append("dry run: nothing was written")
        lines.extend(result.ids)
    elif result.sheets:
        lines += whose_sheets(result.sheets)
        lines += [f"{counted(result.out, 'row')} out, {result.left:,} left", *send_them()]
    elif result.sheet != "-":
        lines.append(f"the sheet is {result.sheet}; {counted(result.out, 'row')} out, {result.left:,} left")
        lines += fill_it(result)
    return lines


def complete_strategy(incomplete: str) -> list[str]:
    """Names for the shell, from the light table."""
    from alcli.strategies.table import names

    return [name for name in names() if name.startswith(incomplete)]


def register(app: typer.Typer) -> None:
    add(
        app,
        "query",
        help=HELP,
        short="Pick the rows worth labelling next and write a sheet",
        words=words,
        once={
            "purpose": FOR,
            "output": OUTPUT,
            "dry_run": DRY_RUN,
            "ask_again": ASK_AGAIN,
            "force": FORCE,
            "trust_model": TRUST_MODEL,
            "even_if_enough": EVEN_IF_ENOUGH,
        },
        more={"strategy": {"autocompletion": complete_strategy}},
    )
