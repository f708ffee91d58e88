"""How a model is measured: on a test file, or fold by fold on the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alcli.errors import TableError, UsageError, counted, did_you_mean, listing
from alcli.telling import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alcli.evaluation.risk import Risk
    from alcli.features.maker import FeatureMaker
    from alcli.steps.learning import Recipe
    from alcli.steps.project import Project


@dataclass(frozen=True)
class Measured:
    """Truth and prediction, row by row.

    Attributes
    ----------
    how : ``test``, ``evaluation``, ``random-arm`` or ``folds``; `exactly` also says which file, answers or how many.
    ids, truth : n ids and their labels.
    proba : (n, c), columns in the order of `classes`.
    groups : the values of `--by`, or None.
    weights : (n,) what each row counts, or None for all the same.
    error : the share of wrong predictions among all rows that the draw is from, where the rows are such a draw.
    population : which rows the measurement is about, in words; empty when that is not known.
    drawn : the batches that the rows are from, for the result.
    whole : the measurement that these rows are a part of.
    """

    how: str
    exactly: str
    ids: list[str]
    truth: list[str]
    proba: NDArray[Any]
    classes: tuple[str, ...]
    groups: list[str] | None
    warnings: tuple[str, ...] = ()
    weights: NDArray[Any] | None = None
    error: Risk | None = None
    population: str = ""
    drawn: tuple[Mapping[str, Any], ...] = ()
    whole: Measured | None = None


def on_test_file(project: Project, bundle: Any, trained_on: set[str], by: str | None = None) -> Measured:
    """Measure on the labelled rows of the test file.

    Parameters
    ----------
    trained_on : ids that are left out. by : the column of the groups.

    Raises
    ------
    TableError
        If the file has no label column or no labelled row, or lacks a column that the model needs.
    """
    from alcli.tables.paths import spooled_stdin
    from alcli.tables.pool import Pool, Request

    settings = project.settings
    path = str(spooled_stdin() if settings.test == "-" else settings.path("test"))
    test = Pool.open(
        [path],
        id_column=settings.id if settings.id in _columns_of(path, settings) else None,
        encoding=settings.encoding,
        separator=settings.separator,
        cache=settings.cache,
    )
    names = [column.name for column in test.columns]
    for name in (settings.label, *bundle.maker.request.columns, *([by] if by else [])):
        if name not in names:
            raise TableError(
                f"the test file has no column {name!r}",
                at=path,
                hint=did_you_mean(name, names) or f"its columns are: {listing(names)}; `--label` names the answers",
                code="missing-column",
            )
    facts = test.facts()
    request = bundle.maker.request
    extra = (settings.label, *([by] if by and by != settings.label else []))
    ids: list[str] = []
    truth: list[str] = []
    groups: list[str] = []
    parts = []
    seen = 0
    with stage("measuring", facts.rows):
        for unit in test.units():
            for rows in test.read(unit, Request(text=extra)):
                labels = rows.columns[settings.label].to_pylist()
                values = rows.columns[by].to_pylist() if by else []
                for at, (id_, label) in enumerate(zip(rows.ids.to_pylist(), labels, strict=True)):
                    if label is None or not label.strip():
                        continue
                    if id_ in trained_on and not test.generated_ids:
                        seen += 1
                        continue
                    ids.append(id_)
                    truth.append(label)
                    if by:
                        groups.append(values[at] or "")
        wanted = set(ids)
        place = {id_: at for at, id_ in enumerate(ids)}
        order: list[int] = []
        for unit in test.units():
            for rows in test.read(unit, request):
                here = rows.ids.to_pylist()
                keep = [at for at, id_ in enumerate(here) if id_ in wanted]
                if keep:
                    parts.append(bundle.model.predict_proba(bundle.maker.transform(rows.take(keep))))
                    order.extend(place[here[at]] for at in keep)
    if not ids and seen:
        raise TableError(
            f"all {counted(seen, 'labelled row')} of the test file were trained on, so nothing is left to measure on",
            at=path,
            hint="test on rows that have no label in labels.csv",
            code="tested-on-training",
        )
    if not ids:
        raise TableError(f"no row of the test file has a label in {settings.label!r}", at=path, code="no-labels")
    import numpy as np

    proba = np.empty((len(ids), len(bundle.model.classes)))
    proba[np.asarray(order)] = np.concatenate(parts)
    warnings = (f"{seen:,} rows of the test file were trained on and are left out",) if seen else ()
    return Measured(
        "test", f"test {facts.fingerprint[:12]}", ids, truth, proba, bundle.model.classes, groups or None, warnings
    )


def _columns_of(path: str, settings: Any) -> set[str]:
    from alcli.tables.pool import Pool

    opened = Pool.open([path], encoding=settings.encoding, separator=settings.separator)
    return {column.name for column in opened.columns}


def by_folds(
    project: Project,
    maker: FeatureMaker,
    recipe: Recipe,
    pairs: Sequence[tuple[str, str]],
    k: int,
    by: str | None = None,
    *,
    weights: Mapping[str, float] | None = None,
) -> Measured:
    """Measure out of fold on the labelled rows, with the model fitted anew for each fold.

    Parameters
    ----------
    by : the column of the groups.
    weights : how much each row counts when the model is fitted, by id; all rows measure the same.

    Raises
    ------
    TableError
        If there are fewer than two labels of two classes to split.
    """
    from alcli.evaluation.crossval import folds, out_of_fold
    from alcli.tables.hashing import hash_ids

    settings = project.settings
    truth = [label for _, label in pairs]
    if len(pairs) < 2 or len(set(truth)) < 2:
        raise TableError(
            "there are not enough labels to measure on: cross-validation needs two classes",
            hint="name a test file with `--test FILE`, or label more rows",
            code="too-few-labels",
        )
    ids = [id_ for id_, _ in pairs]
    groups = groups_of(project, ids, by)
    rows = project.pool.take(ids, maker.request)
    X = maker.transform(rows)
    classes = project.classes(project.resolved_labels())
    parts = folds(truth, k, settings.seed, hash_ids(rows.ids, settings.seed, "folds"))

    recipe = recipe.beside(project.pool, maker)

    def fit(at: Any) -> Any:
        own = None if weights is None else [weights[ids[row]] for row in at]
        model = recipe.fit(X[at], [truth[row] for row in at], classes, project.jobs, weights=own)
        return lambda held: model.predict_proba(X[held])

    with stage(f"measuring by {len(parts)} folds", len(pairs)):
        proba = out_of_fold(fit, parts, len(pairs), len(classes))
    return Measured(
        "folds",
        f"folds {len(parts)}",
        ids,
        truth,
        proba,
        tuple(classes),
        groups,
        caution(project, ids),
    )


def groups_of(project: Project, ids: Sequence[str], by: str | None) -> list[str] | None:
    """The values of `--by`, row by row; None without it.

    Raises
    ------
    UsageError
        If the pool has no such column.
    """
    from alcli.tables.pool import Request

    if not by:
        return None
    names = [column.name for column in project.pool.columns]
    if by not in names:
        raise UsageError(
            f"`--by {by}` names a column that the pool does not have",
            hint=did_you_mean(by, names) or f"the columns are: {listing(names)}",
            code="unknown-column",
        )
    cells = project.pool.take(list(ids), Request(text=(by,))).columns[by].to_pylist()
    return [cell or "" for cell in cells]


def caution(project: Project, ids: Sequence[str]) -> tuple[str, ...]:
    """What a reader has to know of a measurement on the labels themselves."""
    drawn = {row.id for row in project.asked.rows() if row.strategy == "random"}
    chosen = sum(row not in drawn for row in {each.id for each in project.asked.rows()} & set(ids))
    if not chosen:
        return ()
    return (
        f"measured by cross-validation, and {chosen:,} of the {len(ids):,} rows were chosen actively: they are not a "
        "random sample, so the pool as a whole may be easier or harder; a test file (`--test FILE`) or rows drawn for it "
        "(`alcli query --for evaluation`) tell",
    )


def misses(thresholds: Sequence[Any], values: Mapping[str, float | None]) -> tuple[str, ...]:
    """In words, the thresholds of `--fail-under` that a metric does not reach."""
    found = []
    for each in thresholds:
        value = values[each.metric.name]
        if not each.met(value):
            said = "not defined here" if value is None else f"{value:.4f}"
            found.append(f"missed: {each} (it is {said})")
    return tuple(found)
