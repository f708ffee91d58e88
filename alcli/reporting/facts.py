"""What a report needs to know, as plain data: whoever makes a report gathers it, and here it is only shown.

A fact that could not be found is a text in its place: why, and which command changes that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alcli.reporting.pictures.lines import Point
from alcli.reporting.pictures.scatter import Spot

if TYPE_CHECKING:
    from alcli.evaluation.calibration import Bin


@dataclass(frozen=True)
class Standing:
    """Where the campaign stands: rows of the pool and what became of them, the model in words."""

    pool: str
    rows: int
    labelled: int
    out: int
    left: int
    batches: int
    annotators: int
    model: str
    newest: str
    next: str


@dataclass(frozen=True)
class Curve:
    """One metric over the labels, measured in one way; `rows` are those of the newest measurement."""

    metric: str
    how: str
    rows: str
    better: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Batch:
    """One batch, or with number 0 the labels that no batch brought.

    Attributes
    ----------
    labels : labelled rows once its answers were in; `counts` are those of each class.
    price : what its answers cost, where the pool has a column of costs.
    """

    number: int
    arms: tuple[str, ...]
    asked: int
    labelled: int
    skipped: int
    labels: int
    counts: Mapping[str, int]
    price: float | None = None


@dataclass(frozen=True)
class Arm:
    """A strategy that chose rows, and what became of them; `classes` counts those that carry a label now."""

    name: str
    asked: int
    labelled: int
    skipped: int
    classes: Mapping[str, int]


@dataclass(frozen=True)
class Foreseen:
    """How much of one arm's part of a batch the model before was right about; `known.labels` are those it led to."""

    batch: int
    arm: str
    rows: int
    known: Point


@dataclass(frozen=True)
class Labeler:
    """One annotator; shares are (share, low, high, of how many), None where there is nothing to take them of."""

    name: str
    labels: int
    skips: int
    others: tuple[float, float, float, int] | None
    gold: tuple[float, float, float, int] | None
    seconds: float | None


@dataclass(frozen=True)
class Agreement:
    """How far labelers agree, over rows with several answers; pairs are (one, other, rows, Cohen's kappa)."""

    labelers: tuple[Labeler, ...]
    rows: int
    alpha: float | None
    kappa: float | None
    pairs: tuple[tuple[str, str, int, float | None], ...]


@dataclass(frozen=True)
class Row:
    """A row of a table of rows: its id, its text, and what is said about it."""

    id: str
    text: str
    cells: tuple[str | float | None, ...]


@dataclass(frozen=True)
class Judgement:
    """The model beside the truth.

    Attributes
    ----------
    how : where the truth comes from, in words; `caution` is what a reader has to know of it.
    counts : the confusion, the truth in rows; both in the order of `classes`.
    scores : (precision, recall, F1, rows) of each class.
    calibration : expected calibration error and Brier score.
    mistakes : the wrong answers that the model is surest of: true class, answer, confidence.
    """

    how: str
    caution: tuple[str, ...]
    rows: int
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    scores: tuple[tuple[float | None, float | None, float | None, int], ...]
    bins: tuple[Bin, ...]
    calibration: tuple[float | None, float | None]
    mistakes: tuple[Row, ...]


@dataclass(frozen=True)
class Map:
    """The pool in two dimensions; `shares` of the variance lie along them."""

    pool: tuple[tuple[float, float], ...]
    spots: tuple[Spot, ...]
    groups: tuple[tuple[str, int], ...]
    shares: tuple[float, float]
    rows: int
    spots_in_all: int


@dataclass(frozen=True)
class Doubts:
    """What the model says of a sample of the pool that nobody labelled.

    Attributes
    ----------
    sampled : rows looked at, of `rows` without a label.
    expected : class -> mean probability over them.
    doubtful : the rows with the smallest margin: answer, its probability, the second, its probability.
    """

    sampled: int
    rows: int
    expected: Mapping[str, float]
    doubtful: tuple[Row, ...]


@dataclass(frozen=True)
class Rule:
    """A stopping rule as it stands."""

    rule: str
    value: str
    threshold: str
    held: str
    met: bool
    why: str


@dataclass(frozen=True)
class Stopping:
    """All stopping rules, and what they come to."""

    enough: bool
    says: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Facts:
    """Everything in a report. A text stands where a fact could not be found, and says why.

    `headline` is the metric that stands for all; `foreseen` the share of each batch that the model before was right
    about, and `foreseen_by_arm` that of each arm's part of it.
    """

    standing: Standing
    curves: tuple[Curve, ...] | str
    headline: str
    foreseen: tuple[Point, ...]
    foreseen_by_arm: tuple[Foreseen, ...]
    batches: tuple[Batch, ...] | str
    classes: tuple[str, ...]
    arms: tuple[Arm, ...] | str
    agreement: Agreement | str
    judgement: Judgement | str
    map: Map | str
    doubts: Doubts | str
    stopping: Stopping | str
    settings: tuple[tuple[str, str, str], ...]
    versions: Mapping[str, str]
    files: tuple[tuple[str, str, str], ...]
    written: str
