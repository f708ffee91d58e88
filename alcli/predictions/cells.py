"""Cells of a file as numbers: one a row, a list a row, or a list of lists a row.

Everything that a predictions file holds besides texts comes through here, whatever the format: a
flat array of numbers, and how many of them each row (and each list in it) has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.tables.arrays import mask, values
from alcli.tables.convert import BadCell, is_text, to_numbers, to_text

SHAPES = ("a number", "a list of numbers", "a list of lists of numbers")
KINDS = ("number", "list", "lists")


class Bad(Exception):
    """Something in a row that cannot be; `position` counts rows in the block at hand.

    Parameters
    ----------
    message : what is wrong, with the value.
    column : None when the whole row is meant.
    hint, code : as those of `AlcliError`, which whoever knows the row's id makes of it.
    """

    position: int
    message: str
    column: str | None
    hint: str | None
    code: str

    def __init__(
        self, position: int, message: str, *, column: str | None = None, hint: str | None = None, code: str
    ) -> None:
        super().__init__(position, message)
        self.position, self.message, self.column, self.hint, self.code = position, message, column, hint, code


@dataclass(frozen=True)
class Cells:
    """Numbers of some rows.

    Attributes
    ----------
    values : all numbers, one after the other; NaN where one is missing.
    counts : for each level of lists how many members each list has: () for a number a row, else
        first (n,) and, with lists of lists, then as many as there are inner lists.
    """

    values: NDArray[Any]
    counts: tuple[NDArray[np.int64], ...] = ()

    def row_of(self, position: int) -> int:
        """The row in which a number stands."""
        for counts in reversed(self.counts):
            position = int(np.searchsorted(np.cumsum(counts), position, side="right"))
        return position

    def starts(self, level: int = -1) -> NDArray[np.int64]:
        """Where each list of a level begins."""
        counts = self.counts[level]
        return np.cumsum(counts) - counts


def from_arrow(array: Any, depth: int, column: str) -> Cells:
    """An Arrow array of numbers, lists or lists of lists; texts are read as JSON lists, or as numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if depth and (is_text(array.type) or pa.types.is_null(array.type)):
        return from_values(
            [_parsed(text, row, column) for row, text in enumerate(to_text(array).to_pylist())], depth, column
        )
    counts: list[NDArray[np.int64]] = []
    for _ in range(depth):
        if not (hasattr(array.type, "value_field") and not pa.types.is_map(array.type)):
            raise _misshapen(0, f"<{array.type}>", depth, column)
        if array.null_count:
            position = int(np.argmax(mask(pc.is_null(array))))
            raise _misshapen(Cells(np.empty(0), tuple(counts)).row_of(position), "nothing", depth, column)
        counts.append(values(pc.list_value_length(array)).astype(np.int64))
        array = array.flatten()
    try:
        numbers = to_numbers(array)
    except BadCell as bad:
        row = Cells(np.empty(0), tuple(counts)).row_of(bad.position)
        raise Bad(row, f"{bad.value!r} is not a number", column=column, code="not-a-number") from None
    flat = values(numbers)
    if numbers.null_count:
        flat = np.where(mask(pc.is_valid(numbers)), flat, np.nan)
    return Cells(flat, tuple(counts))


def from_values(cells: Sequence[Any], depth: int, column: str) -> Cells:
    """Python values, as JSON gives them."""
    counts: list[NDArray[np.int64]] = []
    level: Sequence[Any] = cells
    for _ in range(depth):
        if set(map(type, level)) - {list}:
            at = next(position for position, value in enumerate(level) if not isinstance(value, list))
            raise _misshapen(Cells(np.empty(0), tuple(counts)).row_of(at), short(level[at]), depth, column)
        counts.append(np.fromiter(map(len, level), np.int64, len(level)))
        level = list(chain.from_iterable(level))
    if set(map(type, level)) - {int, float}:
        for place, value in enumerate(level):
            if value is not None and type(value) not in (int, float):
                row = Cells(np.empty(0), tuple(counts)).row_of(place)
                raise Bad(row, f"{short(value)} is not a number", column=column, code="not-a-number")
        level = [np.nan if value is None else value for value in level]
    try:
        flat = np.array(level, np.float64)
    except OverflowError:  # an integer of some hundred digits
        flat = np.array([float(value) if abs(value) < 1e300 else np.inf for value in level], np.float64)
    return Cells(flat, tuple(counts))


def _parsed(text: str | None, row: int, column: str) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        raise Bad(row, f"{short(text)} is not a list of numbers", column=column, code="not-a-vector") from None


def _misshapen(row: int, value: str, depth: int, column: str) -> Bad:
    return Bad(row, f"{value} is not {SHAPES[depth]}", column=column, code="not-a-vector")


def short(value: Any) -> str:
    """A value for a message.

    >>> short(None), short([0.25, 0.75]), len(short("x" * 100))
    ('nothing', '[0.25, 0.75]', 60)
    """
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def kind_of_value(value: Any) -> str:
    """``number``, ``list``, ``lists``, ``text`` or ``other``: what a JSON value is."""
    if isinstance(value, bool):
        return "other"
    if isinstance(value, (int, float)):
        return "number"
    if value is None or isinstance(value, str):
        return "text"
    if isinstance(value, list):
        inner = kind_of_value(value[0]) if value else "number"
        if inner == "number" or (value and value[0] is None):
            return "list"
        return "lists" if inner == "list" else "other"
    return "other"


def kind_of_text(text: str | None) -> str:
    """What the text of a delimited file's cell is.

    >>> [kind_of_text(text) for text in ("0.5", "[1, 2]", "[[1], [2]]", "spam", "nan")]
    ['number', 'list', 'lists', 'text', 'number']
    """
    text = (text or "").strip()
    if text.startswith("["):
        try:
            return kind_of_value(json.loads(text))
        except (ValueError, RecursionError):
            return "text"
    try:
        float(text)
    except ValueError:
        return "text"
    return "number"


def kind_of_type(kind: Any) -> str:
    """What an Arrow type holds."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return kind_of_type(kind.value_type)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if is_text(kind) or types.is_null(kind):
        return "text"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind_of_type(kind.value_type)
        return {"number": "list", "list": "lists"}.get(inner, "other")
    return "other"
