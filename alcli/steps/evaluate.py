"""`evaluate`: measures the model and writes down what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alcli.clock import now
from alcli.errors import Exit, ModelError, did_you_mean, listing
from alcli.steps.learning import Recipe, check_fits, open_model, with_classes
from alcli.steps.measuring import Measured, by_folds, misses, on_test_file
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.tables.ledgers import Measurement, number


@dataclass(frozen=True, kw_only=True)
class EvaluateResult(Result):
    """What was measured.

    Attributes
    ----------
    how : ``test`` or ``folds``.
    metrics : name -> `value`, `low`, `high` (95% interval; None where it cannot be had) and `why`.
    labels : rows the model learned from.
    per_class, confusion, groups : tables; `confusion` has the truth in rows, classes in the order of `per_class`.
    missed : thresholds of `fail_under` that were missed, in words.
    recorded : rows added to metrics.csv; 0 when the same was measured before.
    """

    how: str
    rows: int
    metrics: Mapping[str, Mapping[str, Any]]
    labels: int
    per_class: tuple[Mapping[str, Any], ...]
    confusion: tuple[tuple[int, ...], ...]
    groups: tuple[Mapping[str, Any], ...]
    missed: tuple[str, ...]
    recorded: int


def evaluate(*, trust_model: bool = False, **flags: Any) -> EvaluateResult:
    """Measure the model on the test file, or by cross-validation when there is none.

    Raises
    ------
    ModelError
        If there is no model.
    TableError
        If there is nothing to measure on.
    """
    from alcli.evaluation.intervals import measure_with_intervals
    from alcli.evaluation.table import DEFAULT, find_metric
    from alcli.evaluation.thresholds import parse_thresholds

    project = Project("evaluate", flags)
    settings = project.settings
    with project.blaming("fail_under"):
        thresholds = parse_thresholds(settings.fail_under, settings.classes or None)
    wanted = list(dict.fromkeys([*(settings.metric or DEFAULT), *(each.metric.name for each in thresholds)]))
    with project.blaming("metric"):
        for name in settings.metric:
            find_metric(name, settings.classes or None)
    opened = open_model(project, trust=trust_model)
    if opened is None:
        raise ModelError("there is no model", hint="`alcli train` makes one", code="no-model")
    bundle, card = opened
    labels = project.resolved_labels()
    classes = project.classes(labels) or bundle.model.classes
    bundle.model = with_classes(bundle.model, classes)
    pairs = project.training(labels)
    if settings.test is not None:
        measured = on_test_file(project, bundle, {id_ for id_, _ in pairs})
    else:
        check_fits(bundle, project.pool)
        project.pool.facts()
        known = project.pool.known(id_ for id_, _ in pairs)
        kept = sorted(pair for pair in pairs if pair[0] in known)
        recipe = Recipe.from_plain(bundle.meta["recipe"])
        with project.blaming("by"):
            weights = recipe.weights(labels, project.classes(labels))
            measured = by_folds(project, bundle.maker, recipe, kept, settings.folds, settings.by, weights=weights)
    with project.blaming("metric"):
        scores = measure_with_intervals(measured.truth, measured.proba, measured.classes, wanted, seed=settings.seed)
    metrics: dict[str, dict[str, Any]] = {
        name: {"value": score.value, "low": score.low, "high": score.high, "why": score.why}
        for name, score in scores.items()
    }
    per_class, confusion = _tables(measured)
    missed = misses(thresholds, {name: score.value for name, score in scores.items()})
    recorded = _record(project, measured, metrics, bundle.meta, card)
    warnings = list(measured.warnings)
    stale = _stale(bundle.meta, pairs)
    if stale:
        warnings.append(stale)
    strangers = sorted(set(measured.truth) - set(measured.classes))
    if strangers:
        warnings.append(
            f"the data to measure on holds labels that are no classes of this project: {listing(strangers)}"
            + (f"; {near}" if (near := did_you_mean(strangers[0], measured.classes)) else "")
        )
    return EvaluateResult(
        how=measured.how,
        rows=len(measured.truth),
        metrics=metrics,
        labels=int(card.get("rows", len(pairs))),
        per_class=per_class,
        confusion=confusion,
        groups=tuple(_groups(project, measured, wanted)),
        missed=missed,
        recorded=recorded,
        exit=Exit.NO if missed else Exit.DONE,
        warnings=tuple(warnings),
        settings=shaping(settings, "evaluate"),
    )


def _stale(meta: Mapping[str, Any], pairs: Sequence[tuple[str, str]]) -> str:
    from alcli.tables.ledgers import fingerprint_of

    if not pairs or meta.get("labels") == fingerprint_of(sorted(pairs)):
        return ""
    return "labels have come in since the model was trained; `alcli train` uses them"


def _tables(measured: Measured) -> tuple[tuple[Mapping[str, Any], ...], tuple[tuple[int, ...], ...]]:
    from alcli.evaluation.confusion import confusion, per_class

    predicted = [measured.classes[at] for at in measured.proba.argmax(axis=1).tolist()]
    table = confusion(measured.truth, predicted, measured.classes)
    rows = tuple(
        {
            "class": each.label,
            "precision": each.precision,
            "recall": each.recall,
            "f1": each.f1,
            "rows": each.support,
        }
        for each in per_class(table)
    )
    return rows, tuple(tuple(int(count) for count in row) for row in table.counts)


def _groups(project: Project, measured: Measured, wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    from alcli.evaluation.scores import measure

    if measured.groups is None:
        return []
    import numpy as np

    found: list[Mapping[str, Any]] = []
    for value in sorted(set(measured.groups)):
        at = np.flatnonzero(np.asarray([group == value for group in measured.groups]))
        scores = measure([measured.truth[row] for row in at], measured.proba[at], measured.classes, wanted)
        found.append(
            {
                "column": project.settings.by,
                "value": value,
                "rows": len(at),
                "metrics": {name: score.value for name, score in scores.items()},
            }
        )
    return found


def _record(
    project: Project,
    measured: Measured,
    metrics: Mapping[str, Mapping[str, Any]],
    meta: Mapping[str, Any],
    card: Mapping[str, Any],
) -> int:
    """Add what is new to metrics.csv: the same model, labels and data are not measured twice."""
    if project.settings.config is None and not project.settings.given("metrics"):
        return 0
    moment = now()
    labels = str(card.get("rows", ""))
    model = str(card.get("sha256", ""))[:16]

    def row(how: str, rows: int, metric: str, value: Any, low: Any = None, high: Any = None) -> Measurement:
        return Measurement(
            moment,
            labels,
            str(meta.get("labels", "")),
            model,
            how,
            str(rows),
            metric,
            number(value),
            number(low),
            number(high),
        )

    rows = [
        row(measured.exactly, len(measured.truth), name, each["value"], each["low"], each["high"])
        for name, each in metrics.items()
    ]
    agreement = meta.get("agreement")
    if agreement:
        rows += [
            row(f"stop {agreement['against']}", agreement["rows"], f"{name}_with_before", agreement[name])
            for name in ("agreement", "kappa")
        ]
    # what `train` measured of the model for stopping rules
    rows += [
        row(each["how"], each["rows"], each["metric"], each["value"], each.get("low"), each.get("high"))
        for each in card.get("stopping") or ()
    ]
    with project.writing():
        have = {_key(each) for each in project.metrics.rows()}
        return project.metrics.append(each for each in rows if _key(each) not in have)


def _key(row: Measurement) -> tuple[str, ...]:
    return row.labels_fingerprint, row.model_fingerprint, row.how, row.rows, row.metric
