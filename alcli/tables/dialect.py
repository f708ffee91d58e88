"""How a delimited file is written: its encoding, its separator, its header.

Nothing here guesses. An encoding is known by its mark (UTF-8 without one), a separator by the
header line; what cannot be known is refused with the flag that tells it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import Place, TableError, UsageError
from alcli.tables.formats import opened

SEPARATORS = (",", ";", "\t")
LONGEST_RECORD = 32 << 20  # bytes; an unclosed quote or a bomb must not be read to its end
LONGEST_HEADER = 4 << 20
_PIECE = 1 << 20
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is read.

    Attributes
    ----------
    encoding : a Python codec.
    separator : one character.
    header : the column names, as they stand in the file.
    header_row : the header's row as a spreadsheet counts (1, unless blank lines or ``sep=`` precede).
    body : bytes of UTF-8 before the first record, the mark not counted.
    """

    encoding: str
    separator: str
    header: tuple[str, ...]
    header_row: int
    body: int


def lines(stream: opened, encoding: str, longest: int = LONGEST_RECORD) -> Iterator[str]:
    """Lines with their ends kept (LF, CRLF or CR), decoded strictly.

    Parameters
    ----------
    longest : characters that one line may have.

    Raises
    ------
    TableError
        Naming the line: bytes that are not of the encoding, a NUL byte, a line that is too long.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    kept: list[str] = []  # of a line that goes on in the next piece
    size, count, offset, end = 0, 0, 0, False
    while not end:
        piece = stream.read(_PIECE)
        end = not piece
        try:
            text = decoder.decode(piece, final=end)
        except UnicodeError as error:
            raise _undecodable(error, encoding, count, offset + len(piece), stream.shown, kept) from error
        if offset == 0:
            text = text.removeprefix("\ufeff")
        offset += len(piece)
        if "\0" in text:
            before = "".join(kept)[-1:] + text[: text.index("\0")]
            raise TableError(
                f"line {count + len(_ends(before)) + 1} holds a NUL byte",
                at=stream.shown,
                hint="the file is damaged, binary, or UTF-16 without its mark (`--encoding utf-16-le`)",
                code="nul-byte",
            )
        kept.append(text)
        size += len(text)
        if size > longest:
            raise too_long(count + 1, stream.shown, longest)
        # A CR at the very end may be half of a CRLF.
        before = kept[-2][-1:] if len(kept) > 1 else ""
        if not end and "\n" not in text and "\r" not in before + text[:-1]:
            continue
        found = list(io.StringIO("".join(kept), newline=""))
        kept = [found.pop()] if found and not end and not found[-1].endswith("\n") else []
        size = sum(map(len, kept))
        count += len(found)
        yield from found


def too_long(line: int, shown: str, longest: int = LONGEST_RECORD) -> TableError:
    """The refusal for a record that does not end."""
    return TableError(
        f"the row that starts at line {line} is longer than {longest >> 20} MiB",
        at=shown,
        hint="a quote that is opened there and never closed?",
        code="row-too-long",
    )


def _ends(text: str) -> list[str]:
    return re.findall(r"\r\n|\r|\n", text)


def _undecodable(error: UnicodeError, encoding: str, count: int, read: int, shown: str, kept: list[str]) -> TableError:
    if not isinstance(error, UnicodeDecodeError):
        return TableError(f"the file is not {encoding}: {error}", at=shown, code="encoding")
    before = "".join(kept)[-1:] + error.object[: error.start].decode(error.encoding, "replace")
    line = count + len(_ends(before)) + 1
    # `error.object` may begin with bytes that the decoder had kept from the piece before.
    offset = read - len(error.object) + error.start
    name = "UTF-8" if encoding == "utf-8" else encoding
    other = "`--encoding cp1252`, or whatever wrote it" if encoding != "cp1252" else "`--encoding latin-1`"
    return TableError(
        f"line {line} is not {name}: byte 0x{error.object[error.start]:02x} at offset {offset}",
        at=shown,
        hint=f"tell its encoding: {other}; or save the file as UTF-8",
        code="encoding",
    )


def known_encoding(encoding: str) -> str:
    """A text codec of Python's, by any of its names; anything else is a `UsageError`."""
    try:
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding or codec.incrementaldecoder is None:
            raise LookupError
        codec.incrementaldecoder("strict").decode(b"")
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"no text encoding is called {encoding!r}",
            hint="common ones: utf-8, utf-16, cp1252, latin-1, cp1250, cp1251, shift_jis, gb18030",
            code="unknown-encoding",
        ) from error
    return {"utf-8-sig": "utf-8"}.get(codec.name, codec.name)


def known_separator(separator: str) -> str:
    """One character that can separate cells; also by name (``tab``)."""
    separator = _NAMES.get(separator.lower(), separator)
    if len(separator) != 1 or separator in '"\r\n\0':
        raise UsageError(
            f"{separator!r} cannot separate cells",
            hint="give one character, or tab, comma, semicolon, pipe",
            code="unknown-separator",
        )
    return separator


def recognise(source: Path | bytes, shown: str, encoding: str | None = None, separator: str | None = None) -> Dialect:
    """Encoding, separator and header of a delimited file.

    The separator is the one of ``,``, ``;`` and tab that cuts the header, and the rows after it,
    into the most columns of equal number; a header without any is a table of one column. Excel's
    ``sep=;`` line is obeyed.

    Raises
    ------
    TableError
        No header; or what `lines` and the header's own quotes refuse.
    """
    with opened(source, shown) as stream:
        start = stream.read(4)
    if not start:
        raise TableError("the file is empty", at=shown, code="empty-file")
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    codec = known_encoding(encoding) if encoding else marked
    if separator:
        return _header(source, shown, codec, known_separator(separator))[0]
    best: tuple[float, int, Dialect] | None = None
    trouble: TableError | None = None
    for candidate in SEPARATORS:
        try:
            dialect, agree = _header(source, shown, codec, candidate)
        except TableError as error:
            if error.code != "quoting":
                raise
            trouble = trouble or error
            continue
        if dialect.separator != candidate:  # the file says it itself
            return dialect
        width = len(dialect.header)
        rank = (agree if width > 1 else 0.0, width)
        if best is None or rank > best[:2]:
            best = (*rank, dialect)
    if best is None:
        raise trouble or TableError("there is no header", at=shown, code="no-header")
    return best[2]


def _header(source: Path | bytes, shown: str, codec: str, separator: str) -> tuple[Dialect, float]:
    """The dialect with this separator, and the share of the next rows that are as wide as the header."""
    taken = 0

    def counted(texts: Iterator[str]) -> Iterator[str]:
        nonlocal taken
        for text in texts:
            taken += len(text.encode("utf-8", "surrogatepass"))
            yield text

    with opened(source, shown) as stream:
        # The rows after the header are only looked at, so an endless one must not be read to its end.
        reader = csv_reader(counted(lines(stream, codec, LONGEST_HEADER)), separator)
        try:
            row = 0
            for cells in reader:
                row += 1
                hint = re.fullmatch(r"\s*sep=(.)\s*", separator.join(cells), re.IGNORECASE) if row == 1 else None
                if hint and hint[1] not in '"\r\n':
                    if hint[1] != separator:
                        return _header(source, shown, codec, hint[1])
                    continue
                if cells:
                    break
            else:
                raise TableError("the file holds nothing but blank lines", at=shown, code="empty-file")
            dialect = Dialect(codec, separator, tuple(cells), row, taken)
        except csv.Error as error:
            raise TableError(f"the header's quotes do not fit: {error}", at=Place(shown, 1), code="quoting") from error
        widths = []
        try:
            for cells in reader:
                if cells:
                    widths.append(len(cells))
                if len(widths) == 20:
                    break
        except (csv.Error, TableError):
            pass  # the reader of the rows will say it, with the row
    equal = sum(width == len(dialect.header) for width in widths)
    return dialect, equal / len(widths) if widths else 1.0


def csv_reader(texts: Iterator[str], separator: str) -> Any:
    """The standard library's reader, strict, with room for long cells."""
    if csv.field_size_limit() < LONGEST_RECORD:
        csv.field_size_limit(LONGEST_RECORD)
    return csv.reader(texts, delimiter=separator, strict=True)
