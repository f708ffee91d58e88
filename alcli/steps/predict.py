"""`predict`: the model's label and confidence for every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alcli.errors import Exit, ModelError
from alcli.steps.delivering import TableWriter
from alcli.steps.learning import check_fits, open_model
from alcli.steps.project import Project
from alcli.steps.promising import DIGITS, Promise, Wish, promise
from alcli.steps.result import Result, shaping
from alcli.steps.untouched import refuse_untouched
from alcli.telling import advance, stage


@dataclass(frozen=True, kw_only=True)
class PredictResult(Result):
    """`written` of `rows` rows were written to `output`, which is None when nothing was.

    Attributes
    ----------
    threshold : the least confidence of the rows written.
    guarantee : what is promised, in one sentence; "" without `coverage` or `target_precision`.
    found : what that is found from, in words. missed : why nothing can be promised, in words.
    held_out, held_out_how : rows it is found from, and whether they are of ``test``, ``evaluation`` or ``folds``.
    lower_bound : what the precision is at least.
    mean_set_size, single_class_sets, empty_sets : of the sets written; the latter two are shares.
    """

    rows: int
    written: int
    output: str | None
    threshold: float | None = None
    guarantee: str = ""
    found: str = ""
    missed: str = ""
    held_out: int | None = None
    held_out_how: str | None = None
    lower_bound: float | None = None
    mean_set_size: float | None = None
    single_class_sets: float | None = None
    empty_sets: float | None = None


def predict(
    *, output: str | None = None, table_format: str | None = None, trust_model: bool = False, **flags: Any
) -> PredictResult:
    """Write the id column, `label`, `confidence` and, with `proba`, `p_CLASS` for each class.

    With `coverage` also `set`: the classes of a prediction set with ``|`` between, likeliest first. With
    `target_precision` only the rows above a threshold that held-out rows show to be safe.

    Parameters
    ----------
    output : a file (.csv, .tsv, .parquet, .xlsx, .jsonl) or ``-``; predictions.csv in the project by default.
    table_format : csv, tsv, parquet, xlsx or jsonl, where the suffix does not say it.

    Raises
    ------
    ModelError
        If there is no model, or it was trained on other columns.
    TableError
        If there are too few held-out rows for the coverage.
    FileTrouble
        If `output` is a file that nothing is written over: of the pool, a ledger, the model, …
    """
    project = Project("predict", flags)
    settings = project.settings
    wish = Wish.of(project)
    target = output or str(Path(settings.project) / "predictions.csv")
    refuse_untouched(project, target)
    opened = open_model(project, trust=trust_model)
    if opened is None:
        raise ModelError("there is no model", hint="`alcli train` makes one", code="no-model")
    bundle = opened[0]
    check_fits(bundle, project.pool)
    facts = project.pool.facts()
    classes = [f"p_{name}" for name in bundle.model.classes] if settings.proba else []
    sets = ["set"] if wish.coverage is not None else []
    writer = TableWriter(
        target,
        [project.pool.id_column, "label", "confidence", *sets, *classes],
        numbers=["confidence", *classes],
        named=table_format,
    )
    promised = promise(project, bundle, wish)
    sizes = _Sizes()
    written = 0
    if not promised.broken:
        with stage("predicting", facts.rows):
            written = writer.write(_rows(project, bundle, promised, sizes))
    return PredictResult(
        rows=facts.rows,
        written=written,
        output=None if promised.broken else target,
        threshold=promised.threshold,
        guarantee=promised.guarantee,
        found=promised.found,
        missed=promised.broken,
        held_out=promised.held_out,
        held_out_how=promised.how,
        lower_bound=promised.lower_bound,
        mean_set_size=sizes.mean(),
        single_class_sets=sizes.share(1),
        empty_sets=sizes.share(0),
        exit=Exit.NO if promised.broken else Exit.DONE,
        warnings=promised.warnings,
        settings=shaping(settings, "predict"),
    )


@dataclass
class _Sizes:
    """How many sets have how many classes."""

    counts: dict[int, int] = field(default_factory=dict)

    def add(self, size: int) -> None:
        self.counts[size] = self.counts.get(size, 0) + 1

    def mean(self) -> float | None:
        rows = sum(self.counts.values())
        return sum(size * count for size, count in self.counts.items()) / rows if rows else None

    def share(self, size: int) -> float | None:
        rows = sum(self.counts.values())
        return self.counts.get(size, 0) / rows if rows else None


def _rows(project: Project, bundle: Any, promised: Promise, sizes: _Sizes) -> Iterator[list[list[Any]]]:
    from alcli.features.cache import matrices

    settings = project.settings
    names = bundle.model.classes
    for unit in project.pool.units():
        for rows, X in matrices(project.pool, unit, bundle.maker, settings.cache):
            proba = bundle.model.predict_proba(X).round(DIGITS)
            best = proba.argmax(axis=1)
            confidence = proba.max(axis=1)
            sets = None if promised.most is None else _sets(proba, promised.most, names)
            table = []
            for at, id_ in enumerate(rows.ids.to_pylist()):
                sure = float(confidence[at])
                if promised.threshold is not None and sure < promised.threshold:
                    continue
                row = [id_, names[best[at]], sure]
                if sets is not None:
                    size, text = sets[at]
                    sizes.add(size)
                    row.append(text)
                table.append(row + (proba[at].tolist() if settings.proba else []))
            advance(len(rows))
            yield table


def _sets(proba: Any, most: float, names: Sequence[str]) -> list[tuple[int, str]]:
    """How many classes are in each row's set, and which, likeliest first."""
    from alcli.evaluation.conformal import sets

    written = [written_in_set(name) for name in names]
    order = (-proba).argsort(axis=1, kind="stable").tolist()
    counts = sets(proba, most).sum(axis=1).tolist()
    return [
        (count, "|".join(written[code] for code in codes[:count])) for codes, count in zip(order, counts, strict=True)
    ]


def written_in_set(name: str) -> str:
    r"""A class as it stands in a set: a bar or backslash of its own has a backslash before it.

    >>> print(written_in_set("a|b"), written_in_set("c\\d"))
    a\|b c\\d
    """
    return name.replace("\\", "\\\\").replace("|", "\\|")
