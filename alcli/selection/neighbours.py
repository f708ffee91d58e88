"""The labelled rows that are nearest to some rows of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from alcli.selection.context import Context
from alcli.strategies.distances import as_points, between, blocks

if TYPE_CHECKING:
    from alcli.selection.material import Material

#: Where distances are taken: vectors that were brought, else the embedding columns, else all features.
SPACE = "embedding"
_BLOCK = 8192  # labelled rows that are compared at once


def nearest_labelled(material: Material, ids: Sequence[str], most: int) -> list[list[str]]:
    """For each row the ids of the labelled rows nearest to it, nearest first, never the row itself.

    Rows come in any order and do not depend on each other; between equal distances the smaller seeded hash
    of the id wins. Memory holds the points of these rows and of the labelled rows, and a block of distances
    between them.

    Parameters
    ----------
    ids : rows of the pool.
    most : how many for each row; there are fewer when fewer are labelled.
    """
    context = Context(material, SPACE)
    labelled, _ = context.labelled_rows()
    if labelled is None or not ids:
        return [[] for _ in ids]
    names = labelled.ids.to_pylist()
    there = as_points(context.of(["labelled"])["labelled"], "labelled")
    here = as_points(context.points_of(ids))
    place = {name: at for at, name in enumerate(names)}
    itself = np.array([place.get(id_, -1) for id_ in ids])
    return [[names[at] for at in row] for row in nearest(here, there, itself, most)]


def nearest(
    points: NDArray[np.floating], others: NDArray[np.floating], itself: NDArray[np.intp], most: int
) -> list[list[int]]:
    """Positions of the `most` nearest of `others` for each of `points`, by exact distance, then by position.

    A product leaves few pairs whose distance is summed exactly, as in `strategies.distances`.

    Parameters
    ----------
    points, others : (n, d) and (m, d)
    itself : (n,) the position among `others` that is the row itself; -1 for none.
    """
    found: list[list[tuple[float, int]]] = [[] for _ in points]
    middle = others.mean(axis=0, dtype=np.float64)
    slack = 4.0 * (points.shape[1] + 16) * float(np.finfo(np.float64).eps)
    for first in range(0, len(others), _BLOCK):
        block = others[first : first + _BLOCK]
        around = block - middle
        weight = np.einsum("ij,ij->i", around, around)
        for start, stop in blocks(len(points), max(points.shape[1], len(block))):
            away = points[start:stop] - middle
            norm = np.einsum("ij,ij->i", away, away)[:, None] + weight
            rough = norm - 2.0 * (away @ around.T)
            norm *= slack
            own = itself[start:stop] - first
            inside = np.flatnonzero((own >= 0) & (own < len(block)))
            rough[inside, own[inside]] = np.inf
            reach = min(most, len(block)) - 1
            edge = np.partition(rough + norm, reach, axis=1)[:, reach]
            rows, columns = np.nonzero((rough - norm <= edge[:, None]) & np.isfinite(rough))
            exact = between(points, rows + start, block, columns)
            for row, column, far in zip(rows.tolist(), columns.tolist(), exact.tolist(), strict=True):
                found[start + row].append((far, first + column))
            for row in range(start, stop):
                found[row] = sorted(found[row])[:most]
    return [[at for _, at in row] for row in found]
