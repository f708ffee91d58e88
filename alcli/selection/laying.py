"""What is wanted of candidates, made of some thousand rows at a time and laid out in their order."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.signals import points, signals
from alcli.strategies.points import Outer
from alcli.strategies.table import SIGNALS
from alcli.tables.rows import Rows

if TYPE_CHECKING:
    from alcli.selection.material import Material

Place = NDArray[np.float32] | Outer
PLAIN = ("features", "embedding")  # spaces whose points are made of the matrix alone


@dataclass(frozen=True)
class Wanted:
    """What is wanted of every candidate.

    Attributes
    ----------
    where : the space of the points; None when a selector takes none.
    needs : names of signals; those of no row are somebody else's.
    factored : whether gradients may stay factors.
    most : candidates, those with the smallest hashes; None for what memory allows.
    matrix : whether the rows of the feature matrix are wanted too.
    """

    where: str | None
    needs: tuple[str, ...] = ()
    factored: bool = False
    most: int | None = None
    matrix: bool = False

    @property
    def plain(self) -> bool:
        """Whether nothing but points of the matrix are wanted, so that float32 is enough for it."""
        others = [name for name in self.needs if name in SIGNALS and SIGNALS[name].of_rows and name != "space"]
        return self.where in PLAIN and not others and not self.matrix


@dataclass
class Made:
    """What was wanted of some rows: arrays by name, whose rows run along an axis."""

    length: int
    arrays: dict[str, tuple[Any, int]]

    def only(self, at: NDArray[np.intp]) -> Made:
        """Some of the rows."""
        arrays = {
            name: (np.take(value, at, axis=axis) if isinstance(value, np.ndarray) else value[at], axis)
            for name, (value, axis) in self.arrays.items()
        }
        return Made(len(at), arrays)


def made(material: Material, wanted: Wanted, rows: Rows, X: Any, at: NDArray[np.intp]) -> Iterator[Made]:
    """What is wanted of some rows, in their order, piece by piece.

    Parameters
    ----------
    X : the matrix of all of `rows`, or None when it is still to be made of their columns.
    at : positions of the rows, ascending.
    """
    # A few rows less are left out of what was made of all, which is half the size of the matrix; but a file need
    # not know the rows that cannot be chosen.
    few = len(at) < 0.9 * len(rows) or material.brought is not None or material.vectors is not None
    if few:
        rows, X, at = rows.take(at), None if X is None else X[at], np.arange(len(at))
    for start, piece in _pieces(material, wanted, rows, X):
        stop = len(rows) if piece is None else start + piece.shape[0]
        whole = start == 0 and stop == len(rows)  # a held pool's rows know their places
        some = rows if whole else Rows(rows.ids.slice(start, stop - start), {}, rows.file, rows.first + start)
        found = _made(material, wanted, some, piece)
        first, last = np.searchsorted(at, (start, stop))
        if last > first:
            yield found if last - first == found.length else found.only(at[first:last] - start)


def _pieces(material: Material, wanted: Wanted, rows: Rows, X: Any) -> Iterable[tuple[int, Any]]:
    if X is not None or material.maker is None:
        return [(0, X)]
    return material.maker.pieces(rows, np.float32 if wanted.plain else np.float64)


def _made(material: Material, wanted: Wanted, rows: Rows, X: Any) -> Made:
    arrays: dict[str, tuple[Any, int]] = {}
    place = placed(material, wanted.where, wanted.factored, rows, X)
    if place is not None:
        arrays["points"] = place, 0
    for name, value in signals(material, wanted.needs, rows, X, wanted.where or "features").items():
        arrays[f"signal {name}"] = value, SIGNALS[name].axes.index("n")
    if wanted.matrix and X is not None:
        arrays["matrix"] = X, 0
    return Made(len(rows), arrays)


def placed(material: Material, where: str | None, factored: bool, rows: Rows, X: Any) -> Place | None:
    """Rows as points, factored only for those who can take it."""
    if where is None:
        return None
    found: Place = points(material, where, rows, X)
    return found.dense() if isinstance(found, Outer) and not factored else found


class Laid:
    """Arrays of many rows that come in pieces and in any order, from any thread.

    Parameters
    ----------
    rows : how many there will be.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._whole: dict[str, tuple[NDArray[Any], int]] = {}
        self._sparse: dict[str, list[tuple[NDArray[np.intp], Any]]] = {}
        self._lock = threading.Lock()

    def put(self, pieces: Iterable[Made], spots: NDArray[np.intp]) -> None:
        """Row i of all the pieces goes to the place ``spots[i]``."""
        done = 0
        for piece in pieces:
            its = spots[done : done + piece.length]
            for name, (value, axis) in piece.arrays.items():
                self._put(name, value, axis, its)
            done += piece.length

    def _put(self, name: str, value: Any, axis: int, spots: NDArray[np.intp]) -> None:
        if isinstance(value, Outer):
            self._put(f"{name}, left", value.left, 0, spots)
            self._put(f"{name}, right", value.right, 0, spots)
            return
        if not isinstance(value, np.ndarray):
            with self._lock:
                self._sparse.setdefault(name, []).append((spots, value))
            return
        with self._lock:
            if name not in self._whole:
                shape = list(value.shape)
                shape[axis] = self._rows
                self._whole[name] = np.empty(shape, dtype=value.dtype), axis
        _scatter(np.moveaxis(self._whole[name][0], axis, 0), spots, np.moveaxis(value, axis, 0))

    def get(self, name: str) -> Any:
        """The whole array; None when nothing of this name came."""
        if name in self._whole:
            return self._whole[name][0]
        if f"{name}, left" in self._whole:
            return Outer(self.get(f"{name}, left"), self.get(f"{name}, right"))
        if name not in self._sparse:
            return None
        from scipy.sparse import vstack

        parts = self._sparse.pop(name)
        order = np.empty(self._rows, dtype=np.intp)
        order[np.concatenate([spots for spots, _ in parts])] = np.arange(self._rows)
        return vstack([part for _, part in parts], format="csr")[order]

    def signals(self) -> dict[str, Any]:
        """All arrays that are called a signal."""
        names = {name.partition(", ")[0] for name in (*self._whole, *self._sparse) if name.startswith("signal ")}
        return {name.removeprefix("signal "): self.get(name) for name in sorted(names)}


def _scatter(whole: NDArray[Any], spots: NDArray[np.intp], rows: NDArray[Any]) -> None:
    """``whole[spots] = rows``; numpy moves a row as one thing twice as fast as its numbers."""
    if whole.ndim == 2 and whole.shape[1] and whole.flags.c_contiguous and rows.flags.c_contiguous:
        row = np.dtype((np.void, whole.strides[0]))
        whole, rows = whole.view(row)[:, 0], rows.view(row)[:, 0]
    whole[spots] = rows
