"""How a model is measured without a test file: on rows drawn for it, on the random arm, or by folds on all labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from alcli.errors import TableError, UsageError
from alcli.steps.examining import STRATIFIED
from alcli.steps.learning import check_fits, wished
from alcli.steps.measuring import Measured, by_folds, caution, groups_of, on_test_file
from alcli.steps.standing import in_order
from alcli.tables.history import batch_number
from alcli.tables.ledgers import Asked, fingerprint_of

if TYPE_CHECKING:
    from alcli.evaluation.samples import Sample
    from alcli.steps.project import Project

# Fewer rows of the random arm are not taken unasked: their interval is wider than the bias of all labels mostly is.
_ARM = 30
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Drawn:
    """A batch drawn to measure on.

    Attributes
    ----------
    asked : rows that were drawn.
    pool : rows that could be drawn.
    ids : the answered ones that the pool still has, in the order of drawing; `sample` is of them.
    """

    batch: int
    strategy: str
    asked: int
    pool: int
    ids: tuple[str, ...]
    sample: Sample

    def plain(self) -> dict[str, Any]:
        """For the result."""
        return {
            "batch": self.batch,
            "strategy": self.strategy,
            "asked": self.asked,
            "answered": len(self.ids),
            "pool": self.pool,
        }


def drawn_for_evaluation(project: Project, answered: Mapping[str, str]) -> list[Drawn]:
    """The batches with answered rows, oldest first.

    Rows without a readable chance, which other programs may have written, say nothing of the pool and are left out.

    Parameters
    ----------
    answered : the label of each labelled row of the pool.
    """
    batches: dict[int, dict[str, Asked]] = defaultdict(dict)
    for row in project.asked.rows():
        if row.purpose == "evaluate" and _left(row):
            batches[batch_number(row.batch)].setdefault(row.id, row)
    found = []
    for batch, rows in sorted(batches.items()):
        # how many rows were left tells the order of drawing, however the rows are shared out to labelers
        ordered = sorted(rows.values(), key=_left, reverse=True)
        here = [row for row in ordered if row.id in answered]
        if here:
            found.append(_drawn(batch, ordered, here))
    return found


def _drawn(batch: int, asked: Sequence[Asked], here: Sequence[Asked]) -> Drawn:
    import numpy as np

    from alcli.evaluation.samples import Sample

    likelihood = np.array([float(row.utility) for row in here])
    ids = tuple(row.id for row in here)
    if not asked[0].strategy.startswith(f"{STRATIFIED}["):
        pool = _left(asked[0])
        return Drawn(batch, asked[0].strategy, len(asked), pool, ids, Sample(likelihood, pool))
    sizes: dict[str, int] = {}
    for row in asked:
        sizes[row.strategy] = max(_left(row), sizes.get(row.strategy, 0))
    pool = sum(sizes.values())
    strata = tuple(row.strategy for row in here)
    return Drawn(batch, STRATIFIED, len(asked), pool, ids, Sample(likelihood, pool, strata, sizes))


def _left(row: Asked) -> int:
    """How many rows could still be drawn when this one was; 0 when that cannot be read."""
    try:
        likelihood, chance = float(row.utility), float(row.probability)
        return round(likelihood / chance) if 0.0 < chance <= 1.0 and likelihood > 0.0 else 0
    except (ValueError, OverflowError):
        return 0


def measured_by(project: Project, bundle: Any, by: str | None = None) -> Measured:
    """Measure the project's model in the way of `--how`, or the best there is.

    Parameters
    ----------
    by : the column of the groups.

    Raises
    ------
    UsageError
        If the test file was asked for and none is named.
    TableError
        ``no-evaluation-rows``, ``no-random-rows`` when the way that was asked for has no rows; as `by_folds` and
        `on_test_file`.
    """
    settings = project.settings
    how = settings.how
    labels = project.resolved_labels()
    if how == "test" and settings.test is None:
        raise UsageError("`--how test` needs a test file", hint="`--test FILE`", code="bad-value")
    if settings.test is not None and how in ("auto", "test"):
        return on_test_file(project, bundle, {id_ for id_, _ in project.training(labels)}, by)
    check_fits(bundle, project.pool)
    pairs = project.trainable(labels)
    if how in ("auto", "evaluation"):
        label = dict(in_order(labels.pairs(), project.pool.known(id_ for id_, _ in labels.pairs())))
        drawn = drawn_for_evaluation(project, label)
        if drawn:
            return on_drawn_rows(project, bundle, drawn, label, by)
        if how == "evaluation":
            raise TableError(
                "no row that was drawn for evaluation is answered",
                hint="`alcli query --for evaluation -o measure.csv` draws some",
                code="no-evaluation-rows",
            )
    arm = _random_arm(project, pairs)
    if how == "random-arm" and not arm:
        raise TableError(
            "no labelled row was drawn at random",
            hint="`alcli query --mix margin:0.8,random:0.2` draws some in every batch",
            code="no-random-rows",
        )
    recipe = wished(bundle.meta)
    weights = recipe.weights(labels, project.classes(labels))
    measured = by_folds(project, bundle.maker, recipe, pairs, settings.folds, by, weights=weights)
    if how == "random-arm" or (how == "auto" and len(arm) >= _ARM and caution(project, measured.ids)):
        return _on_random_arm(project, measured, arm)
    return measured


def on_drawn_rows(
    project: Project, bundle: Any, drawn: Sequence[Drawn], label: Mapping[str, str], by: str | None = None
) -> Measured:
    """Measure the model on rows drawn for it, each weighted by its chance."""
    import numpy as np

    from alcli.evaluation.risk import together

    ids = [id_ for each in drawn for id_ in each.ids]
    truth = [label[id_] for id_ in ids]
    groups = groups_of(project, ids, by)
    rows = project.pool.take(ids, bundle.maker.request)
    proba = bundle.model.predict_proba(bundle.maker.transform(rows))
    classes = tuple(bundle.model.classes)
    wrong = np.array([classes[at] != true for at, true in zip(proba.argmax(axis=1).tolist(), truth, strict=True)])
    starts = np.cumsum([0, *(len(each.ids) for each in drawn)]).tolist()
    risks = [
        each.sample.mean(wrong[start:stop].astype(float))
        for each, start, stop in zip(drawn, starts[:-1], starts[1:], strict=True)
    ]
    warnings = []
    asked = sum(each.asked for each in drawn)
    if len(ids) < asked:
        warnings.append(
            f"{asked - len(ids):,} of the {asked:,} rows drawn for evaluation carry no label; the estimate takes them"
            " to be like the others"
        )
    largest = max(each.pool for each in drawn)
    return Measured(
        "evaluation",
        f"evaluation {fingerprint_of(list(zip(ids, truth, strict=True)))[:12]}",
        ids,
        truth,
        proba,
        classes,
        groups,
        tuple(warnings),
        weights=np.concatenate([each.sample.weights() for each in drawn]),
        error=together(risks),
        population=f"the {largest:,} rows that were free when they were drawn",
        drawn=tuple(each.plain() for each in drawn),
    )


def _random_arm(project: Project, pairs: Pairs) -> set[str]:
    """Labelled rows that train, were drawn uniformly, and had no part in choosing others.

    Rows drawn in an earlier batch taught the model that chose the batches after it. It chose rows near those that it
    knew, so a model of the others is told much about them even when they are held out: they look too easy.
    """
    known = {id_ for id_, _ in pairs}
    rows = [row for row in project.asked.rows() if row.purpose == "train" and row.id in known]
    chosen = max((batch_number(row.batch) for row in rows if row.strategy != "random"), default=0)
    return {row.id for row in rows if row.strategy == "random" and batch_number(row.batch) >= chosen}


def _on_random_arm(project: Project, folds: Measured, arm: set[str]) -> Measured:
    """Out-of-fold predictions of the rows that were drawn at random only: a sample of what no other arm chose."""
    import numpy as np

    from alcli.evaluation.samples import Sample

    at = [place for place, id_ in enumerate(folds.ids) if id_ in arm]
    pool = max(len(at), project.pool.facts().rows - (len(folds.ids) - len(at)))
    truth = [folds.truth[place] for place in at]
    proba = folds.proba[at]
    said = [folds.classes[code] for code in proba.argmax(axis=1).tolist()]
    wrong = [float(one != other) for one, other in zip(said, truth, strict=True)]
    return replace(
        folds,
        how="random-arm",
        exactly=folds.exactly.replace("folds", "random-arm"),
        ids=[folds.ids[place] for place in at],
        truth=truth,
        proba=proba,
        groups=None if folds.groups is None else [folds.groups[place] for place in at],
        warnings=(),
        error=Sample(np.ones(len(at)), pool).mean(wrong),
        population=f"the {pool:,} rows of the pool without the other labels",
        whole=folds,
    )
