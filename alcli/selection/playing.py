"""From the names a user typed to arms, and from arms to a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alcli.errors import UsageError
from alcli.selection.arms import Arm
from alcli.selection.budget import Knapsack, Priced, affordable, prices
from alcli.selection.choosing import Choice, Offering, choose
from alcli.selection.combining import Held
from alcli.selection.identities import Identities
from alcli.strategies.calls import choose as choose_automatically
from alcli.strategies.calls import random_slots
from alcli.strategies.kinds import Past, Strategy
from alcli.strategies.params import parse_params, split_params
from alcli.strategies.resolve import resolve, selector_of
from alcli.strategies.table import SPACES

if TYPE_CHECKING:
    from alcli.selection.material import Material


@dataclass(frozen=True)
class Plan:
    """What a query will play: known before any row is read.

    Attributes
    ----------
    arms : strategies with their weights and `--param` texts.
    name : what was really used: the strategy, the mix, or what is combined.
    reason : why a strategy that chooses among strategies chose these; empty otherwise.
    combine_by : how the utilities of the arms become one order; None when the arms share the batch.
    """

    arms: tuple[tuple[Strategy, float, tuple[str, ...]], ...]
    name: str
    reason: str = ""
    space: str | None = None
    combine_by: str | None = None

    @property
    def needs(self) -> set[str]:
        """The signals that its strategies need; `space` is the points."""
        needed = {name for strategy, _, _ in self.arms for name in strategy.needs}
        return needed | ({"space"} if any(selector_of(s).kind == "geometry" for s, _, _ in self.arms) else set())


def plan(
    strategy: str,
    mix: str | None,
    params: Sequence[str],
    *,
    space: str | None,
    past: Past,
    combine: str | None = None,
    combine_by: str = "rank",
) -> Plan:
    """What `--strategy`, `--mix`, `--combine`, `--param` and `--space` mean.

    Parameters
    ----------
    mix, combine : at most one of them; `strategy` does not count beside either.
    past : for strategies that choose among strategies, as `auto` does.

    Raises
    ------
    UsageError
        An unknown name, a bad parameter or mix, a space that the strategy does not use.
    """
    if space is not None and space not in SPACES:
        from alcli.errors import did_you_mean

        raise UsageError(
            f"no space is called {space!r}",
            hint=did_you_mean(space, SPACES) or f"the spaces are: {', '.join(SPACES)}",
            code="unknown-space",
        )
    if mix is not None and combine is not None:
        raise UsageError(
            "`--mix` and `--combine` exclude each other",
            hint="`--mix` gives each strategy a part of the batch, `--combine` makes one order of all of them",
            code="bad-value",
        )
    for flag, text in (("--mix", mix), ("--combine", combine)):
        if text is not None and params:
            raise UsageError(f"`--param` does not go with `{flag}`: it could be meant for any arm", code="bad-value")
    if mix is not None:
        arms = tuple((_plain(name), weight, ()) for name, weight in parse_mix(mix))
        return Plan(arms, "mix " + _listed(arms), "", space)
    if combine is not None:
        arms = tuple((_ranking(name), weight, ()) for name, weight in parse_mix(combine, "--combine"))
        _check_space(space, [row for row, _, _ in arms], f"none of {_listed(arms)} takes")
        by = "" if combine_by == "rank" else f" by {combine_by}"
        return Plan(arms, f"combine {_listed(arms)}{by}", "", space, combine_by)
    row = resolve(strategy)
    selector = selector_of(row)
    reason = ""
    if selector.kind == "auto":
        told = split_params(row, parse_params(row, params))
        weights, reason = choose_automatically(selector, past, told.selector)
        reason = f"{row.name}: {reason}"
        params = ()
        if len(weights) > 1:
            total = sum(weights.values())
            arms = tuple((_plain(name), weight / total, ()) for name, weight in weights.items())
            return Plan(arms, row.name, reason, space)
        row = resolve(next(iter(weights)))
        if selector_of(row).kind == "auto":
            raise UsageError(f"`{row.name}` cannot be chosen by another strategy", code="bad-value")
    _check_space(space, [row], f"`{row.name}` takes no")
    params = [_by_number(text, list(past.labelled_per_class)) for text in params]
    parse_params(row, params)  # a slip is told before anything is read
    return Plan(((row, 1.0, tuple(params)),), row.name, reason, space)


def _by_number(text: str, classes: Sequence[str]) -> str:
    """``positive=spam`` with the number of that class, which is what utilities know.

    >>> _by_number("positive=spam", ["ham", "spam"]), _by_number("positive=0", ["ham", "spam"])
    ('positive=1', 'positive=0')
    """
    key, _, value = text.partition("=")
    return f"positive={classes.index(value)}" if key.strip() == "positive" and value in classes else text


def _check_space(space: str | None, rows: Sequence[Strategy], who: str) -> None:
    if space is not None and not any(selector_of(row).kind == "geometry" or "space" in row.needs for row in rows):
        raise UsageError(f"{who} distances, so `--space` does nothing", code="bad-value")


def _listed(arms: Sequence[tuple[Strategy, float, tuple[str, ...]]]) -> str:
    return ",".join(f"{row.name.removesuffix('+top')}:{weight:g}" for row, weight, _ in arms)


def _plain(name: str) -> Strategy:
    row = resolve(name)
    if selector_of(row).kind in ("auto", "epsilon"):
        raise UsageError(f"`{row.name}` is a mix itself and cannot be an arm of one", code="bad-value")
    return row


def _ranking(name: str) -> Strategy:
    """A strategy that gives every row a number and takes the largest."""
    row = resolve(name)
    if selector_of(row).kind != "top" or "learner" in row.needs:
        raise UsageError(
            f"`{row.name}` does not rank rows by a utility alone, so it cannot be combined",
            hint=f"to give it a part of the batch: `--mix {row.name}:0.3,margin:0.7`",
            code="strategy-parts",
        )
    return row


def parse_mix(text: str, flag: str = "--mix") -> list[tuple[str, float]]:
    """``entropy:0.7,random:0.3`` as names and weights.

    >>> parse_mix("entropy:0.7,random:0.3")
    [('entropy', 0.7), ('random', 0.3)]
    """
    found: list[tuple[str, float]] = []
    for part in text.split(","):
        name, colon, weight = part.strip().rpartition(":")
        try:
            value = float(weight)
        except ValueError:
            value = float("nan")
        if not colon or not name or not 0 < value < float("inf"):
            raise UsageError(
                f"`{flag}` has {part.strip()!r}, not NAME:WEIGHT with a weight above 0",
                hint=f"write `{flag} entropy:0.7,{'random' if flag == '--mix' else 'margin'}:0.3`",
                code="bad-value",
            )
        if name in [other for other, _ in found]:
            raise UsageError(f"`{flag}` names {name!r} twice", code="bad-value")
        found.append((name, value))
    return found


def play(material: Material, plan: Plan, n: int, *, per_group: int = 1) -> Choice:
    """Choose n rows as planned, fewer when a budget is used up before.

    Raises
    ------
    ModelError
        If a strategy needs what the model cannot give, with what to do.
    TableError
        If a row that could be chosen has no cost though there is a budget.
    """
    known = None
    if material.budget is not None:
        known = prices(material)
        material = affordable(material)
    strategy, _, texts = plan.arms[0]
    selector = selector_of(strategy)
    slots = None
    if selector.kind == "epsilon":
        params = split_params(strategy, parse_params(strategy, texts))
        chance = random_slots(selector, n, material.seed + material.batch, params.selector)
        share = float(params.selector.get("epsilon", 0.1))
        arms = [
            _arm(material, resolve(strategy.utility), 1 - share, (), plan.space, 0),
            _arm(material, resolve("random"), share, (), None, 1),
        ]
        slots = chance.astype(np.intp)
    else:
        arms = [
            _arm(material, strategy, weight, texts, plan.space, number)
            for number, (strategy, weight, texts) in enumerate(plan.arms)
        ]
    playing = _playing(material, plan, arms, Identities(material, per_group), n)
    return choose(material, playing, n, slots=slots, per_group=per_group, prices=known)


def _playing(material: Material, plan: Plan, arms: Sequence[Arm], identities: Identities, n: int) -> Sequence[Offering]:
    """The arms as they are, or in the form in which they combine utilities and know prices."""
    alone = len(arms) == 1 and arms[0].kind == "top"
    if plan.combine_by is not None:
        if material.budget is None:
            return [Held(material, arms, by=plan.combine_by, name=plan.name)]
        return [Knapsack(material, arms, by=plan.combine_by, name=plan.name, n=n, identities=identities)]
    if material.budget is None:
        return arms
    if alone:
        return [Knapsack(material, arms, n=n, identities=identities)]
    return [arm if arm.kind == "geometry" else Priced(material, [arm], weight=arm.weight) for arm in arms]


def _arm(
    material: Material, strategy: Strategy, weight: float, texts: Sequence[str], space: str | None, number: int
) -> Arm:
    params = split_params(strategy, parse_params(strategy, texts))
    return Arm(material, strategy, weight, params, space, number)
