"""The table together with what installed packages add to it.

A package adds to alcli by an entry point in the group `alcli.strategies`:

    [project.entry-points."alcli.strategies"]
    surprise = "their_package.alcli:ROWS"

The entry point is a `Strategy`, a `Utility` or a `Selector`, or a list of these. A utility needs no
strategy beside it: `--strategy surprise` takes its largest values, and `surprise+kmeans` works as well.
Entry points are loaded only when a name is not in the table, or to list everything. What is in the table
cannot be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alcli.strategies.kinds import Selector, Strategy, Utility, key_of
from alcli.strategies.table import SELECTORS, TABLE, UTILITIES, complete

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "alcli.strategies"


@dataclass(frozen=True)
class Problem:
    """An entry point that could not be used."""

    name: str
    package: str
    why: str


@dataclass(frozen=True)
class Catalogue:
    """Everything that names can stand for."""

    strategies: Mapping[str, Strategy] = field(default_factory=lambda: TABLE)
    utilities: Mapping[str, Utility] = field(default_factory=lambda: UTILITIES)
    selectors: Mapping[str, Selector] = field(default_factory=lambda: SELECTORS)
    problems: tuple[Problem, ...] = ()

    def strategy(self, name: str) -> Strategy | None:
        """By name or alias, as a user types it."""
        key = key_of(name)
        for row in self.strategies.values():
            if key == key_of(row.name) or key in map(key_of, row.aliases):
                return row
        return None

    def utility(self, name: str) -> Utility | None:
        """By name, or by a name or alias of the strategy that takes its largest values."""
        key = key_of(name)
        for row in self.utilities.values():
            if key == key_of(row.name):
                return row
        named = self.strategy(name)
        return self.utilities.get(named.utility) if named is not None and named.selector == "top" else None

    def selector(self, name: str) -> Selector | None:
        """By name, or by a name or alias of the strategy that uses it with no utility."""
        key = key_of(name)
        for row in self.selectors.values():
            if key == key_of(row.name):
                return row
        named = self.strategy(name)
        if named is None or named.utility != "one":
            return None
        found = self.selectors.get(named.selector)
        # `entropy+random` would be a weighted draw, which is not what anyone who types it means.
        return found if found is not None and found.kind == "geometry" else None


def everything() -> Catalogue:
    """The table and all that installed packages add, in the order of the names of their entry points.

    What cannot be loaded is left out and told in `problems`.
    """
    # Takes longer to import than the whole table; most commands never come here.
    from importlib.metadata import entry_points

    utilities, selectors, strategies = dict(UTILITIES), dict(SELECTORS), dict(TABLE)
    problems: list[Problem] = []
    named: list[tuple[Strategy, EntryPoint]] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            rows = _rows(point.load())
        except Exception as error:  # another package's code: it can fail in any way
            problems.append(_problem(point, f"{type(error).__name__}: {error}"))
            continue
        for row in rows:
            if isinstance(row, Strategy):
                named.append((row, point))
                continue
            known: dict[str, Any] = utilities if isinstance(row, Utility) else selectors
            if _taken(row.name, known):
                problems.append(_problem(point, f"the name {row.name!r} is taken"))
            else:
                known[row.name] = row
    # Strategies last: their parts may come from an entry point that is loaded later.
    for row, point in named:
        names = [name for each in strategies.values() for name in (each.name, *each.aliases)]
        utility, selector = utilities.get(row.utility), selectors.get(row.selector)
        if _taken(row.name, names):
            problems.append(_problem(point, f"the name {row.name!r} is taken"))
        elif utility is None:
            problems.append(_problem(point, f"{row.name!r} uses an unknown utility, {row.utility!r}"))
        elif selector is None:
            problems.append(_problem(point, f"{row.name!r} uses an unknown selector, {row.selector!r}"))
        else:
            strategies[row.name] = complete(row, utility, selector)
    return Catalogue(strategies, utilities, selectors, tuple(problems))


def _rows(loaded: object) -> list[Strategy | Utility | Selector]:
    rows: list[Strategy | Utility | Selector] = []
    for row in loaded if isinstance(loaded, list | tuple) else [loaded]:
        if not isinstance(row, Strategy | Utility | Selector):
            raise TypeError(f"neither a Strategy, a Utility nor a Selector but {type(row).__name__}")
        rows.append(row)
    return rows


def _taken(name: str, known: Mapping[str, Any] | list[str]) -> bool:
    return key_of(name) in map(key_of, known)


def _problem(point: EntryPoint, why: str) -> Problem:
    package = point.dist.name if point.dist is not None else point.module
    return Problem(point.name, package, " ".join(why.split()))
