"""How a stopping rule is written: ``kappa >= 0.99 for 3 and (labels >= 500 or cost >= 900)``.

    rule       = all ("or" all)*
    all        = part ("and" part)*
    part       = "(" rule ")" | condition
    condition  = NAME ["[" what "]"] [("<" | "<=" | ">" | ">=") NUMBER] ["for" WHOLE ["rounds"]]

A name alone takes its paper's threshold and rounds. Numbers may be per cent; those of `time` end in m, h, d or w.
In brackets stands a class or a metric, in double quotes when it holds brackets or quotes itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from alcli.errors import UsageError, did_you_mean, listing
from alcli.evaluation.stopping.conditions import SECONDS, Both, Condition, Either, Tree, shown
from alcli.evaluation.stopping.kinds import Rule
from alcli.evaluation.stopping.table import ALIASES, RULES, of_metric
from alcli.evaluation.table import ALIASES as METRIC_ALIASES
from alcli.evaluation.table import METRICS, PER_CLASS, Metric, find_metric

DEEPEST = 40  # parentheses within each other
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][\w-]*)|(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?P<unit>%|[mhdw](?!\w))?)"
    r"|(?P<op>>=|<=|>|<)|(?P<mark>[()\[]))"
)


def parse(text: str, classes: Sequence[str] | None = None) -> Tree:
    """Read a rule.

    Parameters
    ----------
    classes : when given, a class must be one of them, and of two the second is meant when none is named.

    Raises
    ------
    UsageError
        ``stopping-rule``: what is wrong, with the character where.

    Examples
    --------
    >>> str(parse("kappa and (LABELS > 100 or recall[spam] >= 95%)"))
    'kappa >= 0.99 for 3 and (labels > 100 or recall[spam] >= 0.95 for 1)'
    >>> parse("kapa >= 0.99")
    Traceback (most recent call last):
    alcli.errors.UsageError: no stopping rule is called 'kapa', at character 1 of `kapa >= 0.99`
    """
    return _Reader(text, classes).whole()


class _Reader:
    """Goes through a rule once, from left to right."""

    def __init__(self, text: str, classes: Sequence[str] | None) -> None:
        self.text, self.classes = text, classes
        self.at = 0
        self.depth = 0

    def whole(self) -> Tree:
        if not self.text.strip():
            raise UsageError(
                "an empty stopping rule",
                hint="as in `kappa >= 0.99 for 3`; `alcli enough --list`",
                code="stopping-rule",
            )
        tree = self.either()
        if self.text[self.at :].strip():
            more = ": `for` follows a condition, not a group" if self.word() == "for" else ""
            raise self.wrong(f"what follows is no part of the rule{more}", "join conditions with `and` or `or`")
        return tree

    def either(self) -> Tree:
        parts = [self.both()]
        while self.word() == "or":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Tree:
        parts = [self.part()]
        while self.word() == "and":
            self.take()
            parts.append(self.part())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def part(self) -> Tree:
        token = self.peek()
        if token is None or token["mark"] != "(":
            return self.condition()
        if self.depth == DEEPEST:
            raise self.wrong(f"more than {DEEPEST} parentheses within each other")
        opened = self.start()
        self.take()
        self.depth += 1
        tree = self.either()
        self.depth -= 1
        if self.text[self.at :].lstrip()[:1] != ")":
            found = self.text[self.at :].strip()
            if found:
                raise self.wrong("what follows is no part of the rule", "join conditions with `and` or `or`")
            raise self.wrong("a parenthesis is not closed", at=opened)
        self.take()
        return tree

    def condition(self) -> Condition:
        begun = self.start()
        token = self.peek()
        if token is None or not token["name"]:
            raise self.wrong("a condition begins with the name of a rule", "as in `kappa >= 0.99 for 3`")
        word = token["name"].casefold().replace("-", "_")
        if word in ("and", "or", "for"):
            raise self.wrong(f"a condition is missing before `{word}`")
        self.take()
        inside_at = self.at + 1
        inside = self.bracket() if self.text[self.at : self.at + 1] == "[" else None
        rule, of = self.meant(word, inside, begun, inside_at)
        op, threshold = self.comparison(rule)
        return Condition(rule, of, op, threshold, self.rounds(rule))

    def meant(self, word: str, inside: str | None, begun: int, inside_at: int) -> tuple[Rule, str | None]:
        """The rule that is named, and what its brackets hold."""
        rule = RULES.get(ALIASES.get(word, word))
        if rule is None:
            return self.metric(word, inside, begun)
        if not rule.takes:
            if inside is not None:
                raise self.wrong(f"`{rule.name}` takes nothing in brackets", at=inside_at)
            return rule, None
        if rule.takes == "metric":
            return rule, self.known(inside or "accuracy", inside_at).name
        if inside is None and self.classes is not None:
            if len(self.classes) != 2:
                names = listing(self.classes) or "none yet"
                raise self.wrong(
                    f"`{rule.name}` is about one class", f"`{rule.name}[CLASS]`; the classes are {names}", begun
                )
            inside = self.classes[-1]
        if inside is not None and self.classes is not None and inside not in self.classes:
            hint = did_you_mean(inside, self.classes) or f"the classes are {listing(self.classes)}"
            raise self.wrong(f"{inside!r} is no class of this project", hint, inside_at)
        return rule, inside

    def metric(self, word: str, inside: str | None, begun: int) -> tuple[Rule, str | None]:
        known_here = (*METRICS, *METRIC_ALIASES, *PER_CLASS) if inside is None else tuple(PER_CLASS)
        if word not in known_here:
            known = [*RULES, *ALIASES, *METRICS, *METRIC_ALIASES, *PER_CLASS]
            hint = did_you_mean(word, known) or "`alcli enough --list` has them"
            raise self.wrong(f"no stopping rule is called {word!r}", hint, begun)
        metric = self.known(word if inside is None else f"{word}[{inside}]", begun)
        return of_metric(metric), metric.of

    def known(self, name: str, at: int) -> Metric:
        try:
            return find_metric(name, self.classes)
        except UsageError as error:
            raise self.wrong(error.message, error.hint, at) from error

    def bracket(self) -> str:
        opened = self.at
        start = opened + 1
        if self.text[start:].lstrip()[:1] == '"':
            start += len(self.text[start:]) - len(self.text[start:].lstrip())
            try:
                inside, length = json.JSONDecoder().raw_decode(self.text[start:])
            except ValueError:
                raise self.wrong("the quotes are not closed", at=start) from None
            rest = self.text[start + length :]
            if rest.lstrip()[:1] != "]":
                raise self.wrong("no `]` follows the quotes", at=start + length)
            self.at = start + length + len(rest) - len(rest.lstrip()) + 1
            return str(inside)
        depth = 0
        for at in range(opened, len(self.text)):
            depth += {"[": 1, "]": -1}.get(self.text[at], 0)
            if depth == 0:
                self.at = at + 1
                if not self.text[start:at].strip():
                    raise self.wrong("nothing stands in the brackets", at=start)
                return self.text[start:at].strip()
        raise self.wrong("a bracket is not closed", 'a name with brackets stands in quotes: `found["a]"]`', opened)

    def comparison(self, rule: Rule) -> tuple[str, float]:
        token = self.peek()
        if token is None or not token["op"]:
            if self.text[self.at :].lstrip()[:1] in ("=", "≥", "≤", "!"):
                raise self.wrong("there is no such comparison", f"`{rule.name} {rule.op} NUMBER`")
            if rule.threshold is None:
                raise self.wrong(f"`{rule.name}` needs a threshold", f"as in `{_example(rule)}`")
            return rule.op, rule.threshold
        if (token["op"][0] == ">") != (rule.better == "higher"):
            what = "higher" if rule.better == "higher" else "lower"
            raise self.wrong(f"of `{rule.name}` there is enough when it is {what}", f"`{rule.name} {rule.op} …`")
        self.take()
        return token["op"], self.number(rule)

    def number(self, rule: Rule) -> float:
        token = self.peek()
        if token is None or not token["number"]:
            raise self.wrong("a number is missing")
        unit = token["unit"] or ""
        if (unit in SECONDS) != (rule.unit == "time"):
            hint = "as in `time >= 30d`: 90m, 36h, 30d or 2w" if rule.unit else "without m, h, d or w"
            raise self.wrong(f"`{token['number']}` is not what `{rule.name}` is counted in", hint)
        value = float(token["number"].removesuffix(unit) if unit else token["number"])
        if unit == "%":
            value /= 100
        elif unit:
            value = float(round(value * SECONDS[unit])) if value < 1e9 else float("inf")
        if not rule.low <= value <= rule.high or value in (float("inf"), float("-inf")):
            per_cent = rule.high == 1 and 1 < value <= 100
            bounds = f"it lies between {rule.low:g} and {rule.high:g}"
            hint = f"did you mean `{shown(value)}%`?" if per_cent else bounds
            raise self.wrong(f"`{rule.name}` is never {value:g}", hint)
        self.take()
        return value

    def rounds(self, rule: Rule) -> int:
        if self.word() != "for":
            return rule.rounds
        if rule.kind == "state":
            raise self.wrong(f"`{rule.name}` only knows how things are now, so that it has no rounds")
        self.take()
        token = self.peek()
        if (
            token is None
            or not token["number"]
            or not token["number"].isdecimal()
            or not 1 <= int(token["number"]) <= 1000
        ):
            raise self.wrong("`for` is followed by a number of rounds, from 1 to 1,000", "as in `for 3`")
        self.take()
        if self.word() in ("round", "rounds"):
            self.take()
        return int(token["number"])

    def peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.at)

    def word(self) -> str:
        token = self.peek()
        return (token["name"] or "").casefold() if token else ""

    def take(self) -> None:
        if token := self.peek():
            self.at = token.end()

    def start(self) -> int:
        """Where the next token begins."""
        rest = self.text[self.at :]
        return self.at + len(rest) - len(rest.lstrip())

    def wrong(self, what: str, hint: str | None = None, at: int | None = None) -> UsageError:
        place = self.start() if at is None else at
        where = f"at character {place + 1}" if place < len(self.text.rstrip()) else "at the end"
        return UsageError(f"{what}, {where} of `{self.text.strip()}`", hint=hint, code="stopping-rule")


def _example(rule: Rule) -> str:
    return rule.example.split(" and ")[-1] or f"{rule.name} {rule.op} {0.9 if rule.better == 'higher' else 0.1}"
