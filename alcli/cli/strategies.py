"""`alcli strategies`: what there is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table, width, wrapped

HELP = """List the strategies, or explain the one called NAME: what it needs, what it costs, when to use it.

Examples:

\b
    alcli strategies
    alcli strategies margin
"""


def words(result: Any) -> list[str]:
    if result.one is None:
        return [
            *_families(result.strategies),
            "any utility goes with any selector: `--strategy entropy+kmeans`",
            *wrapped("utilities:", ", ".join(result.utilities)),
            *wrapped("selectors:", ", ".join(result.selectors)),
            "`alcli strategies NAME` explains one",
        ]
    one = result.one
    lines = [*textwrap.wrap(f"{one['name']}: {one['summary']}", width()), ""]
    for key in (
        "space",
        "utility",
        "selector",
        "formula",
        "needs",
        "cost",
        "limits",
        "use_when",
        "params",
        "aliases",
        "source",
        "example",
    ):
        if key == "needs" and one["signals"]:
            told = "; ".join(f"{name}: {what}" for name, what in one["signals"].items())
            lines += wrapped(f"{'needs':<10}", told)
        elif one.get(key):
            lines += wrapped(f"{key.replace('_', ' '):<10}", str(one[key]))
    return lines


def _families(rows: Sequence[Any]) -> list[str]:
    """A table for each family, all with columns of the same widths."""
    lines: list[str] = []
    for about, members in groupby(rows, key=itemgetter("about")):
        its = [[each["name"], each["summary"], each["needs"]] for each in members]
        lines += [
            *textwrap.wrap(f"{about}:", width()),
            *table(["strategy", "what it picks", "needs"], its, wrap=True),
            "",
        ]
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "strategies",
        help=HELP,
        short="List the strategies, or explain one",
        words=words,
        positional=(
            "name",
            Annotated[str | None, typer.Argument(metavar="NAME", hidden=True, show_default=False)],
            None,
        ),
    )
