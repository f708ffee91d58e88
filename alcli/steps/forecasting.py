"""`enough --forecast`: what the next labels would buy, by the learning curve in metrics.csv."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from alcli.evaluation.stopping.conditions import Tree, conditions
from alcli.evaluation.table import DEFAULT, Metric, find_metric
from alcli.steps.project import Project
from alcli.tables.ledgers import Measurement

MORE = 100


def forecast_of(project: Project, rules: Iterable[Tree], more: int = MORE) -> dict[str, Any]:
    """The forecast of one metric: that of the first rule about one, else the first that was measured.

    Returns
    -------
    forecast : `metric`, `how`, and the fields of `Forecast`; or `metric` and `why` there is none.
    """
    from alcli.evaluation.forecasting import LEAST, forecast

    rows = project.metrics.rows()
    metric = _metric(project, rules, rows)
    mine = [row for row in rows if row.metric == metric.name and row.value and row.labels.isdecimal()]
    newest = _way(mine[-1]) if mine else ""
    mine = _longest(mine)
    sizes = [int(row.labels) for row in mine]
    found = forecast(
        sizes,
        [float(row.value) for row in mine],
        more,
        higher=metric.better == "higher",
        best=metric.high if metric.better == "higher" else metric.low,
        seed=project.settings.seed,
    )
    if found is None:
        have = len(set(sizes))
        by = f" by {_kind(mine[-1])}" if mine else ""
        why = (
            f"a learning curve needs {LEAST} different numbers of labels, and {metric.name} was measured{by} at {have}"
        )
        return {"metric": metric.name, "why": f"{why}; `alcli evaluate` after each round records it"}
    how = {"how": _kind(mine[-1])} | ({} if _way(mine[-1]) == newest else {"newest": newest.partition(" ")[0]})
    return {"metric": metric.name, **how, **asdict(found)}


def _kind(row: Measurement) -> str:
    return row.how.partition(" ")[0]


def _way(row: Measurement) -> str:
    """What measurements must share to lie on one curve: the test file, the number of folds.

    `how` of rows drawn for evaluation also says which answers there were, and these become more: all are one way.
    """
    return "evaluation" if _kind(row) == "evaluation" else row.how


def _longest(rows: Sequence[Measurement]) -> list[Measurement]:
    """The rows of the way of measuring that has the most different numbers of labels; of equals the newest."""
    ways: dict[str, list[Measurement]] = {}
    for row in reversed(rows):
        ways.setdefault(_way(row), []).append(row)
    return max(ways.values(), key=lambda its: len({row.labels for row in its}), default=[])[::-1]


def _metric(project: Project, rules: Iterable[Tree], rows: Sequence[Measurement]) -> Metric:
    for tree in rules:
        for each in conditions(tree):
            if each.rule.kind == "history" and not each.rule.how:
                return find_metric(str(each.of) if each.rule.takes == "metric" else each.rule.measure)
    measured = {row.metric for row in rows}
    wanted = (*project.settings.metric, *DEFAULT)
    return next((found for found in map(find_metric, wanted) if found.name in measured), find_metric("accuracy"))
