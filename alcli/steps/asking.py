"""One choice of `query`: what the settings say, where the campaign stands, the batch, and whose each row is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from alcli.errors import UsageError
from alcli.settings import Settings, flag_of
from alcli.steps.composing import Why
from alcli.steps.examining import draw, evaluation_plan
from alcli.steps.gathering import material_of, spaces_of
from alcli.steps.project import Project
from alcli.steps.splitting import Split, gold_of, known_elsewhere, split
from alcli.steps.standing import Standing
from alcli.telling import stage

if TYPE_CHECKING:
    from alcli.models.bundle import Bundle
    from alcli.selection.choosing import Choice
    from alcli.selection.material import Material
    from alcli.selection.playing import Plan
    from alcli.steps.bringing import Guesses


@dataclass
class Asking:
    """One choice, from the ledgers as they are now."""

    project: Project
    ask_again: bool
    trust_model: bool
    people: tuple[str, ...] = ()
    purpose: str = "train"
    truth: dict[str, str] = field(init=False)
    standing: Standing = field(init=False)
    plan: Plan = field(init=False)
    bundle: Bundle | Guesses | None = field(init=False, default=None)
    material: Material = field(init=False)

    def __post_init__(self) -> None:
        from alcli.selection.budget import check_money
        from alcli.selection.playing import plan
        from alcli.steps.past import AsTrained, past_of

        settings = self.project.settings
        with self.project.blaming("cost", "budget"):
            check_money(settings.cost, settings.budget)
        self.truth = gold_of(self.project)
        self.standing = self.project.standing()
        self.standing.campaign.gold |= known_elsewhere(self.project)
        brought = settings.predictions is not None
        past = past_of(
            self.standing,
            AsTrained(self.project, self.trust_model),
            has_model=brought or settings.path("model").exists(),
            looks_back=not brought,
        )
        with self.project.blaming("strategy", "mix", "combine", "combine_by", "query_param", "space"):
            if self.purpose == "evaluate":
                self.plan = evaluation_plan(self.project, past)
                return
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
            standing=self.standing,
            ask_again=self.ask_again,
            trust=self.trust_model,
            spaces={*spaces, SPACE} if settings.why and self.standing.labels.rows else spaces,
            named=not self.plan.reason,
        )
        with stage(f"choosing by {self.plan.name}"):
            if self.purpose == "evaluate":
                return draw(self.material, self.plan, settings.count)
            return play(self.material, self.plan, settings.count, per_group=settings.per_group)

    def why(self, choice: Choice) -> Why:
        """What says of each row of the batch why it is in it."""
        from alcli.steps.explaining import explain

        return partial(explain, self.material, self.plan, choice.picks)

    def split(self, choice: Choice) -> Split:
        return split(self.project, [pick.id for pick in choice.picks], self.people, self.truth)


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
