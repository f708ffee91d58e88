"""The sheets of a batch: one, or one for each annotator, written before the ledger and taken back together."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alcli.errors import UsageError
from alcli.sheets.base import file_word
from alcli.steps.outbox import Outbox
from alcli.steps.splitting import Split
from alcli.tables.ledgers import Asked, number

if TYPE_CHECKING:
    from alcli.selection.choosing import Pick
    from alcli.sheets.base import Sheet, SheetRow
    from alcli.steps.project import Project


class Mailing:
    """The places of all sheets of a batch.

    Parameters
    ----------
    output : a file, of whose name each annotator gets one of their own; a folder; ``-``; or None for
        the project's sheets folder.
    force : replace whatever is there.
    people : the annotators; empty when the batch is asked of nobody in particular.

    Raises
    ------
    UsageError
        If several sheets would go to stdout, or two names make one file name.
    """

    def __init__(self, project: Project, output: str | None, *, force: bool, people: Sequence[str]) -> None:
        self.project = project
        self.people = tuple(people) or ("",)
        if people and output == "-":
            raise UsageError(
                "the sheets of several annotators do not go to stdout: each is for one person",
                hint="name a folder: `-o outbox/`, or a file that is named after each: `-o to_label.xlsx`",
                code="several-sheets",
            )
        _check_names(people)
        self.boxes = {who: Outbox(project, output, force=force, person=who) for who in self.people}

    @property
    def records(self) -> bool:
        """Whether the batch is written to asked.csv."""
        return next(iter(self.boxes.values())).records

    @property
    def shown(self) -> str:
        return ", ".join(box.shown for box in self.boxes.values())

    def name(self, who: str, batch: int) -> str:
        """The sheet of one person."""
        return self.boxes[who].name(batch)

    @property
    def unfinished(self) -> int:
        """See `Outbox`."""
        return max(box.unfinished for box in self.boxes.values())

    @unfinished.setter
    def unfinished(self, batch: int) -> None:
        for box in self.boxes.values():
            box.unfinished = batch

    def waiting(self) -> str | None:
        """What to say when all sheets are the unanswered ones of the newest batch; None when they are not."""
        if self.people == ("",):
            return self.boxes[""].waiting()
        campaign = self.project.campaign()
        newest = campaign.batches()
        theirs = {row.annotator for row in campaign.rows_of(newest)}
        if not theirs or not theirs <= self.boxes.keys() or any(self.boxes[who].waiting() is None for who in theirs):
            return None
        names = ", ".join(self.boxes[who].shown for who in sorted(theirs))
        return f"{names}: the sheets of batch {newest}, which nobody has answered yet; nothing was written"

    def refuse_if_taken(self) -> None:
        """Refuse when one of the sheets may hold a labeler's work; see `Outbox.refuse_if_taken`."""
        for box in self.boxes.values():
            box.refuse_if_taken()

    @contextmanager
    def delivering(self, sheets: Sequence[Sheet]) -> Iterator[tuple[str, ...]]:
        """Write every sheet whole, and give warnings to the block, which commits the ledger.

        A block that fails takes all new sheets back.
        """
        with ExitStack() as stack:
            warnings: list[str] = []
            for sheet in sheets:
                warnings += stack.enter_context(self.boxes[sheet.person].delivering(sheet))
            yield tuple(dict.fromkeys(warnings))


def asked_lines(
    picks: Sequence[Pick], parts: Split, batch: int, moment: str, purpose: str = "train", again: Collection[str] = ()
) -> list[Asked]:
    """A line for each row and annotator; the rank, and so the token, is of that line alone.

    Parameters
    ----------
    purpose : ``train``, or ``evaluate`` for rows to measure on.
    again : ids that are sent out for a recheck.
    """
    lines = []
    for rank, line in enumerate(parts.lines, start=1):
        pick = picks[line.pick] if line.pick is not None else None
        lines.append(
            Asked(
                batch=str(batch),
                rank=str(rank),
                id=line.id,
                purpose="gold" if pick is None else "recheck" if line.id in again else purpose,
                strategy=pick.arm if pick is not None else "gold",
                utility=number(pick.utility) if pick is not None else "",
                probability=number(pick.probability) if pick is not None else "1",
                annotator=line.annotator,
                asked_at=moment,
            )
        )
    return lines


def sheets_of(base: Sheet, parts: Split) -> list[Sheet]:
    """Each person's part of a sheet that has every row once."""
    rows = {row.id: row for row in base.rows}
    own: dict[str, list[SheetRow]] = {who: [] for who in parts.people()}
    for rank, line in enumerate(parts.lines, start=1):
        own[line.annotator].append(replace(rows[line.id], rank=rank))
    return [replace(base, person=who, rows=mine) for who, mine in own.items()]


def whose(parts: Split, batch: int, outbox: Mailing | None) -> tuple[dict[str, Any], ...]:
    """For each annotator the sheet and its rows."""
    return tuple(
        {
            "annotator": who,
            "sheet": outbox.name(who, batch) if outbox is not None else None,
            "rows": sum(line.annotator == who for line in parts.lines),
            "gold": sum(line.annotator == who and line.pick is None for line in parts.lines),
        }
        for who in parts.people()
    )


def _check_names(people: Sequence[str]) -> None:
    """Two names must not make one file, on a disk that tells capitals apart or not."""
    seen: dict[str, str] = {}
    for who in people:
        word = unicodedata.normalize("NFC", file_word(who)).casefold()
        if word in seen:
            raise UsageError(
                f"the annotators {seen[word]!r} and {who!r} would get one sheet name",
                hint="call one of them otherwise",
                code="bad-value",
            )
        seen[word] = who
