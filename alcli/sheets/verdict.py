"""What became of a returned sheet: the answers that were taken, and the rows that were not."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that is taken. `kind` is label, skip or withdraw; only the first has a label."""

    id: str
    label: str
    annotator: str
    kind: str
    comment: str
    batch: str
    row: int
    changed: bool = False
    answered_at: str = ""


#: Stands where a label could, for an answer that is taken back.
WITHDRAWN = "\0withdrawn"


def meaning(kind: str, label: str) -> str:
    """What was said in one text: the label, nothing for a skip, or `WITHDRAWN`."""
    return label if kind == "label" else WITHDRAWN if kind == "withdraw" else ""


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that is not taken. `cells` are the row as it was."""

    row: int
    column: str | None
    problem: str
    code: str
    hint: str
    cells: tuple[str, ...] = field(repr=False)


@dataclass
class Judged:
    """What became of a sheet.

    Attributes
    ----------
    file, header : of the sheet; `header` without the columns of a rejects file.
    accepted : new and changed answers, in the order of the sheet.
    known : rows whose answer was there already. A row said twice counts once.
    changed : how many of `accepted` replace another answer of the same annotator.
    blank : rows without an answer.
    only_comments : of those, how many have a comment, which is not kept.
    edited : rows that are taken although their text is no longer that which was sent.
    superseded : of those, how many the annotator has changed since, so that they count no more.
    without_ids : the sheet has no column of ids, so that all of its rows are restored.
    restored : rows whose id was not what was sent, known by the token: (row, what it said, id).
    fixed : typos that were taken for a class: (row, what it said, class).
    new_classes : classes that the settings do not have, sorted.
    rejects : rows that are not taken, in the order of the sheet.
    """

    file: str
    header: list[str]
    accepted: list[Answer] = field(default_factory=list)
    known: int = 0
    superseded: int = 0
    changed: int = 0
    blank: int = 0
    only_comments: int = 0
    edited: int = 0
    without_ids: bool = False
    restored: list[tuple[int, str, str]] = field(default_factory=list)
    fixed: list[tuple[int, str, str]] = field(default_factory=list)
    new_classes: tuple[str, ...] = ()
    rejects: list[Reject] = field(default_factory=list)

    @property
    def new(self) -> int:
        """How many answers are neither known nor changes."""
        return len(self.accepted) - self.changed
