"""The stopping rules there are, under their names. Imports nothing heavy.

A new rule is one function in this folder and one row in states.py or histories.py. Every metric of
`alcli evaluate` is a rule too.
"""

from __future__ import annotations

from alcli.evaluation.stopping.histories import HISTORIES
from alcli.evaluation.stopping.kinds import Rule
from alcli.evaluation.stopping.states import STATES
from alcli.evaluation.table import Metric

RULES: dict[str, Rule] = {rule.name: rule for rule in (*STATES, *HISTORIES)}

ALIASES: dict[str, str] = {
    "classification_change": "change",
    "exhausted": "left",
    "kappa_average": "kappa",
    "max_confidence": "max_uncertainty",
    "minimum_expected_error": "expected_error",
    "overall_uncertainty": "uncertainty",
    "pool_exhausted": "left",
}


def of_metric(metric: Metric) -> Rule:
    """A metric of `evaluate` as a rule: it holds when even the worse end of its interval does."""
    return Rule(
        metric.name,
        metric.summary + f"; by its {'lower' if metric.better == 'higher' else 'upper'} 95% bound",
        metric.source,
        "history",
        "alcli.evaluation.stopping.holding:each",
        metric.better,
        measure=metric.name,
        low=metric.low,
        high=metric.high,
        needs=f"`alcli evaluate --metric '{metric.name}'`" if metric.of else f"`alcli evaluate --metric {metric.name}`",
    )
