"""A stopping rule as it was understood: conditions, joined by `and` and `or`. Written out, it reads back the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from alcli.evaluation.stopping.kinds import Rule

SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PLAIN = re.compile(r"[^\[\]\"]+(\[[^\[\]\"]+\])?")


@dataclass(frozen=True)
class Condition:
    """One comparison.

    Attributes
    ----------
    rule : its row in the table, or one made of a metric.
    of : the class or metric in brackets; None where there is none.
    rounds : for how many rounds it must hold; 1 for rules that know only now.
    """

    rule: Rule
    of: str | None
    op: str
    threshold: float
    rounds: int

    def ok(self, value: float) -> bool:
        """Whether `value` is on the good side."""
        if self.op == ">=":
            return value >= self.threshold
        if self.op == "<=":
            return value <= self.threshold
        return value > self.threshold if self.op == ">" else value < self.threshold

    @property
    def name(self) -> str:
        """The rule with what stands in brackets."""
        if self.of is None:
            return self.rule.name
        inside = self.of if _PLAIN.fullmatch(self.of) and self.of.strip() == self.of else _quoted(self.of)
        return f"{self.rule.name.partition('[')[0]}[{inside}]"

    @property
    def bound(self) -> str:
        """The threshold as it is written."""
        return age(self.threshold) if self.rule.unit == "time" else shown(self.threshold)

    def __str__(self) -> str:
        text = f"{self.name} {self.op} {self.bound}"
        return f"{text} for {self.rounds}" if self.rule.kind == "history" else text


@dataclass(frozen=True)
class Both:
    """All of the parts must hold."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return " and ".join(str(part) if isinstance(part, Condition) else f"({part})" for part in self.parts)


@dataclass(frozen=True)
class Either:
    """One of the parts is enough."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


Tree = Condition | Both | Either


def conditions(tree: Tree) -> Iterator[Condition]:
    """The conditions of a rule, from left to right."""
    if isinstance(tree, Condition):
        yield tree
    else:
        for part in tree.parts:
            yield from conditions(part)


def holds(tree: Tree, met: Callable[[Condition], bool]) -> bool:
    """Whether the rule holds, when `met` says it of each condition."""
    if isinstance(tree, Condition):
        return met(tree)
    return (all if isinstance(tree, Both) else any)(holds(part, met) for part in tree.parts)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def shown(value: float) -> str:
    """The shortest text that reads back the same.

    >>> shown(500.0), shown(0.99)
    ('500', '0.99')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def age(seconds: float) -> str:
    """Seconds as days, hours or minutes, whichever is whole.

    >>> age(2_592_000), age(5400)
    ('30d', '90m')
    """
    for unit in ("d", "h"):
        if seconds and seconds % SECONDS[unit] == 0:
            return f"{shown(seconds / SECONDS[unit])}{unit}"
    return f"{shown(seconds / 60)}m"
