"""`strategies`: what there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alcli.steps.project import Project
from alcli.steps.result import Result


@dataclass(frozen=True, kw_only=True)
class StrategiesResult(Result):
    """All strategies, or `one` of them; the parts from which others can be made."""

    strategies: tuple[Mapping[str, Any], ...]
    utilities: tuple[str, ...]
    selectors: tuple[str, ...]
    one: Mapping[str, Any] | None = None


def strategies(*, name: str | None = None, **flags: Any) -> StrategiesResult:
    """List the strategies, or explain the one called `name`.

    Raises
    ------
    UsageError
        If no strategy has that name.
    """
    from alcli.strategies.catalogue import everything
    from alcli.strategies.resolve import resolve

    Project("strategies", flags)
    if name is not None:
        one = _explained(resolve(name))
        return StrategiesResult(strategies=(one,), utilities=(), selectors=(), one=one)
    found = everything()
    return StrategiesResult(
        strategies=tuple(_row(row) for row in found.strategies.values()),
        utilities=tuple(name for name in found.utilities if name != "one"),
        selectors=tuple(name for name, row in found.selectors.items() if row.kind != "auto"),
        warnings=tuple(f"{problem.package}: {problem.why}" for problem in found.problems),
    )


def _row(row: Any) -> dict[str, Any]:
    from alcli.strategies.table import FAMILY_OF, FAMILY_SUMMARIES

    family = FAMILY_OF.get(row.name, "")
    return {
        "name": row.name,
        "family": family,
        "about": FAMILY_SUMMARIES.get(family, "From installed packages"),
        "summary": row.summary,
        "space": row.space,
        "utility": None if row.utility == "one" else row.utility,
        "selector": row.selector,
        "needs": ", ".join(row.needs) or "nothing",
        "source": row.source,
        "cost": row.cost,
    }


def _explained(row: Any) -> dict[str, Any]:
    from alcli.strategies.params import known_params
    from alcli.strategies.resolve import selector_of, utility_of
    from alcli.strategies.table import SIGNALS, example, limits

    params = ", ".join(f"{name}={param.default}" for name, param in known_params(row).items())
    return {
        **_row(row),
        "formula": row.formula,
        "use_when": row.use_when,
        "aliases": ", ".join(row.aliases),
        "params": params,
        "signals": {name: SIGNALS[name].summary for name in row.needs if name in SIGNALS},
        "limits": limits(row, utility_of(row), selector_of(row)),
        "example": example(row),
    }
