"""`alcli simulate`: play whole campaigns on labelled data."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.options import FORCE, OUTPUT, TABLE_FORMAT, once
from alcli.cli.query import complete_strategy
from alcli.cli.text import table, wrapped
from alcli.errors import counted

HELP = """Play whole campaigns on labelled tables DATA, to see which strategy saves labels on data like yours. All
combinations of what is repeatable are played, each with several seeds, through the same steps as query, import-labels,
train and evaluate. Every setting is compared on the same seeds.

Examples:

\b
    alcli simulate labelled.csv
    alcli simulate labelled.csv -s margin -s badge -n 50 -o results.csv
    alcli simulate labelled.csv --noise 0.1 --reach f1=0.9 --curves c.svg
    alcli simulate labelled.csv --repeats 30 -o results.csv --resume
"""

STRATEGIES = once(
    list[str],
    "--strategy",
    "-s",
    metavar="NAME",
    help="How rows are chosen, also NAME KEY=VALUE or a mix margin:0.9,random:0.1 (repeatable; default auto, margin)",
    autocompletion=complete_strategy,
)
# Tables of so many metrics are printed.
TABLES = 3
ONCE = {
    "output": OUTPUT,
    "strategies": STRATEGIES,
    "estimators": once(
        list[str], "--estimator", metavar="NAME", help="What learns, also NAME KEY=VALUE (repeatable; default logistic)"
    ),
    "starts": once(
        list[int],
        "--start",
        metavar="N",
        help="Rows labelled at the start, 0 for none (repeatable; default 20, or twice the classes)",
    ),
    "counts": once(list[int], "--count", "-n", metavar="N", help="Rows a batch (repeatable; default 10)"),
    "rounds": once(int, "--rounds", metavar="N", help="Batches (default 20)"),
    "exhaust": once(bool, "--until-empty", help="Go on until the pool is empty"),
    "repeats": once(int, "--repeats", metavar="N", help="Seeds, from --seed on (default 10)"),
    "test_share": once(
        float, "--test-share", metavar="P", help="Share of each class that is measured on (default 0.4)"
    ),
    "stratified": once(bool, "--stratified/--uniform", help="First rows class by class, or of all (default of all)"),
    "protocol": once(str, "--protocol", metavar="NAME", help="A published way to play: A or B"),
    "splits": once(str, "--splits", metavar="FILE", help="Fixed splits, a column a seed; or a folder of DATASET.csv"),
    "against": once(str, "--against", metavar="NAME", help="What others are compared with (default random)"),
    "cold": once(
        str, "--cold", metavar="NAME", help="Strategy while there are too few labels for another (default random)"
    ),
    "reach": once(list[str], "--reach", metavar="METRIC=VALUE", help="Count the labels this takes (repeatable)"),
    "noise": once(float, "--noise", metavar="P", help="Share of wrong answers"),
    "labelers": once(str, "--labelers", metavar="P,P,…", help="Several labelers, by their shares of right answers"),
    "imbalance": once(
        list[str], "--imbalance", metavar="CLASS=SHARE", help="Keep a share of a class's pool rows (repeatable)"
    ),
    "spend": once(float, "--spend", metavar="B", help="What a campaign may cost, with --cost"),
    "pictures": once(str, "--curves", metavar="FILE", help="Draw the learning curves, as SVG"),
    "log": once(str, "--log", metavar="FILE", help="Write the rows asked for: dataset,seed,round,id; or a folder"),
    "resume": once(bool, "--resume", help="Go on with the campaigns of -o that are finished"),
    "force": FORCE,
    "format": TABLE_FORMAT,
}


def words(result: Any) -> list[str]:
    lines: list[str] = []
    settings = dict.fromkeys(_setting(line) for line in result.summary)
    has = {line["metric"] for line in result.summary}
    asked = [metric for metric in result.metrics if metric in has]
    for metric in asked[:TABLES]:
        for setting in settings:
            mine = [line for line in result.summary if _setting(line) == setting and line["metric"] == metric]
            if mine:
                lines += [*([""] if lines else []), *_block(setting, mine, metric, result.against)]
        over = [row for row in result.overall if row["metric"] == metric]
        lines += ["", *_overall(over, metric, result.against)] if over else []
    lines += ["", *_notes(result)] if result.summary else []
    if asked[TABLES:]:
        where = "`--json`" if result.table in (None, "-") else f"{result.table}, and `--json`"
        lines += wrapped("not shown:", f"{', '.join(asked[TABLES:])}; {where} has them")
    for each in result.failed:
        where = f" ({each['at']})" if each["at"] not in ("", each["dataset"]) else ""
        what = f"{each['strategy']} on {each['dataset']} ({each['estimator']}): {each['why']}{where}"
        lines += wrapped("not played:", what)
    done = counted(result.campaigns, "campaign")
    lines.append(f"{done}" + (f", {result.resumed:,} of them finished before" if result.resumed else ""))
    if result.table not in (None, "-"):
        lines.append(f"every measurement is in {result.table}")
    for path in (*result.pictures, *result.logs):
        lines.append(f"wrote {path}")
    return lines


def _setting(line: Any) -> tuple[Any, ...]:
    return line["dataset"], line["estimator"], line["start"], line["batch"]


def _block(setting: tuple[Any, ...], mine: Any, metric: str, against: str) -> list[str]:
    dataset, estimator, start, batch = setting
    seeds = max(line["seeds"] for line in mine)
    lines = wrapped(f"{dataset}:", f"{metric}, {estimator}, from {start} labels by {batch}, {counted(seeds, 'seed')}")
    better = -1 if _higher(metric) else 1
    order = sorted(mine, key=lambda line: better * line["area"])
    target = mine[0]["target"]
    rows = [
        [
            line["strategy"],
            _with_half(line, "area"),
            _with_half(line, "final"),
            _reached(line),
            _difference(line),
            "" if line["difference"] is None else _p(line["p_holm"]),
            "-" if line["rank"] is None else f"{line['rank']:.1f}",
            "" if line["difference"] is None else f"{line['wins']}/{line['ties']}/{line['losses']}",
        ]
        for line in order
    ]
    goal = "reach" if target is None else f"to {_number(target)}"
    return lines + table(["strategy", "area", "final", goal, f"vs {against}", "p", "rank", "w/t/l"], rows)


def _overall(rows: Any, metric: str, against: str) -> list[str]:
    if not rows:
        return []
    lines = [f"over {rows[0]['settings']} settings: {metric}"]
    body = [
        [
            row["strategy"],
            _number(row["area"]),
            "" if row["difference"] is None else _signed(row["difference"]),
            "" if row["worst"] is None else _signed(row["worst"] if _higher(metric) else -row["worst"]),
            "" if row["difference"] is None else _p(row["p_holm"]),
            f"{row['rank']:.2f}",
            "" if row["difference"] is None else f"{row['better']}/{row['equal']}/{row['worse']}",
        ]
        for row in sorted(rows, key=lambda row: row["rank"])
    ]
    return lines + table(["strategy", "area", f"vs {against}", "worst", "p", "rank", "w/t/l"], body)


def _notes(result: Any) -> list[str]:
    return wrapped(
        "",
        f"area: mean height of the learning curve; ± is a 95% interval over seeds. vs {result.against}: difference in"
        " area on the same seeds; p: paired t test, corrected by Holm for all strategies. It speaks of these data only.",
    )


def _higher(metric: str) -> bool:
    from alcli.evaluation.table import find_metric

    return metric.startswith("found") or find_metric(metric).better == "higher"


def _number(value: float | None) -> str:
    """Three digits, without the 0 before the point: eight columns have to fit.

    >>> _number(0.91449), _number(1.0), _number(None)
    ('.914', '1.000', '-')
    """
    if value is None:
        return "-"
    text = f"{value:.3f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "−") + _number(abs(value))


def _with_half(line: Any, name: str) -> str:
    value, low, high = line[name], line[f"{name}_low"], line[f"{name}_high"]
    # an interval may end where the metric does: its other half is the whole one
    return _number(value) if high is None else f"{_number(value)} ±{_number(max(high - value, value - low))}"


def _reached(line: Any) -> str:
    if line["reached"] is None:
        return "-"
    some = "" if line["met"] == line["seeds"] else f" {line['met']}/{line['seeds']}"
    return f"{line['reached']:,g}{some}"


def _difference(line: Any) -> str:
    if line["difference"] is None:
        return ""
    high = line["difference_high"]
    half = "" if high is None else f" ±{_number(high - line['difference'])}"
    return _signed(line["difference"]) + half


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "<.001" if value < 0.001 else _number(value)


def register(app: typer.Typer) -> None:
    add(
        app,
        "simulate",
        help=HELP,
        short="Play whole campaigns on labelled data, to compare strategies",
        words=words,
        once=ONCE,
        positional=("data", Annotated[list[str], typer.Argument(metavar="DATA", hidden=True, show_default=False)], ...),
    )
