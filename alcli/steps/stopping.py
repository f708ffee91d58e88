"""Whether a project's stopping rules hold, from its ledgers. Reads; writes nothing; loads no numpy by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib import import_module
from typing import Any

from alcli.clock import now
from alcli.evaluation.stopping.conditions import Condition, Tree, conditions, holds
from alcli.evaluation.stopping.grammar import parse
from alcli.steps.project import Project
from alcli.tables.history import Campaign, Labels, batch_number, current
from alcli.tables.ledgers import Measurement

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Judged:
    """One condition as it stands.

    Attributes
    ----------
    rule : the condition as it was understood, with its defaults; `part_of` is the rule that it stands in.
    value : None when it is not known, and `why` says what would make it known.
    held, needed : rounds; for a rule that only knows how things are now 0 or 1, and 1.
    over_rounds : whether the value comes from metrics.csv, where it is measured once a round.
    """

    rule: str
    name: str
    value: float | None
    op: str
    threshold: float
    held: int
    needed: int
    met: bool
    why: str
    source: str
    part_of: str
    over_rounds: bool


@dataclass(frozen=True)
class Verdict:
    """Whether it is enough, and which of the rules say so; any one of them is enough."""

    enough: bool
    rules: tuple[Judged, ...]
    because: tuple[str, ...]


def rules_of(project: Project, texts: Sequence[str] | None = None, setting: str | None = "rule") -> list[Tree]:
    """The stopping rules of the project, or `texts` read with its classes.

    Raises
    ------
    UsageError, SettingsError
        ``stopping-rule``, by where the rule stands.
    """
    found = project.settings.rule if texts is None else texts
    if not found:
        return []
    classes = project.classes(project.resolved_labels()) or None
    if setting is None:
        return [parse(text, classes) for text in found]
    with project.blaming(setting):
        return [parse(text, classes) for text in found]


def judge(project: Project, rules: Sequence[Tree]) -> Verdict:
    """Judge every condition of every rule by the ledgers as they are now."""
    state, history = _State(project), _History(project.metrics.rows())
    judged: list[Judged] = []
    because: list[str] = []
    for tree in rules:
        here = {each: _judged(each, str(tree), state, history) for each in conditions(tree)}
        judged += here.values()
        if holds(tree, lambda each, here=here: here[each].met):  # type: ignore[misc]
            because.append(str(tree))
    return Verdict(bool(because), tuple(judged), tuple(because))


def _judged(each: Condition, part_of: str, state: _State, history: _History) -> Judged:
    rule = each.rule
    module, _, name = rule.target.partition(":")
    function = getattr(import_module(module), name)
    why = ""
    if rule.kind == "state":
        value = function(state, each.of)
        held = int(value is not None and each.ok(value))
        if value is None:
            why = f"no row is labelled {each.of!r} yet" if each.of else "there is nothing to count yet"
    else:
        series = history.of(each)
        value, held = function(series, each.ok, each.rounds)
        if value is None:
            why = history.missing(each)
    return Judged(
        rule=str(each),
        name=each.name,
        value=value,
        op=each.op,
        threshold=each.threshold,
        held=held,
        needed=each.rounds,
        met=held >= each.rounds,
        why=why,
        source=rule.source,
        part_of=part_of,
        over_rounds=rule.kind == "history",
    )


class _History:
    """metrics.csv by rounds: a round is a set of labels that a measured model learned from.

    A model trained again on the same labels makes no round. Its measurements take the place of the earlier ones,
    but for those against the model before, which would compare two models of the same labels.
    """

    def __init__(self, rows: Sequence[Measurement]) -> None:
        self.rows = rows
        self.rounds = list(dict.fromkeys(row.labels_fingerprint for row in rows))

    def of(self, each: Condition) -> list[float | None]:
        """The condition's value in every round; larger is better for a plateau, whatever the metric."""
        values = self._measured(each)
        column, sign = "value", 1.0
        if each.rule.takes == "metric":
            from alcli.evaluation.table import find_metric

            sign = 1.0 if find_metric(str(each.of)).better == "higher" else -1.0
        elif not each.rule.how:
            # what `evaluate` itself measured counts by the worse end of its interval
            column = "low" if each.rule.better == "higher" else "high"
        return [_number(values.get(key), column, sign) for key in self.rounds]

    def _measured(self, each: Condition) -> dict[str, Measurement]:
        """The measurement of each round: of several ways to measure, the one that was used last."""
        rule = each.rule
        metric = _metric_of(each)
        rows = [row for row in self.rows if row.metric == metric and row.how.startswith(rule.how)]
        found: dict[str, Measurement] = {}
        for row in rows:
            if rule.measure.endswith("_with_before"):
                found.setdefault(row.labels_fingerprint, row)
            elif rule.how or row.how == rows[-1].how:
                found[row.labels_fingerprint] = row
        return found

    def missing(self, each: Condition) -> str:
        """Why there is no value, and which commands would record one."""
        if not self.rounds:
            return "no model is measured yet: `alcli train`, then `alcli evaluate` records it"
        values = self._measured(each)
        record = f"`alcli evaluate --metric '{each.of}'`" if each.rule.takes == "metric" else each.rule.needs
        if self.rounds[-1] not in values:
            return f"the last round has no such measurement: {record} records it"
        if not values[self.rounds[-1]].value:
            return "it is not defined for the last round"
        if len(values) < 2 and each.rule.how != "batch ":
            return "it needs two rounds: `alcli train` after new labels, then `alcli evaluate` records the next"
        return "its last measurement has no interval"


def short_of_rounds(project: Project, rules: Sequence[Tree]) -> tuple[str, ...]:
    """Warnings of metrics that are judged by one round only, while another way to measure them has more."""
    rows = project.metrics.rows()
    found: dict[str, None] = {}
    for each in dict.fromkeys(each for tree in rules for each in conditions(tree)):
        if each.rule.kind != "history" or each.rule.how:
            continue
        metric = _metric_of(each)
        rounds: dict[str, set[str]] = {}
        newest = ""
        for row in rows:
            if row.metric == metric:
                newest = row.how
                rounds.setdefault(newest, set()).add(row.labels_fingerprint)
        most = max(rounds, key=lambda how: len(rounds[how]), default="")
        if most and len(rounds[newest]) == 1 < len(rounds[most]):
            now, other = newest.partition(" ")[0], most.partition(" ")[0]
            other = f"other rows of {other}" if other == now else other
            found[
                f"{metric} is judged as it was measured last, by {now}, in 1 round; by {other} it was measured in "
                f"{len(rounds[most])}, which do not count"
            ] = None
    return tuple(found)


def _metric_of(each: Condition) -> str:
    """The metric in metrics.csv that a condition looks at."""
    rule = each.rule
    return {"metric": str(each.of), "class": f"{rule.measure}[{each.of}]"}.get(rule.takes, rule.measure)


def _number(row: Measurement | None, column: str, sign: float) -> float | None:
    if row is None:
        return None
    try:
        return sign * float(getattr(row, column))
    except ValueError:
        return None


class _State:
    """The project as `alcli.evaluation.stopping.counting.State`; each part is found when it is asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def _labels(self) -> Labels:
        return self.project.resolved_labels()

    @cached_property
    def _campaign(self) -> Campaign:
        return self.project.campaign()

    @cached_property
    def order(self) -> Sequence[str]:
        """Labels in the order in which their rows were asked first; those that nobody asked for come before."""
        place: dict[str, tuple[int, int]] = {}
        for row in self.project.asked.rows():
            rank = int(row.rank) if row.rank.isdecimal() else 0
            here = (batch_number(row.batch), rank)
            place[row.id] = min(here, place.get(row.id, here))
        ordered = sorted(self._labels.rows, key=lambda row: place.get(row.id, (-2, 0)))
        return [row.label for row in ordered]

    @cached_property
    def rows(self) -> int:
        return self.project.pool.facts().rows

    @cached_property
    def left(self) -> int:
        return self.project.left(self._campaign)

    @property
    def batches(self) -> int:
        return self._campaign.batches()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        return dict.fromkeys(self.project.classes(self._labels), 0) | self._labels.counts()

    @cached_property
    def seconds(self) -> float:
        asked = self.project.asked.rows()
        try:
            begun = datetime.strptime(min(row.asked_at for row in asked), _FORMAT)
        except ValueError:  # nothing is asked, or at a time that nobody can read
            return 0.0
        return max(0.0, (datetime.strptime(now(), _FORMAT) - begun).total_seconds())

    @cached_property
    def paid(self) -> float:
        """Labels and skips of all annotators, each at the price of its row."""
        paid = [answer.id for answer in current(self.project.labels.rows()).values() if answer.kind != "withdraw"]
        column = self.project.settings.cost
        if column is None:
            return float(len(paid))
        price = prices(self.project, column, sorted(set(paid)))
        return sum(price[id_] for id_ in paid)


def prices(project: Project, column: str, ids: Sequence[str]) -> dict[str, float]:
    """What a label of each row costs; rows that the pool no longer has, or that have no price, cost 1.

    Raises
    ------
    TableError
        If the pool has no such column, or it holds something else than numbers.
    """
    from alcli.errors import TableError, did_you_mean, listing
    from alcli.tables.pool import Request

    names = [each.name for each in project.pool.columns]
    if column not in names:
        raise TableError(
            f"the pool has no column {column!r}, which `--cost` names",
            hint=did_you_mean(column, names) or f"its columns are: {listing(names)}",
            code="missing-column",
        )
    project.pool.facts()
    here = sorted(project.pool.known(ids))
    cells: list[Any] = project.pool.take(here, Request(numbers=(column,))).columns[column].to_pylist() if here else []
    known = {id_: 1.0 if cell is None else float(cell) for id_, cell in zip(here, cells, strict=True)}
    return {id_: known.get(id_, 1.0) for id_ in ids}
