"""From what a user calls a pool to its files: patterns, folders, partitions, stdin."""

from __future__ import annotations

import glob
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from alcli.errors import FileTrouble, TableError
from alcli.tables.formats import no_file

_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".ssv", ".parquet", ".pq", ".parq")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Found:
    """A file of the pool, before it's opened.

    Attributes
    ----------
    path : where it is.
    shown : its name in messages, as near as possible to what the user wrote.
    partitions : column -> text from ``column=text`` folders; None where the value is missing.
    """

    path: Path
    shown: str
    partitions: dict[str, str | None]


def expand(patterns: Sequence[str | Path], base: Path) -> list[Found]:
    """The files meant by some paths, globs, folders and ``-``, in a fixed order.

    Relative paths start at `base`. A folder stands for the tables in it and below, sorted by path;
    names that start with ``_`` or ``.`` are not looked at, and neither are files without a table's
    suffix. A file meant twice is read once.

    Raises
    ------
    FileTrouble
        If a path leads nowhere.
    """
    files: list[Found] = []
    for pattern in patterns:
        text = os.fspath(pattern)
        if text == "-":
            files.append(Found(spooled_stdin(), "stdin", {}))
            continue
        path = base / text
        try:
            if path.is_dir():
                files.extend(_folder(path, text))
            elif path.exists() or not glob.has_magic(text):
                files.append(Found(path, text, {}))
            else:
                files.extend(_matches(text, base))
        except OSError as error:
            raise no_file(error, text) from error
        except ValueError as error:  # a NUL in the name
            raise FileTrouble(f"no file can have this name: {error}", at=repr(text), code="no-such-file") from error
    if not files:
        raise TableError("no pool was named", hint="give a file, a folder or a pattern", code="no-pool")
    once: dict[str, Found] = {}
    for file in files:
        once.setdefault(os.path.realpath(file.path), file)
    return list(once.values())


def _matches(pattern: str, base: Path) -> list[Found]:
    found: list[Found] = []
    for name in sorted(glob.glob(pattern, root_dir=base, recursive=True)):  # noqa: PTH207 - takes absolute patterns too
        path = base / name
        if path.is_dir():
            # A pattern over folders means what is in them; `**` gives their files by itself.
            if "**" not in pattern:
                found.extend(_folder(path, name, start=pattern))
        else:
            found.append(Found(path, name, _partitions(Path(name), Path(pattern))))
    if not found:
        raise FileTrouble(
            "no file matches this pattern", at=pattern, hint="quote it, and look where it starts", code="no-such-file"
        )
    return found


def _folder(folder: Path, shown: str, start: str | None = None) -> list[Found]:
    """The tables in a folder; partitions count from it, or from where the pattern `start` varies."""
    found: list[Found] = []
    for top, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith(("_", ".")))
        for name in sorted(names):
            if name.startswith(("_", ".")):
                continue
            path = Path(top, name)
            if not name.lower().removesuffix(".gz").endswith(_SUFFIXES) and (path.suffix or not _is_parquet(path)):
                continue
            inner = path.relative_to(folder)
            where = Path(shown, inner)
            found.append(Found(path, str(where), _partitions(where, Path(start or shown))))
    found.sort(key=lambda file: file.shown)
    if not found:
        raise FileTrouble(
            "this folder holds no table",
            at=shown,
            hint="looked for .csv, .tsv, .txt (also .gz) and .parquet; names that start with _ or . are skipped",
            code="no-such-file",
        )
    return found


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _partitions(name: Path, fixed: Path) -> dict[str, str | None]:
    """``key=value`` folders of `name` that the user did not write out himself in `fixed`."""
    found: dict[str, str | None] = {}
    written = fixed.parts
    for level, part in enumerate(name.parts[:-1]):
        if level < len(written) and written[level] == part:
            continue
        key, equal, value = part.partition("=")
        if equal and key:
            found[unquote(key)] = None if value in ("", _NO_VALUE) else unquote(value)
    return found


def spooled_stdin() -> Path:
    """Standard input as a temporary file, removed when this process ends."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None or sys.stdin.isatty():
        raise FileTrouble("nothing comes in on stdin", at="-", hint="pipe a table into it", code="no-such-file")
    folder = own_folder()
    path = folder / "stdin"
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
    return path


class _Owner:
    """Something to hang a finalizer on for the life of the process."""


_OWNER = _Owner()


def own_folder() -> Path:
    """A temporary folder of this process, removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="alcli-"))
    weakref.finalize(_OWNER, _remove, folder, os.getpid())
    return folder


def _remove(folder: Path, owner: int) -> None:
    # A forked worker inherits the finalizer, and must not remove what its parent still reads.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
