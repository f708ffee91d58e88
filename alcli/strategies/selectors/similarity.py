"""Similarities in [0, 1] between rows, in blocks: the kernels of submodular functions and herding."""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_points, blocks, mean_of

Real = TypeVar("Real", np.float32, np.float64)

KINDS = ("rbf", "cosine")
# Squared lengths, in bandwidths, up to which float32 does.
_SHORT = 100.0


class Kernel(Protocol):
    """What rows of one set are to rows of another."""

    def ready(self, points: Points) -> Ready:
        """Points in the form that `between` takes; made once, used many times."""

    def between(self, left: Ready, right: Ready) -> NDArray[np.float32]:
        """Every row of `left` against every row of `right`."""


class Ready:
    """Coordinates that a kernel has moved, scaled or brought to length 1, and their squared lengths."""

    def __init__(self, rows: Points) -> None:
        self.rows = rows
        self.lengths: NDArray[np.float64] = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
        self._wide: Points | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> Ready:
        part = Ready.__new__(Ready)
        part.rows, part.lengths, part._wide = self.rows[rows], self.lengths[rows], None
        return part

    def minus_squares(self, other: Ready) -> Points:
        """Squared distances times -1, each row against each row of the other, never above 0."""
        ours = np.empty((len(self), self.rows.shape[1] + 2), dtype=self.rows.dtype)
        np.multiply(self.rows, 2.0, out=ours[:, :-2])
        ours[:, -2] = -1.0
        ours[:, -1] = -self.lengths
        found: Points = ours @ other._widened().T
        return np.minimum(found, 0.0, out=found)

    def _widened(self) -> Points:
        # Kept: one set is mostly met by many blocks of the other.
        if self._wide is None:
            self._wide = np.empty((len(self), self.rows.shape[1] + 2), dtype=self.rows.dtype)
            self._wide[:, :-2] = self.rows
            self._wide[:, -2] = self.lengths
            self._wide[:, -1] = 1.0
        return self._wide


class Similarity:
    """Similarities between rows: near 1 for neighbours, and never below 0.

    "rbf" is ``exp(-d² / bandwidth²)``; "cosine" is ``(1 + cos) / 2``, where a row of length 0 is at a
    right angle to all.

    Parameters
    ----------
    points : (r, d) rows that the scale is taken from.
    kind : "rbf" or "cosine".
    bandwidth : distance at which "rbf" falls to 1/e; 0 takes the root of the mean squared distance
        to the mean of `points`, which suits any scale of the columns.
    coarse : whether float32 does, where it is right to some 1e-5.

    Raises
    ------
    ValueError
        For another kind, or a bandwidth below 0.

    Examples
    --------
    >>> near = Similarity(np.array([[0.0], [2.0]]))
    >>> both = near.ready(np.array([[0.0], [2.0]]))
    >>> near.between(both, both).round(3).tolist()
    [[1.0, 0.017999999225139618], [0.017999999225139618, 1.0]]
    """

    def __init__(self, points: Points, kind: str = "rbf", bandwidth: float = 0.0, coarse: bool = True) -> None:
        check(kind, bandwidth)
        self.kind, self.coarse = kind, coarse
        self.middle = mean_of(points)
        self.bandwidth = bandwidth or self._spread(points)

    def _spread(self, points: Points) -> float:
        total = 0.0
        for start, stop in blocks(*points.shape):
            total += float(np.square(points[start:stop] - self.middle).sum())
        spread = float(np.sqrt(total / max(1, len(points))))
        # Equal rows differ from their mean by rounding, which is no scale.
        rounding = 1e-12 * float(np.abs(self.middle).max(initial=0.0))
        return spread if spread > rounding else 1.0

    def ready(self, points: Points) -> Ready:
        """Float32 where squared lengths are so small that squared distances come out right to some 1e-5."""
        pieces = list(blocks(*points.shape))
        short = all(float(_lengths(self._moved(points[a:b])).max(initial=0.0)) <= _SHORT for a, b in pieces)
        out = np.empty(points.shape, dtype=np.float32 if self.coarse and short else np.float64)
        for start, stop in pieces:
            out[start:stop] = self._moved(points[start:stop])
        return Ready(out)

    def _moved(self, points: Points) -> NDArray[np.float64]:
        rows = np.asarray(points, dtype=np.float64)
        if self.kind == "rbf":
            return (rows - self.middle) / self.bandwidth
        largest = np.abs(rows).max(axis=1, initial=0.0, keepdims=True)
        rows = rows / np.where(largest > 0.0, largest, 1.0)  # squares of tiny coordinates would be 0
        length = np.sqrt(_lengths(rows))[:, None]
        return rows / np.where(length > 0.0, length, 1.0)

    def between(self, left: Ready, right: Ready) -> NDArray[np.float32]:
        if self.kind == "rbf":
            away = left.minus_squares(right)
            # Far beyond where exp is 0, so that no difference overflows float32.
            near = away if away.dtype == np.float32 else np.maximum(away, -1e4).astype(np.float32)
            return np.exp(near, out=near)
        return _halved((left.rows @ right.rows.T).astype(np.float32, copy=False))

    def fine(self, left: Ready, right: Ready) -> NDArray[np.float64]:
        """The same in float64, of rows made ready by a kernel that is not coarse."""
        if self.kind == "rbf":
            return np.exp(left.minus_squares(right).astype(np.float64, copy=False))
        return _halved((left.rows @ right.rows.T).astype(np.float64, copy=False))


def _halved(cosines: NDArray[Real]) -> NDArray[Real]:
    cosines *= 0.5
    cosines += 0.5
    return np.clip(cosines, 0.0, 1.0, out=cosines)


class Ball:
    """1 within a distance, 0 beyond it.

    Parameters
    ----------
    middle : (d,) where the coordinates are moved to, so that products lose little.
    squared : the largest squared distance that counts.
    """

    def __init__(self, middle: NDArray[np.float64], squared: float) -> None:
        self.middle, self.squared = middle, squared

    def ready(self, points: Points) -> Ready:
        return Ready(np.asarray(points, dtype=np.float64) - self.middle)

    def between(self, left: Ready, right: Ready) -> NDArray[np.float32]:
        return (left.minus_squares(right) >= -self.squared).astype(np.float32)


def _lengths(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", rows, rows)
    return squares


def check(kind: str, bandwidth: float) -> None:
    """Refuse settings that no similarity has."""
    if kind not in KINDS:
        raise ValueError(f"similarity must be one of {', '.join(KINDS)}, not {kind!r}")
    if bandwidth < 0.0:
        raise ValueError(f"bandwidth must be 0 or more, not {bandwidth}")


def others(rows: ArrayLike | None, points: Points, what: str) -> Points:
    """Rows of a signal, (q, d): as wide as the points, none when there is no array."""
    if rows is None or len(np.asanyarray(rows)) == 0:
        return points[:0]
    found = as_points(rows, what)
    if found.shape[1] != points.shape[1]:
        raise ValueError(f"{what} has {found.shape[1]} columns and points {points.shape[1]}")
    return found


def best_of(kernel: Kernel, left: Ready, right: Ready) -> NDArray[np.float32]:
    """Of every row of `left`, the largest similarity to a row of `right`; 0 when there is none."""
    out = np.zeros(len(left), dtype=np.float32)
    if len(right):
        for start, stop in blocks(len(left), len(right)):
            out[start:stop] = kernel.between(left[start:stop], right).max(axis=1)
    return out


def total_of(kernel: Kernel, left: Ready, right: Ready) -> NDArray[np.float64]:
    """Of every row of `left`, the sum of its similarities to the rows of `right`."""
    out = np.zeros(len(left))
    if len(right):
        for start, stop in blocks(len(left), len(right)):
            out[start:stop] = kernel.between(left[start:stop], right).sum(axis=1, dtype=np.float64)
    return out
