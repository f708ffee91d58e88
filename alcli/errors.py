"""Everything that can go wrong because of a file, a flag or a machine, and the exit codes.

    AlcliError              trouble: nothing was changed, exit 1
    ├── UsageError          the command line is wrong, exit 2
    ├── SettingsError       alcli.toml or an ALCLI_ variable is wrong
    ├── TableError          a pool, ledger or sheet is wrong
    ├── ModelError          a model is missing, damaged, foreign or does not fit
    ├── FileTrouble         the disk, a permission, a lock
    └── MissingExtra        an optional part is not installed

Anything else that escapes is a bug in alcli and is told as one. `code` values are stable:
`--json` callers match on them, and docs/json.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    TROUBLE = 1
    USAGE = 2
    NO = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


@dataclass(frozen=True)
class Place:
    """Where something is wrong. Rows are counted as a spreadsheet counts them, header included."""

    file: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column!r}")
        return ", ".join(parts)


class AlcliError(Exception):
    """Trouble that a person can act on.

    Parameters
    ----------
    message : what is wrong, without a full stop.
    at : the file, row and column.
    hint : what to do; commands and flags stand in backticks.
    code : overrides the class's stable code.
    """

    code = "trouble"
    exit = Exit.TROUBLE

    def __init__(
        self,
        message: str,
        *,
        at: Place | str | None = None,
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.at = Place(at) if isinstance(at, str) else at
        self.hint = hint
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders in parallel scans; keyword arguments do not survive the default.
        return _rebuild, (type(self), self.message, self.at, self.hint, self.code)


def _rebuild(kind: type[AlcliError], message: str, at: Place | None, hint: str | None, code: str) -> AlcliError:
    error = kind.__new__(kind)
    AlcliError.__init__(error, message, at=at, hint=hint, code=code)
    return error


class UsageError(AlcliError):
    """The command line is wrong: exit 2."""

    code = "usage"
    exit = Exit.USAGE


class SettingsError(AlcliError):
    """alcli.toml or an ALCLI_ variable is wrong."""

    code = "settings"


class TableError(AlcliError):
    """A pool, ledger or sheet is wrong."""

    code = "table"


class ModelError(AlcliError):
    """A model is missing, damaged, foreign or does not fit."""

    code = "model"


class FileTrouble(AlcliError):
    """The disk, a permission or a lock."""

    code = "file"


class MissingExtra(AlcliError):
    """An optional part is not installed."""

    code = "missing-extra"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs a part that is not installed", hint=f"`pip install 'alcli[{extra}]'`")


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """``did you mean `margin`?`` for the nearest known word, or None when nothing is near.

    >>> did_you_mean("margn", ["entropy", "margin"])
    'did you mean `margin`?'
    >>> did_you_mean("zebra", ["entropy", "margin"]) is None
    True
    """
    known = [str(name) for name in known]
    near = get_close_matches(word, known, n=1) or [name for name in known if name.casefold() == word.casefold()]
    return f"did you mean `{near[0]}`?" if near else None


def listing(names: Sequence[str], most: int = 12) -> str:
    """Names for a message, cut when there are many.

    >>> listing(["a", "b", "c"], most=2)
    'a, b, … (3 in all)'
    """
    if len(names) <= most:
        return ", ".join(names)
    return ", ".join(names[:most]) + f", … ({len(names)} in all)"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
