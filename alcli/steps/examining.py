"""Rows to measure on: which strategies may draw them, and what is written down of the draw.

A row of asked.csv with purpose ``evaluate`` has as `utility` how many times as likely its draw was as a uniform
one from the rows that were left, so that utility / probability is how many were left: that number, and with it the
pool that an estimate is about, can be worked out from the row alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alcli.errors import UsageError
from alcli.settings import flag_of

if TYPE_CHECKING:
    from alcli.selection.choosing import Choice
    from alcli.selection.material import Material
    from alcli.selection.playing import Plan
    from alcli.steps.project import Project
    from alcli.strategies.kinds import Past

PURPOSES = {"training": "train", "evaluation": "evaluate"}
STRATIFIED = "stratified"
# These would change the chances of rows, or leave rows out, in a way that nobody writes down.
_UNKNOWN_CHANCES = ("group_by", "cost", "budget")


def purpose_of(text: str | None) -> str:
    """`--for` as asked.csv writes it.

    Raises
    ------
    UsageError
        If it is no purpose.
    """
    if text is not None and text not in PURPOSES:
        raise UsageError(
            f"`--for {text}` is no purpose", hint="`--for evaluation`, or `--for training`", code="bad-value"
        )
    return PURPOSES[text or "training"]


def check_evaluation(project: Project, ask_again: bool) -> None:
    """Refuse what does not go with rows to measure on.

    Raises
    ------
    UsageError
        `--ask-again`, `--group-by`, `--cost`, `--budget`, wherever they are said.
    """
    if ask_again:
        raise UsageError(
            "`--ask-again` does not go with `--for evaluation`: a row that trained cannot measure", code="bad-value"
        )
    for name in _UNKNOWN_CHANCES:
        if getattr(project.settings, name) is not None:
            with project.blaming(name):
                raise UsageError(
                    f"`{flag_of(name)}` does not go with `--for evaluation`: the chance of a row would not be known",
                    hint="`--where` says which rows the measurement is about",
                    code="bad-value",
                )


def evaluation_plan(project: Project, past: Past) -> Plan:
    """What draws the rows: the strategy or mix of the command line or a variable, else ``random``.

    What alcli.toml says is meant for rows that train, so it does not count.

    Raises
    ------
    UsageError
        ``not-by-chance`` for a strategy by which some row cannot be drawn; else as `plan`.
    """
    from alcli.selection.playing import plan
    from alcli.strategies.kinds import key_of

    settings = project.settings
    said = [name for name in ("strategy", "mix", "combine") if settings.sources[name].kind in ("flag", "variable")]
    if len(said) > 1:
        raise UsageError(f"`{flag_of(said[0])}` and `{flag_of(said[1])}` exclude each other", code="bad-value")
    name = settings.strategy if said == ["strategy"] else "random"
    params = settings.query_param if settings.sources["query_param"].kind in ("flag", "variable") else ()
    if key_of(name) == key_of(STRATIFIED):
        if params:
            raise UsageError(f"`{STRATIFIED}` takes no `--param`", code="bad-value")
        return stratified_plan()
    mix, combine = (getattr(settings, each) if said == [each] else None for each in ("mix", "combine"))
    found = plan(name, mix, params, space=None, past=past, combine=combine, combine_by=settings.combine_by)
    if found.combine_by is not None or not any(strategy.name == "random" for strategy, _, _ in found.arms):
        raise UsageError(
            f"`{found.name}` cannot choose rows to measure on: it leaves rows out on purpose, and nothing would be"
            " known of those",
            hint="`--strategy random`, stratified or active_testing draw by known chances, as does a mix with random",
            code="not-by-chance",
        )
    return found


def stratified_plan() -> Plan:
    """The plan of ``--strategy stratified``, whose strata are the classes that the model predicts."""
    from alcli.selection.playing import Plan
    from alcli.strategies.resolve import resolve

    # it needs what this one needs, and says so in its own name
    row = replace(resolve("least_confident+sample"), name=STRATIFIED)
    return Plan(((row, 1.0, ()),), STRATIFIED)


def warnings_of(project: Project) -> list[str]:
    """What makes a measurement on these rows too kind."""
    if not project.settings.with_guess:
        return []
    return [
        "labelers see the model's guess and tend to agree with it, so the model will look better than it is:"
        " `--no-with-guess`"
    ]


def draw(material: Material, plan: Plan, n: int) -> Choice:
    """Draw n rows to measure on. Copies are rows like others: leaving them out would change the chances."""
    from alcli.selection.playing import play
    from alcli.selection.strata import stratify

    material = replace(material, content=None)
    if plan.name == STRATIFIED:
        return stratify(material, plan.arms[0][0], n)
    choice = play(material, plan, n)
    picks = tuple(
        replace(pick, arm=plan.name, utility=float(f"{pick.probability * (choice.eligible - rank):.9g}"))
        for rank, pick in enumerate(choice.picks)
    )
    return replace(choice, picks=picks)
