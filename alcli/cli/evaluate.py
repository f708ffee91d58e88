"""`alcli evaluate`: measure the model."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import TRUST_MODEL
from alcli.cli.text import table

HELP = """Measure the model on a test file, or by cross-validation on the labels.

Examples:

\b
    alcli evaluate --test test.csv
    alcli evaluate --metric f1 --fail-under f1=0.8
    alcli evaluate --json >> metrics.jsonl
"""


def words(result: Any) -> list[str]:
    lines = [f"measured on {result.rows:,} rows ({result.how}), model of {result.labels:,} labels"]
    rows = [
        [name, _number(metric["value"]), _interval(metric)]
        for name, metric in result.metrics.items()
        if "[" not in name
    ]
    lines += table(["metric", "value", "95% interval"], rows)
    if result.per_class:
        lines.append("")
        lines += table(
            ["class", "precision", "recall", "f1", "rows"],
            [
                [
                    each["class"],
                    _number(each["precision"]),
                    _number(each["recall"]),
                    _number(each["f1"]),
                    f"{each['rows']:,}",
                ]
                for each in result.per_class
            ],
        )
    if result.confusion and len(result.confusion) <= 12:
        names = [each["class"] for each in result.per_class]
        lines.append("")
        lines.append("confusion: rows are the truth, columns what the model says")
        lines += table(
            ["", *names],
            [[name, *(f"{n:,}" for n in row)] for name, row in zip(names, result.confusion, strict=True)],
        )
    for group in result.groups:
        lines.append("")
        lines.append(f"{group['column']} = {group['value']}: {group['rows']:,} rows")
        lines += table(
            ["metric", "value"],
            [[name, _number(value)] for name, value in group["metrics"].items() if "[" not in name],
        )
    lines.extend(result.missed)
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(metric: Any) -> str:
    if metric["low"] is None:
        return ""
    return f"{metric['low']:.3f} to {metric['high']:.3f}"


def register(app: typer.Typer) -> None:
    add(
        app,
        "evaluate",
        help=HELP,
        short="Measure the model on a test file or across folds",
        words=words,
        once={"trust_model": TRUST_MODEL},
    )
