"""`recheck`: sends labels out again that are likely wrong, and rows that labelers disagree on.

The sheet is written first and the ledger last, as by `query`. A row that was rechecked and answered is left
alone from then on, whatever the answer was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alcli.clock import now
from alcli.errors import Exit, counted
from alcli.steps.composing import compose
from alcli.steps.outbox import Outbox
from alcli.steps.project import Project
from alcli.steps.rechecking import NAME, Job
from alcli.steps.result import Result, shaping
from alcli.tables.ledgers import Asked, number


@dataclass(frozen=True, kw_only=True)
class RecheckResult(Result):
    """What goes out again.

    Attributes
    ----------
    batch : its number; None when nothing is sent.
    asked, new : rows in the batch, and how many of them have no label yet.
    wrong, disagree : of all doubtful rows, how many have a label that is likely wrong, and on how many labelers
        disagree; some are both.
    doubtful, left : doubtful rows before this batch and after it; those that were rechecked before do not count.
    out : rows out with labelers.
    sheet : the file, ``-`` for stdout, None for a dry run.
    ids : in batch order, as in the sheet.
    rows : in the same order: `id`, `why`, `label`, `answers`, `model`, `confidence`, `score`, `ask`.
    labelers : annotator -> `quality`, the estimated share of right answers, with its interval `low` to `high`.
    note : why nothing was written.
    """

    batch: int | None
    asked: int
    new: int
    wrong: int
    disagree: int
    doubtful: int
    left: int
    out: int
    seed: int
    sheet: str | None
    ids: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    labelers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    note: str = ""
    dry_run: bool = False


def recheck(
    *,
    output: str | None = None,
    dry_run: bool = False,
    ask_again: bool = False,
    force: bool = False,
    trust_model: bool = False,
    **flags: Any,
) -> RecheckResult:
    """Send doubtful labels out again.

    Parameters
    ----------
    output : the sheet; a folder names it by its batch number; ``-`` is stdout. By default
        sheets/NUMBER.csv in the project.
    dry_run : choose, and write nothing.
    ask_again : also rows that were rechecked before, or are out.
    force : replace a sheet that may hold a labeler's work.
    trust_model : open a model that does not match its card.

    Raises
    ------
    ModelError
        If there is no model.
    TableError
        If there are too few labels.
    FileTrouble
        The sheet exists and may hold work.
    """
    project = Project("recheck", flags)
    outbox = Outbox(project, output, force=force)
    if not dry_run and (waiting := _waiting(project, outbox)) is not None:
        return waiting
    job = Job(project, ask_again, trust_model)
    if dry_run:
        return _result(job, sheet=None, dry_run=True)
    # the folds may take minutes: they are done without the lock, and again under it when something came in between
    seen = _state(project)
    with project.writing():
        outbox = Outbox(project, output, force=force)
        if (waiting := _waiting(project, outbox)) is not None:
            return waiting
        if _state(project) != seen:
            job = Job(project, ask_again, trust_model)
        return _commit(job, outbox) if job.rows else _result(job, sheet=None)


def _waiting(project: Project, outbox: Outbox) -> RecheckResult | None:
    note = outbox.waiting()
    if note is None:
        outbox.refuse_if_taken()
        return None
    campaign = project.campaign()
    batch = campaign.batches()
    return RecheckResult(
        batch=batch,
        asked=0,
        new=0,
        wrong=0,
        disagree=0,
        doubtful=0,
        left=0,
        out=len(campaign.out),
        seed=project.settings.seed,
        sheet=outbox.shown,
        ids=tuple(row.id for row in campaign.rows_of(batch)),
        note=note,
        settings=shaping(project.settings, "recheck"),
    )


def _state(project: Project) -> tuple[str, str]:
    return project.labels.fingerprint(), project.asked.fingerprint()


def _commit(job: Job, outbox: Outbox) -> RecheckResult:
    project, settings = job.project, job.project.settings
    batch = job.standing.campaign.batches() + 1
    moment = now()
    asked = [
        Asked(
            batch=str(batch),
            rank=str(rank),
            id=row.id,
            purpose="train" if row.suspect is None else "recheck",
            strategy=NAME,
            utility=number(row.utility),
            probability="1",
            annotator="",
            asked_at=moment,
        )
        for rank, row in enumerate(job.rows, start=1)
    ]
    earlier = {each.id: _said(each.answers) for each in job.suspects} if settings.show_answers else None
    ids = [row.id for row in job.rows]
    sheet = compose(
        project, ids, bundle=job.bundle, labels=job.standing.labels, batch=batch, moment=moment, earlier=earlier
    )
    with outbox.delivering(sheet) as warnings:
        if outbox.records:
            project.asked.append(asked)
    return _result(job, sheet=outbox.name(batch), more=warnings)


def _said(answers: Mapping[str, str]) -> str:
    """``ham (a1), spam (a2)``."""
    return ", ".join(f"{label} ({who})" if who else label for who, label in sorted(answers.items()))


def _result(job: Job, *, sheet: str | None, dry_run: bool = False, more: Sequence[str] = ()) -> RecheckResult:
    settings, rows = job.project.settings, job.rows
    again = sum(row.suspect is not None for row in rows)
    sent = {row.id for row in rows} if rows and not dry_run else set()
    people = job.doubts.people
    return RecheckResult(
        batch=job.standing.campaign.batches() + 1 if rows else None,
        asked=len(rows),
        new=len(rows) - again,
        wrong=sum("wrong" in each.why for each in job.suspects),
        disagree=sum("disagree" in each.why for each in job.suspects),
        doubtful=len(job.suspects),
        left=len(job.suspects) - again,
        out=len(set(job.standing.campaign.out) | sent),
        seed=settings.seed,
        sheet=sheet,
        ids=tuple(row.id for row in rows),
        rows=tuple(row.plain() for row in rows),
        labelers={
            name: {"quality": float(people.quality[at]), "low": float(people.low[at]), "high": float(people.high[at])}
            for at, name in enumerate(job.doubts.votes.labelers)
        },
        note="" if rows else _nothing(job),
        dry_run=dry_run,
        exit=Exit.DONE if rows else Exit.NO,
        warnings=(*job.notes, *more),
        settings=shaping(settings, "recheck"),
    )


def _nothing(job: Job) -> str:
    settled = len(job.doubts.suspects) - len(job.suspects)
    but = f", but for {counted(settled, 'row')} that were rechecked or are out: `--ask-again`" if settled else ""
    return "no label looks doubtful" + but
