"""`import-labels`: takes answers back without losing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import AlcliError, Exit, Place, TableError, UsageError, counted
from alcli.files import take_back
from alcli.steps.inbox import expand, open_sheet, rejects_file, write_rejects
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.tables.history import Campaign, batch_number, by_token, current
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.sheets.judging import Judged
    from alcli.sheets.words import Vocabulary

MOST_PROBLEMS = 20


@dataclass(frozen=True, kw_only=True)
class ImportLabelsResult(Result):
    """What became of the sheets.

    Attributes
    ----------
    new, known, changed, blank, rejected : rows; `changed` replace an earlier answer and are not in `new`.
    skipped : of the new ones, how many are skips.
    rejects : the file with the rejected rows, or None; several files are joined by `, `.
    labels : rows labelled after the import.
    """

    new: int
    known: int
    changed: int
    blank: int
    skipped: int
    rejected: int
    rejects: str | None
    labels: int
    restored: int
    fixed: int
    new_classes: tuple[str, ...]
    dry_run: bool
    out_of_batch: str


@dataclass
class _Sums:
    """What all sheets together gave."""

    new: int = 0
    known: int = 0
    changed: int = 0
    blank: int = 0
    skipped: int = 0
    rejected: int = 0
    restored: int = 0
    fixed: int = 0
    superseded: int = 0


def import_labels(
    *,
    sheets: Sequence[str | Path],
    rejects: str | None = None,
    new_classes: bool = False,
    dry_run: bool = False,
    sheet_format: str | None = None,
    **flags: Any,
) -> ImportLabelsResult:
    """Take filled sheets back into labels.csv.

    Parameters
    ----------
    sheets : files or patterns; ``-`` is stdin. A pattern that matches nothing is no sheet.
    rejects : where rejected rows go; by default beside the sheet, named after it and its content.
    new_classes : take labels that are no class of the project yet.
    dry_run : say what would happen and write nothing.
    sheet_format : the format of the sheets, instead of recognising it.

    Raises
    ------
    TableError
        If a sheet cannot be read; with several sheets the others are taken and the result says so.
        With `strict`, if any row is rejected: nothing is changed then.
    """
    project = Project("import-labels", flags)
    names = expand(sheets)
    project.check_stdin(*names)
    if rejects is not None and len(names) > 1:
        raise UsageError("`--rejects` names one file, and there are several sheets", hint="import them one by one")
    sources = [open_sheet(name) for name in names]
    project.pool.facts()
    if dry_run:
        return _import(project, names, sources, rejects, new_classes, sheet_format, dry_run=True)
    with project.writing():
        return _import(project, names, sources, rejects, new_classes, sheet_format, dry_run=False)


def _import(
    project: Project,
    names: Sequence[str],
    sources: Sequence[Path | bytes],
    rejects: str | None,
    new_classes: bool,
    sheet_format: str | None,
    dry_run: bool,
) -> ImportLabelsResult:
    history = list(project.labels.rows())
    before = len(history)
    vocabulary = _vocabulary(project, new_classes)
    sums = _Sums()
    problems: list[AlcliError] = []
    files: list[str] = []
    classes: set[str] = set()
    pending: list[tuple[Path, bytes]] = []
    for name, source in zip(names, sources, strict=True):
        try:
            judged = _judge(project, name, source, history, vocabulary, sheet_format)
        except TableError as error:
            if len(names) == 1 or project.settings.strict:
                raise
            problems.append(error)
            sums.rejected += 1
            continue
        history.extend(_answers(project, judged, name))
        _count(sums, judged)
        classes.update(judged.new_classes)
        problems += [_problem(judged.file, reject) for reject in judged.rejects[:MOST_PROBLEMS]]
        if judged.rejects:
            path, content = rejects_file(project, name, judged, rejects)
            pending.append((path, content))
            files.append(str(path))
    if project.settings.strict and sums.rejected:
        raise TableError(
            f"{sums.rejected:,} rows would be rejected, and `--strict` takes all or none; nothing was imported",
            at=problems[0].at,
            hint=f"the first: {problems[0].message}",
            code="strict",
        )
    if not dry_run:
        with ExitStack() as undo:
            for path, content in pending:
                if write_rejects(path, content):
                    undo.callback(take_back, path)
            project.labels.append(history[before:])
            undo.pop_all()
    return _result(project, history, before, sums, problems, files, classes, dry_run)


def _vocabulary(project: Project, new_classes: bool) -> Vocabulary:
    from alcli.sheets.words import Vocabulary

    # a class that came in once may come in again, even when its only answer was changed since
    own = project.settings.classes
    classes = (*own, *sorted({row.label for row in project.labels.rows() if row.kind == "label"} - set(own)))
    if not classes and not new_classes:
        raise UsageError(
            "this project has no classes yet, so no label can be one of them",
            hint='put `classes = ["a", "b"]` into alcli.toml, or pass `--classes a,b` or `--new-classes`',
            code="no-classes",
        )
    return Vocabulary(classes, new_classes=new_classes, fix_typos=project.settings.fix_typos)


def _judge(
    project: Project,
    name: str,
    source: Path | bytes,
    history: Sequence[Answer],
    vocabulary: Vocabulary,
    sheet_format: str | None,
    annotator: str | None = None,
) -> Judged:
    from alcli.sheets.answers import read_answers
    from alcli.sheets.judging import judge

    settings = project.settings
    counting = {key: answer for key, answer in current(history).items() if answer.kind != "withdraw"}
    # an older sheet that comes again undoes no correction; it is known by its name, so that an answer
    # changed back in a new sheet is a change like any other
    file = "stdin" if name == "-" else Path(name).name
    seen = {
        (row.id, row.annotator, batch, row.label) for row in history if row.source == file for batch in (row.batch, "")
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
    return judge(
        sheet,
        known_ids=project.pool.known,
        asked=by_token(project.asked.rows()),
        project=settings.project_key,
        vocabulary=vocabulary,
        existing={key: answer.label for key, answer in counting.items()},
        annotator=settings.annotator if annotator is None else annotator,
        seen=seen,
        on_conflict="newest" if annotator is not None else settings.on_conflict,  # type: ignore[arg-type]
        asked_anew=_asked_anew(project, history),
    )


def _asked_anew(project: Project, history: Sequence[Answer]) -> Callable[[str, str, str], bool]:
    """Whether an answer of an annotator to a row in a batch is the first to a recheck of it.

    Such an answer is wanted, whether it confirms what the annotator said before or changes it.
    """
    rechecked = rechecks(project)
    given = {(row.id, row.annotator, row.batch) for row in history} if rechecked else set()
    return lambda id_, who, batch: (id_, batch) in rechecked and (id_, who, batch) not in given


def rechecks(project: Project) -> set[tuple[str, str]]:
    """(id, batch) of the rows that went out for a recheck."""
    if not project.asked.holds("recheck"):
        return set()
    return {(row.id, row.batch) for row in project.asked.rows() if row.purpose == "recheck"}


def is_imported(project: Project, name: str) -> bool:
    """Whether a sheet has answers and every one of them is in labels.csv, whoever gave it."""
    from alcli.sheets.words import Vocabulary

    history = project.labels.rows()
    vocabulary = Vocabulary(project.classes(project.resolved_labels()), new_classes=True, fix_typos=True)
    judged = _judge(project, name, Path(name), (), vocabulary, None, annotator="")
    # a row that was sent out for a recheck was answered before, and likely the same
    anew = rechecks(project)

    def said(answer: Any) -> tuple[str, ...]:
        batch = answer.batch if (answer.id, answer.batch) in anew else ""
        return answer.id, answer.kind, answer.label, batch

    have = {said(answer) for answer in history}
    found = [said(answer) for answer in judged.accepted]
    return bool(found) and not judged.rejects and all(answer in have for answer in found)


def judged_sheet(project: Project, name: str, history: Sequence[Answer]) -> list[AlcliError]:
    """What an import of a sheet would reject, whoever its labeler is; for `check`."""
    from alcli.sheets.words import Vocabulary

    vocabulary = Vocabulary(project.classes(project.resolved_labels()), new_classes=False, fix_typos=False)
    judged = _judge(project, name, Path(name), history, vocabulary, None, annotator="")
    return [_problem(judged.file, reject) for reject in judged.rejects]


def _answers(project: Project, judged: Judged, name: str) -> Iterable[Answer]:
    """The accepted answers as rows of the ledger."""
    newest: dict[str, str] = {}
    for row in project.asked.rows():
        if batch_number(row.batch) >= batch_number(newest.get(row.id, "")):
            newest[row.id] = row.batch
    moment, source = now(), "stdin" if name == "-" else Path(name).name.encode("utf-8", "backslashreplace").decode()
    for answer in judged.accepted:
        yield Answer(
            id=answer.id,
            label=answer.label,
            annotator=answer.annotator,
            kind=answer.kind,
            comment=answer.comment,
            # a row without a token answers the newest batch that asked for it
            batch=answer.batch or newest.get(answer.id, ""),
            source=source,
            answered_at=answer.answered_at,
            imported_at=moment,
        )


def _count(sums: _Sums, judged: Judged) -> None:
    sums.new += judged.new
    sums.known += judged.known
    sums.changed += judged.changed
    sums.superseded += judged.superseded
    sums.blank += judged.blank
    sums.skipped += sum(answer.kind == "skip" for answer in judged.accepted)
    sums.rejected += len(judged.rejects)
    sums.restored += len(judged.restored)
    sums.fixed += len(judged.fixed)


def _problem(file: str, reject: Any) -> AlcliError:
    at = Place(file, row=reject.row, column=reject.column)
    return TableError(reject.problem, at=at, hint=reject.hint or None, code=reject.code)


def _result(
    project: Project,
    history: Sequence[Answer],
    before: int,
    sums: _Sums,
    problems: Sequence[AlcliError],
    files: Sequence[str],
    classes: Iterable[str],
    dry_run: bool,
) -> ImportLabelsResult:
    from alcli.steps.resolving import resolved

    warnings = []
    if sums.superseded:
        warnings.append(
            f"{counted(sums.superseded, 'answer')} of a sheet that was imported before have been changed since, and stay "
            "as they are now; to go back to them, rename the sheet and import it with `--on-conflict newest`"
        )
    if sums.restored:
        warnings.append(f"{sums.restored:,} ids that a spreadsheet had changed were restored by their tokens")
    if sums.fixed:
        warnings.append(f"{sums.fixed:,} typos were taken for the class they are near to")
    classes = tuple(sorted(classes))
    if classes:
        warnings.append(f"new classes: {', '.join(classes)}")
    labels = resolved(project.standing(history), project.settings.aggregate)
    return ImportLabelsResult(
        new=sums.new,
        known=sums.known,
        changed=sums.changed,
        blank=sums.blank,
        skipped=sums.skipped,
        rejected=sums.rejected,
        rejects=", ".join(files) or None,
        labels=len(labels.rows),
        restored=sums.restored,
        fixed=sums.fixed,
        new_classes=classes,
        dry_run=dry_run,
        out_of_batch=_still_out(project, history, history[before:]),
        exit=Exit.NO if sums.rejected else Exit.DONE,
        warnings=tuple(warnings),
        problems=tuple(problems[:MOST_PROBLEMS]),
        problems_total=sums.rejected,
        settings=shaping(project.settings, "import-labels"),
    )


def _still_out(project: Project, history: Sequence[Answer], new: Sequence[Answer]) -> str:
    """How many rows of the answered batches are still out, in words."""
    batches = {batch_number(answer.batch) for answer in new} - {-1}
    if not batches:
        return ""
    campaign = Campaign(project.asked.rows(), history, now())
    out = sum(batch_number(row.batch) in batches for rows in campaign.out.values() for row in rows)
    if not out:
        return ""
    which = ", ".join(map(str, sorted(batches)))
    return f"{out:,} rows of batch {which} are still out"


__all__ = ["ImportLabelsResult", "import_labels"]
