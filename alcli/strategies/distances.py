"""Squared distances: exact ones, and certified upper bounds that cost a fraction.

*The* squared distance of two rows is the float64 sum of their squared differences, and no choice is
ever made by anything else. A matrix product finds distances many times faster, but cancels: copies of a
row come out at 1e-14 or at -1e-14, differently with every BLAS. So products are only used to bound
from above, and to say which few pairs need the exact sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import frexp
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.floating]

# Numbers in a block: 2 MB of float64, 1 MB of float32, so that what is made of a block stays in the processor's cache.
_CELLS = 250_000
# Rows by which the middle of all is found where it need not be exact.
_SOME = 10_000
# Squares of larger coordinates would leave float64.
_LARGEST = 1e150


def as_points(points: ArrayLike, what: str = "points") -> Points:
    """Coordinates of shape (m, d), float32 or float64; a memory map stays one.

    Raises
    ------
    ValueError
        If it is not 2-D, or a coordinate is not finite or beyond 1e150; the message names the row.
    """
    given = np.asanyarray(points)
    array: Points = given if given.dtype in (np.float32, np.float64) else given.astype(np.float64)
    if array.ndim != 2:
        raise ValueError(f"{what} must have shape (m, d), not {array.shape}")
    largest = 0.0
    for start, stop in blocks(len(array), array.shape[1]):
        reach = _reach(array[start:stop])
        if not reach <= _LARGEST:  # nor NaN
            fine = np.abs(array[start:stop]) <= _LARGEST
            row = start + int(np.argmin(fine.all(axis=1)))
            raise ValueError(f"{what}, row {row}: a coordinate is not finite or too large")
        largest = max(largest, reach)
    # float32 only where its squares are safe
    wide = array.dtype == np.float32 and (largest > 1e15 or 0.0 < largest < 1e-15)
    return array.astype(np.float64) if wide else array


def _reach(array: NDArray[Any]) -> float:
    """The largest absolute value, 0 of none; NaN if there is one."""
    return float(np.maximum(-array.min(), array.max())) if array.size else 0.0


def as_anchors(labelled: ArrayLike | None, points: Points) -> Points | None:
    """Labelled rows of shape (l, d) that fit the points; None when there are none."""
    if labelled is None or len(np.asanyarray(labelled)) == 0:
        return None
    anchors = as_points(labelled, "labelled")
    if anchors.shape[1] != points.shape[1]:
        raise ValueError(f"labelled has {anchors.shape[1]} columns and points {points.shape[1]}")
    return anchors


def blocks(rows: int, width: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of pieces of rows that hold some 250,000 numbers."""
    step = max(1, _CELLS // max(1, width))
    for start in range(0, rows, step):
        yield start, min(start + step, rows)


def to_one(points: Points, centre: NDArray[np.floating]) -> NDArray[np.float64]:
    """Exact squared distance of every row to one centre: (m,)."""
    out = np.empty(len(points))
    middle: NDArray[np.float64] = np.asarray(centre, dtype=np.float64)
    for start, stop in blocks(*points.shape):
        away: NDArray[np.float64] = np.subtract(points[start:stop], middle, dtype=np.float64)
        out[start:stop] = _squares(away)
    return out


def between(
    left: Points, left_rows: NDArray[np.intp], right: Points, right_rows: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Exact squared distances of pairs: row left_rows[i] of `left` to row right_rows[i] of `right`."""
    out = np.empty(len(left_rows))
    for start, stop in blocks(len(out), left.shape[1]):
        there = np.asarray(right[right_rows[start:stop]], dtype=np.float64)
        out[start:stop] = _squares(left[left_rows[start:stop]] - there)
    return out


def _squares(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    # einsum adds each row by itself, so a row's sum does not depend on the block it is in.
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", differences, differences)
    return squares


def nearest(points: Points, centres: Points) -> NDArray[np.float64]:
    """Exact squared distance of every row to its nearest centre: (m,).

    A product in float64 drops the centres that cannot be nearest; the others, mostly one a row, are
    summed exactly. Peak memory is O(m) plus blocks.
    """
    out = np.empty(len(points))
    centres = np.unique(centres, axis=0)  # copies would all tie for nearest
    middle = centres.mean(axis=0, dtype=np.float64)
    around = centres - middle
    weight = np.einsum("ij,ij->i", around, around)
    # Four times the textbook bound on the error of a product of this length.
    slack = 4.0 * (points.shape[1] + 16) * float(np.finfo(np.float64).eps)
    for start, stop in blocks(len(points), max(points.shape[1], len(centres))):
        here = points[start:stop] - middle
        norm = np.einsum("ij,ij->i", here, here)[:, None] + weight
        rough = norm - 2.0 * (here @ around.T)
        norm *= slack
        most = (rough + norm).min(axis=1)
        rows, columns = np.nonzero(rough - norm <= most[:, None])
        exact = between(points, rows + start, centres, columns)
        first = np.searchsorted(rows, np.arange(stop - start))
        out[start:stop] = np.minimum.reduceat(exact, first)
    return out


class Bounds:
    """Upper bounds on every row's squared distance to the nearest of the centres seen so far.

    The bounds come from float32 products around the middle, with the product's largest possible rounding
    error added. They hold for the exact distance too, and are mostly within 1e-4 of it.

    Parameters
    ----------
    points : array of shape (m, d)
    anchors : centres that may come besides the points themselves, for the scale.
    """

    def __init__(self, points: Points, anchors: Points | None) -> None:
        self.points = points
        self.values = np.full(len(points), np.inf)
        # The nearer to the middle, the smaller the errors; but any place will do.
        some = points[:: max(1, len(points) // _SOME)]
        self._middle = mean_of(some).astype(points.dtype)
        largest = max((self._reach(each) for each in (points, anchors) if each is not None), default=0.0)
        # A power of two, so that scaling loses nothing: coordinates between -1 and 1 suit float32.
        self._shift = max(-1000, min(1000, -frexp(largest)[1])) if largest > 0.0 else 0
        # Twice the textbook bound on the error of a float32 product of this length.
        self._slack = 2.0 * (points.shape[1] + 16) * float(np.finfo(np.float32).eps)

    def _reach(self, rows: Points) -> float:
        return max((_reach(rows[a:b] - self._middle) for a, b in blocks(*rows.shape)), default=0.0)

    def _scaled(self, rows: Points) -> NDArray[np.float32]:
        moved = rows - self._middle
        if abs(self._shift) > 120:  # float32 could not hold the factor
            moved = moved.astype(np.float64)
        return (moved * moved.dtype.type(2.0**self._shift)).astype(np.float32)

    def add(self, centres: Points) -> None:
        """Lower the bounds of all rows by more centres, in one pass over the points."""
        for wide in self._prepared(centres):
            for start, stop in blocks(len(self.points), max(wide.shape)):
                self._lower(slice(start, stop), wide)

    def add_to(self, rows: NDArray[np.intp], centres: Points) -> None:
        """Lower the bounds of some rows by more centres; all the others still hold."""
        for wide in self._prepared(centres):
            for start, stop in blocks(len(rows), max(wide.shape)):
                self._lower(rows[start:stop], wide)

    def _prepared(self, centres: Points) -> Iterator[NDArray[np.float32]]:
        """Centres in pieces, so that one product gives `inflated |c|^2 - 2 x.c`: the last column meets a one."""
        for first in range(0, len(centres), 1024):
            near = self._scaled(centres[first : first + 1024])
            wide = np.empty((len(near), near.shape[1] + 1), dtype=np.float32)
            wide[:, :-1] = -2.0 * near
            wide[:, -1] = np.float32(1.0 + self._slack) * np.einsum("ij,ij->i", near, near)
            yield wide

    def _lower(self, at: slice | NDArray[np.intp], wide: NDArray[np.float32]) -> None:
        place = self.points[at]
        here = np.empty((len(place), wide.shape[1]), dtype=np.float32)
        here[:, :-1] = self._scaled(place)
        here[:, -1] = 1.0
        norms = np.float32(1.0 + self._slack) * np.einsum("ij,ij->i", here[:, :-1], here[:, :-1])
        # The last term is above what underflows in float32.
        with np.errstate(invalid="ignore"):  # some libraries look at numbers beyond the end of small matrices
            product = here @ wide.T
        bound = product.min(axis=1).astype(np.float64) + norms + 1e-36 * wide.shape[1]
        self.values[at] = np.minimum(self.values[at], np.ldexp(bound, -2 * self._shift))


def mean_of(points: Points) -> NDArray[np.float64]:
    """Mean of all rows in float64, summed block by block in order: (d,)."""
    total = np.zeros(points.shape[1])
    for start, stop in blocks(*points.shape):
        total += points[start:stop].sum(axis=0, dtype=np.float64)
    return total / max(1, len(points))
