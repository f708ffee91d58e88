"""The first bytes of a file, by which a format is known."""

from __future__ import annotations

import re
from pathlib import Path

from alcli.errors import FileTrouble, Place

#: Bytes of a file that is held in memory while it is read, or of what a zip holds.
LARGEST = 512 << 20
ZIP = b"PK\x03\x04"
ZIPPED = (".jsonl", ".json", ".csv")  # files that labelling tools hand over in a zip


def begins(source: Path | bytes, shown: str, many: int = 4096) -> bytes:
    """The first bytes of a file.

    Raises
    ------
    FileTrouble
        If it is not there or cannot be read.
    """
    if isinstance(source, bytes):
        return source[:many]
    try:
        with source.open("rb") as file:
            return file.read(many)
    except FileNotFoundError as error:
        raise FileTrouble("there is no such file", at=Place(shown), code="no-file") from error
    except OSError as error:
        raise FileTrouble(f"cannot be read: {error.strerror}", at=Place(shown)) from error


def without_mark(head: bytes) -> bytes:
    """A file's first bytes from the first that is neither part of the UTF-8 mark nor blank."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")


def first_in_zip(head: bytes) -> str:
    """The name of the first file in a zip; empty if it is none."""
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].decode(errors="replace") if head.startswith(ZIP) else ""


def columns_of(head: bytes) -> set[bytes]:
    """The names in the first line of delimited text, whatever its separator."""
    return set(re.split(rb'[",;\t\r]+', without_mark(head).partition(b"\n")[0]))


def has_key(head: bytes, ending: str) -> bool:
    r"""Whether the first bytes of JSON have a key that ends so; a text of the pool may say the same word.

    >>> has_key(b'{"answer": 1}', '"answer'), has_key(b'{"text": "answer"}', '"answer')
    (True, False)
    """
    return re.search(rb'%b"\s*:' % re.escape(ending).encode(), head) is not None
