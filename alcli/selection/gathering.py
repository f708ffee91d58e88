"""The pool as points, for selectors that compare rows with each other.

All eligible rows stand in memory as float32 when they fit the budget, sorted by a seeded hash of
their ids; otherwise the rows with the smallest hashes do, and the choice says so. Never n × n.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.candidates import Counted, Kept
from alcli.selection.signals import points, signals
from alcli.tables.arrays import integers
from alcli.tables.hashing import hash_ids
from alcli.tables.scan import scan

if TYPE_CHECKING:
    import pyarrow as pa

    from alcli.selection.material import Material
    from alcli.tables.pool import Pool, Unit

PURPOSE = "geometry"


@dataclass
class Cloud:
    """Candidates as points, in the order of the hash of their ids.

    Attributes
    ----------
    ids : m ids.
    points : (m, d) float32.
    labelled : (l, d) float32, the labelled rows, in the order of the hash; None when there are none.
    signals : what else the selector asked for, (m, …) each.
    eligible : rows that could have been candidates; more than m when the budget was too small.
    """

    ids: pa.Array
    points: NDArray[np.float32]
    labelled: NDArray[np.float32] | None
    signals: dict[str, Any]
    eligible: int


def gather(material: Material, space: str, needs: tuple[str, ...]) -> Cloud:
    """All eligible rows as points, or as many as `material.memory` allows."""
    import pyarrow as pa

    found = [part for part in _scan(material, partial(_hashes, material=material), False) if len(part)]
    if not found:
        return Cloud(pa.nulls(0, pa.string()), np.empty((0, 1), np.float32), None, {}, 0)
    hashes = np.concatenate(found)
    eligible = len(hashes)
    room = _room(material, space, needs)
    # ties between hashes of different ids are as good as impossible, and harmless: both are in
    limit = np.partition(hashes, room - 1)[room - 1] if eligible > room else None
    parts = _scan(material, partial(_points, material=material, space=space, needs=needs, limit=limit), True)
    parts = [part for part in parts if part is not None]
    return _sorted_cloud(parts, eligible)


def _room(material: Material, space: str, needs: tuple[str, ...]) -> int:
    """Rows whose points and signals fit the budget: twice, because sorting copies them."""
    width = _width(material, space)
    classes = len(material.model.classes) if material.model is not None else 0
    return max(1000, int(material.memory // (2 * (4 * width + 8 * classes * len(needs) + 32))))


def _width(material: Material, space: str) -> int:
    for unit in material.pool.units():
        for rows, X in material.batches(unit, True):
            if len(rows):
                return int(points(material, space, X[:1]).shape[1])
    return 1


def _hashes(pool: Pool, unit: Unit, material: Material) -> NDArray[np.uint64]:
    found = []
    for rows, _ in material.batches(unit, False):
        mask = material.eligible.mask(rows)
        hashes = hash_ids(rows.ids, material.seed, PURPOSE)
        found.append(hashes if mask is None else hashes[mask])
    return np.concatenate(found) if found else np.empty(0, np.uint64)


@dataclass
class _Part:
    ids: Any
    hashes: NDArray[np.uint64]
    points: NDArray[np.float32]
    signals: dict[str, Any]
    anchors: NDArray[np.float32]
    anchor_hashes: NDArray[np.uint64]


def _points(
    pool: Pool, unit: Unit, material: Material, space: str, needs: tuple[str, ...], limit: np.uint64 | None
) -> _Part | None:

    from alcli.selection.eligible import Eligible

    labelled = Eligible(material.labelled)
    parts: list[_Part] = []
    for rows, X in material.batches(unit, True):
        hashes = hash_ids(rows.ids, material.seed, PURPOSE)
        mask = material.eligible.mask(rows)
        chosen = np.ones(len(rows), bool) if mask is None else mask.copy()
        if limit is not None:
            chosen &= hashes <= limit
        at = np.flatnonzero(chosen)
        anchor = np.flatnonzero(labelled.among(rows)) if material.labelled else np.empty(0, np.intp)
        both = np.concatenate([at, anchor])
        if len(both) == 0:
            continue
        found = points(material, space, X[both])
        parts.append(
            _Part(
                ids=rows.ids.take(integers(at)),
                hashes=hashes[at],
                points=found[: len(at)],
                signals=signals(material, needs, X[at]),
                anchors=found[len(at) :],
                anchor_hashes=hashes[anchor],
            )
        )
    return _one(parts) if parts else None


def _one(parts: list[_Part]) -> _Part:
    import pyarrow as pa

    if len(parts) == 1:
        return parts[0]
    return _Part(
        ids=pa.concat_arrays([part.ids for part in parts]),
        hashes=np.concatenate([part.hashes for part in parts]),
        points=np.concatenate([part.points for part in parts]),
        signals={
            name: np.concatenate([part.signals[name] for part in parts], axis=_row_axis(name))
            for name in parts[0].signals
        },
        anchors=np.concatenate([part.anchors for part in parts]),
        anchor_hashes=np.concatenate([part.anchor_hashes for part in parts]),
    )


def _row_axis(signal: str) -> int:
    return 1 if signal == "committee" else 0


def _sorted_cloud(parts: list[_Part], eligible: int) -> Cloud:

    whole = _one(parts)
    order = np.argsort(whole.hashes, kind="stable")
    anchors = whole.anchors[np.argsort(whole.anchor_hashes, kind="stable")]
    return Cloud(
        ids=whole.ids.take(integers(order)),
        points=whole.points[order],
        labelled=anchors if len(anchors) else None,
        signals={name: np.take(value, order, axis=_row_axis(name)) for name, value in whole.signals.items()},
        eligible=eligible,
    )


def among(material: Material, kept: Kept, space: str, needs: tuple[str, ...]) -> tuple[Cloud, NDArray[np.intp]]:
    """The kept rows as a cloud, and for each of its points the position of its row in `kept`."""

    hashes = hash_ids(kept.ids, material.seed, PURPOSE)
    order = np.argsort(hashes, kind="stable")
    X = kept.matrix[order]
    cloud = Cloud(
        ids=kept.ids.take(integers(order)),
        points=points(material, space, X),
        labelled=_anchors(material, space),
        signals=signals(material, needs, X),
        eligible=len(kept),
    )
    return cloud, order


def _anchors(material: Material, space: str) -> NDArray[np.float32] | None:
    """The labelled rows as points, in the order of the hash of their ids."""
    if not material.labelled or material.maker is None:
        return None
    ids = sorted(material.pool.known(material.labelled))
    if not ids:
        return None
    rows = material.pool.take(ids, material.maker.request)
    order = np.argsort(hash_ids(rows.ids, material.seed, PURPOSE), kind="stable")
    found: NDArray[np.float32] = points(material, space, material.maker.transform(rows.take(order)))
    return found


def _scan(material: Material, work: Any, with_matrix: bool) -> list[Any]:
    return scan(material.pool, work, jobs=material.jobs, processes=material.processes(with_matrix))


__all__ = ["Cloud", "Counted", "among", "gather"]
