"""The pool as points, for selectors that compare rows with each other.

All eligible rows stand in memory as float32 when they fit the budget, sorted by a seeded hash of
their ids; otherwise the rows with the smallest hashes do, and the choice says so. Never n × n.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.context import width_of
from alcli.selection.signals import points, signals
from alcli.strategies.points import Outer
from alcli.strategies.table import SIGNALS
from alcli.tables.arrays import integers
from alcli.tables.hashing import hash_ids
from alcli.tables.rows import Rows
from alcli.tables.scan import scan

if TYPE_CHECKING:
    import pyarrow as pa

    from alcli.selection.candidates import Kept
    from alcli.selection.material import Material
    from alcli.tables.pool import Pool, Unit

PURPOSE = "geometry"
# Which rows are candidates when there is no room for all: others in every batch.
_ROOM = "candidates-{batch}"
Place = NDArray[np.float32] | Outer


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


@dataclass
class Cloud:
    """Candidates as points, in the order of the hash of their ids.

    Attributes
    ----------
    ids : m ids.
    points : (m, d) float32, an `Outer`, or None when no space was wanted.
    signals : what else was asked for, (m, …) each.
    matrix : the rows of the feature matrix, where wanted.
    eligible : rows that could have been candidates; more than m when there was no room for all.
    room : how many the memory has room for.
    """

    ids: pa.Array
    points: Place | None
    signals: dict[str, Any]
    matrix: Any
    eligible: int
    room: int

    def __len__(self) -> int:
        return len(self.ids)


def gather(material: Material, wanted: Wanted, tell: Callable[[int, int], None] | None = None) -> Cloud:
    """All eligible rows as points, or as many as `wanted.most` and `material.memory` allow.

    Parameters
    ----------
    tell : called, before any work is done, with the number of candidates and of eligible rows.
    """
    import pyarrow as pa

    room = room_for(material, wanted)
    most = min(room, wanted.most or room)
    limit, eligible = None, -1
    if material.pool.facts().rows > most:
        limit, eligible = _limit(material, most)
        if tell is not None:
            tell(min(most, eligible), eligible)
    work = partial(_points, material=material, wanted=wanted, limit=limit)
    parts = [part for found in _scan(material, work, True) for part in found]
    if not parts:
        return Cloud(pa.nulls(0, pa.string()), np.empty((0, 1), np.float32), {}, None, 0, room)
    hashes = np.concatenate([part.hashes for part in parts])
    order = np.argsort(hashes, kind="stable")
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    ends = np.cumsum([len(part.hashes) for part in parts])
    spots = np.split(place, ends[:-1])
    return Cloud(
        ids=pa.concat_arrays([part.ids for part in parts]).take(integers(order)),
        points=_laid([part.points for part in parts], spots),
        signals={
            name: _laid([part.signals[name] for part in parts], spots, _row_axis(name)) for name in parts[0].signals
        },
        matrix=_laid([part.matrix for part in parts], spots),
        eligible=len(order) if eligible < 0 else eligible,
        room=room,
    )


def _limit(material: Material, most: int) -> tuple[np.uint64 | None, int]:
    """The hash up to which a row is a candidate, None for all, and how many rows could be one."""
    found = [part for part in _scan(material, partial(_hashes, material=material), False) if len(part)]
    hashes = np.concatenate(found) if found else np.empty(0, np.uint64)
    # ties between hashes of different ids are as good as impossible, and harmless: both are in
    return (np.partition(hashes, most - 1)[most - 1] if len(hashes) > most else None), len(hashes)


def room_for(material: Material, wanted: Wanted) -> int:
    """Rows whose points and signals fit the budget: twice, because sorting copies them."""
    classes, members = max(2, len(material.classes)), 1
    if material.brought is not None:
        members = material.brought.members
    elif material.model is not None:
        members = max(1, len(material.model.heads))
    width = 0
    if wanted.where == "gradient" and wanted.factored:
        width = width_of(material, "embedding") + 1 + classes
    elif wanted.where is not None:
        width = width_of(material, wanted.where)
    cells = 0
    for name in wanted.needs:
        axes = SIGNALS[name].axes if name in SIGNALS else ()
        cells += classes * (5 if name == "dropout" else members if "m" in axes else 1) if "n" in axes else 0
    if wanted.matrix and material.maker is not None:
        cells += material.maker.width if not material.maker.sparse else 100
    return max(1000, int(material.memory // (2 * (4 * width + 8 * cells + 32))))


def _hashes(pool: Pool, unit: Unit, material: Material) -> NDArray[np.uint64]:
    found = []
    for rows, _ in material.batches(unit, False):
        mask = material.eligible.mask(rows)
        hashes = hash_ids(rows.ids, material.seed, _ROOM.format(batch=material.batch))
        found.append(hashes if mask is None else hashes[mask])
    return np.concatenate(found) if found else np.empty(0, np.uint64)


@dataclass
class _Part:
    ids: Any
    hashes: NDArray[np.uint64]
    points: Place | None
    signals: dict[str, Any]
    matrix: Any

    def only(self, at: NDArray[np.intp]) -> _Part:
        """Some of the rows."""
        return _Part(
            ids=self.ids.take(integers(at)),
            hashes=self.hashes[at],
            points=None if self.points is None else self.points[at],
            signals={
                name: np.take(value, at, axis=_row_axis(name)) if isinstance(value, np.ndarray) else value[at]
                for name, value in self.signals.items()
            },
            matrix=None if self.matrix is None else self.matrix[at],
        )


def _points(pool: Pool, unit: Unit, material: Material, wanted: Wanted, limit: np.uint64 | None) -> list[_Part]:
    parts: list[_Part] = []
    for rows, X in material.batches(unit, True):
        hashes = hash_ids(rows.ids, material.seed, PURPOSE)
        mask = material.eligible.mask(rows)
        chosen = np.ones(len(rows), bool) if mask is None else mask.copy()
        if limit is not None:
            chosen &= hash_ids(rows.ids, material.seed, _ROOM.format(batch=material.batch)) <= limit
        at = np.flatnonzero(chosen)
        if len(at) == 0:
            continue
        # A few rows less are left out of the points, which are half the size of the matrix; but a file need not
        # know the rows that cannot be chosen.
        few = len(at) < 0.9 * len(rows) or material.brought is not None or material.vectors is not None
        some, its = (rows.take(at), None if X is None else X[at]) if few else (rows, X)
        part = _Part(
            ids=some.ids,
            hashes=hashes[at] if few else hashes,
            points=place_of(material, wanted, some, its),
            signals=signals(material, wanted.needs, some, its, wanted.where or "features"),
            matrix=its if wanted.matrix else None,
        )
        parts.append(part if few or len(at) == len(rows) else part.only(at))
    return parts


def place_of(material: Material, wanted: Wanted, rows: Rows, X: Any) -> Place | None:
    """Rows as points, factored only for those who can take it."""
    if wanted.where is None:
        return None
    found: Place = points(material, wanted.where, rows, X)
    return found.dense() if isinstance(found, Outer) and not wanted.factored else found


def _laid(parts: list[Any], spots: Sequence[NDArray[np.intp]], axis: int = 0) -> Any:
    """One array of many: row i of a part goes where its spot says. Spent parts are let go one by one."""
    first = parts[0]
    if first is None:
        return None
    if isinstance(first, Outer):
        return Outer(_laid([part.left for part in parts], spots), _laid([part.right for part in parts], spots))
    if not isinstance(first, np.ndarray):
        from scipy.sparse import vstack

        order = np.empty(sum(map(len, spots)), dtype=np.intp)
        order[np.concatenate(spots)] = np.arange(len(order))
        return vstack(parts, format="csr")[order]
    shape = list(first.shape)
    shape[axis] = sum(map(len, spots))
    whole = np.empty(shape, dtype=first.dtype)
    moved = np.moveaxis(whole, axis, 0)
    for at, spot in enumerate(spots):
        moved[spot] = np.moveaxis(parts[at], axis, 0)
        parts[at] = None
    return whole


def _row_axis(signal: str) -> int:
    return SIGNALS[signal].axes.index("n") if signal in SIGNALS else 0


def among(material: Material, kept: Kept, wanted: Wanted) -> tuple[Cloud, NDArray[np.intp]]:
    """The kept rows as a cloud, and for each of its points the position of its row in `kept`."""
    hashes = hash_ids(kept.ids, material.seed, PURPOSE)
    order = np.argsort(hashes, kind="stable")
    X = None if kept.matrix is None else kept.matrix[order]
    rows = Rows(kept.ids.take(integers(order)))
    cloud = Cloud(
        ids=rows.ids,
        points=place_of(material, wanted, rows, X),
        signals=signals(material, wanted.needs, rows, X, wanted.where or "features"),
        matrix=X if wanted.matrix else None,
        eligible=len(kept),
        room=len(kept),
    )
    return cloud, order


def _scan(material: Material, work: Any, with_matrix: bool) -> list[Any]:
    return scan(material.pool, work, jobs=material.jobs, processes=material.processes(with_matrix))
