"""Utilities of a whole pool, held at once: several combined into one order, or one with prices beside it.

A row costs 8 bytes a utility, 8 for its hash, 8 for a price and the text of its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.selection.arms import Arm
from alcli.selection.candidates import Counted, Kept
from alcli.selection.gathering import gather
from alcli.selection.laying import Wanted
from alcli.selection.scanning import Order
from alcli.selection.signals import signals
from alcli.strategies.calls import log_weights, score
from alcli.strategies.rank import gumbel_from_hash, ranks, round_utility, top
from alcli.tables.arrays import integers, strings, values
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


def _cells(price: NDArray[np.float64]) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(pa.float64(), len(price), [None, pa.py_buffer(np.ascontiguousarray(price))])


def combined(utility: ArrayLike, weight: ArrayLike, by: str = "rank") -> NDArray[np.float64]:
    """One number a row from several utilities that have no scale in common.

    Parameters
    ----------
    utility : array of shape (k, n)
        Larger is better; any sign.
    weight : array of shape (k,)
        Above 0. Only their proportions count.
    by : "rank", "zscore" or "product"
        What each utility becomes first. "rank": the share of rows that are no better, in (0, 1], where
        equal rows share a middle rank; "zscore": its distance from the mean over all rows, in
        standard deviations, 0 for a utility that is the same for all rows. These are averaged by
        weight. "product": the weighted geometric mean of the shares of "rank", so that a
        row that is bad in one respect is bad.

    Returns
    -------
    value : array of shape (n,)
        Rounded as utilities are.

    Examples
    --------
    >>> combined([[0.1, 0.3, 0.2], [-9.0, -7.0, -1.0]], [1, 1]).round(3)
    array([0.333, 0.833, 0.833])
    """
    from scipy.stats import rankdata

    given = np.asarray(utility, dtype=np.float64)
    share = np.asarray(weight, dtype=np.float64) / np.sum(weight)
    if by not in ("rank", "zscore", "product"):
        raise ValueError(f"by must be rank, zscore or product, not {by!r}")
    whole = np.zeros(given.shape[1])
    for line, part in zip(given, share, strict=True):
        if by == "zscore":
            whole += part * _standard(line)
        else:
            placed = rankdata(line) / max(1, len(line))
            whole += part * (placed if by == "rank" else np.log(placed))
    return round_utility(np.exp(whole) if by == "product" else whole)


def _standard(line: NDArray[np.float64]) -> NDArray[np.float64]:
    # as parts of the largest, so that neither a sum nor a square can overflow
    most = float(np.abs(line).max(initial=0.0))
    if most == 0.0:
        return np.zeros(len(line))
    scaled = line / most
    away = scaled - scaled.mean()
    spread = float(np.sqrt(np.mean(away * away)))
    # what is left of equal values is round-off of their mean
    return away / spread if spread > 1e-12 and line.min() < line.max() else np.zeros(len(line))


class Held:
    """An arm that holds the utilities of all rows.

    Parameters
    ----------
    parts : the strategies: one, or several that are combined.
    by : how they are combined; for one alone None.
    name : what is recorded; that of the one strategy when None.
    weight : the chance that a slot of the batch is this arm's.
    """

    geometric = False

    def __init__(
        self,
        material: Material,
        parts: Sequence[Arm],
        *,
        by: str | None = None,
        name: str | None = None,
        weight: float = 1.0,
    ) -> None:
        self.material, self.parts, self.by, self.weight = material, tuple(parts), by, weight
        self.name = name or parts[0].name
        self.asked_for = 0
        self.own_notes: list[str] = []

    @property
    def order(self) -> Order:
        """Whether and how it draws: as its strategy does; what is combined is not drawn."""
        return self.parts[0].order

    @property
    def notes(self) -> list[str]:
        return [*(note for part in self.parts for note in part.notes), *self.own_notes]

    @cached_property
    def scored(self) -> Scored | None:
        return score_pool(self.material, self.parts)

    @cached_property
    def utility(self) -> NDArray[np.float64]:
        """(n,) what a row is worth."""
        scored = self._rows
        if self.by is None:
            whole: NDArray[np.float64] = scored.utility[0]
            return whole
        return combined(scored.utility, [part.weight for part in self.parts], self.by)

    @property
    def _rows(self) -> Scored:
        assert self.scored is not None, "asked of an arm without rows"
        return self.scored

    @cached_property
    def log_weight(self) -> NDArray[np.float64]:
        """(n,) the logarithm of the weight with which a row is drawn; zeros when none is."""
        part = self.parts[0]
        if not self.order.drawn:
            return np.zeros(len(self._rows))
        given = ranks(self.utility, self._rows.tie) if part.kind == "ranked" else self.utility
        return log_weights(part.selector, given, part.params.selector)

    @property
    def value(self) -> NDArray[np.float64]:
        """(n,) what rows are ordered by where none is drawn."""
        return self.utility

    @cached_property
    def key(self) -> NDArray[np.float64]:
        """(n,) what rows are ordered by."""
        if not self.order.drawn:
            return self.value
        noise = gumbel_from_hash(hash_ids(self._rows.ids, self.material.seed, self.order.noise))
        return round_utility(self.log_weight + noise)

    @cached_property
    def counted(self) -> Counted:
        counted = Counted()
        if self.scored is not None:
            counted.add(self.log_weight if self.order.drawn else None, len(self.scored))
        return counted

    @property
    def eligible(self) -> int:
        """Rows that could have been chosen."""
        return 0 if self.scored is None else self.scored.eligible

    @property
    def exhausted(self) -> bool:
        """Whether it has offered every row that it ever will."""
        return self.asked_for >= self.counted.eligible

    def offer(self, most: int) -> Kept | None:
        """Its `most` best rows in its order; None when no row is eligible."""
        self.asked_for = max(most, self.asked_for)
        if self.scored is None:
            return None
        return self.kept(top(self.key, self.asked_for, self.scored.tie))

    def kept(self, at: NDArray[np.intp]) -> Kept:
        """The rows at some positions, in this order."""
        rows = self._rows
        priced = {} if rows.price is None else {str(self.material.price): _cells(rows.price[at])}
        return Kept(
            ids=rows.ids.take(integers(at)),
            key=self.key[at],
            utility=self.utility[at],
            log_weight=self.log_weight[at],
            tie=rows.tie[at],
            cells=priced,
        )

    def log_weights_of(self, ids: list[str]) -> dict[str, float]:
        """The weight that this arm gives to rows that other arms chose."""
        import pyarrow.compute as pc

        if not ids:
            return {}
        at = pc.index_in(strings(ids), value_set=self._rows.ids).to_pylist()
        return {id_: float(self.log_weight[place]) for id_, place in zip(ids, at, strict=True)}
