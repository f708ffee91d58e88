"""What is asked of a pool and what it hands out: columns, requests, rows, units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alcli.tables.arrays import integers, mask


@dataclass(frozen=True)
class Column:
    """A column of the pool; `kind` is one of text, integer, float, boolean, time, vector, other."""

    name: str
    kind: str


@dataclass(frozen=True)
class Request:
    """Which columns are wanted, and as what."""

    text: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.text + self.numbers + self.vectors

    @property
    def uses(self) -> dict[str, str]:
        """Column -> ``text``, ``numbers`` or ``vectors``."""
        return {
            **dict.fromkeys(self.text, "text"),
            **dict.fromkeys(self.numbers, "numbers"),
            **dict.fromkeys(self.vectors, "vectors"),
        }


@dataclass(frozen=True)
class Rows:
    """Some rows of the pool.

    Attributes
    ----------
    ids : `pa.string()` array, none missing.
    columns : column -> arrow array: string, float32 or float64, or fixed-size list of those; null
        where missing. Numbers that were floats in the file keep their NaN and infinities, which
        count as missing.
    file, first : where row 0 comes from (file, position in it); -1 for gathered rows.
    """

    ids: Any
    columns: dict[str, Any] = field(default_factory=dict)
    file: int = -1
    first: int = -1

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, positions: Any) -> Rows:
        """Rows at some positions (integers), in that order."""
        import numpy as np

        at = integers(np.asarray(positions, np.int64))
        return Rows(self.ids.take(at), {name: array.take(at) for name, array in self.columns.items()})

    def hashes(self, seed: int, purpose: str, positions: Any = None) -> Any:
        """`hash_ids` of all rows, or of those at some positions."""
        from alcli.tables.hashing import hash_ids

        return hash_ids(self.ids if positions is None else self.ids.take(integers(positions)), seed, purpose)

    def among(self, ids: Any) -> Any:
        """Shape (n,): which rows have one of these ids, a string array."""
        import pyarrow.compute as pc

        return mask(pc.is_in(self.ids, value_set=ids))

    def filter(self, chosen: Any) -> Rows:
        """Rows where a boolean array of shape (n,) is true."""
        import numpy as np

        return self.take(np.flatnonzero(np.asarray(chosen, np.bool_)))


@dataclass(frozen=True)
class Unit:
    """A part of a file that can be read by itself: row groups ``start`` to ``stop``, all when both are -1.

    `first` is the position of its first row in the file, `rows` how many there are (-1: not known).
    """

    file: int
    start: int
    stop: int
    first: int
    rows: int
