"""`alcli status`: where the round stands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table

HELP = """Show where the round stands and what to do next.

Examples:

\b
    alcli status
    alcli status --settings
    alcli status --history sms-0042
"""


def words(result: Any) -> list[str]:
    if result.values:
        return table(
            ["setting", "value", "source"],
            [[each["name"], each["value"], each["source"]] for each in result.values],
            wrap=True,
        )
    if result.history is not None:
        return table(
            ["when", "what", "by", "batch", "from"],
            [[each["when"], each["what"], each["by"], each["batch"], each["source"]] for each in result.history],
        ) or ["nothing has happened to a row with that id"]
    if result.labelers is not None:
        return table(
            ["annotator", "labels", "skips", "out", "out since"],
            [
                [
                    each["annotator"],
                    f"{each['labels']:,}",
                    f"{each['skips']:,}",
                    f"{each['out']:,}",
                    each["since"],
                ]
                for each in result.labelers
            ],
        )
    lines = [
        f"{result.rows:,} rows: {result.labelled:,} labelled, {result.out:,} out, {result.left:,} left; "
        f"{result.rounds} round{'' if result.rounds == 1 else 's'}"
    ]
    if result.classes:
        lines.append("classes: " + ", ".join(f"{name} {count:,}" for name, count in result.classes.items()))
    lines.append(f"model: {result.model['says']}")
    if result.metrics:
        lines.append(
            "last measured: "
            + ", ".join(
                f"{name} {metric['value']:.3f}"
                for name, metric in list(result.metrics.items())[:4]
                if metric["value"] is not None
            )
        )
    lines.append(f"next: {result.next}")
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "status",
        help=HELP,
        short="Where the round stands and what to do next",
        words=words,
        once={
            "show_settings": Annotated[
                bool | None,
                typer.Option("--settings", help="Each setting with where it came from", show_default=False),
            ],
            "labelers": Annotated[
                bool | None,
                typer.Option("--labelers", help="Who answered how much, who has what out", show_default=False),
            ],
            "history": Annotated[
                str | None,
                typer.Option("--history", metavar="ID", help="Everything about one row", show_default=False),
            ],
        },
    )
