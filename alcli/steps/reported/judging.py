"""The model beside the truth, measured anew in the way of `evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError
from alcli.reporting.facts import Judgement, Row
from alcli.steps.learning import with_classes
from alcli.steps.measuring import Measured
from alcli.steps.reported.history import told
from alcli.steps.reported.texts import texts_of
from alcli.steps.sampling import measured_by
from alcli.steps.scoring import by_class

if TYPE_CHECKING:
    from alcli.steps.project import Project

MISTAKES = 10
_HOW = {
    "test": "Measured on {rows:,} rows of the test file",
    "evaluation": "Measured on {rows:,} rows drawn for it, each weighted by its chance to be drawn",
    "random-arm": "Measured on {rows:,} labelled rows that were drawn at random, each by a model fitted without its fold",
    "folds": "Measured on {rows:,} labelled rows, each by a model fitted without its fold",
}


def judgement(project: Project, bundle: Any, roles: dict[str, str]) -> Judgement | str:
    """Measure the project's model as `evaluate` does, and keep what pictures need. Writes nothing down."""
    try:
        classes = project.classes(project.resolved_labels()) or bundle.model.classes
        bundle.model = with_classes(bundle.model, classes)
        measured = measured_by(project, bundle)
    except AlcliError as error:
        return told(error)
    return _judged(project, measured, roles)


def _judged(project: Project, measured: Measured, roles: dict[str, str]) -> Judgement:
    import numpy as np

    from alcli.evaluation.calibration import reliability_curve
    from alcli.evaluation.scores import measure

    weights = measured.weights
    rows, counts = by_class(measured)
    scores = measure(measured.truth, measured.proba, measured.classes, ("ece", "brier"), weights=weights)
    predicted = [measured.classes[at] for at in measured.proba.argmax(axis=1).tolist()]
    confidence = measured.proba.max(axis=1)
    wrong = np.flatnonzero([one != other for one, other in zip(measured.truth, predicted, strict=True)])
    worst = wrong[np.lexsort((wrong, -confidence[wrong].round(9)))][:MISTAKES].tolist()
    texts = _texts(project, measured, [measured.ids[at] for at in worst], roles)
    return Judgement(
        how=_HOW[measured.how].format(rows=len(measured.truth)),
        caution=tuple(f"{text[0].upper()}{text[1:]}." for text in measured.warnings),
        rows=len(measured.truth),
        classes=tuple(each["class"] for each in rows),
        counts=counts,
        scores=tuple((each["precision"], each["recall"], each["f1"], each["rows"]) for each in rows),
        bins=tuple(reliability_curve(measured.truth, measured.proba, measured.classes, weights)),
        calibration=(scores["ece"].value, scores["brier"].value),
        mistakes=tuple(
            Row(measured.ids[at], text, (measured.truth[at], f"{predicted[at]}, {confidence[at]:.0%}"))
            for at, text in zip(worst, texts, strict=True)
        ),
    )


def _texts(project: Project, measured: Measured, ids: list[str], roles: dict[str, str]) -> list[str]:
    """The rows as texts: of the test file they are read from there."""
    if measured.how != "test":
        return texts_of(project.pool, ids, roles)
    from alcli.tables.pool import Pool

    settings = project.settings
    if settings.test == "-":
        return [""] * len(ids)  # stdin is read once
    path = str(settings.path("test"))
    plain = Pool.open([path], encoding=settings.encoding, separator=settings.separator, cache=settings.cache)
    names = {column.name for column in plain.columns}
    test = Pool.open(
        [path],
        id_column=settings.id if settings.id in names else None,
        encoding=settings.encoding,
        separator=settings.separator,
        cache=settings.cache,
    )
    test.facts()
    return texts_of(test, ids, {name: role for name, role in roles.items() if name in names})
