"""`check`: every problem in pool, ledgers, sheets, model and settings, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import AlcliError, Exit, Place, SettingsError
from alcli.files import sweep
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.tables.ledgers import KINDS, PURPOSES

MOST_OF_A_KIND = 100


@dataclass(frozen=True, kw_only=True)
class CheckResult(Result):
    """What is wrong: `file`, `row`, `column`, `problem`, `hint`, `code` each; and what was `repaired`."""

    problems_found: tuple[Mapping[str, Any], ...]
    repaired: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        data = super().data()
        return {"problems": data["problems_found"], "repaired": data["repaired"]}


def check(*, repair: bool = False, **flags: Any) -> CheckResult:
    """Look at everything and report every problem; the answer is no (3) when there is one.

    Parameters
    ----------
    repair : remove temporary files that killed runs left. Nothing that holds data is changed.
    """
    wrong: list[SettingsError] = []
    project = Project("check", flags, tolerate=wrong)
    found: list[AlcliError] = [*wrong]
    for part in (_pool, _ledgers, _answers, _asked, _sheets, _model, _rules):
        try:
            found.extend(part(project))
        except AlcliError as error:
            # without the settings there may be no pool: that is no second problem
            follows = wrong and error.code == "no-pool"
            if not follows and not any(str(error) == str(other) for other in found):
                found.append(error)
    repaired: tuple[str, ...] = ()
    if repair:
        with project.writing():
            before = _temporaries(project)
            for folder in _folders(project):
                sweep(folder)
            gone = before - _temporaries(project)
            repaired = tuple(f"removed {path}" for path in sorted(gone))
    return _result(project, found, repaired)


def _rules(project: Project) -> list[AlcliError]:
    from alcli.steps.stopping import rules_of

    rules_of(project)  # raises for the first that cannot be read
    return []


def _result(project: Project, found: list[AlcliError], repaired: tuple[str, ...]) -> CheckResult:
    rows = tuple(
        {
            "file": error.at.file if error.at else "",
            "row": error.at.row if error.at else None,
            "column": error.at.column if error.at else None,
            "problem": error.message,
            "hint": error.hint,
            "code": error.code,
        }
        for error in found
    )
    return CheckResult(
        problems_found=rows,
        repaired=repaired,
        exit=Exit.NO if rows else Exit.DONE,
        settings=shaping(project.settings, "check"),
    )


def _pool(project: Project) -> Iterator[AlcliError]:
    project.pool.facts()
    columns = {column.name for column in project.pool.columns}
    for role, names in (
        (role, getattr(project.settings, role)) for role in ("text", "numeric", "categorical", "embedding")
    ):
        for name in names:
            if name not in columns:
                yield SettingsError(
                    f"the pool has no column {name!r}",
                    at=str(project.settings.config or "flags"),
                    hint=f"it is named by `{role}`",
                )


def _ledgers(project: Project) -> Iterator[AlcliError]:
    readers: tuple[Callable[[], Any], ...] = (project.asked.rows, project.labels.rows, project.metrics.rows)
    for read in readers:
        try:
            read()
        except AlcliError as error:
            error.hint = "put the file back from a backup, or correct the row by hand"
            yield error


def _answers(project: Project) -> Iterator[AlcliError]:
    """Answers for unknown rows, of unknown classes, of unknown kinds."""
    rows = project.labels.rows()
    file = str(project.settings.path("labels"))
    classes = set(project.settings.classes)
    known = project.pool.known({row.id for row in rows})
    # the header is row 1; texts with line breaks move later rows down, which ids make up for
    yield from _few(
        AlcliError(f"the id {row.id!r} is not in the pool", at=Place(file, at, "id"), code="unknown-id")
        for at, row in enumerate(rows, start=2)
        if row.id not in known
    )
    yield from _few(
        AlcliError(
            f"{row.label!r} is not one of the classes in the settings",
            at=Place(file, at, "label"),
            hint="it may have come in by `--new-classes`; add it to `classes`",
            code="unknown-label",
        )
        for at, row in enumerate(rows, start=2)
        if classes and row.kind == "label" and row.label not in classes
    )
    yield from _few(
        AlcliError(f"{row.kind!r} is not one of {', '.join(KINDS)}", at=Place(file, at, "kind"), code="bad-kind")
        for at, row in enumerate(rows, start=2)
        if row.kind not in KINDS
    )
    tied = project.resolved_labels().tied
    yield from _few(
        AlcliError(f"the annotators of {id_!r} disagree without a majority", at=Place(file, None, "label"), code="tie")
        for id_ in tied
    )


def _asked(project: Project) -> Iterator[AlcliError]:
    rows = project.asked.rows()
    file = str(project.settings.path("asked"))
    known = project.pool.known({row.id for row in rows})
    yield from _few(
        AlcliError(f"the id {row.id!r} is not in the pool", at=Place(file, at, "id"), code="unknown-id")
        for at, row in enumerate(rows, start=2)
        if row.id not in known
    )
    yield from _few(
        AlcliError(
            f"{row.purpose!r} is not one of {', '.join(PURPOSES)}", at=Place(file, at, "purpose"), code="bad-purpose"
        )
        for at, row in enumerate(rows, start=2)
        if row.purpose not in PURPOSES
    )
    for column in ("batch", "rank"):
        yield from _few(
            AlcliError(f"{getattr(row, column)!r} is not a whole number", at=Place(file, at, column), code="bad-number")
            for at, row in enumerate(rows, start=2)
            if not getattr(row, column).isdecimal()
        )


def _sheets(project: Project) -> Iterator[AlcliError]:
    """What an import of the sheets in the project's folder would reject."""
    from alcli.steps.inspecting import judged_sheet

    folder = project.settings.project / "sheets"
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")) or ".rejects-" in path.name or not path.is_file():
            continue
        try:
            yield from _few(iter(judged_sheet(project, str(path))))
        except AlcliError as error:
            yield error


def _model(project: Project) -> Iterator[AlcliError]:
    from alcli.models.card import current_card

    path = project.settings.path("model")
    if path.exists() and current_card(path) is None:
        yield AlcliError(
            "the model does not match its card",
            at=str(path),
            hint="`alcli train` makes both anew",
            code="model-mismatch",
        )


def _few(errors: Iterator[AlcliError]) -> Iterator[AlcliError]:
    """The first of a kind, and how many more."""
    last, more = None, 0
    for number, error in enumerate(errors):
        if number < MOST_OF_A_KIND:
            yield error
            last = error
        else:
            more += 1
    if more and last is not None:
        yield AlcliError(f"and {more:,} more like the last one", at=last.at, code=last.code)


def _folders(project: Project) -> set[Path]:
    settings = project.settings
    names = ("labels", "asked", "metrics", "model")
    return {settings.project, settings.project / "sheets", *(settings.path(name).parent for name in names)}


def _temporaries(project: Project) -> set[str]:
    return {str(path) for folder in _folders(project) if folder.is_dir() for path in folder.glob(".*.alcli-*.tmp")}
