"""Fills a batch, slot by slot, from one arm or several.

Each slot is given to an arm by chance in proportion to the arms' weights, and takes that arm's best
row that is still free: not in the batch, not an exact duplicate of a row in it, its group not full. In
a pool with words, a copy of a row that is answered or out is not asked either.
What is recorded for a row is the probability of drawing it at its rank given the rows before it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.arms import Arm
from alcli.selection.candidates import Kept

if TYPE_CHECKING:
    from alcli.selection.material import Material


@dataclass(frozen=True)
class Pick:
    """One row of the batch."""

    id: str
    arm: str
    utility: float | None
    probability: float


@dataclass(frozen=True)
class Choice:
    """A batch.

    Attributes
    ----------
    picks : the rows in batch order.
    eligible : rows that could have been chosen.
    notes : what the user should know about how it was done.
    cells : columns of the picks that were read anyway, one list of values a column.
    """

    picks: tuple[Pick, ...]
    eligible: int
    notes: tuple[str, ...] = ()
    cells: dict[str, list[Any]] = field(default_factory=dict)


class Short(Exception):
    """An arm ran out of offered rows though it has more."""

    def __init__(self, arm: Arm) -> None:
        self.arm = arm


def choose(
    material: Material,
    arms: Sequence[Arm],
    n: int,
    *,
    slots: NDArray[np.intp] | None = None,
    per_group: int = 1,
) -> Choice:
    """Choose n rows, fewer when there are no more.

    Parameters
    ----------
    arms : at least one.
    slots : (n,) the number of the arm that fills each slot; drawn by the arms' weights when None.
    per_group : rows of one value of `material.group_by`.
    """
    if slots is None:
        slots = draw_slots([arm.weight for arm in arms], n, material.seed, material.batch)
    # half as many again, so that a few duplicates do not cost a second pass over the pool
    most = n + n // 2 + 16
    reach = {id(arm): n if arm.geometric else most * (4 if material.group_by else 1) for arm in arms}
    while True:
        try:
            return _fill(material, arms, n, slots, per_group, reach)
        except Short as short:
            reach[id(short.arm)] *= 2 if short.arm.geometric else 8


def draw_slots(weights: Sequence[float], n: int, seed: int, batch: int) -> NDArray[np.intp]:
    """For each of n slots the number of an arm, drawn in proportion to the weights."""
    if len(weights) == 1:
        return np.zeros(n, np.intp)
    share = np.asarray(weights, float) / sum(weights)
    return np.random.default_rng([seed, batch]).choice(len(weights), size=n, p=share)


def _fill(
    material: Material,
    arms: Sequence[Arm],
    n: int,
    slots: NDArray[np.intp],
    per_group: int,
    reach: dict[int, int],
) -> Choice:
    queues = [_Queue(arm, arm.offer(reach[id(arm)]), material) for arm in arms]
    rules = _Rules(per_group, material.taken)
    taken: list[tuple[int, str, float | None, list[str | None]]] = []
    for slot in range(n):
        order = [int(slots[slot]), *(at for at in range(len(arms)) if at != slots[slot])]
        for at in order:
            queue = queues[at]
            position = queue.next(rules)
            if position is not None:
                break
            if not queue.arm.exhausted:
                raise Short(queue.arm)
        else:
            break  # every arm is at its end: the pool has no more rows to give
        heads = [each.ids[free] if (free := each.peek(rules)) is not None else None for each in queues]
        id_ = queue.ids[position]
        value = float(queue.kept.utility[position])
        taken.append((at, id_, None if math.isnan(value) else value, heads))
        rules.add(id_, queue.content(position), queue.group(position))
    picks = _with_probability(arms, queues, taken)
    eligible = max((arm.counted.eligible for arm in arms), default=0)
    notes = tuple(dict.fromkeys(note for arm in arms for note in arm.notes))
    return Choice(picks, eligible, notes)


class _Rules:
    """What keeps a row out of a batch."""

    def __init__(self, per_group: int, taken: Collection[Any]) -> None:
        self.per_group = per_group
        self.ids: set[str] = set()
        self.contents: set[Any] = set(taken)
        self.groups: Counter[str] = Counter()

    def allow(self, id_: str, content: Any, group: str | None) -> bool:
        return (
            id_ not in self.ids
            and (content is None or content not in self.contents)
            and (group is None or self.groups[group] < self.per_group)
        )

    def add(self, id_: str, content: Any, group: str | None) -> None:
        self.ids.add(id_)
        if content is not None:
            self.contents.add(content)
        if group is not None:
            self.groups[group] += 1


class _Queue:
    """An arm's offer, walked in order. A row that the rules refuse once is refused for good."""

    def __init__(self, arm: Arm, kept: Kept | None, material: Material) -> None:
        self.arm = arm
        self.ids: list[str] = [] if kept is None else kept.ids.to_pylist()
        self.kept = kept if kept is not None else _nothing()
        self._at = 0
        self._contents, self._groups = _identities(material, self.ids, self.kept)

    def content(self, position: int) -> Any:
        return self._contents[position] if self._contents else None

    def group(self, position: int) -> str | None:
        return self._groups[position] if self._groups else None

    def peek(self, rules: _Rules) -> int | None:
        while self._at < len(self.ids):
            if rules.allow(self.ids[self._at], self.content(self._at), self.group(self._at)):
                return self._at
            self._at += 1
        return None

    next = peek


def _nothing() -> Kept:
    import pyarrow as pa

    none = np.empty(0)
    return Kept(pa.nulls(0, pa.string()), none, none, none, np.empty(0, np.uint64), {})


def _identities(material: Material, ids: list[str], kept: Kept) -> tuple[list[Any], list[str]]:
    """For each offered row its content, by which copies are known, and its group."""
    from alcli.tables.pool import Request, Rows

    content, group = material.content or Request(), material.group_by
    whole = Request(
        text=tuple(dict.fromkeys([*content.text, *([group] if group else [])])),
        numbers=tuple(name for name in content.numbers if name != group),
        vectors=content.vectors,
    )
    if not ids or not whole.columns:
        return [], []
    cells = {name: cells for name, cells in kept.cells.items() if whole.uses.get(name) == _use(cells)}
    missing = {name: use for name, use in whole.uses.items() if name not in cells}
    if missing:
        lacking = Request(
            *(tuple(n for n, use in missing.items() if use == kind) for kind in ("text", "numbers", "vectors"))
        )
        cells.update(material.pool.take(ids, lacking).columns)
    groups = ["" if value is None else str(value) for value in cells[group].to_pylist()] if group else []
    return material.contents(Rows(kept.ids, cells)), groups


def _use(cells: Any) -> str:
    """As what a column was read: a condition may have read it as something else than the features do."""
    kind = str(cells.type)
    return "text" if kind == "string" else "numbers" if kind in ("float", "double") else "vectors"


def _with_probability(
    arms: Sequence[Arm], queues: Sequence[_Queue], taken: Sequence[tuple[int, str, float | None, list[str | None]]]
) -> tuple[Pick, ...]:
    ids = [id_ for _, id_, _, _ in taken]
    total = sum(arm.weight for arm in arms)
    weights = [
        _log_weights(arm, queue, ids) if arm.order.drawn else {} for arm, queue in zip(arms, queues, strict=True)
    ]
    gone = [0.0 for _ in arms]
    picks = []
    for rank, (by, id_, utility, heads) in enumerate(taken):
        probability = 0.0
        for at, arm in enumerate(arms):
            share = arm.weight / total
            if not arm.order.drawn:
                probability += share * (heads[at] == id_)
            elif arm.order.uniform:
                probability += share / max(1, arm.counted.eligible - rank)
            else:
                weight = math.exp(weights[at][id_] - arm.counted.log_total)
                probability += share * min(1.0, weight / max(1.0 - gone[at], weight))
                gone[at] += weight
        picks.append(Pick(id_, arms[by].name, utility, float(f"{min(1.0, probability):.9g}")))
    return tuple(picks)


def _log_weights(arm: Arm, queue: _Queue, ids: Sequence[str]) -> dict[str, float]:
    known = dict(zip(queue.ids, queue.kept.log_weight.tolist(), strict=True))
    foreign = [id_ for id_ in ids if id_ not in known]
    return {**known, **arm.log_weights_of(foreign)}
