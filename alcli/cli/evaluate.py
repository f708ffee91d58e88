"""`alcli evaluate`: measure the model."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import TRUST_MODEL
from alcli.cli.text import table, wrapped
from alcli.errors import counted

HELP = """Measure the model, and say on what.

On the test file when there is one; else on rows that `query --for
evaluation` drew; else on the random rows among the labels (`query --mix
margin:0.8,random:0.2`); else by cross-validation on all labels, which are no
sample of the pool when a strategy chose them.

Examples:

\b
    alcli evaluate --test test.csv
    alcli evaluate --metric f1 --fail-under f1=0.8
    alcli evaluate --calibration --cutoffs spam
    alcli evaluate --json >> metrics.jsonl
"""


_WAYS = {
    "test": "of the test file",
    "evaluation": "drawn for evaluation",
    "random-arm": "of the random arm, by folds",
    "folds": "by folds on all labels",
}


def words(result: Any) -> list[str]:
    lines = [f"measured on {counted(result.rows, 'row')} {_WAYS[result.how]}; model of {result.labels:,} labels"]
    if result.population:
        lines += wrapped("it is about", result.population + _drawn(result))
    rows = [
        [name, _number(metric["value"]), _interval(metric)]
        for name, metric in result.metrics.items()
        if "[" not in name
    ]
    lines += table(["metric", "value", "95% interval"], rows)
    lines += _naive(result)
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
            ["metric", "value", "95% interval"],
            [
                [name, _number(value), _interval_of(group["intervals"][name])]
                for name, value in group["metrics"].items()
                if "[" not in name
            ],
        )
    lines += _calibration(result) + _cutoffs(result) + _prequential(result)
    lines.extend(result.missed)
    return lines


def _drawn(result: Any) -> str:
    ways = dict.fromkeys(each["strategy"] for each in result.drawn)
    return f" ({', '.join(ways)}; each row counts by its chance)" if ways else ""


def _naive(result: Any) -> list[str]:
    """What a reader who did not know how the rows were chosen would have read."""
    value = result.naive.get("accuracy")
    if value is None or "accuracy" not in result.metrics:
        return []
    of = "all labels" if result.how == "random-arm" else "these rows counted alike"
    return [f"accuracy of {of}, as if they were a sample: {value:.3f}"]


def _calibration(result: Any) -> list[str]:
    if not result.settings.get("calibration"):
        return []
    rows = [
        [
            f"{each['above']:.2f} to {each['to']:.2f}",
            f"{each['confidence']:.3f}",
            f"{each['accuracy']:.3f}",
            f"{each['low']:.3f} to {each['high']:.3f}",
            f"{each['rows']:,}",
        ]
        for each in result.calibration
    ]
    return ["", *table(["probability", "confidence", "accuracy", "95% interval", "rows"], rows)]


def _cutoffs(result: Any) -> list[str]:
    if not result.cutoffs:
        return []
    rows = [
        [
            f"{each['threshold']:g}",
            _number(each["precision"]),
            _number(each["recall"]),
            _number(each["f1"]),
            f"{each['share']:.1%}",
            f"{each['rows']:,}",
        ]
        for each in result.cutoffs
    ]
    name = result.settings["cutoffs"]
    heading = ["said from", "precision", "recall", "f1", "share", "rows"]
    return ["", f"{name!r}, said from this probability on", *table(heading, rows)]


def _prequential(result: Any) -> list[str]:
    if not result.prequential or result.how == "test":
        return []
    rows = [
        [f"{each['batch']:,}", each["arm"], _number(each["value"]), _interval(each), f"{each['rows']:,}"]
        for each in result.prequential
    ]
    heading = ["batch", "chosen by", "accuracy", "95% interval", "rows"]
    return ["", "the model before, on the labels that this one learned in addition", *table(heading, rows)]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(metric: Any) -> str:
    return _interval_of(None if metric["low"] is None else (metric["low"], metric["high"]))


def _interval_of(bounds: Any) -> str:
    return "" if bounds is None else f"{bounds[0]:.3f} to {bounds[1]:.3f}"


def register(app: typer.Typer) -> None:
    add(
        app,
        "evaluate",
        help=HELP,
        short="Measure the model, and say on what and how surely",
        words=words,
        once={"trust_model": TRUST_MODEL},
    )
