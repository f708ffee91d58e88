"""`query`: picks rows, writes them to a sheet, records them in asked.csv.

The sheet is written first and the ledger last: the ledger's rename is the commit. A sheet that no
row of asked.csv mentions is left from a killed run and is taken over by the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import fsum
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import Exit
from alcli.steps.asking import Asking
from alcli.steps.composing import compose, read_instructions
from alcli.steps.examining import check_evaluation, purpose_of, warnings_of
from alcli.steps.mailing import Mailing, whose
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.sending import send, under_lock
from alcli.steps.splitting import Split, people_of

if TYPE_CHECKING:
    from alcli.selection.choosing import Choice


@dataclass(frozen=True, kw_only=True)
class QueryResult(Result):
    """The batch.

    Attributes
    ----------
    batch : its number; None when nothing was asked.
    asked, left, out : rows in the batch, still free after it, and out with labelers.
    strategy : what was really used, and the `reason` when a strategy like `auto` chose it.
    sheet : the file, ``-`` for stdout, None for a dry run; several are joined by `, `.
    sheets : whose each sheet is, and how many `rows` it has, `gold` among them; empty when there is one for anyone.
    ids : in batch order, as in the sheet; those of gold questions among them.
    purpose : ``training`` or ``evaluation``.
    note : why nothing was written.
    enough : whether that is because a stopping rule holds.
    cost : what the labels cost together; None without `--cost`.
    """

    batch: int | None
    asked: int
    left: int
    out: int
    strategy: str
    seed: int
    sheet: str | None
    ids: tuple[str, ...] = ()
    purpose: str = "training"
    reason: str = ""
    note: str = ""
    enough: bool = False
    dry_run: bool = False
    cost: float | None = None
    sheets: tuple[Mapping[str, Any], ...] = ()


def query(
    *,
    output: str | None = None,
    dry_run: bool = False,
    ask_again: bool = False,
    force: bool = False,
    trust_model: bool = False,
    even_if_enough: bool = False,
    purpose: str | None = None,
    **flags: Any,
) -> QueryResult:
    """Pick the rows worth labelling next, or rows to measure on.

    Parameters
    ----------
    purpose : ``evaluation`` for rows drawn with known chances, which never train; ``training`` by default.
    output : the sheet; a folder names it by its batch number; ``-`` is stdout. By default
        sheets/NUMBER.csv in the project.
    dry_run : choose, and write nothing.
    ask_again : also rows that are labelled or out.
    force : replace a sheet that may hold a labeler's work.
    trust_model : open a model that does not match its card.
    even_if_enough : go on although a stopping rule of the project holds.

    Raises
    ------
    UsageError
        An unknown strategy, a bad parameter, no place for the sheet; for evaluation what is not drawn by chance.
    ModelError
        The strategy needs a model, or one with a committee, and there is none.
    FileTrouble
        The sheet exists and may hold work.
    """
    project = Project("query", flags)
    kind = purpose_of(purpose)
    if kind == "evaluate":
        check_evaluation(project, ask_again)
    people = people_of(project)
    outbox = Mailing(project, output, force=force, people=people)
    if not dry_run and (waiting := _waiting(project, outbox)) is not None:
        return waiting
    # rows to measure on are wanted most when it may be enough
    judged = project.settings.rule and kind == "train" and not even_if_enough
    if judged and (ended := _enough(project)) is not None:
        return ended
    read_instructions(project)  # what is wrong with them is told before anything heavy is done
    asking = partial(Asking, project, ask_again, trust_model, people, kind)
    if dry_run:
        return _dry(project, asking())
    return under_lock(
        project,
        choose=lambda: _chosen(asking()),
        places=lambda: Mailing(project, output, force=force, people=people),
        waiting=partial(_waiting, project),
        commit=partial(_commit, project),
    )


def _waiting(project: Project, outbox: Mailing) -> QueryResult | None:
    """The result when the sheet that is there is the unanswered one of the newest batch; else None.

    Raises
    ------
    FileTrouble
        If what is there may hold a labeler's work.
    """
    note = outbox.waiting()
    if note is not None:
        return _nothing(project, note, Exit.DONE, batch=project.campaign().batches(), sheet=outbox.shown)
    outbox.refuse_if_taken()
    return None


def _enough(project: Project) -> QueryResult | None:
    """The result when a stopping rule of the project holds; else None."""
    from alcli.steps.ending import why_enough
    from alcli.steps.stopping import rules_of

    why = why_enough(project, rules_of(project))
    if why is None:
        return None
    return _nothing(project, f"nothing was asked: {why}; `--even-if-enough` asks all the same", Exit.NO, enough=True)


def _unjudged(project: Project) -> list[str]:
    if not project.settings.rule:
        return []
    from alcli.steps.ending import unjudged
    from alcli.steps.stopping import rules_of

    return unjudged(project, rules_of(project))


def _chosen(job: Asking) -> tuple[Asking, Choice]:
    return job, job.choose()


def _dry(project: Project, job: Asking) -> QueryResult:
    choice = job.choose()
    if not choice.picks:
        return _empty(project, job)
    batch, parts = job.standing.campaign.batches() + 1, job.split(choice)
    return _result(project, job, choice, parts, batch=batch, outbox=None)


def _commit(project: Project, chosen: tuple[Asking, Choice], outbox: Mailing) -> QueryResult:
    job, choice = chosen
    if not choice.picks:
        return _empty(project, job)
    batch = job.standing.campaign.batches() + 1
    moment = now()
    parts = job.split(choice)
    # why a row is drawn to measure on is chance; said in a sheet, it would set these rows apart
    why = job.why(choice) if project.settings.why and job.purpose == "train" else None
    labels = job.standing.labels
    base = compose(project, parts.ids(), bundle=job.bundle, labels=labels, batch=batch, moment=moment, why=why)
    warnings = send(project, outbox, base, parts, choice.picks, purpose=job.purpose)
    return _result(project, job, choice, parts, batch=batch, outbox=outbox, more=warnings)


def _result(
    project: Project,
    job: Asking,
    choice: Choice,
    parts: Split,
    *,
    batch: int,
    outbox: Mailing | None,
    more: tuple[str, ...] = (),
) -> QueryResult:
    settings = project.settings
    ids = {line.id for line in parts.lines if line.pick is not None}
    asked = len(ids)
    told = warnings_of(project) if job.purpose == "evaluate" else _unjudged(project)
    warnings = [*choice.notes, *parts.notes, *told, *more]
    if len(choice.picks) < settings.count and choice.cost is None:
        why = ": the others are copies of rows that are in the batch, answered or out"
        if settings.group_by:
            why += f", or beyond `--per-group {settings.per_group}`"
        more_free = choice.eligible > len(choice.picks)
        warnings.append(
            f"only {len(choice.picks):,} of the {settings.count:,} rows asked for could be found"
            + (why if more_free else "")
        )
    # whoever chose has counted the rows that are free, but for those that --where hid
    left = project.left(job.standing.campaign, ids) if settings.where else max(0, choice.eligible - asked)
    return QueryResult(
        batch=batch,
        asked=asked,
        left=left,
        out=len(set(job.standing.campaign.out) | (ids if outbox is not None else set())),
        strategy=job.plan.name,
        seed=settings.seed,
        sheet=", ".join(outbox.name(who, batch) for who in parts.people()) if outbox is not None else None,
        sheets=whose(parts, batch, outbox) if job.people else (),
        ids=tuple(parts.ids()),
        purpose="evaluation" if job.purpose == "evaluate" else "training",
        reason=job.plan.reason,
        dry_run=outbox is None,
        cost=None if choice.cost is None else _cost(choice, parts),
        warnings=tuple(warnings),
        settings=shaping(settings, "query"),
    )


def _cost(choice: Choice, parts: Split) -> float:
    """What all answers cost together: each line is one."""
    prices = [choice.picks[line.pick].price for line in parts.lines if line.pick is not None]
    return float(f"{fsum(prices):.12g}")


def _empty(project: Project, job: Asking) -> QueryResult:
    settings, out = project.settings, len(job.standing.campaign.out)
    why = "nothing is left to ask" + (f": {out:,} rows are still out" if out else "")
    if settings.where:
        why += "; no free row fulfils --where"
    if settings.budget is not None:
        each = f" when {settings.per_row} people answer it" if settings.per_row > 1 else ""
        why += f"; no free row costs {settings.budget:g} or less{each}"
    return _nothing(project, why, Exit.NO, out=out)


def _nothing(
    project: Project,
    note: str,
    code: Exit,
    *,
    out: int | None = None,
    batch: int | None = None,
    sheet: str | None = None,
    enough: bool = False,
) -> QueryResult:
    campaign = project.campaign()
    rows = campaign.rows_of(batch) if batch is not None else []
    return QueryResult(
        batch=batch,
        asked=0,
        left=project.left(campaign),
        out=len(campaign.out) if out is None else out,
        strategy=project.settings.strategy,
        seed=project.settings.seed,
        sheet=sheet,
        ids=tuple(dict.fromkeys(row.id for row in rows)),
        note=note,
        enough=enough,
        exit=code,
        settings=shaping(project.settings, "query"),
    )
