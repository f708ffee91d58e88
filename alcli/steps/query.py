"""`query`: picks rows, writes them to a sheet, records them in asked.csv.

The sheet is written first and the ledger last: the ledger's rename is the commit. A sheet that no
row of asked.csv mentions is left from a killed run and is taken over by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import Exit, UsageError
from alcli.settings import Settings, flag_of
from alcli.steps.composing import Why, compose, read_instructions
from alcli.steps.gathering import material_of, spaces_of
from alcli.steps.outbox import Outbox
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.tables.history import Campaign, Labels
from alcli.tables.ledgers import Asked, number
from alcli.telling import stage

if TYPE_CHECKING:
    from alcli.models.bundle import Bundle
    from alcli.selection.choosing import Choice
    from alcli.selection.material import Material
    from alcli.selection.playing import Plan
    from alcli.steps.bringing import Guesses


@dataclass(frozen=True, kw_only=True)
class QueryResult(Result):
    """The batch.

    Attributes
    ----------
    batch : its number; None when nothing was asked.
    asked, left, out : rows in the batch, still free after it, and out with labelers.
    strategy : what was really used, and the `reason` when a strategy like `auto` chose it.
    sheet : the file, ``-`` for stdout, None for a dry run.
    ids : in batch order, as in the sheet.
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
    reason: str = ""
    note: str = ""
    enough: bool = False
    dry_run: bool = False
    cost: float | None = None


def query(
    *,
    output: str | None = None,
    dry_run: bool = False,
    ask_again: bool = False,
    force: bool = False,
    trust_model: bool = False,
    even_if_enough: bool = False,
    **flags: Any,
) -> QueryResult:
    """Pick the rows worth labelling next.

    Parameters
    ----------
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
        An unknown strategy, a bad parameter, no place for the sheet.
    ModelError
        The strategy needs a model, or one with a committee, and there is none.
    FileTrouble
        The sheet exists and may hold work.
    """
    project = Project("query", flags)
    outbox = Outbox(project, output, force=force)
    if not dry_run and (waiting := _waiting(project, outbox)) is not None:
        return waiting
    if project.settings.rule and not even_if_enough and (ended := _enough(project)) is not None:
        return ended
    read_instructions(project)  # what is wrong with them is told before anything heavy is done
    job = _Job(project, ask_again, trust_model)
    if dry_run:
        return _dry(project, job)
    # Choosing may take minutes. It is done without the lock, and again under it when an import or
    # another query came in between: then the choice was made from what is no longer so.
    seen = _state(project)
    choice = job.choose()
    with project.writing():
        # the sheet, too, may have come while this one was choosing
        outbox = Outbox(project, output, force=force)
        if (waiting := _waiting(project, outbox)) is not None:
            return waiting
        if _state(project) != seen:
            job = _Job(project, ask_again, trust_model)
            choice = job.choose()
        return _commit(project, job, choice, outbox)


_NEARNESS = {"flag": 0, "variable": 1, "file": 2, "default": 3}


def which(settings: Settings) -> str:
    """Which of `strategy`, `mix` and `combine` says how to choose: the one that was said nearest to the command.

    Raises
    ------
    UsageError
        When two are said in the same place; but `auto`, which `init` writes into alcli.toml, gives way.
    """
    said = {name: settings.sources[name] for name in ("strategy", "mix", "combine") if settings.given(name)}
    said = {name: source for name, source in said.items() if getattr(settings, name) is not None}
    nearest = min((_NEARNESS[source.kind] for source in said.values()), default=3)
    here = [name for name, source in said.items() if _NEARNESS[source.kind] == nearest]
    if len(here) > 1 and settings.strategy == "auto":
        here = [name for name in here if name != "strategy"]
    if len(here) > 1:
        one, other = (flag_of(name) for name in here[:2])
        raise UsageError(
            f"`{one}` and `{other}` exclude each other",
            hint="`--mix` gives each strategy a part of the batch, `--combine` makes one order of several utilities",
            code="bad-value",
        )
    return here[0] if here else "strategy"


def _waiting(project: Project, outbox: Outbox) -> QueryResult | None:
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


def _state(project: Project) -> tuple[str, str]:
    return project.labels.fingerprint(), project.asked.fingerprint()


@dataclass
class _Job:
    """One choice, from the ledgers as they are now."""

    project: Project
    ask_again: bool
    trust_model: bool
    campaign: Campaign = field(init=False)
    labels: Labels = field(init=False)
    plan: Plan = field(init=False)
    bundle: Bundle | Guesses | None = field(init=False, default=None)
    material: Material = field(init=False)

    def __post_init__(self) -> None:
        from alcli.selection.budget import check_money
        from alcli.selection.playing import plan
        from alcli.steps.past import past_of

        settings = self.project.settings
        with self.project.blaming("cost", "budget"):
            check_money(settings.cost, settings.budget)
        self.campaign = self.project.campaign()
        self.labels = self.project.resolved_labels()
        has_model = settings.path("model").exists() or settings.predictions is not None
        past = past_of(self.project, self.labels, self.campaign, trust=self.trust_model, has_model=has_model)
        with self.project.blaming("strategy", "mix", "combine", "combine_by", "query_param", "space"):
            how = which(settings)
            self.plan = plan(
                settings.strategy,
                settings.mix if how == "mix" else None,
                settings.query_param,
                space=settings.space,
                past=past,
                combine=settings.combine if how == "combine" else None,
                combine_by=settings.combine_by,
            )

    def choose(self) -> Choice:
        from alcli.selection.neighbours import SPACE
        from alcli.selection.playing import play

        settings = self.project.settings
        spaces = spaces_of(self.plan)
        self.material, self.bundle = material_of(
            self.project,
            self.plan.needs,
            labels=self.labels,
            campaign=self.campaign,
            ask_again=self.ask_again,
            trust=self.trust_model,
            spaces={*spaces, SPACE} if settings.why and self.labels.rows else spaces,
        )
        with stage(f"choosing by {self.plan.name}"):
            return play(self.material, self.plan, settings.count, per_group=settings.per_group)

    def why(self, choice: Choice) -> Why:
        """What says of each row of the batch why it is in it."""
        from alcli.steps.explaining import explain

        return partial(explain, self.material, self.plan, choice.picks)


def _dry(project: Project, job: _Job) -> QueryResult:
    choice = job.choose()
    if not choice.picks:
        return _empty(project, job)
    return _result(project, job, choice, batch=job.campaign.batches() + 1, sheet=None, dry_run=True)


def _commit(project: Project, job: _Job, choice: Choice, outbox: Outbox) -> QueryResult:
    if not choice.picks:
        return _empty(project, job)
    batch = job.campaign.batches() + 1
    moment = now()
    asked = [
        Asked(
            batch=str(batch),
            rank=str(rank),
            id=pick.id,
            purpose="train",
            strategy=pick.arm,
            utility=number(pick.utility),
            probability=number(pick.probability),
            annotator="",
            asked_at=moment,
        )
        for rank, pick in enumerate(choice.picks, start=1)
    ]
    ids = [pick.id for pick in choice.picks]
    why = job.why(choice) if project.settings.why else None
    sheet = compose(project, ids, bundle=job.bundle, labels=job.labels, batch=batch, moment=moment, why=why)
    with outbox.delivering(sheet) as warnings:
        if outbox.records:
            project.asked.append(asked)
    return _result(project, job, choice, batch=batch, sheet=outbox.name(batch), more=warnings)


def _result(
    project: Project,
    job: _Job,
    choice: Choice,
    *,
    batch: int,
    sheet: str | None,
    dry_run: bool = False,
    more: tuple[str, ...] = (),
) -> QueryResult:
    settings = project.settings
    asked = len(choice.picks)
    warnings = [*choice.notes, *_unjudged(project), *more]
    if asked < settings.count and choice.cost is None:
        why = ": the others are copies of rows that are in the batch, answered or out"
        if settings.group_by:
            why += f", or beyond `--per-group {settings.per_group}`"
        more_free = choice.eligible > asked
        warnings.append(
            f"only {asked:,} of the {settings.count:,} rows asked for could be found" + (why if more_free else "")
        )
    return QueryResult(
        batch=batch,
        asked=asked,
        left=max(0, choice.eligible - asked),
        out=len(job.campaign.out) + (0 if dry_run else asked),
        strategy=job.plan.name,
        seed=settings.seed,
        sheet=sheet,
        ids=tuple(pick.id for pick in choice.picks),
        reason=job.plan.reason,
        dry_run=dry_run,
        cost=choice.cost,
        warnings=tuple(warnings),
        settings=shaping(settings, "query"),
    )


def _empty(project: Project, job: _Job) -> QueryResult:
    out = len(job.campaign.out)
    why = "nothing is left to ask" + (f": {out:,} rows are still out" if out else "")
    if project.settings.where:
        why += "; no free row fulfils --where"
    if project.settings.budget is not None:
        why += f"; no free row costs {project.settings.budget:g} or less"
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
        left=0 if code == Exit.NO and not enough else max(0, project.pool.facts().rows - len(campaign.unavailable())),
        out=len(campaign.out) if out is None else out,
        strategy=project.settings.strategy,
        seed=project.settings.seed,
        sheet=sheet,
        ids=tuple(row.id for row in rows),
        note=note,
        enough=enough,
        exit=code,
        settings=shaping(project.settings, "query"),
    )
