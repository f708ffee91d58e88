"""`alcli train`: fit the model on what is labelled."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.options import FORCE

HELP = """Fit the model (and its committee) on what is labelled.

Examples:

\b
    alcli train
    alcli train --estimator extra-trees --param n_estimators=300 --committee 5
    alcli train --calibrate -o models/today.skops
"""


def words(result: Any) -> list[str]:
    if result.up_to_date:
        return [f"{result.model} is up to date: same labels, same settings; `--force` fits it anew"]
    counts = ", ".join(f"{name} {count:,}" for name, count in result.classes.items())
    lines = [f"trained {result.estimator} on {result.labels:,} labels ({counts})"]
    lines.extend(result.notes)
    lines.append(f"the model is {result.model}; next: `alcli evaluate`, or `alcli query`")
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "train",
        help=HELP,
        words=words,
        once={
            "output": Annotated[
                str | None,
                typer.Option(
                    "--output",
                    "-o",
                    metavar="MODEL",
                    help="Where the model goes, instead of --model",
                    show_default=False,
                ),
            ],
            "force": FORCE,
        },
    )
