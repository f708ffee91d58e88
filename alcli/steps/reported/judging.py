"""The model beside the truth, measured anew: on the test file, or fold by fold on the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError
from alcli.reporting.facts import Judgement, Row
from alcli.reporting.pictures.reliability import Bin
from alcli.steps.learning import check_fits, wished, with_classes
from alcli.steps.measuring import Measured, by_folds, on_test_file
from alcli.steps.reported.history import told
from alcli.steps.reported.texts import texts_of

if TYPE_CHECKING:
    from alcli.steps.project import Project

MISTAKES = 10


def judgement(project: Project, bundle: Any, roles: dict[str, str]) -> Judgement | str:
    """Measure the project's model as `evaluate` does, and keep what pictures need. Writes nothing down."""
    settings = project.settings
    try:
        labels = project.resolved_labels()
        pairs = project.training(labels)
        classes = project.classes(labels) or bundle.model.classes
        bundle.model = with_classes(bundle.model, classes)
        if settings.test is not None:
            measured = on_test_file(project, bundle, {id_ for id_, _ in pairs})
            how = f"Measured on {len(measured.truth):,} rows of the test file"
        else:
            check_fits(bundle, project.pool)
            project.pool.facts()
            known = project.pool.known(id_ for id_, _ in pairs)
            recipe = wished(bundle.meta)
            measured = by_folds(
                project, bundle.maker, recipe, sorted(pair for pair in pairs if pair[0] in known), settings.folds,
                weights=recipe.weights(labels, project.classes(labels)),
            )  # fmt: skip
            how = f"Measured on {len(measured.truth):,} labelled rows, each by a model fitted without its fold"
    except AlcliError as error:
        return told(error)
    return _judged(project, measured, how, roles)


def _judged(project: Project, measured: Measured, how: str, roles: dict[str, str]) -> Judgement:
    import numpy as np

    from alcli.evaluation.calibration import reliability_curve
    from alcli.evaluation.confusion import confusion, per_class
    from alcli.evaluation.scores import measure

    predicted = [measured.classes[at] for at in measured.proba.argmax(axis=1).tolist()]
    table = confusion(measured.truth, predicted, measured.classes)
    scores = measure(measured.truth, measured.proba, measured.classes, ("ece", "brier"))
    confidence = measured.proba.max(axis=1)
    right = np.asarray([one == other for one, other in zip(measured.truth, predicted, strict=True)])
    wrong = np.flatnonzero(~right)
    worst = wrong[np.lexsort((wrong, -confidence[wrong].round(9)))][:MISTAKES].tolist()
    texts = _texts(project, measured, [measured.ids[at] for at in worst], roles)
    return Judgement(
        how=how,
        caution=tuple(f"{text[0].upper()}{text[1:]}." for text in measured.warnings),
        rows=len(measured.truth),
        classes=table.classes,
        counts=tuple(tuple(int(count) for count in row) for row in table.counts),
        scores=tuple((each.precision, each.recall, each.f1, each.support) for each in per_class(table)),
        bins=tuple(
            Bin(each.above, each.to, each.rows, each.confidence, each.accuracy, each.low, each.high)
            for each in reliability_curve(measured.truth, measured.proba, measured.classes)
        ),
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
