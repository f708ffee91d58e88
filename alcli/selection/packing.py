"""The batch of most utility that a budget can buy: a 0/1 knapsack over a whole pool.

The Lagrangian relaxation bounds what any batch can be worth and tells which rows could be in the best one; those
few are solved exactly. So the answer is the best of the whole pool, or comes with a proven bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.rank import top

# Rows that the exact solver is given at most, and the branches it may try. Both are counts and not times,
# so that a slow machine finds what a fast one finds.
MOST = 2000
_NODES = 5000
# What float64 cannot tell from the budget: 0.1 + 0.2 is within a budget of 0.3.
SLACK = 1e-9

#: For some positions: groups of them (as indexes into these positions), and how many of a group may be chosen.
Limits = Callable[[NDArray[np.intp]], Sequence[tuple[NDArray[np.intp], int]]]


@dataclass(frozen=True)
class Packed:
    """A batch within a budget.

    Attributes
    ----------
    chosen : positions, most utility first.
    worth : the sum of their utilities.
    bound : no batch within the budget is worth more.
    """

    chosen: NDArray[np.intp]
    worth: float
    bound: float

    @property
    def exact(self) -> bool:
        return self.worth >= self.bound * (1.0 - 1e-9)


def fits(cost: float, budget: float) -> bool:
    """Whether a sum of prices is within a budget, round-off aside.

    >>> fits(0.1 + 0.2, 0.3), fits(0.31, 0.3)
    (True, False)
    """
    return cost <= budget * (1.0 + SLACK)


def pack(
    utility: NDArray[np.float64],
    price: NDArray[np.float64],
    budget: float,
    n: int,
    tie: NDArray[np.uint64],
    limits: Limits | None = None,
) -> Packed:
    """The at most n rows of most utility together whose prices sum to no more than the budget.

    Parameters
    ----------
    utility : (m,), 0 or more.
    price : (m,), above 0 and finite.
    tie : (m,), the order among equals.
    limits : told positions, which of them exclude each other: copies of one row, rows of one group.

    Returns
    -------
    packed : exact in nearly all cases. Otherwise the best batch found among at most 2,000 rows and by
        utility per price, with the bound. Without `limits`, and where n is not what ends the batch, that
        is at least half of the best.

    References
    ----------
    Dantzig (1957): greedy by utility per price is the relaxed optimum but for one row, so greedy and the best
    single row are within 1/2. Balas, Zemel (1980): only rows near that row, the core, need be searched.
    """
    m = len(utility)
    if m == 0 or n < 1:
        return Packed(np.empty(0, np.intp), 0.0, 0.0)
    told = limits or (lambda positions: ())
    profit, bound = _relaxed(utility, price, budget, n)
    # without the round-off: where price and utility go together all rows are alike, and a mere rest must not sort them
    grain = float(utility.max()) * 2.0**-30
    profit = np.round(profit / grain) * grain if grain > 0.0 else profit
    best = _greedy(utility, price, budget, n, tie, told)
    worth = fsum(utility[best])
    size = min(m, MOST, 4 * n + 200)
    while True:
        core = top(profit, size, tie)
        found, proven = _solved(utility[core], price[core], budget, n, told(core))
        if found is not None and fsum(utility[core[found]]) > worth:
            best = core[found]
            worth = fsum(utility[best])
        # a batch with a row outside the core is worth no more than the bound and that row's (negative) profit
        left = float(np.delete(profit, core).max(initial=-np.inf))
        outside = bound + min(0.0, left + grain)
        if proven and outside <= worth + grain * n:
            bound = worth
        hopeful = int((profit + grain > worth - bound).sum()) if bound > worth else size
        wider = min(m, MOST, max(hopeful, size))
        if wider <= size:
            break
        size = wider
    order = np.lexsort((tie[best], -utility[best]))
    return Packed(best[order], worth, max(bound, worth))


def _relaxed(
    utility: NDArray[np.float64], price: NDArray[np.float64], budget: float, n: int
) -> tuple[NDArray[np.float64], float]:
    """Profit of each row at the best price of money, and the bound that follows.

    For any l >= 0 and u >= 0 no batch is worth more than ``l B + u n + sum max(0, utility - l price - u)``.
    """

    def at(rate: float) -> tuple[NDArray[np.float64], float, float]:
        value = utility - rate * price
        least = 0.0
        if len(value) > n:
            least = max(0.0, float(np.partition(value, len(value) - n)[len(value) - n]))
        gain = value - least
        above = gain > 0.0
        spent = float(price[above].sum())
        if least > 0.0:  # the rest of the n rows are equals; the cheapest of them are as good as any
            level, room = price[gain == 0.0], n - int(above.sum())
            spent += float(np.partition(level, room - 1)[:room].sum()) if room < len(level) else float(level.sum())
        return gain, rate * budget + least * n + float(gain[above].sum()), spent

    low, high = 0.0, float((utility / price).max())
    gain, bound, spent = at(0.0)
    if fits(spent, budget):
        return gain, bound
    for _ in range(60):
        rate = 0.5 * (low + high)
        new, value, spent = at(rate)
        if value < bound:
            gain, bound = new, value
        if spent > budget:
            low = rate
        else:
            high = rate
        if high - low <= 1e-12 * high:
            break
    return gain, bound


def _greedy(
    utility: NDArray[np.float64],
    price: NDArray[np.float64],
    budget: float,
    n: int,
    tie: NDArray[np.uint64],
    limits: Limits,
) -> NDArray[np.intp]:
    """By utility per price as long as the money lasts, or the best single row if that is worth more."""
    order = top(utility / price, 2 * n + 200, tie)
    walked = _walk(order, price, budget, n, limits(order))
    best = top(utility, 20, tie)
    alone = _walk(best, price, budget, 1, limits(best))
    return walked if fsum(utility[walked]) >= fsum(utility[alone]) else alone


def _walk(
    order: NDArray[np.intp],
    price: NDArray[np.float64],
    budget: float,
    n: int,
    limits: Sequence[tuple[NDArray[np.intp], int]],
) -> NDArray[np.intp]:
    groups: dict[int, list[int]] = {}
    room = [most for _, most in limits]
    for number, (members, _) in enumerate(limits):
        for member in members.tolist():
            groups.setdefault(member, []).append(number)
    taken: list[int] = []
    spent = 0.0
    for at, row in enumerate(order.tolist()):
        mine = groups.get(at, ())
        if len(taken) < n and fits(spent + price[row], budget) and all(room[group] > 0 for group in mine):
            taken.append(row)
            spent += float(price[row])
            for group in mine:
                room[group] -= 1
    return np.array(taken, dtype=np.intp)


def _solved(
    utility: NDArray[np.float64],
    price: NDArray[np.float64],
    budget: float,
    n: int,
    limits: Sequence[tuple[NDArray[np.intp], int]],
) -> tuple[NDArray[np.intp] | None, bool]:
    """Positions of the best batch by branch and bound, and whether it is proven to be the best."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    m, most = len(utility), float(utility.max())
    if most <= 0.0:
        return None, True
    lines: list[tuple[NDArray[np.intp], NDArray[np.float64], float]] = [
        (np.arange(m), price / budget, 1.0 + SLACK),
        (np.arange(m), np.ones(m), float(n)),
        *((members, np.ones(len(members)), float(cap)) for members, cap in limits),
    ]
    while len(lines) < 40 + len(limits):
        rows = np.repeat(np.arange(len(lines)), [len(members) for members, _, _ in lines])
        matrix = csr_array(
            (np.concatenate([factors for _, factors, _ in lines]), (rows, np.concatenate([at for at, _, _ in lines]))),
            shape=(len(lines), m),
        )
        answer: Any = milp(
            -utility / most,
            integrality=np.ones(m),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, -np.inf, np.array([limit for _, _, limit in lines])),
            options={"mip_rel_gap": 0.0, "node_limit": _NODES},
        )
        if answer.x is None:
            return None, False
        found = np.flatnonzero(np.round(answer.x) > 0)
        if fits(fsum(price[found]), budget):
            return found, bool(answer.status == 0)
        # the solver's tolerance is wider than ours: this very batch is excluded, and the next one asked for
        sign = np.full(m, -1.0)
        sign[found] = 1.0
        lines.append((np.arange(m), sign, float(len(found) - 1)))
    return None, False
