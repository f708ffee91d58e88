"""What becomes of a returned sheet in this project: whose answers they are and which of them are taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import AlcliError, Place, TableError
from alcli.steps.project import Project
from alcli.steps.vocabulary import vocabulary_of
from alcli.tables.history import Campaign, by_token, current, people_by_token
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.sheets.judging import Judged
    from alcli.sheets.words import Vocabulary


def judged_of(
    project: Project,
    name: str,
    source: Path | bytes,
    history: Sequence[Answer],
    vocabulary: Vocabulary,
    sheet_format: str | None,
    *,
    anyone: bool = False,
) -> Judged:
    """What becomes of a sheet, given the answers before it.

    Parameters
    ----------
    anyone : whoever answered, and whatever is there already.
    """
    from alcli.sheets.answers import read_answers
    from alcli.sheets.judging import judge
    from alcli.sheets.people import People
    from alcli.sheets.verdict import meaning

    settings = project.settings
    existing = {key: meaning(answer.kind, answer.label) for key, answer in current(history).items()}
    # an older sheet that comes again undoes no correction; it is known by its name, so that an answer
    # changed back in a new sheet is a change like any other
    file = source_name(name)
    seen = {
        (row.id, row.annotator, batch, meaning(row.kind, row.label))
        for row in history
        if row.source == file
        for batch in (row.batch, "")
    }
    sheet = read_answers(
        source,
        "stdin" if name == "-" else name,
        id_column=project.pool.id_column,
        label_column=settings.label,
        pool_columns={column.name for column in project.pool.columns},
        format=sheet_format,
        encoding=settings.encoding,
    )
    said = settings.sources["annotator"].kind == "flag"
    people = People(
        asked_of=people_by_token(project.asked.rows()),
        out_with=_out_with(project, history),
        said=settings.annotator if said else "",
        stand_in=settings.stand_in,
    )
    return judge(
        sheet,
        known_ids=project.pool.known,
        asked=by_token(project.asked.rows()),
        project=settings.project_key,
        vocabulary=vocabulary,
        existing=existing,
        annotator="" if anyone else settings.annotator,
        seen=seen,
        on_conflict=settings.on_conflict,  # type: ignore[arg-type]
        people=None if anyone else people,
        anyone=anyone,
    )


def _out_with(project: Project, history: Sequence[Answer]) -> dict[str, set[str]]:
    """The rows that are out with named people only."""
    if not any(row.annotator for row in project.asked.rows()):
        return {}
    campaign = Campaign(project.asked.rows(), history, now())
    named: dict[str, set[str]] = {}
    for row in campaign.waiting:
        named.setdefault(row.id, set()).add(row.annotator)
    return {id_: names for id_, names in named.items() if "" not in names}


def is_imported(project: Project, name: str) -> bool:
    """Whether a sheet has answers and every one of them is in labels.csv, whoever gave it."""
    history = project.labels.rows()
    words = vocabulary_of(project, project.classes(project.resolved_labels()), new_classes=True, fix_typos=True)
    judged = judged_of(project, name, Path(name), (), words, None, anyone=True)
    have = {(answer.id, answer.kind, answer.label) for answer in history}
    found = [(answer.id, answer.kind, answer.label) for answer in judged.accepted]
    return bool(found) and not judged.rejects and all(answer in have for answer in found)


def judged_sheet(project: Project, name: str, history: Sequence[Answer]) -> list[AlcliError]:
    """What an import of a sheet would reject, whoever its labeler is; for `check`."""
    words = vocabulary_of(project, project.classes(project.resolved_labels()))
    judged = judged_of(project, name, Path(name), history, words, None, anyone=True)
    return [problem_of(judged.file, reject) for reject in judged.rejects]


def read_labelled(project: Project, path: Path) -> Judged:
    """A file of ids and labels, judged like a sheet, that is nobody's answers."""
    words = vocabulary_of(project, project.classes(project.resolved_labels()))
    return judged_of(project, str(path), path, (), words, None, anyone=True)


def source_name(name: str) -> str:
    """A sheet's name as labels.csv keeps it."""
    return "stdin" if name == "-" else Path(name).name.encode("utf-8", "backslashreplace").decode()


def problem_of(file: str, reject: Any) -> AlcliError:
    """A rejected row as an error, with its place."""
    at = Place(file, row=reject.row, column=reject.column)
    return TableError(reject.problem, at=at, hint=reject.hint or None, code=reject.code)
