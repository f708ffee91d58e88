"""What each column of a pool is for, guessed from a sample and corrected by flags.

The guess looks at values, never at how a file stores them, so that a table has the same roles as
CSV and as Parquet: a Parquet boolean and the words `true` and `false` are both categories, a
Parquet timestamp and an ISO date in a CSV are both left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alcli.errors import UsageError, did_you_mean, listing

if TYPE_CHECKING:
    from alcli.tables.facts import PoolFacts
    from alcli.tables.pool import Column, Rows

ROLES = ("id", "label", "text", "numeric", "categorical", "embedding", "ignore")

#: Names under which answers often hide. Such a column is a feature unless told, but `why` warns.
ANSWER_NAMES = frozenset({"class", "target", "y", "answer", "labels", "gold", "outcome"})
LEADING_ZERO = re.compile(r"\s*0\d+\s*$")
ROW_NAMES = frozenset({"id", "index", "row", "rownum", "row_number", "rownumber", "unnamed: 0", "level_0"})
BOOLEANS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})
NOT_NUMBERS = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})

FEW, FEW_SHARE = 50, 0.2
LONG_TEXT = 20.0  # mean characters from which values without blanks still read as text
LONG_CATEGORY = 40.0
ISO_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?|\d\d:\d\d:\d\d([.,]\d+)?"
)


@dataclass(frozen=True)
class Role:
    """One column, what it is used for, and why."""

    column: str
    role: str
    why: str
    example: str


def infer_roles(
    columns: Sequence[Column],
    facts: PoolFacts,
    sample: Rows,
    overrides: Mapping[str, str],
    id_column: str,
) -> list[Role]:
    """The role of every column, in the order of `columns`.

    Parameters
    ----------
    columns : the columns of the pool.
    facts : what a whole pass over the pool found; `numeric` and `lists` are used.
    sample : some rows of the pool, read as text (vectors may come as vectors).
    overrides : column -> role, as flags and settings give them; they always win.
    id_column : the column that names rows.

    Raises
    ------
    UsageError
        If an override names a column that isn't there, or two columns are to be the label.
    """
    names = [column.name for column in columns]
    _check_overrides(overrides, names)
    label = _label_column(names, overrides, id_column)
    roles = []
    for column in columns:
        cells = sample.columns[column.name].to_pylist() if column.name in sample.columns else []
        example = _example(cells)
        if column.name == id_column:
            role, why = "id", "names the rows"
        elif column.name in overrides:
            role, why = overrides[column.name], "as told"
        elif column.name == label:
            role, why = "label", f"called {column.name!r}"
        else:
            role, why = _guess(column, facts, cells)
            name = column.name.casefold()
            if (name in ANSWER_NAMES or "label" in name) and role != "ignore":
                why += "; if it holds answers, say `--label` or `--ignore`"
        roles.append(Role(column.name, role, why, example))
    return roles


def _check_overrides(overrides: Mapping[str, str], names: Sequence[str]) -> None:
    for name, role in overrides.items():
        if role not in ROLES:
            raise ValueError(f"{role!r} is not a role; the roles are {', '.join(ROLES)}")
        if name not in names:
            raise UsageError(
                f"the pool has no column {name!r} to take as {role}",
                hint=did_you_mean(name, names) or f"the columns are: {listing(names)}",
                code="unknown-column",
            )
    labels = [name for name, role in overrides.items() if role == "label"]
    if len(labels) > 1:
        raise UsageError(f"only one column can be the label, not {listing(labels)}", hint="give `--label` once")


def _label_column(names: Sequence[str], overrides: Mapping[str, str], id_column: str) -> str | None:
    """The column that holds answers: the one told, or one called `label`."""
    told = [name for name, role in overrides.items() if role == "label"]
    if told:
        return told[0]
    free = [name for name in names if name != id_column and name not in overrides]
    if "label" in free:
        return "label"
    return next((name for name in free if name.casefold() == "label"), None)


def _guess(column: Column, facts: PoolFacts, cells: Sequence[object]) -> tuple[str, str]:
    if column.kind == "vector" or column.name in facts.lists:
        if cells and all(cell is None for cell in cells):
            return "ignore", "blank in every row looked at"
        return "embedding", "lists of numbers"
    if column.kind == "time":
        return "ignore", "dates or times"
    if column.kind == "other":
        return "ignore", "not text, numbers or lists of numbers"
    filled = [str(cell) for cell in cells if cell is not None]
    # 007 and 01234 are codes: no number is written so
    coded = column.kind == "text" and any(LEADING_ZERO.match(cell) for cell in filled)
    if column.kind in ("integer", "float") or (column.name in facts.numeric and not coded):
        return _guess_number(column.name, filled, len(cells))
    distinct = len(set(filled))
    if cells and not filled:
        return "ignore", "blank in every row looked at"
    if distinct == 1 and 1 < len(cells) == len(filled):
        return "ignore", "the same in every row looked at"
    return _guess_words(filled, distinct)


def _guess_number(name: str, filled: Sequence[str], rows: int) -> tuple[str, str]:
    values = [number for cell in filled if (number := _number(cell)) is not None]
    distinct = len(set(values))
    if rows and not values:
        return "ignore", "blank in every row looked at"
    if rows > 1 and distinct == 1:
        return "ignore", "the same number in every row looked at"
    whole = all(value == int(value) for value in values if abs(value) < 1e300)
    if name.strip().casefold() in ROW_NAMES and whole and distinct == len(values):
        return "ignore", "numbers the rows"
    return "numeric", f"numbers, {distinct} different"


def _number(cell: str) -> float | None:
    """The finite number in a cell, or None where alcli reads it as missing."""
    if cell.strip().casefold() in NOT_NUMBERS:
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _guess_words(filled: Sequence[str], distinct: int) -> tuple[str, str]:
    if not filled:
        return "text", "text"
    rows = len(filled)
    if all(ISO_TIME.fullmatch(cell.strip()) for cell in filled):
        return "ignore", "dates or times"
    if {cell.strip().casefold() for cell in filled} <= BOOLEANS:
        return "categorical", "yes or no"
    mean = sum(map(len, filled)) / rows
    if distinct <= FEW and distinct <= FEW_SHARE * rows and mean <= LONG_CATEGORY:
        return "categorical", f"{distinct} different values"
    blanks = sum(len(cell.split()) > 1 for cell in filled) / rows
    if _looks_like_codes(filled, distinct, blanks):
        return "ignore", "looks like an identifier, nearly all different"
    # Beyond ASCII, writing without blanks (Chinese, Japanese, Thai) is text too.
    foreign = sum(not cell.isascii() for cell in filled) / rows
    if mean > LONG_TEXT or (distinct > 0.5 * rows and max(blanks, foreign) > 0.1):
        return "text", f"text, {mean:.0f} characters on average"
    if distinct > 0.9 * rows and rows > FEW:
        return "text", "short words, nearly all different"
    return "categorical", f"{distinct} different values"


def _looks_like_codes(filled: Sequence[str], distinct: int, blanks: float) -> bool:
    rows = len(filled)
    if rows < 5 or blanks > 0.02 or distinct < 0.95 * rows or max(map(len, filled)) > 64:
        return False
    coded = sum(cell.isascii() and any(c.isdigit() for c in cell) for cell in filled)
    return coded >= 0.8 * rows


def _example(cells: Sequence[object]) -> str:
    """The first filled cell, on one line and short enough for a table."""
    cell = next((cell for cell in cells if cell is not None), None)
    if cell is None:
        return ""
    text = " ".join(str(cell).split())
    return text if len(text) <= 40 else text[:39] + "…"
