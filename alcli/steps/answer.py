"""`answer`: a person, or anything that can answer a question, fills a sheet row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from alcli.errors import FileTrouble, UsageError
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping

if TYPE_CHECKING:
    from alcli.sheets.filling import Item

SKIP = "?"


@dataclass(frozen=True, kw_only=True)
class AnswerResult(Result):
    """`given` answers were written to `sheet` now; it has `answered`, `skipped` and `left` rows in all."""

    sheet: str
    given: int
    answered: int
    skipped: int
    left: int


@dataclass(frozen=True)
class Question:
    """What is asked: row `number` of `rows`, with what may be answered."""

    item: Item
    number: int
    rows: int
    left: int
    classes: tuple[str, ...]
    said: str = ""


@dataclass(frozen=True)
class Reply:
    """What is done with a question. `text` is the class, or the comment."""

    kind: Literal["label", "skip", "comment", "undo", "next", "back", "stop"]
    text: str = ""


Ask = Callable[[Question], Reply]


def answer(*, sheet: str, ask: Ask | None = None, again: bool = False, **flags: Any) -> AnswerResult:
    """Ask for the answer of each row of a CSV sheet; every one is in the file before the next is asked.

    Parameters
    ----------
    sheet : the file, which is written whole each time.
    ask : called with a `Question`, returns a `Reply`; the command line asks at the terminal.
    again : begin at the first row, not at the first without an answer.

    Raises
    ------
    UsageError
        Without anybody to ask, or without classes to choose from.
    FileTrouble
        If the sheet is not there, or another program writes it meanwhile.
    """
    from alcli.sheets.filling import Filling

    if ask is None:
        raise UsageError("nobody is there to answer", hint="pass `ask`, a function of a Question", code="no-output")
    project = Project("answer", flags)
    path = Path(sheet)
    if not path.is_file():
        raise FileTrouble(f"there is no sheet {sheet}", hint="`alcli query -o sheet.csv` makes one", code="no-file")
    settings = project.settings
    pool = project.pool if settings.pool else None
    filling = Filling(
        path,
        id_column=pool.id_column if pool is not None else settings.id or "id",
        label_column=settings.label,
        pool_columns=None if pool is None else [column.name for column in pool.columns],
    )
    classes = project.classes(project.resolved_labels())
    if not classes:
        raise UsageError("no classes are known to choose from", hint="`--classes a,b`", code="no-classes")
    given = _go_through(filling, ask, classes, again)
    labels = [filling[at].label for at in range(len(filling))]
    skipped = sum(label == SKIP for label in labels)
    return AnswerResult(
        sheet=sheet,
        given=given,
        answered=sum(bool(label) for label in labels) - skipped,
        skipped=skipped,
        left=labels.count(""),
        settings=shaping(settings, "answer"),
    )


def _go_through(filling: Any, ask: Ask, classes: tuple[str, ...], again: bool) -> int:
    """How many answers were given; ends at a stop, or when no row is left."""
    undone: list[tuple[int, str, str]] = []
    at, said = (0 if again else _next_open(filling, -1)), ""
    while len(filling) and at is not None:
        item = filling[at]
        left = sum(not filling[row].label for row in range(len(filling)))
        reply = ask(Question(item, at + 1, len(filling), left, classes, said))
        said = ""
        if reply.kind == "stop":
            break
        if reply.kind in ("label", "skip"):
            label = reply.text if reply.kind == "label" else SKIP
            if reply.kind == "label" and label not in classes:
                raise UsageError(f"{label!r} is not one of the classes", code="unknown-label")
            undone.append((at, item.label, item.comment))
            filling.put(at, label)
            said = f"{item.id}: {'skipped' if reply.kind == 'skip' else label}"
            following = at + 1 if at + 1 < len(filling) else None
            at = following if again else _next_open(filling, at)
        elif reply.kind == "comment":
            filling.put(at, item.label, reply.text)
            said = "the comment is saved"
        elif reply.kind == "undo":
            if undone:
                at, label, comment = undone.pop()
                filling.put(at, label, comment)
                said = "the last answer is taken back"
        else:
            at = max(0, min(len(filling) - 1, at + (1 if reply.kind == "next" else -1)))
    return len(undone)


def _next_open(filling: Any, at: int) -> int | None:
    """The next row without an answer, from the top again at the end; None when there is none."""
    order = [*range(at + 1, len(filling)), *range(at + 1)]
    return next((row for row in order if not filling[row].label), None)
