"""What the formats of labelling tools share: JSON in, JSON out, and a table of answers between.

A tool gets the shown columns under names that it can take, and with each row `alcli_id` and the token
`alcli_row`, which the tools hand back untouched. No key is called `id`: the tools use that themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import FileTrouble, Place, TableError
from alcli.sheets.columns import ID, WHY
from alcli.sheets.heads import LARGEST
from alcli.sheets.raw import RawRow, RawSheet
from alcli.sheets.token import COLUMN as TOKEN

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, SheetRow

SKIP = "?"  # what a row says whose labeler passed it over
#: Keys of why a row is asked.
REASONS = tuple(f"alcli_{name}" for name in WHY)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERED = re.compile(r"column_\d+")  # what `keys` calls others


def keys(sheet: Sheet, taken: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the shown columns that every tool takes: plain words, never `id` nor one of `taken`, each once."""
    found: list[str] = []
    taken = {"id", *_OURS, *REASONS, *taken}
    for number, name in enumerate(sheet.shown_columns, start=1):
        fits = _PLAIN.fullmatch(name) and name.lower() not in taken and not _NUMBERED.fullmatch(name)
        found.append(name if fits and name not in found else f"column_{number}")
    return tuple(found)


def data(sheet: Sheet, row: SheetRow, names: Iterable[str]) -> dict[str, str]:
    """A row as a tool gets it. Every value is text, so that no tool makes 123 of 00123."""
    why = dict(zip(REASONS, (row.chosen_by, row.nearest), strict=True)) if sheet.with_why else {}
    return {**dict(zip(names, row.shown, strict=True)), **why, ID: row.id, TOKEN: sheet.cells(row)[-1]}


def as_text(sheet: Sheet, row: SheetRow) -> str:
    """The shown columns as one text, for tools that show one."""
    if len(row.shown) == 1:
        return row.shown[0]
    return "\n".join(f"{name}: {text}" for name, text in zip(sheet.shown_columns, row.shown, strict=True))


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer as a tool tells it; `label` is empty for none and `SKIP` for one passed over.

    `number` is its row in the tool's file, where that has rows.
    """

    data: Mapping[str, Any]
    label: str = ""
    comment: str = ""
    annotator: str = ""
    answered_at: str = ""
    number: int = 0


#: The columns that every table of votes has; names of the pool's columns come before them.
_OURS = (ID, TOKEN, "comment", "annotator", "answered_at")


def table(
    shown: str, format: str, label_column: str, votes: Callable[[], Iterator[Vote]], *, named_by_tool: bool = False
) -> RawSheet:
    """Votes as a sheet with one row each.

    Parameters
    ----------
    label_column : the column under which answers are looked for.
    votes : gives them, from the first each time it is called.
    named_by_tool : the tool calls it so whatever the project does.
    """
    # a dict keeps the order in which columns turn up
    named: dict[str, None] = {}
    for vote in votes():
        named.update(dict.fromkeys(name for name in vote.data if name not in (*_OURS[1:], label_column)))
    header = [*named, label_column, *_OURS[2:], TOKEN]

    def rows() -> Iterator[RawRow]:
        for number, vote in enumerate(votes(), start=1):
            told = [text_of(vote.data.get(name)) for name in named]
            mark = text_of(vote.data.get(TOKEN))
            yield vote.number or number, [*told, vote.label, vote.comment, vote.annotator, vote.answered_at, mark], None

    return RawSheet(
        file=shown,
        format=format,
        header=header,
        rows=rows,
        label=label_column if named_by_tool else "",
        own=_OURS[2:],
    )


def label_column(wanted: Callable[[list[str]], bool], names: Iterable[str]) -> str:
    """The name among those the file uses under which the project looks for answers; `label` if none is."""
    return next((name for name in names if wanted([ID, name])), "label")


def text_of(value: Any) -> str:
    """A value of JSON as the text of a cell."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def one_of(labels: Any, between: str = " + ") -> str:
    """The label of a row that may have one: several stay together, so that they are no class and are told."""
    if isinstance(labels, str):
        return labels
    if not isinstance(labels, list):
        return ""
    return between.join(text_of(each) for each in labels)


def comment_of(comments: Any) -> str:
    """All comments on a row as one."""
    return one_of(comments, "; ")


def records(
    source: Path | bytes, shown: str, encoding: str | None, separator: str | None
) -> list[tuple[int, dict[str, str]]]:
    """An export as delimited text: the number of each row, and its cells by column."""
    from alcli.tables.delimited import read_records

    found = read_records(source, encoding, separator, shown=shown)
    return [(number, dict(zip(found.header, cells, strict=False))) for number, cells in found.rows]


def load(source: Path | bytes, shown: str) -> Any:
    """A JSON file, or a list of the lines of a JSONL file.

    Raises
    ------
    TableError
        If it is neither, not UTF-8, or larger than 512 MiB.
    """
    text = read_text(source, shown)
    if text.lstrip()[:1] == "[":
        return _parsed(text, shown, 0)
    return [_parsed(line, shown, at) for at, line in enumerate(text.split("\n"), start=1) if line.strip()]


def read_text(source: Path | bytes, shown: str) -> str:
    """A file of UTF-8, without its mark."""
    try:
        if isinstance(source, Path) and source.stat().st_size > LARGEST:
            raise TableError(
                f"larger than {LARGEST >> 20} MiB", at=Place(shown), hint="export fewer rows a file", code="too-large"
            )
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise FileTrouble(f"cannot be read: {error.strerror}", at=Place(shown)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"not UTF-8: byte {error.start:,}", at=Place(shown), code="encoding") from None


def _parsed(text: str, shown: str, line: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        at = line or (error.lineno if isinstance(error, json.JSONDecodeError) else None)
        raise TableError(f"not JSON: {what}", at=Place(shown, at), code="bad-json") from None


def objects(items: Any, shown: str) -> list[dict[str, Any]]:
    """The items of a list, each of which must be an object.

    Raises
    ------
    TableError
        If one is something else.
    """
    for number, item in enumerate(items if isinstance(items, list) else [items], start=1):
        if not isinstance(item, dict):
            raise TableError("not an object of JSON", at=Place(shown, number), code="bad-json")
    return list(items) if isinstance(items, list) else [items]


def dumped(value: Any) -> bytes:
    """JSON on one line, in UTF-8; half a surrogate pair, which is no text, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace")
