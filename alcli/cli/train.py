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
    alcli train --fail-under f1=0.8
"""


def words(result: Any) -> list[str]:
    if result.up_to_date:
        return [f"{result.model} is up to date: same labels, same settings; `--force` fits it anew", *measured(result)]
    counts = ", ".join(f"{name} {count:,}" for name, count in result.classes.items())
    lines = [f"trained {result.estimator} on {result.labels:,} labels ({counts})"]
    if result.committee:
        names = (
            ", ".join(result.members) if result.members else f"{result.committee} of the same, each on rows drawn anew"
        )
        lines.append(f"the committee: {names}")
    lines.extend(result.notes)
    lines += measured(result)
    lines.append(f"the model is {result.model}; next: `alcli evaluate`, or `alcli query`")
    return lines


def measured(result: Any) -> list[str]:
    """What `--fail-under` asked for."""
    if not result.metrics:
        return []
    values = ", ".join(f"{name} {'-' if value is None else f'{value:.3f}'}" for name, value in result.metrics.items())
    return [f"measured by cross-validation on the labels: {values}", *result.missed]


def register(app: typer.Typer) -> None:
    add(
        app,
        "train",
        help=HELP,
        short="Fit the model on what is labelled",
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
