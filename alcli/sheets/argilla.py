"""Argilla: records as `rg.Dataset.records.log` takes them, and `to_list(flatten=True)` back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.errors import Place, TableError
from alcli.sheets.columns import ID
from alcli.sheets.exchange import SKIP, Vote, data, dumped, keys, label_column, load, objects, table, text_of
from alcli.sheets.heads import has_key, without_mark
from alcli.sheets.raw import RawSheet
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
    return without_mark(head)[:1] in (b"[", b"{") and marked


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open records. A submitted response is a label, a discarded one a skip, a draft nothing.

    Raises
    ------
    TableError
        If they are nested: the status of a response is not in such a file.
    """
    del encoding, separator
    items = objects(load(source, shown), shown)
    if any(isinstance(item.get("responses"), dict) and "fields" in item for item in items):
        raise TableError(
            "the records are nested, as `to_json` writes them, and do not say which responses were submitted",
            at=Place(shown),
            hint="export `dataset.records.to_list(flatten=True)`",
            code="no-status",
        )
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
