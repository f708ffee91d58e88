"""What the ledgers mean: which answers count, which rows are out, what was asked when.

All of it is derived from the ledgers' rows and a moment in time; nothing is stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alcli.errors import UsageError
from alcli.tables.ledgers import Answer, Asked


@dataclass(frozen=True, slots=True)
class Resolved:
    """One labelled row after aggregation.

    Attributes
    ----------
    votes : how many annotators answered it, and in `agreement` the share of them who gave the label.
    probability : that the label is right, as far as the rule tells; that share where it tells nothing.
    """

    id: str
    label: str
    votes: int
    agreement: float
    probability: float = 1.0


@dataclass(frozen=True)
class Labels:
    """The labels that count.

    Attributes
    ----------
    rows : the labelled rows, in the order in which their first answer came in.
    tied : ids whose annotators disagree without a majority; they carry no label.
    """

    rows: tuple[Resolved, ...]
    tied: tuple[str, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """(id, label) of every labelled row."""
        return [(row.id, row.label) for row in self.rows]

    def probabilities(self) -> dict[str, float]:
        """How likely the label of each labelled row is right."""
        return {row.id: row.probability for row in self.rows}

    def counts(self) -> dict[str, int]:
        """How many rows carry each label."""
        return dict(Counter(row.label for row in self.rows))


def batch_number(text: str) -> int:
    """The number of a batch; answers that belong to no batch come before all."""
    return int(text) if text.isdecimal() else -1


def current(
    answers: Iterable[Answer], newest: dict[tuple[str, str], Answer] | None = None
) -> dict[tuple[str, str], Answer]:
    """The answer that counts for each (id, annotator).

    It is the newest by batch, then by the time of the answer, then by position in the ledger, so
    that importing an older sheet again never undoes a correction. A withdrawal counts like an
    answer: it is in the result with its kind.

    Parameters
    ----------
    newest : the result for earlier answers, to which these are added.
    """
    newest = {} if newest is None else newest
    for answer in answers:
        key = (answer.id, answer.annotator)
        before = newest.setdefault(key, answer)
        if before is not answer and _order(answer) >= _order(before):
            newest[key] = answer
    return newest


def _order(answer: Answer) -> tuple[int, str]:
    return batch_number(answer.batch), answer.answered_at


def after_recheck(answers: Sequence[Answer], asked: Iterable[Asked]) -> Sequence[Answer]:
    """The answers without those that a recheck has overridden.

    The label that somebody gave to a row when it was sent out again for a recheck takes the place of the
    labels that others gave it before, by batch. What is answered in the same batch or later stands beside it.
    A skip overrides nothing, and a recheck's answer that was withdrawn no longer does.
    """
    rechecked = {(row.id, batch_number(row.batch)) for row in asked if row.purpose == "recheck"}
    if not rechecked:
        return answers
    since: dict[str, int] = {}
    newest = current(answers)
    for answer in answers:
        batch = batch_number(answer.batch)
        stands = answer.kind == newest[answer.id, answer.annotator].kind == "label"
        if stands and (answer.id, batch) in rechecked:
            since[answer.id] = max(batch, since.get(answer.id, batch))
    return [
        answer for answer in answers if answer.kind != "label" or batch_number(answer.batch) >= since.get(answer.id, -1)
    ]


def aggregate(answers: Iterable[Answer], rule: str = "majority") -> Labels:
    """One label a row from the answers that count.

    Parameters
    ----------
    rule : ``majority`` (a tie gives no label and is reported, never drawn) or ``newest``.
    """
    votes: dict[str, Answer | list[Answer]] = {}  # mostly there is one: a million lists would be too many
    for answer in current(answers).values():
        if answer.kind == "label":
            before = votes.setdefault(answer.id, answer)
            if isinstance(before, list):
                before.append(answer)
            elif before is not answer:
                votes[answer.id] = [before, answer]
    rows: list[Resolved] = []
    tied: list[str] = []
    for id_, given in votes.items():
        if not isinstance(given, list):
            rows.append(Resolved(id_, given.label, 1, 1.0))
            continue
        counts = Counter(answer.label for answer in given)
        if rule == "newest":
            label = max(enumerate(given), key=lambda at: (*_when(at[1]), at[0]))[1].label
        else:
            (label, most), *others = counts.most_common(2)
            if others and others[0][1] == most:
                tied.append(id_)
                continue
        share = counts[label] / len(given)
        rows.append(Resolved(id_, label, len(given), share, share))
    return Labels(tuple(rows), tuple(tied))


def _when(answer: Answer) -> tuple[int, str, str]:
    return batch_number(answer.batch), answer.answered_at, answer.imported_at


def voting(answers: Sequence[Answer], asked: Iterable[Asked], excluded: Collection[str] = ()) -> Sequence[Answer]:
    """The answers that may count for a row's label.

    An answer to a gold question measures who gave it and is no label: the known answer stands. Neither
    counts what labelers say who are excluded.
    """
    gold = _gold_lines(asked)
    if not gold and not excluded:
        return answers
    return [answer for answer in answers if answer.annotator not in excluded and not _is_gold(answer, gold)]


_Gold = Mapping[tuple[str, str], Collection[str]]


def _gold_lines(asked: Iterable[Asked]) -> _Gold:
    """(batch, id) of each gold question, and whom it was asked of."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in asked:
        if row.purpose == "gold":
            found.setdefault((row.batch, row.id), set()).add(row.annotator)
    return found


def _is_gold(answer: Answer, gold: _Gold) -> bool:
    # what somebody says who was not asked is an ordinary answer, such as an expert's correction
    people = gold.get((answer.batch, answer.id), ())
    return answer.annotator in people or "" in people


@dataclass
class Campaign:
    """Where a campaign stands: what is labelled, what is out, what may be asked.

    Parameters
    ----------
    asked, answers : the ledgers' rows.
    expire : age after which an unanswered row is free again, or None for never.
    now : the moment, as `alcli.clock.now` writes it.
    excluded : labelers whose answers do not count. What only they answered is free again, and nothing
        is out with them.

    Attributes
    ----------
    out : id -> the lines of asked.csv that wait for an answer, without gold questions.
    waiting : all lines that wait, gold questions among them: what labelers have.
    expired : the lines that nobody answered in time.
    closed, reserved, gold : ids that are answered or skipped, asked for evaluation, asked as gold.
    """

    asked: Sequence[Asked]
    answers: Sequence[Answer]
    now: str
    expire: timedelta | None = None
    excluded: Collection[str] = ()
    out: dict[str, list[Asked]] = field(init=False)
    waiting: list[Asked] = field(init=False)
    expired: list[Asked] = field(init=False)
    closed: set[str] = field(init=False)
    reserved: set[str] = field(init=False)
    gold: set[str] = field(init=False)

    def __post_init__(self) -> None:
        closed = ("label", "skip")
        self.closed = {
            id_
            for (id_, who), answer in current(self.answers).items()
            if answer.kind in closed and who not in self.excluded
        }
        last: dict[str, int] = {}  # the newest batch that anyone, or somebody, answered the row in
        last_of: dict[tuple[str, str], int] = {}
        asked = {row.id for row in self.asked}
        number = {text: batch_number(text) for text in {answer.batch for answer in self.answers}}
        for answer in self.answers:
            if answer.id in asked and answer.kind in closed:
                batch, who = number[answer.batch], (answer.id, answer.annotator)
                if batch > last.get(answer.id, -2):
                    last[answer.id] = batch
                if batch > last_of.get(who, -2):
                    last_of[who] = batch
        waits = []
        for row in self.asked:
            # an answer to this batch or a later one closes the row: that of the one it was asked of, or
            # of anyone; an answer that belongs to no batch was there before the row was asked
            newest = last_of.get((row.id, row.annotator), -2) if row.annotator else last.get(row.id, -2)
            if newest >= batch_number(row.batch) or (row.annotator and row.annotator in self.excluded):
                continue
            waits.append(row)
        self.waiting, self.expired = [], []
        limit = _moment(self.now) - self.expire if self.expire is not None else None
        for row in self._without_stand_ins(waits):
            late = limit is not None and _moment(row.asked_at) < limit
            (self.expired if late else self.waiting).append(row)
        self.out = {}
        for row in self.waiting:
            if row.purpose != "gold":
                self.out.setdefault(row.id, []).append(row)
        self.reserved = {row.id for row in self.asked if row.purpose == "evaluate"}
        self.gold = {row.id for row in self.asked if row.purpose == "gold"}

    def _without_stand_ins(self, waits: Sequence[Asked]) -> Sequence[Asked]:
        """The lines without those that others answered in place of whom they were asked of.

        The ledger does not say in whose place. So the lines of a row stay as long as there are more of them than
        people who answered it in that batch without being asked. A gold question is for one person alone.
        """
        lines = Counter((row.batch, row.id) for row in waits if row.annotator and row.purpose != "gold")
        if not lines:
            return waits
        people: dict[tuple[str, str], set[str]] = {}
        for answer in self.answers:
            if (
                (answer.batch, answer.id) in lines
                and answer.kind != "withdraw"
                and answer.annotator not in self.excluded
            ):
                people.setdefault((answer.batch, answer.id), set()).add(answer.annotator)
        if not people:
            return waits
        for row in self.asked:
            if (row.batch, row.id) in people:
                people[row.batch, row.id].discard(row.annotator)
        return [
            row
            for row in waits
            if not row.annotator
            or row.purpose == "gold"
            or lines[row.batch, row.id] > len(people.get((row.batch, row.id), ()))
        ]

    def unavailable(self) -> set[str]:
        """Ids that are not asked again: answered, skipped, out with a labeler, known as gold, or kept to measure on."""
        return self.closed | set(self.out) | self.gold | self.reserved

    def batches(self) -> int:
        """The number of the newest batch, 0 before the first."""
        return max(map(batch_number, {row.batch for row in self.asked}), default=0)

    def rows_of(self, batch: int) -> list[Asked]:
        """The rows of one batch, by rank."""
        rows = [row for row in self.asked if batch_number(row.batch) == batch]
        return sorted(rows, key=lambda row: int(row.rank) if row.rank.isdecimal() else 0)


def by_token(asked: Iterable[Asked]) -> Mapping[tuple[int, int], str]:
    """The id behind each (batch, rank)."""
    return {(int(row.batch), int(row.rank)): row.id for row in asked if row.batch.isdecimal() and row.rank.isdecimal()}


def people_by_token(asked: Iterable[Asked]) -> Mapping[tuple[int, int], str]:
    """Whom each (batch, rank) was asked of, where it was asked of somebody."""
    return {
        (int(row.batch), int(row.rank)): row.annotator
        for row in asked
        if row.annotator and row.batch.isdecimal() and row.rank.isdecimal()
    }


_AGE = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(m|h|d|w)\s*$")
_OLDEST = timedelta(days=36_500)  # longer ones may reach back to before the calendar begins
_UNIT = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def age(text: str | None) -> timedelta | None:
    """``14d``, ``36h``, ``90m`` or ``2w`` as a length of time.

    >>> age("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    if not text:
        return None
    match = _AGE.match(text)
    length = None
    if match:
        with suppress(OverflowError):
            length = timedelta(**{_UNIT[match[2]]: float(match[1])})
    if length is None or length > _OLDEST:
        raise UsageError(
            f"{text!r} is not an age",
            hint="write 14d, 36h, 90m or 2w: days, hours, minutes or weeks",
            code="bad-value",
        )
    return length


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # an unreadable time never expires by itself
