"""`alcli train`: fit the model on what is labelled."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.options import FORCE
from alcli.cli.text import table

HELP = """Fit the model (and its committee) on what is labelled.

Examples:

\b
    alcli train
    alcli train --estimator extra-trees --param n_estimators=300 --committee 5
    alcli train --estimator auto
    alcli train --calibrate -o models/today.skops
    alcli train --fail-under f1=0.8
"""


def words(result: Any) -> list[str]:
    if result.up_to_date:
        return [f"{result.model} is up to date: same labels, same settings; `--force` fits it anew", *measured(result)]
    counts = ", ".join(f"{name} {count:,}" for name, count in result.classes.items())
    lines = [f"trained {_called(result)} on {result.labels:,} labels ({counts})"]
    if result.committee:
        names = (
            ", ".join(result.members) if result.members else f"{result.committee} of the same, each on rows drawn anew"
        )
        lines.append(f"the committee: {names}")
    if result.choice:
        lines += chosen(result.choice)
    lines.extend(result.notes)
    lines += measured(result)
    lines.append(f"the model is {result.model}; next: `alcli evaluate`, or `alcli query`")
    return lines


SHOWN = 6  # candidates in words; all of them are in the JSON and in the card


def _called(result: Any) -> str:
    return str(result.estimator) if not result.choice else called(result.choice)


def called(candidate: Any) -> str:
    """An estimator with its parameters: ``logistic (C=10), calibrated``."""
    params = ", ".join(f"{key}={value:g}" for key, value in candidate["params"].items())
    name = str(candidate["estimator"]) + (f" ({params})" if params else "")
    return f"{name}, calibrated" if candidate["calibrate"] else name


def chosen(choice: Any) -> list[str]:
    """Why this estimator, and what it was compared with."""
    lines = [f"auto: {choice['why']}"]
    if not choice["candidates"]:
        return lines
    own = {name: choice[name] for name in ("estimator", "params", "calibrate")}
    default, *others = choice["candidates"]
    best = [row for row in others if own.items() <= row.items()]
    shown = [default, *best, *(row for row in others if row not in best)][: SHOWN + 1]
    shown.sort(key=lambda row: row["log_loss"])
    fixed = _fixed(choice["candidates"])
    return [
        *lines,
        *table(
            ["", "estimator", "with", "log loss", "lower by"],
            [
                [
                    "*" if own.items() <= row.items() else "",
                    row["estimator"],
                    _told_apart(row, fixed),
                    f"{row['log_loss']:.3f} ± {row['se']:.3f}",
                    "(default)" if row is default else f"{row['gain']:.3f} ± {row['gain_se']:.3f}",
                ]
                for row in shown
            ],
        ),
    ]


def _params(row: Any) -> dict[tuple[str, str], Any]:
    """(part, parameter) -> value, also of an estimator that is no mean."""
    split = [
        (*key.split("__", 1), value) if "__" in key else (row["estimator"], key, value)
        for key, value in row["params"].items()
    ]
    return {(part, key): value for part, key, value in split}


def _fixed(candidates: Any) -> set[tuple[str, str]]:
    """Parameters that no candidate with this part has otherwise: they tell no two apart."""
    keys = {key for row in candidates for key in _params(row)}
    return {
        key
        for key in keys
        if len({_params(row).get(key) for row in candidates if key[0] in row["estimator"].split("+")}) == 1
    }


def _told_apart(row: Any, fixed: set[tuple[str, str]]) -> str:
    """What a candidate has that others of its name have not: ``C=10, calibrated``."""
    words = [f"{key}={value:g}" for (part, key), value in _params(row).items() if (part, key) not in fixed]
    return ", ".join([*words, "calibrated"] if row["calibrate"] else words)


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
