"""From the names a user typed to arms, and from arms to a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alcli.errors import UsageError
from alcli.selection.arms import Arm
from alcli.selection.choosing import Choice, choose
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
    name : what was really used: the strategy, or the mix.
    reason : why `auto` chose it; empty otherwise.
    """

    arms: tuple[tuple[Strategy, float, tuple[str, ...]], ...]
    name: str
    reason: str = ""
    space: str | None = None

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
) -> Plan:
    """What `--strategy`, `--mix`, `--param` and `--space` mean.

    Parameters
    ----------
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
    if mix is not None:
        if params:
            raise UsageError("`--param` does not go with `--mix`: it could be meant for any arm", code="bad-value")
        arms = tuple((_plain(name), weight, ()) for name, weight in parse_mix(mix))
        return Plan(arms, "mix " + ",".join(f"{row.name}:{weight:g}" for row, weight, _ in arms), "", space)
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
    if space is not None and selector_of(row).kind != "geometry" and "space" not in row.needs:
        raise UsageError(f"`{row.name}` takes no distances, so `--space` does nothing", code="bad-value")
    parse_params(row, params)  # a slip is told before anything is read
    return Plan(((row, 1.0, tuple(params)),), row.name, reason, space)


def _plain(name: str) -> Strategy:
    row = resolve(name)
    if selector_of(row).kind in ("auto", "epsilon"):
        raise UsageError(f"`{row.name}` is a mix itself and cannot be an arm of one", code="bad-value")
    return row


def parse_mix(text: str) -> list[tuple[str, float]]:
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
                f"`--mix` has {part.strip()!r}, not NAME:WEIGHT with a weight above 0",
                hint="write `--mix entropy:0.7,random:0.3`",
                code="bad-value",
            )
        if name in [other for other, _ in found]:
            raise UsageError(f"`--mix` names {name!r} twice", code="bad-value")
        found.append((name, value))
    return found


def play(material: Material, plan: Plan, n: int, *, per_group: int = 1) -> Choice:
    """Choose n rows as planned.

    Raises
    ------
    ModelError
        If a strategy needs what the model cannot give, with what to do.
    """
    strategy, _, texts = plan.arms[0]
    selector = selector_of(strategy)
    if selector.kind == "epsilon":
        params = split_params(strategy, parse_params(strategy, texts))
        chance = random_slots(selector, n, material.seed + material.batch, params.selector)
        share = float(params.selector.get("epsilon", 0.1))
        best = _arm(material, resolve(strategy.utility), 1 - share, (), plan.space, 0)
        drawn = _arm(material, resolve("random"), share, (), None, 1)
        return choose(material, [best, drawn], n, slots=chance.astype(np.intp), per_group=per_group)
    arms = [
        _arm(material, strategy, weight, texts, plan.space, number)
        for number, (strategy, weight, texts) in enumerate(plan.arms)
    ]
    return choose(material, arms, n, per_group=per_group)


def _arm(
    material: Material, strategy: Strategy, weight: float, texts: Sequence[str], space: str | None, number: int
) -> Arm:
    params = split_params(strategy, parse_params(strategy, texts))
    return Arm(material, strategy, weight, params, space, number)
