"""What a choice is made from: the pool, the features, the model and the rows that may be chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
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
    content : columns by which two rows are the same row.
    show : columns that the sheet will show; kept with the candidates when they are read anyway.
    memory : bytes that points of the pool may take at once.
    """

    pool: Pool
    maker: FeatureMaker | None
    model: Model | None
    labelled: Collection[str] = ()
    excluded: Collection[str] = ()
    conditions: tuple[Condition, ...] = ()
    group_by: str | None = None
    content: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    seed: int = 0
    batch: int = 1
    jobs: int = 1
    memory: int = 2 << 30
    cache: Path | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def eligible(self) -> Eligible:
        return Eligible(self.excluded, self.conditions)

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


def _joined(rows: Rows, other: Rows) -> Rows:
    from alcli.tables.pool import Rows

    return Rows(rows.ids, {**rows.columns, **other.columns}, rows.file, rows.first)


def as_request(columns: Sequence[str]) -> Request:
    """These columns as text."""
    from alcli.tables.pool import Request

    return Request(text=tuple(columns))
