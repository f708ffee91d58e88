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
    mine = [row for row in mine if row.how == mine[-1].how]
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
        why = f"a learning curve needs {LEAST} different numbers of labels, and {metric.name} was measured at {have}"
        return {"metric": metric.name, "why": f"{why}; `alcli evaluate` after each round records it"}
    return {"metric": metric.name, "how": mine[-1].how.partition(" ")[0], **asdict(found)}


def _metric(project: Project, rules: Iterable[Tree], rows: Sequence[Measurement]) -> Metric:
    for tree in rules:
        for each in conditions(tree):
            if each.rule.kind == "history" and not each.rule.how:
                return find_metric(str(each.of) if each.rule.takes == "metric" else each.rule.measure)
    measured = {row.metric for row in rows}
    wanted = (*project.settings.metric, *DEFAULT)
    return next((found for found in map(find_metric, wanted) if found.name in measured), find_metric("accuracy"))
