"""One pass over the pool that keeps the best rows of one strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.candidates import Best, Counted, Kept, keep, merge
from alcli.selection.signals import signals
from alcli.strategies.calls import log_weights, score
from alcli.strategies.rank import gumbel_from_hash, ranks, round_utility
from alcli.tables.hashing import hash_ids
from alcli.tables.scan import scan

if TYPE_CHECKING:
    from alcli.selection.material import Material
    from alcli.strategies.kinds import Selector, Utility
    from alcli.strategies.params import Params
    from alcli.tables.pool import Pool, Rows, Unit


@dataclass(frozen=True)
class Order:
    """How rows are ranked: by utility, or drawn by weight.

    Attributes
    ----------
    params : settings, by who takes them.
    noise : what the random numbers of this arm are made from; another arm or batch has other ones.
    drawn : whether noise is added: rows are then drawn in proportion to their weights.
    where : the space of the utility's points.
    shared : signals of the whole choice, and under "prepared" what the utility learned from them.
    """

    utility: Utility
    selector: Selector
    params: Params
    noise: str
    drawn: bool
    where: str = "features"
    shared: Mapping[str, Any] = field(default_factory=dict)

    @property
    def uniform(self) -> bool:
        """Whether every row has the same weight."""
        return self.drawn and self.utility.name == "one"

    @property
    def needs_matrix(self) -> bool:
        return bool(self.utility.needs)

    def score(self, material: Material, rows: Rows, X: Any) -> NDArray[np.float64]:
        """Rounded utilities of some rows: (n,)."""
        found = {**self.shared, **signals(material, self.utility.needs, rows, X, self.where)}
        values = score(self.utility, found, len(rows), self.params.utility, self.shared.get("prepared"))
        return round_utility(values)


def best_rows(material: Material, order: Order, most: int, with_matrix: bool = False) -> tuple[Kept | None, Counted]:
    """The `most` best eligible rows, best first, and how many rows were eligible.

    Parameters
    ----------
    with_matrix : whether the rows of the feature matrix are kept too, for geometry among them.
    """
    work = partial(_unit, material=material, order=order, most=most, with_matrix=with_matrix)
    parts = _scan(material, work, order.needs_matrix or with_matrix)
    counted = Counted.sum([part[1] for part in parts])
    return merge([part[0] for part in parts], most), counted


def _unit(
    pool: Pool, unit: Unit, material: Material, order: Order, most: int, with_matrix: bool
) -> tuple[Kept | None, Counted]:
    best, counted = Best(most), Counted()
    for rows, X in material.batches(unit, order.needs_matrix or with_matrix):
        mask = material.eligible.mask(rows)
        counted_rows = len(rows) if mask is None else int(mask.sum())
        if counted_rows == 0:
            continue
        utility = order.score(material, rows, X)
        key, weight = utility, None
        if order.drawn:
            weight = log_weights(order.selector, utility, order.params.selector)
            noise = gumbel_from_hash(hash_ids(rows.ids, material.seed, order.noise))
            key = round_utility(weight + noise)
            counted.add(weight if mask is None else weight[mask], counted_rows)
        else:
            counted.add(None, counted_rows)
        at = best.wanted(key, mask)
        if len(at):
            best.offer(_kept(material, rows, at, key, utility, weight, X if with_matrix else None))
    return best.kept, counted


def _kept(
    material: Material,
    rows: Any,
    at: NDArray[np.intp],
    key: NDArray[np.float64],
    utility: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    X: Any,
) -> Kept:
    tie = rows.hashes(material.seed, "tie", at)
    return keep(rows, at, key, utility, weight, tie, X)


def ranked_rows(material: Material, order: Order, most: int) -> tuple[Kept | None, Counted]:
    """Like `best_rows` for weights made of ranks: all utilities are held at once, some 50 bytes a row."""
    work = partial(_everything, material=material, order=order)
    parts = [part for part in _scan(material, work, order.needs_matrix) if part is not None]
    if not parts:
        return None, Counted()
    together = merge(parts, sum(len(part) for part in parts))
    if together is None:
        return None, Counted()
    weight = log_weights(order.selector, ranks(together.utility, together.tie), order.params.selector)
    noise = gumbel_from_hash(hash_ids(together.ids, material.seed, order.noise))
    together.key, together.log_weight = round_utility(weight + noise), weight
    counted = Counted()
    counted.add(weight, len(together))
    return merge([together], most), counted


def _everything(pool: Pool, unit: Unit, material: Material, order: Order) -> Kept | None:
    kept: list[Kept] = []
    for rows, X in material.batches(unit, order.needs_matrix):
        mask = material.eligible.mask(rows)
        at = np.arange(len(rows)) if mask is None else np.flatnonzero(mask)
        utility = order.score(material, rows, X)
        part = _kept(material, rows, at, utility, utility, None, None)
        part.cells = {}
        kept.append(part)
    return merge(kept, sum(len(part) for part in kept)) if kept else None


def _scan(material: Material, work: Any, with_matrix: bool) -> list[Any]:
    return scan(material.pool, work, jobs=material.jobs, processes=material.processes(with_matrix))
