"""Prodigy: JSONL tasks for the recipe `mark` or `textcat.manual` with choices, and its annotations back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.sheets.columns import WHY
from alcli.sheets.exchange import (
    SKIP,
    Vote,
    as_text,
    data,
    dumped,
    keys,
    load,
    objects,
    one_of,
    table,
)
from alcli.sheets.heads import has_key, without_mark
from alcli.sheets.raw import RawSheet

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write one task a line: the text, the classes as options, and id and token, which come back."""
    from alcli.sheets.base import Written

    names = keys(sheet)
    options = [{"id": name, "text": name} for name in sheet.classes]
    for row in sheet.rows:
        task: dict[str, Any] = {**data(sheet, row, names), "text": as_text(sheet, row), "options": options}
        if sheet.with_guess and row.guess:
            task["accept"] = [row.guess]
            task["meta"] = {"guess": row.guess, "confidence": row.confidence}
        if sheet.with_why:  # `meta` is what the tool shows below a task
            task["meta"] = {**task.get("meta", {}), WHY[0]: row.chosen_by, WHY[1]: row.nearest}
        file.write(dumped(task) + b"\n")
    return Written(rows=len(sheet.rows))


def recognises(head: bytes) -> bool:
    """Lines of JSON with an answer."""
    return without_mark(head)[:1] == b"{" and has_key(head, '"answer')


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open annotations. Only what was accepted is a label: a rejected one says what a row is not."""
    del wanted, encoding, separator
    items = objects(load(source, shown), shown)

    def votes() -> Iterator[Vote]:
        for item in items:
            told = {name: value for name, value in item.items() if name.startswith("alcli_")}
            yield Vote(told, _said(item), "", _who(item), _when(item.get("_timestamp")))

    return table(shown, "prodigy", "label", votes, named_by_tool=True)


def _said(item: dict[str, Any]) -> str:
    answer = item.get("answer")
    if answer == "accept":
        chosen = item["accept"] if "accept" in item else item.get("label")
        return one_of(chosen)
    return SKIP if answer == "ignore" else ""


def _who(item: dict[str, Any]) -> str:
    """The session without the name of the data set, which Prodigy puts before it."""
    who = item.get("_annotator_id") or item.get("_session_id")
    return str(who).rpartition("-")[2] if isinstance(who, str) else ""


def _when(seconds: Any) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
