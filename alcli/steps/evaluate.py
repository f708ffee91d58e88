"""`evaluate`: measures the model and writes down what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alcli.clock import now
from alcli.errors import Exit, ModelError, UsageError, did_you_mean, listing
from alcli.steps.learning import open_model, with_classes
from alcli.steps.measuring import Measured, misses
from alcli.steps.prequential import of_model
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.sampling import measured_by
from alcli.steps.scoring import by_class, calibration, cutoffs, groups, naive, scored
from alcli.steps.up_to_date import NEWER, newer_labels
from alcli.tables.ledgers import Measurement, number


@dataclass(frozen=True, kw_only=True)
class EvaluateResult(Result):
    """What was measured.

    Attributes
    ----------
    how : ``test``, ``evaluation``, ``random-arm`` or ``folds``.
    population : which rows the measurement is about, in words; empty when the labels are no sample of anything.
    drawn : with ``evaluation``: the batches, each with `strategy`, `asked`, `answered` and the `pool` drawn from.
    naive : metric -> what it would be without regard to how the rows were chosen.
    metrics : name -> `value`, `low`, `high` (95% interval; None where it cannot be had) and `why`.
    labels : rows the model learned from.
    prequential : accuracy of the model before on what this one learned from in addition, by `batch` and `arm`.
    per_class, confusion, groups : tables; `confusion` counts rows, the truth in rows, classes in the order of
        `per_class`, whose shares are weighted where the rows are.
    calibration : confidence beside accuracy in 15 bins of equal width.
    cutoffs : with `--cutoffs CLASS`: precision and recall of the class at thresholds of its probability.
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
    population: str = ""
    drawn: tuple[Mapping[str, Any], ...] = ()
    naive: Mapping[str, float | None] = field(default_factory=dict)
    prequential: tuple[Mapping[str, Any], ...] = ()
    calibration: tuple[Mapping[str, Any], ...] = ()
    cutoffs: tuple[Mapping[str, Any], ...] = ()


def evaluate(*, trust_model: bool = False, **flags: Any) -> EvaluateResult:
    """Measure the model on the test file, else on rows drawn for it, on the random arm, or by cross-validation.

    Raises
    ------
    ModelError
        If there is no model.
    TableError
        If there is nothing to measure on.
    """
    from alcli.evaluation.table import DEFAULT, find_metric
    from alcli.evaluation.thresholds import parse_thresholds

    project = Project("evaluate", flags)
    settings = project.settings
    with project.blaming("fail_under"):
        thresholds = parse_thresholds(settings.fail_under, settings.classes or None)
    shown = ("brier", "ece") if settings.calibration else ()
    wanted = list(dict.fromkeys([*(settings.metric or DEFAULT), *shown, *(each.metric.name for each in thresholds)]))
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
    _check_class(project, classes)
    with project.blaming("by", "how"):
        measured = measured_by(project, bundle, settings.by)
    with project.blaming("metric"):
        scores = scored(project, measured, wanted)
    metrics: dict[str, dict[str, Any]] = {
        name: {"value": score.value, "low": score.low, "high": score.high, "why": score.why}
        for name, score in scores.items()
    }
    per_class, confusion = by_class(measured)
    missed = misses(thresholds, {name: score.value for name, score in scores.items()})
    recorded = _record(project, measured, metrics, bundle.meta, card)
    warnings = list(measured.warnings)
    if newer_labels(project, bundle.meta):
        warnings.append(NEWER)
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
        groups=tuple(groups(project, measured, wanted)),
        missed=missed,
        recorded=recorded,
        population=measured.population,
        drawn=measured.drawn,
        naive=naive(measured, wanted),
        prequential=of_model(card.get("stopping") or ()),
        calibration=calibration(measured),
        cutoffs=cutoffs(measured, settings.cutoffs),
        exit=Exit.NO if missed else Exit.DONE,
        warnings=tuple(warnings),
        settings=shaping(settings, "evaluate"),
    )


def _check_class(project: Project, classes: Sequence[str]) -> None:
    """The class of `--cutoffs` must be one of the project's."""
    name = project.settings.cutoffs
    if name is not None and name not in classes:
        with project.blaming("cutoffs"):
            raise UsageError(
                f"`--cutoffs {name}` is no class of this project",
                hint=did_you_mean(name, classes) or f"the classes are: {listing(list(classes))}",
                code="unknown-class",
            )


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
