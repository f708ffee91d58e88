"""What a choice is made from: the pool, the features, the model and the rows that may be chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from alcli.selection.eligible import Condition, Eligible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.features.maker import FeatureMaker
    from alcli.models.classifier import Model
    from alcli.tables.pool import Pool, Request, Rows, Unit


class Brought(Protocol):
    """Signals that another system wrote to a file, looked up by id; picklable."""

    @property
    def has(self) -> frozenset[str]:
        """Names of the signals that it brings; `gradient` stands for points of that space."""

    @property
    def members(self) -> int:
        """How many members or passes `committee` has; 1 without one."""

    def signals(self, rows: Rows, names: Sequence[str]) -> dict[str, Any]:
        """The named signals of these rows, as `SIGNALS` describes them."""


class Embeddings(Protocol):
    """Vectors that another system wrote to a file, looked up by id; picklable."""

    def of(self, rows: Rows) -> NDArray[np.float32]:
        """The vectors of these rows, (n, d)."""


@dataclass
class Material:
    """All that strategies choose from. Picklable, so that workers can have it.

    Attributes
    ----------
    maker : the fitted features; None when no strategy of this choice needs them.
    model : the trained model, or None before the first.
    labelled : the rows that carry a label, by id: anchors of coverage, and what refits learn from.
    classes : of the project, in the order of probabilities.
    excluded : ids that must not be chosen.
    group_by : a column that caps the batch, or None.
    content : columns by which two rows are the same row, and as what they are read.
    memory : bytes that points of the pool may take at once.
    brought, vectors : predictions and embeddings from files, in place of the model and the features.
    liked, unliked, target : rows of `--like`, `--unlike` and `--target`; None without the flag.
    costs : (c, c), cost of predicting column j for a row of class i; None for 0 and 1.
    fit : makes a model like `model` from a matrix and labels, and weights where there are; None without a model.
    weights : how much each labelled row counts when a model is fitted again, by id; None when all do the same.
    price : column of what a label of each row costs; rows of a batch may cost `budget` together.
    """

    pool: Pool
    maker: FeatureMaker | None
    model: Model | None
    labelled: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    excluded: Collection[str] = ()
    conditions: tuple[Condition, ...] = ()
    group_by: str | None = None
    content: Request | None = None
    seed: int = 0
    batch: int = 1
    jobs: int = 1
    memory: int = 2 << 30
    cache: Path | None = None
    brought: Brought | None = None
    vectors: Embeddings | None = None
    liked: Rows | None = None
    unliked: Rows | None = None
    target: Rows | None = None
    costs: NDArray[np.float64] | None = None
    fit: Callable[..., Model] | None = None
    weights: Mapping[str, float] | None = None
    price: str | None = None
    budget: float | None = None

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
        if self.price:
            numbers.add(self.price)
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

    def raw(self, unit: Unit, ids: Any = None) -> Iterator[tuple[Rows, Any]]:
        """The rows of a unit with what a matrix is made of: their columns and None, or none and the matrix kept of them.

        Parameters
        ----------
        ids : of all rows of the unit, where they are known.
        """
        if self.maker is None:
            request = None
        elif self.maker.has_text:
            yield from self.batches(unit, True)
            return
        else:
            request = self.maker.request
        from alcli.tables.pool import Request

        for rows in self.pool.read(unit, request or Request(), ids=ids):
            yield rows, None

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
