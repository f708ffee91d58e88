"""`labels`: the labelled data set to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from alcli.steps.delivering import TableWriter
from alcli.steps.excluding import excluded_strangers
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.untouched import refuse_untouched
from alcli.tables.history import Labels


@dataclass(frozen=True, kw_only=True)
class LabelsResult(Result):
    """`rows` labelled rows were written to `output`; `tied` have no majority and carry no label."""

    rows: int
    output: str
    tied: int


def labels(*, output: str | None = None, table_format: str | None = None, **flags: Any) -> LabelsResult:
    """Write one row a labelled row: the id column, `label`, `votes`, `agreement`, `probability`.

    Parameters
    ----------
    output : a file (.csv, .tsv, .parquet, .xlsx, .jsonl) or ``-``, the default.
    table_format : csv, tsv, parquet, xlsx or jsonl, where the suffix does not say it.
    flags : settings; see `alcli labels --help`.
    """
    project = Project("labels", flags)
    refuse_untouched(project, output)
    resolved = project.resolved_labels()
    id_column = project.pool.id_column if project.settings.pool else project.settings.id or "id"
    joined = [column.name for column in project.pool.columns] if project.settings.with_columns else []
    own = ["label", "votes", "agreement", "probability"]
    joined = [name for name in joined if name not in (id_column, *own)]
    target = output or "-"
    writer = TableWriter(target, [id_column, *own, *joined], numbers=tuple(own[1:]), named=table_format)
    rows = writer.write(_rows(project, resolved, joined))
    warnings = excluded_strangers(project)
    if resolved.tied:
        warnings += (
            f"{len(resolved.tied):,} rows have as many answers for one class as for another and carry no label",
        )
    return LabelsResult(
        rows=rows,
        output=target,
        tied=len(resolved.tied),
        warnings=warnings,
        settings=shaping(project.settings, "labels"),
    )


def _rows(project: Project, resolved: Labels, joined: list[str], size: int = 10_000) -> Iterator[list[list[Any]]]:
    from alcli.tables.pool import Request

    for start in range(0, len(resolved.rows), size):
        part = resolved.rows[start : start + size]
        rows: list[list[Any]] = [
            [row.id, row.label, row.votes, round(row.agreement, 4), round(row.probability, 4)] for row in part
        ]
        if joined:
            found = project.pool.take([row.id for row in part], Request(text=tuple(joined)))
            columns = [found.columns[name].to_pylist() for name in joined]
            for at, row in enumerate(rows):
                row.extend(column[at] for column in columns)
        yield rows
