"""Label Studio: tasks with predictions out; exports as JSON, JSON_MIN, CSV and TSV back.

Beside the tasks stands the labeling configuration, which a project needs once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.sheets.exchange import (
    REASONS,
    SKIP,
    Vote,
    comment_of,
    data,
    dumped,
    keys,
    label_column,
    load,
    objects,
    one_of,
    records,
    table,
    text_of,
)
from alcli.sheets.heads import begins, columns_of, has_key, without_mark
from alcli.sheets.instructions import as_lines, parse
from alcli.sheets.raw import RawSheet

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written

#: Keys of JSON_MIN and CSV that the tool adds, over data that is called the same; all others are the
#: task's data and its controls.
_MIN = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write a list of tasks for the import of a project, and its labeling configuration beside it."""
    from alcli.sheets.base import Written

    names = keys(sheet, _MIN)
    file.write(b"[")
    for number, row in enumerate(sheet.rows):
        task: dict[str, Any] = {"data": data(sheet, row, names)}
        if sheet.with_guess and row.guess:
            choice = {
                "from_name": sheet.label_column,
                "to_name": "shown_1",
                "type": "choices",
                "value": {"choices": [row.guess]},
            }
            task["predictions"] = [
                {"model_version": f"alcli batch {sheet.batch}", "score": row.confidence, "result": [choice]}
            ]
        file.write((b",\n" if number else b"\n") + dumped(task))
    file.write(b"\n]\n")
    return Written(rows=len(sheet.rows), beside=((".xml", configuration(sheet).encode()),))


def configuration(sheet: Sheet) -> str:
    """The XML of a labeling interface: the shown columns, one choice among the classes, a comment."""
    from xml.sax.saxutils import quoteattr

    lines = ["<View>"]
    if sheet.instructions:
        lines += _panel(sheet.instructions)
    shown = list(zip(keys(sheet, _MIN), sheet.shown_columns, strict=True)) or [("alcli_id", sheet.id_column)]
    for number, (key, name) in enumerate(shown, start=1):
        lines.append(f"  <Header value={quoteattr(name)} size={quoteattr('5')}/>")
        lines.append(f'  <Text name="shown_{number}" value={quoteattr("$" + key)}/>')
    for key, title in zip(REASONS, ("Chosen by", "Labelled rows that are most like it"), strict=True):
        if sheet.with_why:
            lines.append(f"  <Header value={quoteattr(title)} size={quoteattr('5')}/>")
            lines.append(f"  <Text name={quoteattr(key)} value={quoteattr('$' + key)}/>")
    lines.append(f'  <Choices name={quoteattr(sheet.label_column)} toName="shown_1" choice="single" showInLine="true">')
    lines += [f"    <Choice value={quoteattr(name)}/>" for name in sheet.classes]
    lines += [
        "  </Choices>",
        '  <TextArea name="comment" toName="shown_1" required="false" placeholder="comment"/>',
        "</View>",
        "",
    ]
    return "\n".join(lines)


def _panel(markdown: str) -> list[str]:
    """The instructions as a panel that folds: a line each, since the tool's headers are plain text."""
    from xml.sax.saxutils import quoteattr

    lines = ["  <Collapse>", '    <Panel value="Instructions">', "      <View>"]
    for size, text in as_lines(parse(markdown)):
        # `$word` would stand for a key of the task: a word joiner, which is not seen, keeps it a word
        shown = text.replace("$", "$\u2060")
        lines.append(f"        <Header value={quoteattr(shown)} size={quoteattr(str(size))}/>")
    return [*lines, "      </View>", "    </Panel>", "  </Collapse>"]


def recognises(head: bytes) -> bool:
    """A JSON list of tasks with their annotations, or of annotations (JSON_MIN), or these as rows of a table."""
    start = without_mark(head)
    if start[:1] != b"[" or b"{" not in start[:200]:
        return columns_of(head) >= {b"annotation_id", b"annotator", b"lead_time"}
    return (
        has_key(head, '"annotation_id')
        or has_key(head, '"annotations')
        or (has_key(head, '"data') and has_key(head, '"alcli_row'))
    )


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open an export. Several annotations of a task are several answers, oldest first."""
    if without_mark(begins(source, shown, 64))[:1] != b"[":
        return _as_rows(records(source, shown, encoding, separator), shown, wanted)
    items = objects(load(source, shown), shown)
    whole = any("annotations" in item or "data" in item for item in items)
    if not whole:
        return _as_rows(list(enumerate(items, start=1)), shown, wanted)
    controls = [
        str(result.get("from_name"))
        for item in items
        for annotation in _annotations(item)
        for result in annotation.get("result") or ()
        if isinstance(result, dict) and result.get("type") == "choices"
    ]
    label = label_column(wanted, dict.fromkeys(controls))
    return table(shown, "label-studio", label, lambda: (vote for item in items for vote in _of_task(item, label)))


def _as_rows(
    items: Sequence[tuple[int, Mapping[str, Any]]], shown: str, wanted: Callable[[list[str]], bool]
) -> RawSheet:
    """A row for each annotation, newest first, as JSON_MIN and CSV have them."""
    names = [name for _, item in items for name in item if name not in _MIN]
    label = label_column(wanted, dict.fromkeys(names))
    ordered = sorted(
        items, key=lambda row: (text_of(row[1].get("updated_at")), text_of(row[1].get("annotation_id")).zfill(20))
    )
    return table(shown, "label-studio", label, lambda: (_of_row(number, item, label) for number, item in ordered))


def _annotations(item: dict[str, Any]) -> list[dict[str, Any]]:
    found = item.get("annotations")
    given = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    given.sort(key=lambda each: (str(each.get("updated_at") or each.get("created_at") or ""), _number(each)))
    return [each for at, each in enumerate(given) if not _came_back(each, given[at + 1 :])]


def _came_back(skipped: dict[str, Any], later: Sequence[dict[str, Any]]) -> bool:
    """Whether somebody who passed the task over has answered it since."""
    who = skipped.get("completed_by")
    return bool(skipped.get("was_cancelled")) and any(
        each.get("completed_by") == who and each.get("result") and not each.get("was_cancelled") for each in later
    )


def _number(annotation: dict[str, Any]) -> int:
    number = annotation.get("id")
    return number if isinstance(number, int) else 0


def _of_task(item: dict[str, Any], label: str) -> Iterator[Vote]:
    task = item.get("data")
    shown = task if isinstance(task, dict) else {}
    annotations = _annotations(item)
    if not annotations:
        yield Vote(shown)
    for annotation in annotations:
        said, comment = "", ""
        for result in annotation.get("result") or ():
            value = result.get("value") if isinstance(result, dict) else None
            if not isinstance(value, dict):
                continue
            if result.get("from_name") == label and "choices" in value:
                said = one_of(value["choices"])
            elif result.get("type") == "textarea":
                comment = comment_of(value.get("text"))
        if annotation.get("was_cancelled"):
            said = SKIP
        when = annotation.get("updated_at") or annotation.get("created_at")
        yield Vote(shown, said, comment, _who(annotation.get("completed_by")), text_of(when))


def _of_row(number: int, item: Mapping[str, Any], label: str) -> Vote:
    said = one_of(_told(item.get(label), "choices"))
    comment = comment_of(_told(item.get("comment"), "text"))
    shown = {name: value for name, value in item.items() if name not in (*_MIN, label, "comment")}
    when = text_of(item.get("updated_at") or item.get("created_at"))
    return Vote(shown, said, comment, _who(item.get("annotator")), when, number)


def _told(value: Any, key: str) -> Any:
    """What a control holds: one value stands as it is, several in an object, which in a CSV is text."""
    if isinstance(value, str) and value.startswith(f'{{"{key}":'):
        with suppress(ValueError):
            value = json.loads(value)
    return value.get(key) if isinstance(value, dict) else value


def _who(person: Any) -> str:
    """A name or address where the export has it, else the number of the account."""
    if isinstance(person, dict):
        return text_of(person.get("email") or person.get("id"))
    return text_of(person)
