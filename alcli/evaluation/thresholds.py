"""``--fail-under f1=0.8``: what a metric must reach. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

from alcli.errors import UsageError
from alcli.evaluation.table import Metric, find_metric


@dataclass(frozen=True)
class Threshold:
    """A metric and the value it must reach, in the metric's better direction."""

    metric: Metric
    bound: float

    def met(self, value: float | None) -> bool:
        """Whether `value` is as good as the bound or better. An undefined metric is not."""
        if value is None or isnan(value):
            return False
        return value >= self.bound if self.metric.better == "higher" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.metric.name} {'>=' if self.metric.better == 'higher' else '<='} {self.bound:g}"


def parse_threshold(text: str, classes: Sequence[str] | None = None) -> Threshold:
    """Read ``metric=value``.

    Parameters
    ----------
    text : the value stands after the last ``=``, since a class's name may hold one.
    classes : when given, the class in ``f1[class]=0.8`` must be one of them.

    Raises
    ------
    UsageError
        ``threshold`` when it is not of this form, the value is no number or not one that the
        metric can have; ``unknown-metric`` and ``unknown-class`` as `find_metric`.

    Examples
    --------
    >>> str(parse_threshold("f1=0.8"))
    'f1_macro >= 0.8'
    >>> parse_threshold("log_loss=0.3").met(0.25)
    True
    """
    name, separator, number = text.rpartition("=")
    if not separator:
        raise UsageError(
            f"{text!r} is not a metric with a value",
            hint="write it as `--fail-under f1=0.8`",
            code="threshold",
        )
    metric = find_metric(name.strip(), classes)
    try:
        bound = float(number)
    except ValueError:
        bound = float("nan")
    if isnan(bound):
        raise UsageError(
            f"{number.strip()!r} is not a number", hint=f"write it as `{name.strip()}=0.8`", code="threshold"
        )
    if not metric.low <= bound <= metric.high:
        percent = f"; did you mean `{name.strip()}={bound / 100:g}`?" if metric.high < bound <= 100 else ""
        raise UsageError(
            f"{metric.name} is never {bound:g}",
            hint=f"it lies between {metric.low:g} and {metric.high:g}{percent}",
            code="threshold",
        )
    return Threshold(metric, bound)


def parse_thresholds(texts: Iterable[str], classes: Sequence[str] | None = None) -> list[Threshold]:
    """Read each of `texts`; the same metric may stand twice, and both must hold."""
    return [parse_threshold(text, classes) for text in texts]
