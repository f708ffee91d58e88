"""`alcli enough`: are there enough labels?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table, wrapped
from alcli.errors import counted

HELP = """Say whether there are enough labels, rule by rule: 0 is yes, 3 not yet. One rule that holds is enough.

Examples:

\b
    alcli enough --rule 'kappa >= 0.99 for 3'
    alcli enough --rule 'accuracy >= 0.9 and plateau' --rule 'labels >= 2000'
    alcli enough --forecast
    alcli enough --list
"""


def words(result: Any) -> list[str]:
    if result.known:
        return _known(result.known)
    lines = [f"enough: {text} holds" for text in result.because] or ["not yet"]
    compound = {each.part_of for each in result.rules if each.part_of != each.rule}
    rows = [
        [
            each.name,
            _value(each.value, each),
            f"{each.op} {_value(each.threshold, each, exact=True)}",
            f"{min(each.held, each.needed)} of {counted(each.needed, 'round')}" if each.over_rounds else "",
            "yes" if each.met else "no",
        ]
        for each in result.rules
    ]
    lines += table(["rule", "value", "threshold", "held", "met"], rows)
    for each in sorted(compound):
        lines += wrapped("in:", each)
    for name, why in {each.name: each.why for each in result.rules if each.why}.items():
        lines += wrapped(f"{name}:", why)
    return lines + (_forecast(result.forecast) if result.forecast else [])


def _value(value: float | None, each: Any, exact: bool = False) -> str:
    from alcli.evaluation.stopping.conditions import age, shown

    if value is None:
        return "-"
    if each.name == "time":
        return age(value) if exact else f"{value / 86_400:.1f}d" if value >= 86_400 else f"{value / 3600:.1f}h"
    if exact:
        return shown(value)
    return f"{value:,.0f}" if value.is_integer() and abs(value) >= 2 else f"{value:.4f}".rstrip("0").rstrip(".")


def _forecast(found: Mapping[str, Any]) -> list[str]:
    if "why" in found:
        return ["", *wrapped("no forecast:", str(found["why"]))]
    name, more = found["metric"], f"{found['more']:,}"
    newest = f", as the newest measurement (by {found['newest']}) has fewer" if "newest" in found else ""
    return [
        "",
        *wrapped(
            "forecast:",
            f"{name} is {found['now']:.3f} at {counted(found['labels'], 'label')} by the curve; the next {more} would "
            f"make it {found['then']:.3f} ({found['low']:.3f} to {found['high']:.3f}), a gain of {found['gain']:.4f} "
            f"({found['gain_low']:.4f} to {found['gain_high']:.4f}). Endless labels lead to {found['limit']:.3f}. "
            f"Fitted to {found['points']} points, by {found['how']}{newest}",
        ),
    ]


def _known(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for kind, about in (("history", "judged over rounds:"), ("state", "about how things are now:")):
        mine = [
            [
                each["name"] + {"class": "[CLASS]", "metric": "[METRIC]", "": ""}[each["takes"]],
                each["default"],
                each["summary"],
            ]
            for each in rows
            if each["kind"] == kind
        ]
        lines += [about, *table(["rule", "by default", "what its value is"], mine, wrap=True), ""]
    return [
        *lines,
        *wrapped(
            "every metric",
            "of `alcli evaluate` is a rule too: `accuracy >= 0.9 for 2`, `recall[spam] >= 95%`, by the worse end of "
            "its 95% interval",
        ),
        *wrapped("join them", "as in `rarest >= 20 and (kappa or labels >= 1000)`; docs/stopping.md has their papers"),
    ]


def register(app: typer.Typer) -> None:
    add(
        app,
        "enough",
        help=HELP,
        short="Say whether there are enough labels, and why",
        words=words,
        once={
            "forecast": Annotated[
                bool | None,
                typer.Option("--forecast", help="Also what the next 100 labels would buy", show_default=False),
            ],
            "listed": Annotated[
                bool | None, typer.Option("--list", help="List the rules there are", show_default=False)
            ],
        },
    )
