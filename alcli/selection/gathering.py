"""The pool as points, for selectors that compare rows with each other.

All eligible rows stand in memory as float32 when they fit the budget, sorted by a seeded hash of
their ids; otherwise the rows with the smallest hashes do, and the choice says so. Never n × n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.context import width_of
from alcli.selection.laying import PLAIN, Laid, Made, Place, Wanted, made, placed
from alcli.selection.signals import signals
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
    heads, laid, order = _gathered(material, wanted, limit)
    return Cloud(
        ids=pa.concat_arrays([head.ids for head in heads]).take(integers(order)) if heads else pa.nulls(0, pa.string()),
        points=laid.get("points") if len(order) else np.empty((0, 1), np.float32),
        signals=laid.signals(),
        matrix=laid.get("matrix"),
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
class _Head:
    """The candidates of a unit.

    Attributes
    ----------
    at : their positions in the unit, ascending; None for all rows.
    known : the ids of all its rows, where they are kept.
    made : what was made of them, when that was done in the same pass.
    """

    unit: Unit
    ids: Any
    hashes: NDArray[np.uint64]
    at: NDArray[np.intp] | None = None
    known: Any = None
    made: list[Made] = field(default_factory=list)


def _gathered(
    material: Material, wanted: Wanted, limit: np.uint64 | None
) -> tuple[list[_Head], Laid, NDArray[np.intp]]:
    """The candidates of all units, their points and signals in the order of hashes, and that order.

    The ids alone tell the order, so they are read first, and what is made of a row is put where it belongs at once.
    Where workers are processes, or reading twice would cost twice, all is made first and laid out then.
    """
    at_once = material.processes(True) or not material.pool.columnar
    heads = _scan(material, partial(_whole if at_once else _head, material=material, wanted=wanted, limit=limit), True)
    heads = [head for head in heads if len(head.ids)]
    hashes = np.concatenate([head.hashes for head in heads]) if heads else np.empty(0, np.uint64)
    order = np.argsort(hashes)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    ends = np.cumsum([len(head.ids) for head in heads], dtype=np.intp)
    spots = [place[end - len(head.ids) : end] for head, end in zip(heads, ends, strict=True)]
    laid = Laid(len(order))
    if at_once:
        for head, spot in zip(heads, spots, strict=True):
            laid.put(head.made, spot)
    else:
        tasks = {head.unit: (head, spot) for head, spot in zip(heads, spots, strict=True)}
        _scan(material, partial(_fill, material=material, wanted=wanted, tasks=tasks, laid=laid), True)
    return heads, laid, order


def _head(pool: Pool, unit: Unit, material: Material, wanted: Wanted, limit: np.uint64 | None) -> _Head:
    import pyarrow as pa

    known, hashes, at, first = [], [], [], 0
    for rows, _ in material.batches(unit, False):
        chosen, its = _chosen(material, rows, limit)
        known.append(rows.ids if limit is None else rows.ids.take(integers(chosen)))
        hashes.append(its[chosen])
        at.append(chosen + first)
        first += len(rows)
    if not first:
        return _Head(unit, pa.nulls(0, pa.string()), np.empty(0, np.uint64))
    ids, where = pa.concat_arrays(known), np.concatenate(at)
    if limit is not None:  # the ids of a pool that does not fit are not held
        return _Head(unit, ids, np.concatenate(hashes), where)
    some = len(where) < first
    return _Head(unit, ids.take(integers(where)) if some else ids, np.concatenate(hashes), where if some else None, ids)


def _chosen(material: Material, rows: Rows, limit: np.uint64 | None) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """The positions of candidates, and the hashes of all rows."""
    mask = material.eligible.mask(rows)
    chosen = np.ones(len(rows), bool) if mask is None else mask.copy()
    if limit is not None:
        chosen &= hash_ids(rows.ids, material.seed, _ROOM.format(batch=material.batch)) <= limit
    return np.flatnonzero(chosen), rows.hashes(material.seed, PURPOSE)


def _fill(
    pool: Pool,
    unit: Unit,
    material: Material,
    wanted: Wanted,
    tasks: Mapping[Unit, tuple[_Head, NDArray[np.intp]]],
    laid: Laid,
) -> None:
    """Make what is wanted of a unit's candidates, and put it where it belongs."""
    if unit not in tasks:
        return
    head, spots = tasks[unit]
    first = done = 0
    for rows, X in material.raw(unit, head.known):
        last = first + len(rows)
        end = last if head.at is None else int(np.searchsorted(head.at, last))
        at = np.arange(len(rows)) if head.at is None else head.at[done:end] - first
        if len(at):
            laid.put(made(material, wanted, rows, X, at), spots[done : done + len(at)])
        first, done = last, done + len(at)


def _whole(pool: Pool, unit: Unit, material: Material, wanted: Wanted, limit: np.uint64 | None) -> _Head:
    """What `_head` and `_fill` do, in one pass."""
    import pyarrow as pa

    ids, hashes = [], []
    found: list[Made] = []
    for rows, X in material.batches(unit, True):
        chosen, its = _chosen(material, rows, limit)
        if len(chosen):
            ids.append(rows.ids.take(integers(chosen)))
            hashes.append(its[chosen])
            found += made(material, wanted, rows, X, chosen)
    if not ids:
        return _Head(unit, pa.nulls(0, pa.string()), np.empty(0, np.uint64))
    return _Head(unit, pa.concat_arrays(ids), np.concatenate(hashes), made=found)


def among(material: Material, kept: Kept, wanted: Wanted) -> tuple[Cloud, NDArray[np.intp]]:
    """The kept rows as a cloud, and for each of its points the position of its row in `kept`."""
    hashes = hash_ids(kept.ids, material.seed, PURPOSE)
    order = np.argsort(hashes, kind="stable")
    X = None if kept.matrix is None else kept.matrix[order]
    rows = Rows(kept.ids.take(integers(order)))
    cloud = Cloud(
        ids=rows.ids,
        points=placed(material, wanted.where, wanted.factored, rows, X),
        signals=signals(material, wanted.needs, rows, X, wanted.where or "features"),
        matrix=X if wanted.matrix else None,
        eligible=len(kept),
        room=len(kept),
    )
    return cloud, order


def _scan(material: Material, work: Any, with_matrix: bool) -> list[Any]:
    return scan(material.pool, work, jobs=material.jobs, processes=material.processes(with_matrix))


def told_apart(material: Material, where: str | None, place: Place | None, chosen: NDArray[np.intp]) -> bool:
    """Whether the points of some rows show that no two of them hold the same.

    Copies have the same point to the last digit where it is made of each cell by itself: not where products are
    in it, as of text or probabilities.
    """
    maker, content = material.maker, material.content
    if place is None or maker is None or maker.sparse or content is None or where not in (*PLAIN, "gradient"):
        return False
    if material.vectors is not None or (where == "gradient" and not isinstance(place, Outer)):
        return False
    if material.brought is not None or not set(maker.request.columns) <= set(content.columns):
        return False
    its = (place.right if isinstance(place, Outer) else place)[chosen]
    return len(np.unique(its, axis=0)) == len(its)
