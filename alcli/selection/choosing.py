"""Fills a batch, slot by slot, from one arm or several.

Each slot is given to an arm by chance in proportion to the arms' weights, and takes that arm's best
row that is still free: not in the batch, not an exact duplicate of a row in it, its group not full, its price
within what is left of the budget. In a pool with words, a copy of a row that is answered or out is not asked
either. What is recorded for a row is the probability of drawing it at its rank given the rows before it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.arms import Arm
from alcli.selection.budget import Priced, Prices
from alcli.selection.candidates import Kept
from alcli.selection.combining import Held
from alcli.selection.identities import Identities
from alcli.selection.packing import SLACK, fits
from alcli.selection.scored import prices_of
from alcli.tables.rows import Request, Rows

if TYPE_CHECKING:
    from alcli.selection.material import Material

Offering = Arm | Held


@dataclass(frozen=True)
class Pick:
    """One row of the batch; `price` is what one label of it costs, 0 without prices."""

    id: str
    arm: str
    utility: float | None
    probability: float
    price: float = 0.0


@dataclass(frozen=True)
class Choice:
    """A batch.

    Attributes
    ----------
    picks : the rows in batch order.
    eligible : rows that could have been chosen.
    notes : what the user should know about how it was done.
    cost : what the labels cost together; None without prices.
    """

    picks: tuple[Pick, ...]
    eligible: int
    notes: tuple[str, ...] = ()
    cost: float | None = None


class Short(Exception):
    """An arm ran out of offered rows though it has more."""

    def __init__(self, arm: Offering) -> None:
        self.arm = arm


def choose(
    material: Material,
    arms: Sequence[Offering],
    n: int,
    *,
    slots: NDArray[np.intp] | None = None,
    per_group: int = 1,
    prices: Prices | None = None,
) -> Choice:
    """Choose n rows, fewer when there are no more.

    Parameters
    ----------
    arms : at least one.
    slots : (n,) the number of the arm that fills each slot; drawn by the arms' weights when None.
    per_group : rows of one value of `material.group_by`.
    prices : with a budget: what is known of the prices.
    """
    if slots is None:
        slots = draw_slots([arm.weight for arm in arms], n, material.seed, material.batch)
    # half as many again, so that a few duplicates do not cost a second pass over the pool
    most = n + n // 2 + 16
    reach = {id(arm): n if arm.geometric else most * (4 if material.group_by else 1) for arm in arms}
    identities = Identities(material, per_group)
    while True:
        try:
            return _fill(material, arms, n, slots, identities, reach, prices)
        except Short as short:
            reach[id(short.arm)] *= 2 if short.arm.geometric else 8


def draw_slots(weights: Sequence[float], n: int, seed: int, batch: int) -> NDArray[np.intp]:
    """For each of n slots the number of an arm, drawn in proportion to the weights."""
    if len(weights) == 1:
        return np.zeros(n, np.intp)
    share = np.asarray(weights, float) / sum(weights)
    return np.random.default_rng([seed, batch]).choice(len(weights), size=n, p=share)


@dataclass(frozen=True)
class _Taken:
    """A row of the batch: the number of its arm, the head of each arm's queue, and the money before it."""

    by: int
    id: str
    utility: float | None
    heads: list[str | None]
    price: float
    left: float


def _fill(
    material: Material,
    arms: Sequence[Offering],
    n: int,
    slots: NDArray[np.intp],
    identities: Identities,
    reach: dict[int, int],
    prices: Prices | None,
) -> Choice:
    queues = [_Queue(arm, arm.offer(reach[id(arm)]), material, identities, len(arms) == 1) for arm in arms]
    rules = _Rules(identities.per_group, material.taken, material.budget if prices is not None else None)
    taken: list[_Taken] = []
    for slot in range(n):
        if prices is not None and not fits(rules.spent + prices.cheapest, rules.budget):
            break
        order = [int(slots[slot]), *(at for at in range(len(arms)) if at != slots[slot])]
        for at in order:
            queue = queues[at]
            position = queue.peek(rules)
            if position is not None:
                break
            if not queue.ended:
                raise Short(queue.arm)
        else:
            break  # every arm is at its end: the pool has no more rows to give
        heads = [each.ids[free] if (free := each.peek(rules)) is not None else None for each in queues]
        id_ = queue.ids[position]
        value = float(queue.kept.utility[position])
        price = queue.price(position)
        taken.append(_Taken(at, id_, None if math.isnan(value) else value, heads, price, rules.budget - rules.spent))
        rules.add(id_, *queue.identity(position), price)
    picks = _with_probability(arms, queues, taken)
    eligible = max((arm.eligible for arm in arms), default=0) if prices is None else prices.eligible
    notes = tuple(dict.fromkeys(note for arm in arms for note in arm.notes))
    return Choice(picks, eligible, notes, None if prices is None else float(f"{rules.spent:.12g}"))


class _Rules:
    """What keeps a row out of a batch."""

    def __init__(self, per_group: int, taken: Collection[Any], budget: float | None) -> None:
        self.per_group = per_group
        self.ids: set[str] = set()
        self.contents: set[Any] = set(taken)
        self.groups: Counter[str] = Counter()
        self.budget = math.inf if budget is None else budget
        self.prices: list[float] = []
        self.spent = 0.0

    def allow(self, id_: str, content: Any, group: str | None) -> bool:
        return (
            id_ not in self.ids
            and (content is None or content not in self.contents)
            and (group is None or self.groups[group] < self.per_group)
        )

    def add(self, id_: str, content: Any, group: str | None, price: float) -> None:
        self.ids.add(id_)
        if content is not None:
            self.contents.add(content)
        if group is not None:
            self.groups[group] += 1
        # summed exactly: the order in which rows are taken must not decide whether the last one fits
        self.prices.append(price)
        self.spent = math.fsum(self.prices)


class _Queue:
    """An arm's offer, walked in order. A row that the rules refuse once is refused for good."""

    #: Rows whose content and group are read at once.
    BLOCK = 4096

    def __init__(
        self, arm: Offering, kept: Kept | None, material: Material, identities: Identities, alone: bool
    ) -> None:
        self.arm = arm
        self.ids: list[str] = [] if kept is None else kept.ids.to_pylist()
        self.kept = kept if kept is not None else _nothing()
        self.unaffordable = False
        self._identities = identities
        # Rows that are known to differ need not be read once more, which takes as long as the whole pool does.
        apart = alone and self.kept.distinct and material.group_by is None and not material.taken
        self._needed = identities.needed and not apart
        self._known: dict[int, tuple[Any, str | None]] = {}
        self._prices = _prices(material, self.kept, self.ids)
        self._at = 0

    @property
    def ended(self) -> bool:
        """Whether the arm has nothing more to offer.

        An arm that compares rows is asked for no more than the batch when it was money that kept a row out:
        for twice as many it would not go on, but begin anew.
        """
        return self.arm.exhausted or (self.arm.geometric and self.unaffordable)

    def price(self, position: int) -> float:
        return 0.0 if self._prices is None else float(self._prices[position])

    def identity(self, position: int) -> tuple[Any, str | None]:
        """What the row holds, and its group."""
        if not self._needed:
            return None, None
        if position not in self._known:
            self._read(position)
        return self._known[position]

    def peek(self, rules: _Rules) -> int | None:
        """The position of the first row that the rules allow; None at the end."""
        while self._at < len(self.ids):
            if not fits(rules.spent + self.price(self._at), rules.budget):
                self.unaffordable = True
                self._at += self._skip(rules)
            elif rules.allow(self.ids[self._at], *self.identity(self._at)):
                return self._at
            else:
                self._at += 1
        return None

    def _skip(self, rules: _Rules) -> int:
        """How many rows from here on cost too much."""
        assert self._prices is not None
        fitting = self._prices[self._at :] <= rules.budget * (1.0 + SLACK) - rules.spent
        return max(1, int(fitting.argmax()) if fitting.any() else len(fitting))

    def _read(self, position: int) -> None:
        at = np.arange(position, min(position + self.BLOCK, len(self.ids)))
        contents, groups = self._identities.of(self.kept.take(at))
        for number, place in enumerate(at.tolist()):
            self._known[place] = contents[number] if contents else None, groups[number] if groups else None


def _nothing() -> Kept:
    import pyarrow as pa

    none = np.empty(0)
    return Kept(pa.nulls(0, pa.string()), none, none, none, np.empty(0, np.uint64), {})


def _prices(material: Material, kept: Kept, ids: list[str]) -> NDArray[np.float64] | None:
    """(n,) what the offered rows cost; None without a budget."""
    if material.price is None or material.budget is None:
        return None
    if not ids:
        return np.empty(0)
    cells = kept.cells.get(material.price)
    if cells is not None and str(cells.type) in ("float", "double"):
        return prices_of(Rows(kept.ids, kept.cells), material.price)
    return prices_of(material.pool.take(ids, Request(numbers=(material.price,))), material.price)


def _with_probability(arms: Sequence[Offering], queues: Sequence[_Queue], taken: Sequence[_Taken]) -> tuple[Pick, ...]:
    ids = [each.id for each in taken]
    total = sum(arm.weight for arm in arms)
    weights = [
        _log_weights(arm, queue, ids) if arm.order.drawn else {} for arm, queue in zip(arms, queues, strict=True)
    ]
    chances = [_chances(arm, known, taken) if arm.order.drawn else [] for arm, known in zip(arms, weights, strict=True)]
    picks = []
    for rank, each in enumerate(taken):
        probability = 0.0
        for at, arm in enumerate(arms):
            share = arm.weight / total
            probability += share * (chances[at][rank] if arm.order.drawn else each.heads[at] == each.id)
        chance = float(f"{min(1.0, probability):.9g}")
        picks.append(Pick(each.id, arms[each.by].name, each.utility, chance, each.price))
    return tuple(picks)


def _chances(arm: Offering, log_weight: dict[str, float], taken: Sequence[_Taken]) -> list[float]:
    """For each row of the batch the chance of drawing it among the rows that were left and could be paid."""
    if arm.order.uniform and not isinstance(arm, Priced):
        return [1.0 / max(1, arm.counted.eligible - rank) for rank in range(len(taken))]
    weight = np.array([math.exp(log_weight[each.id] - arm.counted.log_total) for each in taken])
    price = np.array([each.price for each in taken])
    found = []
    for rank, each in enumerate(taken):
        if isinstance(arm, Priced):
            left = arm.fitting(each.left) - float(weight[:rank][price[:rank] <= each.left].sum())
        else:
            left = 1.0 - float(weight[:rank].sum())
        found.append(min(1.0, float(weight[rank]) / max(left, float(weight[rank]), 1e-300)))
    return found


def _log_weights(arm: Offering, queue: _Queue, ids: Sequence[str]) -> dict[str, float]:
    known = dict(zip(queue.ids, queue.kept.log_weight.tolist(), strict=True))
    foreign = [id_ for id_ in ids if id_ not in known]
    return {**known, **arm.log_weights_of(foreign)}
