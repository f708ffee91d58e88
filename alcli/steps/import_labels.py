"""`import-labels`: takes answers back without losing one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.cycles import no_cycles
from alcli.errors import AlcliError, Exit, TableError, UsageError, counted, listing
from alcli.files import take_back
from alcli.steps.inbox import expand, open_sheet, rejects_file, write_rejects
from alcli.steps.project import Project
from alcli.steps.receiving import Reception, problem_of
from alcli.steps.result import Result, shaping
from alcli.steps.vocabulary import import_vocabulary
from alcli.tables.history import batch_number
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.sheets.judging import Judged

MOST_PROBLEMS = 20


@dataclass(frozen=True, kw_only=True)
class ImportLabelsResult(Result):
    """What became of the sheets.

    Attributes
    ----------
    new, known, changed, blank, rejected : rows; `changed` replace an earlier answer and are not in `new`.
    skipped : of the new ones, how many are skips. withdrawn : answers that were taken back.
    rejects : the file with the rejected rows, or None; several files are joined by `, `.
    labels : rows labelled after the import.
    """

    new: int
    known: int
    changed: int
    blank: int
    skipped: int
    withdrawn: int
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
    only_comments: int = 0
    skipped: int = 0
    withdrawn: int = 0
    rejected: int = 0
    restored: int = 0
    without_ids: int = 0
    edited: int = 0
    superseded: int = 0
    typos: Counter[tuple[str, str]] = field(default_factory=Counter)


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
    sheets : files, folders or patterns; ``-`` is stdin. A pattern that matches nothing is no sheet.
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
    names, passed = expand(sheets)
    project.check_stdin(*names)
    if rejects is not None and len(names) > 1:
        raise UsageError("`--rejects` names one file, and there are several sheets", hint="import them one by one")
    sources = [open_sheet(name) for name in names]
    _look_at_pool(project)
    with nullcontext() if dry_run else project.writing(), no_cycles():
        return _import(project, names, sources, rejects, new_classes, sheet_format, passed, dry_run)


def _look_at_pool(project: Project) -> None:
    """Check the pool; when it cannot be decoded the flag is no help here, as it is about the sheets."""
    try:
        project.pool.facts()
    except TableError as error:
        if error.code != "encoding":
            raise
        hint = "`encoding` in alcli.toml, or ALCLI_ENCODING, is the pool's; on `import-labels` the flag is the sheets'"
        raise TableError(error.message, at=error.at, hint=hint, code=error.code) from error


def _import(
    project: Project,
    names: Sequence[str],
    sources: Sequence[Path | bytes],
    rejects: str | None,
    new_classes: bool,
    sheet_format: str | None,
    passed: Sequence[str],
    dry_run: bool,
) -> ImportLabelsResult:
    history = list(project.labels.rows())
    before = len(history)
    reception = Reception(project, history, import_vocabulary(project, new_classes))
    sums = _Sums()
    problems: list[AlcliError] = []
    files: list[str] = []
    classes: set[str] = set()
    pending: list[tuple[Path, bytes]] = []
    for name, source in zip(names, sources, strict=True):
        try:
            judged = reception.judge(name, source, sheet_format)
        except TableError as error:
            if len(names) == 1 or project.settings.strict:
                raise
            problems.append(error)
            sums.rejected += 1
            continue
        answers = reception.answers(judged, name)
        reception.add(answers)
        history += answers
        _count(sums, judged)
        classes.update(judged.new_classes)
        problems += [problem_of(judged.file, reject) for reject in judged.rejects[:MOST_PROBLEMS]]
        if judged.rejects:
            path, content = rejects_file(project, name, judged, rejects)
            pending.append((path, content))
            files.append(str(path))
        del judged  # a million answers twice would be too many
    if project.settings.strict and sums.rejected:
        raise TableError(
            f"{sums.rejected:,} rows would be rejected, and `--strict` takes all or none; nothing was imported",
            at=problems[0].at,
            hint=f"the first: {problems[0].message}",
            code="strict",
        )
    # what it says may fail, by a rule that is not installed or a bad setting: so it is found out before anything is written
    result = _result(project, history, before, sums, problems, files, classes, passed, dry_run)
    if not dry_run:
        with ExitStack() as undo:
            for path, content in pending:
                if write_rejects(path, content):
                    undo.callback(take_back, path)
            project.labels.append(history[before:])
            undo.pop_all()
    return result


def _count(sums: _Sums, judged: Judged) -> None:
    sums.new += judged.new
    sums.known += judged.known
    withdrawn = sum(answer.kind == "withdraw" for answer in judged.accepted)
    sums.withdrawn += withdrawn
    sums.changed += judged.changed - withdrawn
    sums.superseded += judged.superseded
    sums.blank += judged.blank
    sums.only_comments += judged.only_comments
    sums.skipped += sum(answer.kind == "skip" for answer in judged.accepted)
    sums.rejected += len(judged.rejects)
    sums.restored += len(judged.restored)
    sums.edited += judged.edited
    sums.without_ids += len(judged.restored) if judged.without_ids else 0
    sums.typos.update((said, meant) for _, said, meant in judged.fixed)


def _result(
    project: Project,
    history: Sequence[Answer],
    before: int,
    sums: _Sums,
    problems: Sequence[AlcliError],
    files: Sequence[str],
    classes: Iterable[str],
    passed: Sequence[str],
    dry_run: bool,
) -> ImportLabelsResult:
    warnings = _warnings(sums, passed)
    classes = tuple(sorted(classes))
    if classes:
        warnings.append(f"new classes: {', '.join(classes)}")
    return ImportLabelsResult(
        new=sums.new,
        known=sums.known,
        changed=sums.changed,
        blank=sums.blank,
        skipped=sums.skipped,
        withdrawn=sums.withdrawn,
        rejected=sums.rejected,
        rejects=", ".join(files) or None,
        labels=len(project.resolved_labels(history).rows),
        restored=sums.restored,
        fixed=sums.typos.total(),
        new_classes=classes,
        dry_run=dry_run,
        out_of_batch=_still_out(project, history, history[before:]),
        exit=Exit.NO if sums.rejected else Exit.DONE,
        warnings=tuple(warnings),
        problems=tuple(problems[:MOST_PROBLEMS]),
        problems_total=sums.rejected,
        settings=shaping(project.settings, "import-labels"),
    )


def _warnings(sums: _Sums, passed: Sequence[str]) -> list[str]:
    """What a user should know of the sheets beside the numbers."""
    warnings = []
    if passed:
        warnings.append(f"passed over, as their names are not those of sheets: {listing(passed, 5)}")
    if sums.superseded:
        one = sums.superseded == 1
        have, stay, them = ("has", "stays as it is", "it") if one else ("have", "stay as they are", "them")
        warnings.append(
            f"{counted(sums.superseded, 'answer')} imported before {have} been changed since, and {stay} now; to go back "
            f"to {them}, import the sheet under a new name with `--on-conflict newest`"
        )
    if sums.without_ids:
        n = sums.without_ids
        warnings.append(f"{counted(n, 'row')} of a sheet without a column of ids {_were(n)} known by token")
    if changed := sums.restored - sums.without_ids:
        warnings.append(f"{counted(changed, 'id')} that a spreadsheet had changed {_were(changed)} restored by token")
    if sums.edited:
        n = sums.edited
        warnings.append(f"{counted(n, 'row')} {_were(n)} taken by id though the text shown is not what was sent")
    if sums.typos:
        words = [
            f"{said!r} for {meant!r}" + (f" {n:,} times" if n > 1 else "") for (said, meant), n in sums.typos.items()
        ]
        n = sums.typos.total()
        warnings.append(f"{counted(n, 'typo')} {_were(n)} taken for a class: {listing(words, 5)}")
    if sums.only_comments:
        n = sums.only_comments
        stand = "stands on a row without a label and was" if n == 1 else "stand on rows without a label and were"
        warnings.append(f"{counted(n, 'comment')} {stand} not kept: write a label, or `skip`")
    return warnings


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _still_out(project: Project, history: Sequence[Answer], new: Sequence[Answer]) -> str:
    """How many rows of the answered batches are still out, in words."""
    batches = {batch_number(answer.batch) for answer in new} - {-1}
    if not batches:
        return ""
    out = [row for row in project.campaign(history).waiting if batch_number(row.batch) in batches]
    if not out:
        return ""
    people = Counter(row.annotator for row in out)
    whose = f": {listing([f'{who} has {n:,}' for who, n in sorted(people.items()) if who], 6)}" if any(people) else ""
    verb = "is" if len(out) == 1 else "are"
    return f"{counted(len(out), 'row')} of batch {', '.join(map(str, sorted(batches)))} {verb} still out{whose}"


__all__ = ["ImportLabelsResult", "import_labels"]
