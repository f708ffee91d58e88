"""doccano: JSONL out for a project of text classification; its JSONL, JSON and CSV back, zipped as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.errors import Place, TableError
from alcli.sheets.columns import ID
from alcli.sheets.exchange import (
    REASONS,
    Vote,
    as_text,
    comment_of,
    data,
    dumped,
    load,
    objects,
    one_of,
    records,
    table,
)
from alcli.sheets.heads import LARGEST, ZIP, ZIPPED, begins, columns_of, first_in_zip, has_key, without_mark
from alcli.sheets.raw import RawSheet
from alcli.sheets.token import COLUMN as TOKEN

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write one line a row: the text, id and token, and the guess beside it when guesses are shown.

    The guess is no label: doccano would export it as one, whether or not anybody looked at it.
    """
    from alcli.sheets.base import Written

    for row in sheet.rows:
        marks = data(sheet, row, ("",) * len(row.shown))
        why = {name: marks[name] for name in REASONS if name in marks}
        line: dict[str, Any] = {"text": as_text(sheet, row), "label": [], **why, ID: marks[ID], TOKEN: marks[TOKEN]}
        if sheet.with_guess and row.guess:
            line |= {"guess": row.guess, "confidence": "" if row.confidence is None else f"{row.confidence:.3f}"}
        file.write(dumped(line) + b"\n")
    return Written(rows=len(sheet.rows))


def recognises(head: bytes) -> bool:
    """JSON with a list of labels on each line or in one list, a table with doccano's columns, or a zip of such files."""
    if head.startswith(ZIP):
        return first_in_zip(head).endswith(ZIPPED)
    start = without_mark(head)
    if start[:1] == b"[":
        return has_key(head, '"label') and has_key(head, '"Comments')
    if start[:1] != b"{":
        return columns_of(head) >= {b"id", b"text", b"label", b"Comments"}
    return has_key(head, '"label') and not has_key(head, '"answer') and not has_key(head, ".responses")


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open an export. In a zip each file is an annotator's, named by it; `all` says nobody's name."""
    del wanted  # the tool calls the answers `label`, whatever the project does
    if begins(source, shown, 4) == ZIP:
        # the rows are numbered through all files
        found = [
            (0, item, who)
            for who, content in _members(source, shown)
            for _, item in _items(content, shown, encoding, separator)
        ]
    else:
        found = [(number, item, "") for number, item in _items(source, shown, encoding, separator)]

    def votes() -> Iterator[Vote]:
        for number, item, who in found:
            told = {name: value for name, value in item.items() if name not in ("id", "label", "Comments", "text")}
            comment = comment_of(item.get("Comments"))
            yield Vote(told, one_of(item.get("label")), comment, who, number=number)

    return table(shown, "doccano", "label", votes, named_by_tool=True)


def _items(
    source: Path | bytes, shown: str, encoding: str | None, separator: str | None
) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """The examples of one file with their numbers; several labels or comments of a table stay joined by `#`."""
    if without_mark(begins(source, shown, 64))[:1] in (b"[", b"{", b""):
        return list(enumerate(objects(load(source, shown), shown), start=1))
    return records(source, shown, encoding, separator)


def _members(source: Path | bytes, shown: str) -> Iterator[tuple[str, bytes]]:
    """(annotator, content) of each file in a zip."""
    import io
    import zipfile

    from alcli.sheets.zips import DAMAGED

    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            files = [info for info in archive.infolist() if info.filename.endswith(ZIPPED)]
            if sum(info.file_size for info in files) > LARGEST:
                raise TableError(f"unpacks to more than {LARGEST >> 20} MiB", at=Place(shown), code="too-large")
            for info in sorted(files, key=lambda info: info.filename):
                name = Path(info.filename).stem
                yield ("" if name == "all" else name), archive.read(info)
    except DAMAGED as error:
        words = str(error) or type(error).__name__
        raise TableError(
            f"the zip file is damaged or cut short ({words})",
            at=Place(shown),
            hint="export it again, or unpack it and import the files in it",
            code="damaged",
        ) from error
