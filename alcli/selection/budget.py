"""`--cost COLUMN --budget B`: what labels cost, and arms that know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import Place, TableError, UsageError, counted
from alcli.selection.candidates import Kept
from alcli.selection.combining import Held
from alcli.selection.eligible import Condition
from alcli.selection.packing import SLACK, Packed, pack
from alcli.selection.scored import Scored, prices_of
from alcli.strategies.rank import top
from alcli.tables.scan import scan

if TYPE_CHECKING:
    from alcli.selection.identities import Identities
    from alcli.selection.material import Material
    from alcli.tables.pool import Pool, Unit


def check_money(cost: str | None, budget: float | None) -> None:
    """Refuse a column without a budget, and the reverse.

    Raises
    ------
    UsageError
        Also when the budget is 0.
    """
    if budget is not None and not budget > 0:
        raise UsageError(f"`--budget {budget:g}` buys nothing", hint="it must be above 0", code="bad-value")
    if cost is not None and budget is None:
        raise UsageError(
            f"`--cost {cost}` says what labels cost, but not how much may be spent",
            hint="add `--budget B`",
            code="bad-value",
        )
    if cost is None and budget is not None:
        raise UsageError(
            f"`--budget {budget:g}` needs to know what labels cost",
            hint="name the column that says it: `--cost COLUMN`",
            code="bad-value",
        )


@dataclass(frozen=True)
class Prices:
    """What is known of the prices of the rows that could be chosen.

    Attributes
    ----------
    eligible : how many rows there are, those that cost more than the budget too.
    cheapest : the lowest price; infinite without a row.
    """

    eligible: int
    cheapest: float


def prices(material: Material) -> Prices:
    """Look at every price once.

    Raises
    ------
    TableError
        ``bad-cost`` when one is missing, 0 or negative, with the id, the file and the row.
    """
    found = scan(material.pool, partial(_prices, material=material), jobs=material.jobs)
    wrong = sum(part.wrong for part in found)
    if wrong:
        id_, price, place = next(part.first for part in found if part.first is not None)
        what = "has no cost" if price != price else f"costs {price:g}, and a cost is above 0"
        others = f"; so it is with {counted(wrong - 1, 'other row')}" if wrong > 1 else ""
        raise TableError(
            f"the row {id_!r} {what}{others}",
            at=place,
            hint=f"correct it, or leave such rows out: `--where '{material.price}>0'`",
            code="bad-cost",
        )
    return Prices(sum(part.eligible for part in found), min((part.cheapest for part in found), default=np.inf))


@dataclass
class _Seen:
    """Of one part of the pool: rows that could be chosen, the lowest price, and what is no price."""

    eligible: int = 0
    cheapest: float = np.inf
    wrong: int = 0
    first: tuple[str, float, Place] | None = None


def _prices(pool: Pool, unit: Unit, material: Material) -> _Seen:
    column, seen = str(material.price), _Seen()
    for rows, _ in material.batches(unit, False):
        price = prices_of(rows, column)
        mask = material.eligible.mask(rows)
        chosen = np.ones(len(rows), bool) if mask is None else mask
        wrong = np.flatnonzero(chosen & ~(np.isfinite(price) & (price > 0.0)))
        if len(wrong) and seen.first is None:
            at = int(wrong[0])
            file = pool.files[rows.file]
            place = Place(file.shown, file.row_number(rows.first + at), column)
            seen.first = rows.ids[at].as_py(), float(price[at]), place
        seen.wrong += len(wrong)
        seen.eligible += int(chosen.sum())
        seen.cheapest = min(seen.cheapest, float(price[chosen].min(initial=np.inf)))
    return seen


def affordable(material: Material) -> Material:
    """The same, but a row that costs more than the whole budget cannot be chosen."""
    assert material.price is not None and material.budget is not None
    return replace(material, conditions=(*material.conditions, Condition(material.price, "<=", repr(material.budget))))


class Priced(Held):
    """An arm whose rows have prices: in the order of utility per price, or as its strategy draws them."""

    @cached_property
    def worth(self) -> NDArray[np.float64]:
        """(n,) utility as something that can be summed: the share of rows that are no better, if it can be negative."""
        sums = self.by in ("rank", "product") if self.by else self.parts[0].utility.nonnegative
        if sums:
            return np.maximum(self.utility, 0.0)
        from scipy.stats import rankdata

        placed: NDArray[np.float64] = rankdata(self.utility) / max(1, len(self.utility))
        return placed

    @property
    def value(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.worth / self.price
        return found

    @property
    def price(self) -> NDArray[np.float64]:
        found = self._rows.price
        assert found is not None, "a budget without prices"
        return found

    def fitting(self, left: float) -> float:
        """The chance, at the first draw, of all rows that cost no more than what is left."""
        price, chance = self._by_price
        return float(chance[np.searchsorted(price, left * (1.0 + SLACK), side="right")])

    @cached_property
    def _by_price(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        order = np.argsort(self.price, kind="stable")
        chance = np.exp(self.log_weight[order] - self.counted.log_total)
        return self.price[order], np.concatenate([[0.0], np.cumsum(chance)])


class Knapsack(Priced):
    """The one arm of a query with a budget: its best batch first, then, by utility per price, what still fits.

    Parameters
    ----------
    identities : tells copies and groups among rows.
    """

    def __init__(self, *args: Any, n: int, identities: Identities, **more: Any) -> None:
        super().__init__(*args, **more)
        self.n, self.identities = n, identities

    @cached_property
    def packed(self) -> Packed:
        budget = self.material.budget
        assert budget is not None
        packed = pack(self.worth, self.price, budget, self.n, self._rows.tie, self._limits)
        if not packed.exact:
            share = int(1000 * packed.worth / packed.bound) / 10
            self.own_notes.append(
                f"{self.name}: what the budget buys is worth at least {share:g} % of the best there is"
            )
        return packed

    def _limits(self, at: NDArray[np.intp]) -> Sequence[tuple[NDArray[np.intp], int]]:
        return self.identities.limits(self.kept(at))

    def offer(self, most: int) -> Kept | None:
        self.asked_for = max(most, self.asked_for)
        rows: Scored | None = self.scored
        if rows is None:
            return None
        first = self.packed.chosen
        rest = top(self.key, self.asked_for, rows.tie)
        return self.kept(np.concatenate([first, rest[~np.isin(rest, first)]]))
