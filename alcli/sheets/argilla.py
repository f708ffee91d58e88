"""Argilla: records as `rg.Dataset.records.log` takes them, and `to_list(flatten=True)` back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.sheets.answers import RawSheet
from alcli.sheets.columns import ID
from alcli.sheets.exchange import SKIP, Vote, data, dumped, has_key, keys, label_column, load, objects, table, text_of
from alcli.sheets.token import COLUMN as TOKEN

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written

_RESPONSES, _USERS, _STATUS = ".responses", ".responses.users", ".responses.status"


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write a list of records: the row's id as the record's, the shown columns, the token as metadata."""
    from alcli.sheets.base import Written

    names = keys(sheet)
    file.write(b"[")
    for number, row in enumerate(sheet.rows):
        record: dict[str, Any] = {"id": row.id, **data(sheet, row, names)}
        if sheet.with_guess and row.guess:
            record[f"{sheet.label_column}.suggestion"] = row.guess
            record[f"{sheet.label_column}.suggestion.score"] = row.confidence
            record[f"{sheet.label_column}.suggestion.agent"] = f"alcli batch {sheet.batch}"
        file.write((b",\n" if number else b"\n") + dumped(record))
    file.write(b"\n]\n")
    return Written(rows=len(sheet.rows))


def recognises(head: bytes) -> bool:
    """Records with responses or with the server's mark, as a list or as lines."""
    marked = has_key(head, ".responses") or has_key(head, '"_server_id')
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") and marked


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open records. A submitted response is a label, a discarded one a skip, a draft nothing."""
    del encoding, separator
    items = objects(load(source, shown), shown)
    questions = [name.removesuffix(_RESPONSES) for item in items for name in item if name.endswith(_RESPONSES)]
    label = label_column(wanted, dict.fromkeys(questions))
    return table(shown, "argilla", label, lambda: (vote for item in items for vote in _votes(item, label)))


def _votes(item: dict[str, Any], label: str) -> Iterator[Vote]:
    told = {name: value for name, value in item.items() if name in (ID, TOKEN)}
    told.setdefault(ID, text_of(item.get("id")))
    said = item.get(label + _RESPONSES)
    answers = said if isinstance(said, list) else [] if said is None else [said]
    users, states = _list(item.get(label + _USERS)), _list(item.get(label + _STATUS))
    if not answers:
        yield Vote(told)
    for at, answer in enumerate(answers):
        state = states[at] if at < len(states) else "submitted"
        who = users[at] if at < len(users) else ""
        if state == "discarded":
            yield Vote(told, SKIP, "", text_of(who))
        elif state == "submitted":
            yield Vote(told, text_of(answer), "", text_of(who))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
