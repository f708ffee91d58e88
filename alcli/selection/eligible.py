"""Which rows may be chosen: not answered, not out, and fulfilling `--where`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import UsageError, did_you_mean, listing
from alcli.tables.arrays import mask as flags
from alcli.tables.arrays import strings

if TYPE_CHECKING:
    from alcli.tables.pool import Rows

_CONDITION = re.compile(r"^(?P<column>.+?)\s*(?P<operator><=|>=|!=|=|<|>)\s*(?P<value>.*)$", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """One `--where`: `=` and `!=` compare text, the others numbers; all do in a column that is read as numbers."""

    column: str
    operator: str
    value: str

    @property
    def numeric(self) -> bool:
        return self.operator not in ("=", "!=")

    def mask(self, rows: Rows) -> NDArray[np.bool_]:
        """Shape (n,): where the condition holds; a missing cell fulfils only `!=` something and `=` nothing."""
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = rows.columns[self.column]
        if self.numeric:
            compare = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}[self.operator]
            found = compare(cells, pa.scalar(float(self.value), cells.type))
            return flags(pc.fill_null(found, False))
        if pa.types.is_floating(cells.type):  # the column is read as numbers for something else too
            try:
                found = pc.fill_null(pc.equal(cells, pa.scalar(float(self.value), cells.type)), False)
            except ValueError:
                found = pa.repeat(False, len(cells))
            return flags(found if self.operator == "=" else pc.invert(found))
        text = pc.fill_null(cells, "")
        compare = pc.equal if self.operator == "=" else pc.not_equal
        return flags(compare(text, self.value))


def parse_conditions(texts: Sequence[str], columns: Collection[str]) -> tuple[Condition, ...]:
    """`--where` as conditions.

    Raises
    ------
    UsageError
        If one cannot be read, names no column of the pool, or compares with something that is no number.
    """
    found = []
    for text in texts:
        match = _CONDITION.match(text)
        if not match:
            raise UsageError(
                f"`--where {text}` is not a condition",
                hint="write 'lang=en', 'lang!=en' or 'price>3'",
                code="bad-value",
            )
        condition = Condition(match["column"].strip(), match["operator"], match["value"].strip())
        if condition.column not in columns:
            raise UsageError(
                f"`--where {text}` names a column that the pool does not have",
                hint=did_you_mean(condition.column, columns) or f"the columns are: {listing(sorted(columns))}",
                code="unknown-column",
            )
        if condition.numeric:
            try:
                float(condition.value)
            except ValueError:
                raise UsageError(
                    f"`--where {text}` compares with {condition.value!r}, which is not a number", code="bad-value"
                ) from None
        found.append(condition)
    return tuple(found)


class Eligible:
    """Decides row by row. Picklable; the ids are handed to Arrow once a process.

    Parameters
    ----------
    excluded : ids that are not to be chosen.
    conditions : all of them must hold.
    """

    def __init__(self, excluded: Collection[str], conditions: Sequence[Condition] = ()) -> None:
        self.excluded = frozenset(excluded)
        self.conditions = tuple(conditions)
        self._values: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_values": None}

    def mask(self, rows: Rows) -> NDArray[np.bool_] | None:
        """Shape (n,): which rows may be chosen; None for all of them."""
        mask: NDArray[np.bool_] | None = None
        if self.excluded:
            mask = ~self.among(rows)
        for condition in self.conditions:
            held = condition.mask(rows)
            mask = held if mask is None else mask & held
        return mask

    def among(self, rows: Rows) -> NDArray[np.bool_]:
        """Shape (n,): which rows are excluded ones."""
        if self._values is None:
            self._values = strings(sorted(self.excluded))
        found: NDArray[np.bool_] = rows.among(self._values)
        return found
