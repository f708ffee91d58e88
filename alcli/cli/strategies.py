"""`alcli strategies`: what there is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table, wrapped

HELP = """List the strategies, or explain the one called NAME: what it needs, what it costs, when to use it.

Examples:

\b
    alcli strategies
    alcli strategies margin
"""


def words(result: Any) -> list[str]:
    if result.one is None:
        rows = [[each["name"], each["summary"], each["needs"]] for each in result.strategies]
        return [
            *table(["strategy", "what it picks", "needs"], rows, wrap=True),
            "",
            "any utility goes with any selector: `--strategy entropy+kmeans`",
            *wrapped("utilities:", ", ".join(result.utilities)),
            *wrapped("selectors:", ", ".join(result.selectors)),
            "`alcli strategies NAME` explains one",
        ]
    one = result.one
    lines = [f"{one['name']}: {one['summary']}", ""]
    for key in (
        "space",
        "utility",
        "selector",
        "formula",
        "needs",
        "cost",
        "use_when",
        "params",
        "aliases",
        "source",
        "example",
    ):
        if one.get(key):
            lines += wrapped(f"{key.replace('_', ' '):<10}", str(one[key]))
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
