"""What a choice is made from: the pool, the features, the model and the rows that may be chosen."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.selection.eligible import Condition, Eligible

if TYPE_CHECKING:
    from alcli.features.maker import FeatureMaker
    from alcli.models.classifier import Model
    from alcli.tables.pool import Pool, Request, Rows, Unit


@dataclass
class Material:
    """All that strategies choose from. Picklable, so that workers can have it.

    Attributes
    ----------
    maker : the fitted features; None when no strategy of this choice needs them.
    model : the trained model, or None before the first.
    labelled : ids of the rows that carry a label: anchors of coverage.
    excluded : ids that must not be chosen.
    group_by : a column that caps the batch, or None.
    content : columns by which two rows are the same row, and as what they are read.
    memory : bytes that points of the pool may take at once.
    """

    pool: Pool
    maker: FeatureMaker | None
    model: Model | None
    labelled: Collection[str] = ()
    excluded: Collection[str] = ()
    conditions: tuple[Condition, ...] = ()
    group_by: str | None = None
    content: Request | None = None
    seed: int = 0
    batch: int = 1
    jobs: int = 1
    memory: int = 2 << 30
    cache: Path | None = None

    @cached_property
    def eligible(self) -> Eligible:
        return Eligible(self.excluded, self.conditions)

    def contents(self, rows: Rows) -> list[Any]:
        """For each row what it holds, by which copies are known; None for a row that holds nothing."""
        if self.content is None or not self.content.columns:
            return [None] * len(rows)
        columns = [[_hashable(cell) for cell in rows.columns[name].to_pylist()] for name in self.content.columns]
        return [None if all(cell is None for cell in row) else row for row in zip(*columns, strict=True)]

    @cached_property
    def taken(self) -> frozenset[Any]:
        """What the rows hold that are answered or out, so that no copy of them is asked.

        Only in a pool with words: copies among numbers are rare, and finding them would read all
        columns of a wide pool once more.
        """
        if self.content is None or not self.content.text or not self.excluded:
            return frozenset()
        ids = sorted(self.pool.known(self.excluded))
        return frozenset(self.contents(self.pool.take(ids, self.content))) - {None}

    @property
    def extra(self) -> Request:
        """The columns that deciding needs besides the features."""
        from alcli.tables.pool import Request

        text = {condition.column for condition in self.conditions if not condition.numeric}
        numbers = {condition.column for condition in self.conditions if condition.numeric}
        if self.group_by:
            text.add(self.group_by)
        return Request(text=tuple(sorted(text - numbers)), numbers=tuple(sorted(numbers)))

    def batches(self, unit: Unit, with_matrix: bool) -> Iterator[tuple[Rows, Any]]:
        """The rows of a unit with what deciding needs, and their matrix or None."""
        if not with_matrix or self.maker is None:
            for rows in self.pool.read(unit, self.extra):
                yield rows, None
            return
        from alcli.features.cache import matrices

        if not self.extra.columns:
            yield from matrices(self.pool, unit, self.maker, self.cache)
            return
        more = self.pool.read(unit, self.extra)
        for (rows, X), other in zip(matrices(self.pool, unit, self.maker, self.cache), more, strict=True):
            yield _joined(rows, other), X

    def processes(self, with_matrix: bool) -> bool:
        """Whether workers should be processes: making text matrices is Python work that holds the GIL."""
        return bool(with_matrix and self.maker is not None and self.maker.has_text and self.jobs > 1)


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return None if isinstance(value, float) and math.isnan(value) else value


def _joined(rows: Rows, other: Rows) -> Rows:
    from alcli.tables.pool import Rows

    return Rows(rows.ids, {**rows.columns, **other.columns}, rows.file, rows.first)
