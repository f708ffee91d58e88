"""Sheets that come in: their files, and the files of the rows that are sent back."""

from __future__ import annotations

import glob
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alcli.errors import FileTrouble
from alcli.files import reporting_disk_trouble, write_bytes
from alcli.telling import say

if TYPE_CHECKING:
    from alcli.sheets.judging import Judged
    from alcli.steps.project import Project


# Beside sheets in a folder: configurations that were sent along, and pages, whose answers are saved elsewhere.
_NO_ANSWERS = (".xml", ".html", ".htm")


def expand(sheets: Sequence[str | Path]) -> tuple[list[str], list[str]]:
    """File names, and what was passed over. Patterns and folders give theirs in their place, sorted.

    A name that exists is never a pattern. Of a folder all files are taken whose suffix is that of a sheet;
    hidden ones, rejects, and what programs leave there while a file is open are not, and are not told.
    """
    found: list[str] = []
    passed: list[str] = []
    for each in sheets:
        name = str(each)
        if name != "-" and Path(name).is_dir():
            inside = [path for path in sorted(Path(name).iterdir()) if path.is_file() and path.name[0] not in ".~"]
            found += [str(path) for path in inside if _is_sheet(path)]
            passed += [str(path) for path in inside if not _is_sheet(path) and path.suffix.lower() not in _NO_ANSWERS]
        elif name == "-" or Path(name).exists() or not glob.has_magic(name):
            found.append(name)
        else:
            found.extend(sorted(glob.glob(name, recursive=True)))  # noqa: PTH207 - keeps names as given
    # a second `-` stays, to be told
    found = [name for at, name in enumerate(found) if name == "-" or name not in found[:at]]
    return [name for name in found if ".rejects-" not in name or name in map(str, sheets)], passed


def _is_sheet(path: Path) -> bool:
    from alcli.sheets.table import FORMATS

    suffix = path.suffix.lower()
    return suffix == ".zip" or any(suffix in row.suffixes and suffix not in _NO_ANSWERS for row in FORMATS)


def open_sheet(name: str) -> Path | bytes:
    """The file of that name, or the bytes that came in on stdin."""
    if name != "-":
        if not Path(name).exists():
            raise FileTrouble(f"there is no sheet {name}", hint="nothing was imported", code="no-file")
        return Path(name)
    if sys.stdin.isatty():
        say("waiting for a sheet on stdin; end it with Ctrl-D")
    return sys.stdin.buffer.read()


def rejects_file(project: Project, name: str, judged: Judged, wanted: str | None) -> tuple[Path, bytes]:
    """Where the rejected rows of a sheet go, and what goes there."""
    from alcli.sheets.rejects import rejects_csv, rejects_name

    content = rejects_csv(judged.file, judged.header, judged.rejects)
    if wanted is not None:
        return Path(wanted), content
    folder = project.settings.project if name == "-" else Path(name).parent
    return folder / rejects_name(name, content), content


def write_rejects(path: Path, content: bytes) -> bool:
    """Whether the file is new: then it goes again when the answers do not come in after all."""
    if path.exists():
        with reporting_disk_trouble(path):
            if path.is_file() and path.read_bytes() == content:
                return False
        raise FileTrouble(
            f"{path} exists and holds other rejects", hint="nothing was imported; name another file", code="exists"
        )
    write_bytes(path, content)
    return True
