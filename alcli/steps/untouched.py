"""What no command writes over, with or without `--force`: the files that a project lives on, and those a command reads."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alcli.errors import AlcliError, FileTrouble
from alcli.files import reporting_disk_trouble
from alcli.models.card import card_path
from alcli.settings import TABLE, flag_of
from alcli.sheets.token import COLUMN as TOKEN

if TYPE_CHECKING:
    from alcli.steps.project import Project

#: Bytes of a first line that are looked at.
_HEADER = 1 << 16
# What a file is called in the message; any other setting that is a file is called after its flag.
_WORDS = {
    "pool": "a file of the pool",
    "labels": "the ledger of the answers",
    "asked": "the ledger of the rows sent out",
    "metrics": "the ledger of the measurements",
    "model": "the model",
    "test": "the file of labelled rows to measure on",
    "gold_from": "the file of known answers",
    "predictions": "the file of predictions",
    "embeddings": "the file of vectors",
}


def refuse_untouched(
    project: Project,
    output: str | Path | None,
    *,
    flag: str = "-o",
    but: Collection[str] = (),
    more: Iterable[tuple[Path, str]] = (),
    sheets: bool = False,
) -> None:
    """Refuse an output that is one of the files nothing is written over, by whatever name, link or case it goes.

    A sheet is one too, as labels that nobody imported may be in it: a file in the project's folder of sheets, or a
    delimited file or workbook elsewhere that has the column of row tokens.

    Parameters
    ----------
    output : a path; None and ``-`` are no file.
    flag : by which the user names it.
    but : settings whose file this command is there to write.
    more : further files that the command reads, each with what it is.
    sheets : whether the command writes sheets itself, and knows which of them may go.

    Raises
    ------
    FileTrouble
        `--force` does not lift it.
    """
    if output is None or str(output) == "-":
        return
    path = Path(output)
    for file, what in (*_files(project, but), *more):
        if _is_same(path, file):
            raise FileTrouble(
                f"{output} is {what}, and nothing is written over it",
                hint=f"name another file: `{flag} FILE`; `--force` does not change this",
                code="exists",
            )
    if (
        not sheets
        and path.is_file()
        and (_is_same(path.parent, project.settings.project / "sheets") or _is_sheet(path))
    ):
        raise FileTrouble(
            f"{output} is a sheet, and a labeler's work may be in it",
            hint=f"name another file: `{flag} FILE`; `--force` does not change this",
            code="exists",
        )


def table_files(patterns: Iterable[str], base: Path) -> Iterator[Path]:
    """The files that tables are read from, as far as they are there."""
    from alcli.tables.paths import expand

    for pattern in patterns:
        if pattern != "-":
            with suppress(AlcliError):  # whoever reads it says what is wrong with it
                yield from (found.path for found in expand([pattern], base))


def _files(project: Project, but: Collection[str]) -> Iterator[tuple[Path, str]]:
    settings = project.settings
    if settings.config is not None:
        yield settings.config, "the settings file"
    yield settings.project / "alcli.toml", "the settings file"
    # all that stand there, whatever flags the command has: to keep a file shapes no result
    values = vars(settings)
    for name, row in TABLE.items():
        value = values[name]
        if row.kind not in ("path", "paths") or name in but or value in (None, "-"):
            continue
        what = _WORDS.get(name, f"the file of `{flag_of(name)}`")
        if row.kind == "paths":
            yield from ((path, what) for path in table_files(value, settings.base(name)))
            continue
        path = settings.base(name) / str(value)
        # a default means nothing without a project, and known answers may be those of an annotator
        if not path.is_file() and (name == "gold_from" or (settings.config is None and not settings.given(name))):
            continue
        yield path, what
        if name == "model":
            yield card_path(path), "the card of the model"


def _is_sheet(path: Path) -> bool:
    """Whether the header has the column of row tokens."""
    from alcli.sheets.workbook import read

    with reporting_disk_trouble(path), path.open("rb") as file:
        header = file.readline(_HEADER)
    if not header.startswith(b"PK"):
        # a spreadsheet's "Unicode text" is UTF-16: every other byte is 0
        return TOKEN.encode() in header.replace(b"\0", b"")
    try:
        return TOKEN in read(path, str(path), wanted=lambda names: TOKEN in names).header
    except AlcliError:  # a zip that is no workbook, such as a model
        return False


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.samefile(other)
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))
