"""`recheck`: sends labels out again that are likely wrong, and rows that labelers disagree on.

The sheet is written first and the ledger last, as by `query`. A row that was rechecked and answered is left
alone from then on, whatever the answer was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from alcli.clock import now
from alcli.errors import Exit, counted
from alcli.steps.composing import compose
from alcli.steps.handing import check_whom
from alcli.steps.mailing import Mailing, whose
from alcli.steps.project import Project
from alcli.steps.rechecking import Job
from alcli.steps.result import Result, shaping
from alcli.steps.sending import send, under_lock
from alcli.steps.splitting import people_of


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
    sheet : the file, ``-`` for stdout, None for a dry run; several are joined by `, `.
    sheets : whose each sheet is, and how many `rows` it has; empty when there is one for anyone.
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
    sheets: tuple[Mapping[str, Any], ...] = ()
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
    people = people_of(project)
    check_whom(project, people)
    outbox = Mailing(project, output, force=force, people=people)
    if not dry_run and (waiting := _waiting(project, outbox)) is not None:
        return waiting
    if dry_run:
        return _result(Job(project, ask_again, trust_model, people), None)
    return under_lock(
        project,
        choose=lambda: Job(project, ask_again, trust_model, people),
        places=lambda: Mailing(project, output, force=force, people=people),
        waiting=partial(_waiting, project),
        commit=_commit,
    )


def _waiting(project: Project, outbox: Mailing) -> RecheckResult | None:
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
        ids=tuple(dict.fromkeys(row.id for row in campaign.rows_of(batch))),
        note=note,
        settings=shaping(project.settings, "recheck"),
    )


def _commit(job: Job, outbox: Mailing) -> RecheckResult:
    if not job.rows:
        return _result(job, outbox)
    project = job.project
    earlier = {each.id: _said(each.answers) for each in job.suspects} if project.settings.show_answers else None
    base = compose(
        project,
        job.parts.ids(),
        bundle=job.bundle,
        labels=job.standing.labels,
        batch=job.standing.campaign.batches() + 1,
        moment=now(),
        earlier=earlier,
    )
    again = {row.id for row in job.rows if row.suspect is not None}
    return _result(job, outbox, send(project, outbox, base, job.parts, job.picks, again=again))


def _said(answers: Mapping[str, str]) -> str:
    """``ham (a1), spam (a2)``."""
    return ", ".join(f"{label} ({who})" if who else label for who, label in sorted(answers.items()))


def _result(job: Job, outbox: Mailing | None, more: Sequence[str] = ()) -> RecheckResult:
    """What was sent; or what would be, without an outbox."""
    settings, rows = job.project.settings, job.rows
    again = sum(row.suspect is not None for row in rows)
    sent = {row.id for row in rows} if outbox is not None else set()
    batch = job.standing.campaign.batches() + 1 if rows else None
    sheets = whose(job.parts, batch, outbox) if batch is not None else ()
    people = job.doubts.people
    return RecheckResult(
        batch=batch,
        asked=len(rows),
        new=len(rows) - again,
        wrong=sum("wrong" in each.why for each in job.suspects),
        disagree=sum("disagree" in each.why for each in job.suspects),
        doubtful=len(job.suspects),
        left=len(job.suspects) - again,
        out=len(set(job.standing.campaign.out) | sent),
        seed=settings.seed,
        sheet=", ".join(each["sheet"] for each in sheets) if outbox is not None and sheets else None,
        sheets=tuple({name: each[name] for name in ("annotator", "sheet", "rows")} for each in sheets if job.people),
        ids=tuple(row.id for row in rows),
        rows=tuple(row.plain() for row in rows),
        labelers={
            name: {"quality": float(people.quality[at]), "low": float(people.low[at]), "high": float(people.high[at])}
            for at, name in enumerate(job.doubts.labelers)
        },
        note="" if rows else _nothing(job),
        dry_run=outbox is None,
        exit=Exit.DONE if rows else Exit.NO,
        warnings=(*job.notes, *more),
        settings=shaping(settings, "recheck"),
    )


def _nothing(job: Job) -> str:
    settled = len(job.doubts.suspects) - len(job.suspects)
    but = f", but for {counted(settled, 'row')} that were rechecked or are out: `--ask-again`" if settled else ""
    return "no label looks doubtful" + but
