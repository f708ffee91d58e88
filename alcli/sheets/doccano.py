"""doccano: JSONL out for a project of text classification; its JSONL export back, also zipped as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.errors import Place, TableError
from alcli.sheets.answers import RawSheet
from alcli.sheets.columns import ID
from alcli.sheets.exchange import (
    REASONS,
    Vote,
    as_text,
    data,
    dumped,
    has_key,
    label_column,
    load,
    objects,
    one_of,
    table,
)
from alcli.sheets.token import COLUMN as TOKEN

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written

_MOST = 512 << 20


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write one line a row: the text, the guess as its label when guesses are shown, id and token."""
    from alcli.sheets.base import Written

    for row in sheet.rows:
        marks = data(sheet, row, ("",) * len(row.shown))
        guess = [row.guess] if sheet.with_guess and row.guess else []
        why = {name: marks[name] for name in REASONS if name in marks}
        line = {"text": as_text(sheet, row), "label": guess, **why, ID: marks[ID], TOKEN: marks[TOKEN]}
        file.write(dumped(line) + b"\n")
    return Written(rows=len(sheet.rows))


def recognises(head: bytes) -> bool:
    """Lines of JSON with a list of labels, or a zip of such files."""
    if head.startswith(b"PK\x03\x04"):
        return b".jsonl" in head[30:330]
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        start[:1] == b"{"
        and has_key(head, '"label')
        and not has_key(head, '"answer')
        and not has_key(head, ".responses")
    )


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open an export. In a zip each file is an annotator's, named by it; `all.jsonl` says nobody's name."""
    del encoding, separator
    found = [(item, who) for who, content in _members(source, shown) for item in objects(load(content, shown), shown)]
    label = label_column(wanted, ("label",))

    def votes() -> Iterator[Vote]:
        for item, who in found:
            told = {name: value for name, value in item.items() if name not in ("id", "label", "Comments", "text")}
            yield Vote(told, one_of(item.get("label")), _comment(item.get("Comments")), who)

    return table(shown, "doccano", label, votes)


def _comment(comments: Any) -> str:
    return one_of(comments).replace(" + ", "; ")


def _members(source: Path | bytes, shown: str) -> Iterator[tuple[str, Path | bytes]]:
    """(annotator, JSONL) of a zip, or the file itself."""
    import io
    import zipfile
    import zlib

    head = source[:4] if isinstance(source, bytes) else _head(source)
    if head != b"PK\x03\x04":
        yield "", source
        return
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            files = [info for info in archive.infolist() if info.filename.endswith(".jsonl")]
            if sum(info.file_size for info in files) > _MOST:
                raise TableError("unpacks to more than 512 MiB", at=Place(shown), code="too-large")
            for info in sorted(files, key=lambda info: info.filename):
                name = Path(info.filename).stem
                yield ("" if name == "all" else name), archive.read(info)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        # Errors of zipfile: cut short, a wrong checksum, an unknown method of compression, a password.
        words = str(error) or type(error).__name__
        raise TableError(
            f"the zip file is damaged or cut short ({words})",
            at=Place(shown),
            hint="export it again, or unpack it and import the .jsonl files",
            code="damaged",
        ) from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)
