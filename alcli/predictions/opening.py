"""Which kind of file somebody else's predictions stand in."""

from __future__ import annotations

from pathlib import Path

from alcli.errors import TableError
from alcli.predictions.npy import NpySource
from alcli.predictions.source import JsonlSource, Source, TableSource
from alcli.tables.formats import file_format, opened
from alcli.tables.paths import Found
from alcli.tables.sources import open_file


def open_source(path: Path, shown: str) -> Source:
    """Recognise a file by its content, and read its header.

    Raises
    ------
    TableError, FileTrouble
        No such file, no format that is read, a header that cannot be.
    """
    kind = file_format(path, shown)
    if kind == "delimited":
        with opened(path, shown) as stream:
            start = stream.read(4096)
        if start.startswith(b"\x93NUMPY"):
            return NpySource(path, shown)
        if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
            return JsonlSource(path, shown)
        if path.name.lower().removesuffix(".gz").endswith((".json", ".jsonl", ".ndjson")):
            raise TableError(
                "the file is named as JSON and does not begin with an object",
                at=shown,
                hint='write one object a line, and no list around them: {"id": "a", "p_spam": 0.9, "p_ham": 0.1}',
                code="not-json",
            )
    return TableSource(open_file(Found(path, shown, {}), None, None))
