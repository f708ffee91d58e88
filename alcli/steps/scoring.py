"""What a measurement says: metrics with intervals, and the tables beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from alcli.steps.measuring import Measured
from alcli.steps.project import Project

if TYPE_CHECKING:
    from alcli.evaluation.scores import Score

COSTS = ("cost", "cost_best")


def scored(project: Project, measured: Measured, wanted: Sequence[str]) -> dict[str, Score]:
    """Each metric with its interval; with `--cost-matrix` also what the predictions cost.

    Accuracy on rows that are a draw from known rows is estimated with the variance of that draw. Other metrics are
    weighted, and resampled with their weights.
    """
    from alcli.evaluation.intervals import measure_with_intervals

    settings = project.settings
    scores = measure_with_intervals(
        measured.truth, measured.proba, measured.classes, wanted, weights=measured.weights, seed=settings.seed
    )
    if measured.error is not None and "accuracy" in scores:
        low, high = measured.error.interval()
        wrong = min(max(measured.error.value, 0.0), 1.0)
        scores["accuracy"] = replace(scores["accuracy"], value=1.0 - wrong, low=1.0 - high, high=1.0 - low)
    if settings.cost_matrix is not None:
        scores |= _costs(project, measured)
    return scores


def _costs(project: Project, measured: Measured) -> dict[str, Score]:
    """What a prediction costs on average: of the likeliest class, and of the class expected to cost least."""
    import numpy as np

    from alcli.evaluation.intervals import mean_with_interval
    from alcli.evaluation.scores import Score
    from alcli.predictions.costs import read_costs

    settings = project.settings
    costs = read_costs(settings.path("cost_matrix"), str(settings.cost_matrix), measured.classes)
    strangers = sorted(set(measured.truth) - set(measured.classes))
    if strangers:
        why = f"the file says no cost for {strangers[0]!r}"
        return {name: Score(None, why=why) for name in COSTS}
    truth = np.array([measured.classes.index(label) for label in measured.truth])
    likeliest, cheapest = measured.proba.argmax(axis=1), (measured.proba @ costs).argmin(axis=1)
    return {
        name: mean_with_interval(costs[truth, said], measured.weights, seed=settings.seed)
        for name, said in zip(COSTS, (likeliest, cheapest), strict=True)
    }


def naive(measured: Measured, wanted: Sequence[str]) -> dict[str, float | None]:
    """The metrics as if all rows counted the same and were a sample; empty where nothing else was done."""
    from alcli.evaluation.scores import measure

    of = measured.whole or measured
    if of is measured and measured.weights is None:
        return {}
    return {name: score.value for name, score in measure(of.truth, of.proba, of.classes, wanted).items()}


def by_class(measured: Measured) -> tuple[tuple[Mapping[str, Any], ...], tuple[tuple[int, ...], ...]]:
    """Precision, recall and F1 of each class, and the rows by true and predicted class."""
    from alcli.evaluation.confusion import confusion, per_class
    from alcli.evaluation.scores import measure

    predicted = [measured.classes[at] for at in measured.proba.argmax(axis=1).tolist()]
    table = confusion(measured.truth, predicted, measured.classes)
    shares = [(each.precision, each.recall, each.f1) for each in per_class(table)]
    if measured.weights is not None:
        names = [f"{metric}[{label}]" for label in table.classes for metric in ("precision", "recall", "f1")]
        found = measure(measured.truth, measured.proba, measured.classes, names, weights=measured.weights)
        values = [found[name].value for name in names]
        shares = list(zip(values[::3], values[1::3], values[2::3], strict=True))
    rows = tuple(
        {"class": each.label, "precision": precision, "recall": recall, "f1": f1, "rows": each.support}
        for each, (precision, recall, f1) in zip(per_class(table), shares, strict=True)
    )
    return rows, tuple(tuple(int(count) for count in row) for row in table.counts)


def groups(project: Project, measured: Measured, wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    """The metrics with their intervals for each value of `--by`."""
    if measured.groups is None:
        return []
    import numpy as np

    from alcli.evaluation.intervals import measure_with_intervals

    column = np.asarray(measured.groups, dtype=object)
    found: list[Mapping[str, Any]] = []
    for value in sorted(set(measured.groups)):
        at = np.flatnonzero(column == value)
        weights = None if measured.weights is None else measured.weights[at]
        scores = measure_with_intervals(
            [measured.truth[row] for row in at],
            measured.proba[at],
            measured.classes,
            wanted,
            weights=weights,
            seed=project.settings.seed,
        )
        found.append(
            {
                "column": project.settings.by,
                "value": value,
                "rows": len(at),
                "metrics": {name: score.value for name, score in scores.items()},
                "intervals": {
                    name: None if score.low is None else [score.low, score.high] for name, score in scores.items()
                },
            }
        )
    return found


def calibration(measured: Measured) -> tuple[Mapping[str, Any], ...]:
    """Confidence beside accuracy, bin by bin."""
    from alcli.evaluation.calibration import reliability_curve

    curve = reliability_curve(measured.truth, measured.proba, measured.classes, measured.weights)
    return tuple(asdict(each) for each in curve)


def cutoffs(measured: Measured, of: str | None) -> tuple[Mapping[str, Any], ...]:
    """Precision and recall of one class at thresholds; nothing without a class."""
    if of is None:
        return ()
    from alcli.evaluation.calibration import cuts

    score = measured.proba[:, measured.classes.index(of)]
    return tuple(asdict(each) for each in cuts(measured.truth, score, of, measured.weights))
