"""An arm: one strategy that offers rows in its own order. A plain query has one arm, a mix several."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from alcli.selection.candidates import Counted, Kept
from alcli.selection.gathering import Cloud, among, gather
from alcli.selection.scanning import Order, best_rows, ranked_rows
from alcli.selection.signals import require, signals
from alcli.strategies.calls import log_weights, on_groups, score, select
from alcli.strategies.kinds import Selector, Strategy, Utility
from alcli.strategies.params import Params
from alcli.strategies.rank import round_utility
from alcli.strategies.resolve import selector_of, utility_of
from alcli.tables.arrays import integers

if TYPE_CHECKING:
    from alcli.selection.material import Material


@dataclass
class Arm:
    """A strategy at work.

    Parameters
    ----------
    weight : the chance that a slot of the batch is this arm's.
    params : settings of its utility and selector.
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
    notes: list[str] = field(default_factory=list)
    _cloud: Cloud | None = None

    def __post_init__(self) -> None:
        require(self.material, self.strategy, self.where if self.geometric else None)

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
    def kind(self) -> str:
        return self.selector.kind

    @property
    def geometric(self) -> bool:
        return self.kind == "geometry"

    @cached_property
    def where(self) -> str:
        """The space in which a geometric arm takes distances."""
        return self.space or self.strategy.space or self.selector.space or "features"

    @cached_property
    def order(self) -> Order:
        drawn = self.kind in ("weighted", "ranked")
        noise = f"noise-{self.material.batch}-{self.number}"
        return Order(self.utility, self.selector, self.params, noise, drawn)

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
        if not ids or self.material.maker is None or not self.order.needs_matrix:
            return dict.fromkeys(ids, 0.0)
        rows = self.material.pool.take(ids, self.material.maker.request)
        X = self.material.maker.transform(rows)
        found = signals(self.material, self.utility.needs, X)
        utility = round_utility(score(self.utility, found, len(ids), self.params.utility))
        weights = log_weights(self.selector, utility, self.params.selector)
        return dict(zip(ids, weights.tolist(), strict=True))

    def _by_geometry(self, most: int) -> Kept | None:
        factor = self.params.prefilter
        utility: Any
        if factor:
            pre = Order(self.utility, self.selector, self.params, "", drawn=False)
            kept, self.counted = best_rows(self.material, pre, factor * most, with_matrix=True)
            if kept is None:
                return None
            cloud, positions = among(self.material, kept, self.where, self._signals)
            utility = kept.utility[positions]
            if self.counted.eligible > len(kept):
                self.notes.append(f"{self.name} chose among the {len(kept):,} best rows by {self.strategy.utility}")
        else:
            if self._cloud is None:
                self._cloud = gather(self.material, self.where, self._signals)
                if self._cloud.eligible > len(self._cloud.ids):
                    self.notes.append(
                        f"{self.name} compared {len(self._cloud.ids):,} of {self._cloud.eligible:,} rows, drawn by a hash of"
                        " the id: the others did not fit `--memory`"
                    )
            cloud = self._cloud
            self.counted = Counted(eligible=len(cloud.ids))
            if len(cloud.ids) == 0:
                return None
            kept, positions = None, None
            utility = self._utility_of(cloud)
        chosen = select(
            self.selector,
            cloud.points,
            most,
            utility=utility,
            labelled=cloud.labelled,
            seed=self.material.seed,
            signals=cloud.signals,
            params=self.params.selector,
        )
        if kept is not None and positions is not None:
            return kept.take(positions[chosen])
        return _bare(cloud, np.asarray(chosen), utility)

    @property
    def _signals(self) -> tuple[str, ...]:
        wanted = [name for name in (*self.selector.needs, *self.utility.needs) if name != "space"]
        return tuple(dict.fromkeys(wanted))

    def _utility_of(self, cloud: Cloud) -> Any:
        """Utilities of all points, or the function that gives them in groups; None when all are alike."""
        if self.utility.name == "one":
            return None
        if self.utility.scope == "group":
            return on_groups(self.utility, self.params.utility)
        found = {**cloud.signals, "space": cloud.points}
        return round_utility(score(self.utility, found, len(cloud.ids), self.params.utility))


def _bare(cloud: Cloud, chosen: Any, utility: Any) -> Kept:

    n = len(chosen)
    return Kept(
        ids=cloud.ids.take(integers(chosen)),
        key=-np.arange(n, dtype=np.float64),
        utility=utility[chosen] if isinstance(utility, np.ndarray) else np.full(n, np.nan),
        log_weight=np.zeros(n),
        tie=np.zeros(n, np.uint64),
        cells={},
    )
