"""Utilities of a whole pool, held at once.

A row costs 8 bytes a utility, 8 for its hash, 8 for a price and the text of its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.arms import Arm
from alcli.selection.gathering import gather
from alcli.selection.laying import Wanted
from alcli.selection.scanning import Order
from alcli.selection.signals import signals
from alcli.strategies.calls import score
from alcli.strategies.rank import round_utility
from alcli.tables.arrays import integers, values
from alcli.tables.hashing import hash_ids
from alcli.tables.rows import Request, Rows
from alcli.tables.scan import scan
from alcli.telling import warn

if TYPE_CHECKING:
    import pyarrow as pa

    from alcli.selection.material import Material
    from alcli.tables.pool import Pool, Unit


@dataclass(frozen=True)
class Scored:
    """All eligible rows, in the order of a hash of their ids.

    Attributes
    ----------
    eligible : how many rows could have been chosen; more than there are here when only some could be compared.
    tie : (n,) the hashes.
    utility : (k, n) rounded utilities, one line a strategy.
    price : (n,) what a label costs; None when nobody asked.
    """

    ids: pa.Array
    tie: NDArray[np.uint64]
    utility: NDArray[np.float64]
    price: NDArray[np.float64] | None
    eligible: int

    def __len__(self) -> int:
        return len(self.tie)


def score_pool(material: Material, parts: Sequence[Arm]) -> Scored | None:
    """The utilities of several strategies for every eligible row, in one pass; None without a row.

    A utility that looks at the company of a row sees as many rows as it can compare, those with the
    smallest hashes, and then only these are scored; the arm's notes say so.
    """
    orders = tuple(part.order for part in parts)
    if any(part.utility.scope == "group" for part in parts):
        return _of_candidates(material, parts, orders)
    with_matrix = any(order.needs_matrix for order in orders)
    work = partial(_unit, material=material, orders=orders, with_matrix=with_matrix)
    found = scan(material.pool, work, jobs=material.jobs, processes=material.processes(with_matrix))
    return _one([part for part in found if part is not None], material)


def _unit(
    pool: Pool, unit: Unit, material: Material, orders: Sequence[Order], with_matrix: bool
) -> tuple[Any, Any, Any] | None:
    found = []
    for rows, X in material.batches(unit, with_matrix):
        mask = material.eligible.mask(rows)
        at = np.arange(len(rows)) if mask is None else np.flatnonzero(mask)
        if len(at):
            price = None if material.price is None else prices_of(rows, material.price)[at]
            utility = _utilities(material, orders, rows, X, signals(material, _signals(orders), rows, X))
            found.append((rows.ids.take(integers(at)), utility[:, at], price))
    return _joined(found) if found else None


def _utilities(
    material: Material, orders: Sequence[Order], rows: Rows, X: Any, found: Mapping[str, Any]
) -> NDArray[np.float64]:
    """(k, n) from the signals that all of them share; points are made once a space."""
    places: dict[str, Any] = {}
    lines = []
    for order in orders:
        given = {**order.shared, **found}
        if "space" in order.utility.needs:
            if order.where not in places:
                places[order.where] = signals(material, ["space"], rows, X, order.where)["space"]
            given["space"] = places[order.where]
        learned = order.shared.get("prepared")
        lines.append(round_utility(score(order.utility, given, len(rows), order.params.utility, learned)))
    return np.stack(lines)


def _signals(orders: Sequence[Order]) -> tuple[str, ...]:
    """What the utilities need besides points, each once."""
    return tuple(dict.fromkeys(name for order in orders for name in order.utility.needs if name != "space"))


def _joined(found: Sequence[tuple[Any, Any, Any]]) -> tuple[Any, Any, Any]:
    import pyarrow as pa

    if len(found) == 1:
        return found[0]
    ids, utility, price = zip(*found, strict=True)
    together = None if price[0] is None else np.concatenate(price)
    return pa.concat_arrays(ids), np.concatenate(utility, axis=1), together


def _one(found: Sequence[tuple[Any, Any, Any]], material: Material, eligible: int = 0) -> Scored | None:
    """In the order of the hashes, which no file, order of rows or worker changes."""
    if not found:
        return None
    ids, utility, price = _joined(found)
    tie = hash_ids(ids, material.seed, "tie")
    order = np.argsort(tie, kind="stable")
    costs = None if price is None else price[order]
    return Scored(ids.take(integers(order)), tie[order], utility[:, order], costs, eligible or len(tie))


def _of_candidates(material: Material, parts: Sequence[Arm], orders: Sequence[Order]) -> Scored | None:
    most = min((part.params.candidates for part in parts if part.params.candidates), default=None)
    placed = any("space" in order.utility.needs for order in orders)

    def tell(candidates: int, eligible: int) -> None:
        if candidates < eligible:
            names = ", ".join(part.name for part in parts if part.utility.scope == "group")
            text = (
                f"{candidates:,} of {eligible:,} rows, drawn by a hash of the id, are compared: {names} looks at pairs"
            )
            warn(text)
            parts[0].own_notes.append(text)

    cloud = gather(material, Wanted(None, _signals(orders), most=most, matrix=placed), tell)
    if not len(cloud):
        return None
    rows = Rows(cloud.ids)
    utility = _utilities(material, orders, rows, cloud.matrix, cloud.signals)
    price = None
    if material.price is not None:
        price = prices_of(material.pool.take(cloud.ids.to_pylist(), Request(numbers=(material.price,))), material.price)
    return _one([(cloud.ids, utility, price)], material, cloud.eligible)


def prices_of(rows: Rows, column: str) -> NDArray[np.float64]:
    """(n,) what the labels of some rows cost; a missing one is NaN."""
    from alcli.tables.arrays import mask

    cells = rows.columns[column]
    price = values(cells).astype(np.float64)
    if cells.null_count:
        price[~mask(cells.is_valid())] = np.nan
    return price
