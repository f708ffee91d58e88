"""Rules that count: labels, cost, rounds, time, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class State(Protocol):
    """Where a campaign stands, as far as a rule may ask.

    Attributes
    ----------
    order : the label of every labelled row, in the order in which they were asked; those that nobody asked for
        come first.
    rows : rows of the pool. left : rows that can still be asked.
    batches : batches sent out. paid : what all answers cost. seconds : since the first batch was asked.
    counts : class -> rows with it, for every class of the project.
    """

    @property
    def order(self) -> Sequence[str]: ...
    @property
    def rows(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def batches(self) -> int: ...
    @property
    def paid(self) -> float: ...
    @property
    def seconds(self) -> float: ...
    @property
    def counts(self) -> Mapping[str, int]: ...


def labels(state: State, of: str | None = None) -> float:
    """Rows that carry a label."""
    return float(len(state.order))


def share(state: State, of: str | None = None) -> float | None:
    """Share of the pool's rows that carry a label; None for an empty pool."""
    return len(state.order) / state.rows if state.rows else None


def cost(state: State, of: str | None = None) -> float:
    """What all answers cost together."""
    return state.paid


def rounds(state: State, of: str | None = None) -> float:
    """Batches sent out."""
    return float(state.batches)


def time(state: State, of: str | None = None) -> float:
    """Seconds since the first batch was asked."""
    return state.seconds


def rarest(state: State, of: str | None = None) -> float | None:
    """Labels of the class with fewest; None when no class is known."""
    return float(min(state.counts.values())) if state.counts else None


def left(state: State, of: str | None = None) -> float:
    """Rows that can still be asked."""
    return float(state.left)
