"""An arm: one strategy that offers rows in its own order. A plain query has one arm, a mix several."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from alcli.selection.candidates import Counted, Kept
from alcli.selection.context import Context
from alcli.selection.gathering import Cloud, among, gather, room_for, told_apart
from alcli.selection.laying import Wanted
from alcli.selection.scanning import Order, best_rows, ranked_rows
from alcli.selection.signals import require
from alcli.strategies.calls import log_weights, on_groups, prepare, score, select
from alcli.strategies.kinds import Selector, Strategy, Utility
from alcli.strategies.params import Params
from alcli.strategies.rank import round_utility, top
from alcli.strategies.resolve import selector_of, utility_of
from alcli.strategies.table import SIGNALS
from alcli.tables.arrays import integers
from alcli.tables.hashing import hash_ids
from alcli.tables.rows import Request
from alcli.telling import stage, warn

if TYPE_CHECKING:
    from alcli.selection.material import Material


@dataclass
class Arm:
    """A strategy at work.

    Parameters
    ----------
    weight : the chance that a slot of the batch is this arm's.
    params : settings of its utility and selector.
    looked_at : among how many of the best rows by its utility its selector chose; 0 when among all.
    """

    material: Material
    strategy: Strategy
    weight: float = 1.0
    params: Params = field(default_factory=lambda: Params({}, {}, None))
    space: str | None = None
    number: int = 0
    offered: Kept | None = None
    counted: Counted = field(default_factory=Counted)
    asked_for: int = 0
    own_notes: list[str] = field(default_factory=list)
    looked_at: int = 0
    _cloud: Cloud | None = None

    def __post_init__(self) -> None:
        require(self.material, self.strategy, self.where)

    @property
    def name(self) -> str:
        return self.strategy.name

    @cached_property
    def utility(self) -> Utility:
        return utility_of(self.strategy)

    @cached_property
    def selector(self) -> Selector:
        return selector_of(self.strategy)

    @property
    def notes(self) -> list[str]:
        """What the user should know about how it chose."""
        if not self.looked_at:
            return self.own_notes
        return [*self.own_notes, f"{self.name} chose among the {self.looked_at:,} best rows by {self.strategy.utility}"]

    @property
    def kind(self) -> str:
        return self.selector.kind

    @property
    def geometric(self) -> bool:
        """Whether it sees all candidates at once."""
        return self.kind == "geometry" or self.utility.scope == "group"

    @cached_property
    def where(self) -> str | None:
        """The space in which distances are taken; None when none are."""
        asked = self.space if self.strategy.space is not None else None
        return asked or self.strategy.space or self.selector.space

    @cached_property
    def context(self) -> Context:
        return Context(self.material, self.where or "features", self.params.sample)

    @cached_property
    def order(self) -> Order:
        drawn = self.kind in ("weighted", "ranked")
        noise = f"noise-{self.material.batch}-{self.number}"
        shared = self.context.of(self.utility.needs)
        if self.utility.prepare is not None:
            with stage(f"learning what {self.utility.name} is told by"):
                shared["prepared"] = prepare(self.utility, shared, self.material.seed, self.params.utility)
        self._tell_sample()
        return Order(self.utility, self.selector, self.params, noise, drawn, self.where or "features", shared)

    def _tell_sample(self) -> None:
        """Say when rows drawn from the pool stood for all of it."""
        needs = (*self.utility.needs, *self.selector.needs)
        drawn = any("r" in SIGNALS[name].axes for name in needs if name in SIGNALS)
        drawn = drawn or ("learner" in needs and self.params.sample is not None)
        if "target" in needs and self.material.target is None:
            drawn = True
        rows = self.material.pool.facts().rows
        if drawn and rows > self.context.sample:
            self._note(
                f"{self.name} takes {self.context.sample:,} rows, drawn by a hash of the id, for the {rows:,} of the"
                " pool: `--param sample=N`"
            )

    @property
    def eligible(self) -> int:
        """Rows that could have been chosen, also those that there was no room to compare."""
        return self.counted.eligible if self._cloud is None else self._cloud.eligible

    @property
    def exhausted(self) -> bool:
        """Whether it has offered every row that it ever will."""
        if self.asked_for == 0:
            return False
        offered = 0 if self.offered is None else len(self.offered)
        return offered >= self.counted.eligible or offered < self.asked_for

    def offer(self, most: int) -> Kept | None:
        """Its `most` best rows in its order; None when no row is eligible."""
        if most > self.asked_for and not self.exhausted:
            self.asked_for = most
            if self.geometric:
                self.offered = self._by_geometry(most)
            elif self.kind == "ranked":
                self.offered, self.counted = ranked_rows(self.material, self.order, most)
            else:
                self.offered, self.counted = best_rows(self.material, self.order, most)
        return self.offered

    def log_weights_of(self, ids: list[str]) -> dict[str, float]:
        """The weight that this arm gives to rows that other arms chose."""
        if not ids or not self.order.needs_matrix:
            return dict.fromkeys(ids, 0.0)
        maker = self.material.maker
        rows = self.material.pool.take(ids, Request() if maker is None else maker.request)
        utility = self.order.score(self.material, rows, None if maker is None else maker.transform(rows))
        weights = log_weights(self.selector, utility, self.params.selector)
        return dict(zip(ids, weights.tolist(), strict=True))

    def _by_geometry(self, most: int) -> Kept | None:
        if self.params.prefilter:
            pre = Order(
                self.utility, self.selector, self.params, "", False, self.where or "features", self.order.shared
            )
            kept, self.counted = best_rows(self.material, pre, self.params.prefilter * most, with_matrix=True)
            if kept is None:
                return None
            cloud, positions = among(self.material, kept, self._wanted)
            # asked for more when copies fell out of the batch: the last look is the one that counts
            self.looked_at = len(kept) if self.counted.eligible > len(kept) else 0
            return kept.take(positions[self._selected(cloud, most, kept.utility[positions])])
        told = self.params.candidates
        if self._cloud is None or (told and most > len(self._cloud) < self._cloud.eligible):
            # a batch may be larger than what is mostly compared
            wanted = replace(self._wanted, most=max(told, most)) if told else self._wanted
            self._cloud = gather(self.material, wanted, self._tell_candidates)
        cloud = self._cloud
        self.counted = Counted(eligible=len(cloud))
        if len(cloud) == 0:
            return None
        utility = self._utility_of(cloud)
        chosen = self._selected(cloud, most, utility)
        return _bare(cloud, chosen, utility, told_apart(self.material, self.where, cloud.points, chosen))

    @cached_property
    def _wanted(self) -> Wanted:
        names = tuple(dict.fromkeys(name for name in (*self.selector.needs, *self.utility.needs) if name != "space"))
        at_once = self.params.candidates
        return Wanted(self.where, names, self.selector.factored, at_once, matrix="learner" in names)

    def _tell_candidates(self, candidates: int, eligible: int) -> None:
        if candidates == eligible:
            return
        # `told` may be less than the batch, which is then what is compared
        told = self.params.candidates is not None and candidates < self._room
        why = "`--param candidates=N`" if told else "the others did not fit `--memory`"
        self._note(f"{self.name} compares {candidates:,} of {eligible:,} rows, drawn by a hash of the id: {why}")

    @cached_property
    def _room(self) -> int:
        return room_for(self.material, self._wanted)

    def _note(self, text: str) -> None:
        """Say it before the work begins, and again with the result."""
        warn(text)
        self.own_notes.append(text)

    def _selected(self, cloud: Cloud, most: int, utility: Any) -> Any:
        if self.kind == "top":
            tie = hash_ids(cloud.ids, self.material.seed, "tie")
            return top(utility, most, tie)
        shared = self.context.of((*self.selector.needs, "labelled" if self._anchored else ""))
        self._tell_sample()
        given = {**shared, **cloud.signals}
        if "learner" in self.selector.needs:
            given["learner"] = self._learner(cloud)
        labelled = shared.get("labelled") if self._anchored else None
        return select(
            self.selector,
            cloud.points,
            most,
            utility=utility,
            labelled=labelled if labelled is not None and len(labelled) else None,
            seed=self.material.seed,
            signals=given,
            params=self.params.selector,
        )

    @property
    def _anchored(self) -> bool:
        """Labelled rows are anchors, but not among gradients: a fitted model's are near 0 for them."""
        return self.where is not None and self.where != "gradient"

    def _learner(self, cloud: Cloud) -> Any:
        from alcli.models.refitting import Learner

        material = self.material
        if material.fit is None or material.model is None:
            raise ValueError(f"{self.name} needs a model that can be fitted again")
        rows, X = self.context.labelled_rows()
        ids = [] if rows is None else rows.ids.to_pylist()
        return Learner(
            material.model,
            material.fit,
            X,
            [material.labelled[id_] for id_ in ids],
            classes=material.classes,
            candidates=cloud.matrix,
            # what follows supposed labels is seen on these rows, by the strategies that ask for a sample
            reference=None if self.params.sample is None else self.context.reference_rows()[1],
            weights=None if material.weights is None else [material.weights[id_] for id_ in ids],
        )

    def _utility_of(self, cloud: Cloud) -> Any:
        """Utilities of all points, or the function that gives them in groups; None when all are alike."""
        if self.utility.name == "one":
            return None
        if self.utility.scope == "group" and self.selector.grouping:
            return on_groups(self.utility, self.params.utility)
        found = {**self.order.shared, **cloud.signals, "space": cloud.points}
        values = score(self.utility, found, len(cloud), self.params.utility, self.order.shared.get("prepared"))
        return round_utility(values)


def _bare(cloud: Cloud, chosen: Any, utility: Any, distinct: bool) -> Kept:
    n = len(chosen)
    return Kept(
        ids=cloud.ids.take(integers(chosen)),
        key=-np.arange(n, dtype=np.float64),
        utility=utility[chosen] if isinstance(utility, np.ndarray) else np.full(n, np.nan),
        log_weight=np.zeros(n),
        tie=np.zeros(n, np.uint64),
        cells={},
        distinct=distinct,
    )
