"""What stands in a file of answers that lies there, whoever gave them: for what is not an import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from alcli.errors import AlcliError, TableError
from alcli.steps.receiving import Reception, problem_of, rechecks, source_name
from alcli.steps.vocabulary import classes_said, vocabulary_of
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.sheets.judging import Judged
    from alcli.sheets.verdict import Answer as Given
    from alcli.steps.project import Project

T = TypeVar("T")


def is_imported(project: Project, name: str) -> bool:
    """Whether a sheet has answers and every one of them is in labels.csv, as the answer of whom the row was asked of.

    Two people who were asked the same rows may well answer alike; what one of them said is not the other's. But a
    stand-in's answer is, which came in from a sheet of this name.
    """
    judged = _looked_at(project, Path(name), likely_encodings(project), new_classes=True, fix_typos=True)
    # a row that was sent out for a recheck was answered before, and likely the same
    anew = rechecks(project)

    def said(answer: Answer | Given) -> tuple[str, ...]:
        batch = answer.batch if (answer.id, answer.batch) in anew else ""
        return answer.id, answer.kind, answer.label, batch

    have = {(said(answer), who) for answer in project.labels.rows() for who in (answer.annotator, "")}
    from_here = {said(answer) for answer in project.labels.rows() if answer.source == source_name(name)}
    found = [(said(answer), answer.annotator) for answer in judged.accepted]
    known = all(answer in have or answer[0] in from_here for answer in found)
    return bool(found) and not judged.rejects and known


def judged_sheet(project: Project, name: str) -> list[AlcliError]:
    """What an import of a sheet would reject, whoever its labeler is; for `check`.

    Raises
    ------
    TableError
        If it cannot be read, and was not imported in an encoding that only that import was told.
    """
    try:
        judged = _looked_at(project, Path(name))
    except TableError as error:
        if error.code == "encoding" and is_imported(project, name):
            return []
        raise
    return [problem_of(judged.file, reject) for reject in judged.rejects]


def read_labelled(project: Project, path: Path) -> Judged:
    """A file of ids and labels, judged like a sheet, that is nobody's answers; UTF-8, or in the encoding of the pool."""
    return _looked_at(project, path, [project.settings.encoding])


def _looked_at(
    project: Project,
    path: Path,
    encodings: Sequence[str | None] = (),
    *,
    new_classes: bool = False,
    fix_typos: bool = False,
) -> Judged:
    """A file judged without regard to who answered, by a command whose flags are not about sheets."""
    words = vocabulary_of(project, classes_said(project), new_classes=new_classes, fix_typos=fix_typos)
    reception = Reception(project, (), words, anyone=True)
    return in_encodings(encodings, lambda encoding: reception.judge(str(path), path, encoding=encoding))


def likely_encodings(project: Project) -> tuple[str | None, ...]:
    """In which a sheet may have come back that is not UTF-8: the pool's, and that of most Western spreadsheets.

    What is read in a guessed encoding is good only to be compared with what is known.
    """
    return tuple(dict.fromkeys((project.settings.encoding, "cp1252")))


def in_encodings(encodings: Sequence[str | None], read: Callable[[str | None], T]) -> T:
    """What `read` finds in the encoding that a file shows, else in the first of these in which there is something.

    Raises
    ------
    TableError
        What is wrong with it in the one that it shows.
    """
    try:
        return read(None)
    except TableError as error:
        for encoding in filter(None, encodings if error.code == "encoding" else ()):
            with suppress(TableError):
                return read(encoding)
        raise
