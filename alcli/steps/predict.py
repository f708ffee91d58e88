"""`predict`: the model's label and confidence for every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import ModelError
from alcli.steps.delivering import TableWriter
from alcli.steps.learning import check_fits, open_model
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.telling import advance, stage


@dataclass(frozen=True, kw_only=True)
class PredictResult(Result):
    """`written` of `rows` rows were written to `output`."""

    rows: int
    written: int
    output: str


def predict(
    *, output: str | None = None, table_format: str | None = None, trust_model: bool = False, **flags: Any
) -> PredictResult:
    """Write the id column, `label`, `confidence` and, with `proba`, `p_CLASS` for each class.

    Parameters
    ----------
    output : a file (.csv, .tsv, .parquet, .xlsx, .jsonl) or ``-``; predictions.csv in the project by default.
    table_format : csv, tsv, parquet, xlsx or jsonl, where the suffix does not say it.

    Raises
    ------
    ModelError
        If there is no model, or it was trained on other columns.
    """
    project = Project("predict", flags)
    settings = project.settings
    target = output or str(Path(settings.project) / "predictions.csv")
    opened = open_model(project, trust=trust_model)
    if opened is None:
        raise ModelError("there is no model", hint="`alcli train` makes one", code="no-model")
    bundle = opened[0]
    check_fits(bundle, project.pool)
    facts = project.pool.facts()
    classes = [f"p_{name}" for name in bundle.model.classes] if settings.proba else []
    header = [project.pool.id_column, "label", "confidence", *classes]
    with stage("predicting", facts.rows):
        writer = TableWriter(target, header, numbers=["confidence", *classes], named=table_format)
        written = writer.write(_rows(project, bundle))
    return PredictResult(rows=facts.rows, written=written, output=target, settings=shaping(settings, "predict"))


def _rows(project: Project, bundle: Any) -> Iterator[list[list[Any]]]:
    from alcli.features.cache import matrices

    settings = project.settings
    names = bundle.model.classes
    for unit in project.pool.units():
        for rows, X in matrices(project.pool, unit, bundle.maker, settings.cache):
            # nine digits: enough for any use, and the same whatever the batch
            proba = bundle.model.predict_proba(X).round(9)
            best = proba.argmax(axis=1)
            confidence = proba.max(axis=1)
            table = []
            for at, id_ in enumerate(rows.ids.to_pylist()):
                sure = float(confidence[at])
                if settings.only_confident is not None and sure < settings.only_confident:
                    continue
                more = proba[at].tolist() if settings.proba else []
                table.append([id_, names[best[at]], sure, *more])
            advance(len(rows))
            yield table
