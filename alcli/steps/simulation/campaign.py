"""One campaign with its ledgers in memory, played by the parts that the commands are made of.

    campaign = InMemory(field, how)
    for round in campaign.rounds():
        print(round.labels, round.metrics["accuracy"])

`choose` is `alcli query`, `answer` the labelers and `alcli import-labels`, `train` is `alcli train`, `measure` is
`alcli evaluate --test`. They can be called one by one as well, and `standing`, `asked`, `answers`, `model` be
looked at in between.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from alcli.errors import ModelError
from alcli.steps.learning import Recipe
from alcli.steps.past import past_of
from alcli.steps.simulation.oracles import MOMENT, Labelers
from alcli.steps.simulation.starts import first_rows
from alcli.steps.standing import Standing, asked_for, in_order, matrix_of, settled, taught
from alcli.tables.ledgers import Answer, Asked

if TYPE_CHECKING:
    from alcli.features.maker import FeatureMaker
    from alcli.models.classifier import Model
    from alcli.selection.choosing import Choice
    from alcli.selection.playing import Plan
    from alcli.steps.simulation.field import Field
    from alcli.tables.pool import Pool

#: Members of a committee where a strategy asks for one and nobody says how many.
MEMBERS = 5
#: What a strategy lacks when there are too few labels for it yet.
_COLD = ("no-model", "one-class", "no-labels")
#: Share of a class's rows in the pool that are labelled: ``found[include]``; no model is needed for it.
FOUND = "found"


@dataclass(frozen=True)
class How:
    """How a campaign is played. Plain values, so that it can be digested.

    Attributes
    ----------
    strategy, params, mix : as `query` takes them; `mix` in place of a strategy.
    recipe : as `train` takes it.
    count : rows a batch. per_group, memory, aggregate, space, seed: as in production.
    start : rows that are labelled at the start; `stratified` gives each class its share of them.
    rounds : batches; None until the pool is empty.
    cold : the strategy that chooses as long as there are too few labels for the other one.
    labelers : who answers.
    budget : what a batch may cost, with a column of costs.
    spend : what the campaign may cost; rows where nothing costs.
    metrics : names, as `evaluate` takes them, or ``found[CLASS]``.
    """

    strategy: str
    recipe: Recipe
    params: tuple[str, ...] = ()
    mix: str | None = None
    count: int = 10
    start: int = 20
    stratified: bool = False
    rounds: int | None = 20
    seed: int = 0
    cold: str = "random"
    labelers: Labelers = field(default_factory=Labelers)
    aggregate: str = "majority"
    space: str | None = None
    memory: int = 2 << 30
    budget: float | None = None
    spend: float | None = None
    metrics: tuple[str, ...] = ("accuracy", "f1_macro")


@dataclass(frozen=True)
class Round:
    """What one round did and gave.

    Attributes
    ----------
    number : 0 for what was labelled at the start.
    ids : asked in this round, in batch order; the rows labelled at the start in round 0.
    strategies : what chose each of them.
    labels : rows that are labelled now. answers : answers so far. cost : what they cost.
    metrics : name -> value on the test rows; None where it is not defined, empty without a model.
    choosing, fitting, measuring : seconds.
    """

    number: int
    ids: tuple[str, ...]
    strategies: tuple[str, ...]
    labels: int
    answers: int
    cost: float
    metrics: Mapping[str, float | None]
    choosing: float
    fitting: float
    measuring: float


class InMemory:
    """A campaign; nothing is written anywhere.

    Parameters
    ----------
    field : the pool with its truth, and what is measured on.

    Attributes
    ----------
    asked, answers : the ledgers' rows.
    model : of what is labelled now; None before there is one.
    """

    def __init__(self, field: Field, how: How) -> None:
        self.field, self.how = field, how
        self._recipe = how.recipe.beside(field.pool, field.maker)
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []
        self.cost = 0.0
        self.model: Model | None = None
        self._standing: Standing | None = None
        self._committee = False
        self._settled: Recipe | None = None  # the recipe, with what `auto` chose by the labels there are now

    @property
    def pool(self) -> Pool:
        return self.field.pool

    def opened(self) -> tuple[Recipe, FeatureMaker]:
        """How models are made, and of what: for strategies that look back."""
        return self._settled or self.how.recipe, self.field.maker

    @property
    def standing(self) -> Standing:
        """Where the campaign stands by its ledgers."""
        if self._standing is None:
            self._standing = Standing.of(
                self.asked,
                self.answers,
                classes=self.field.classes,
                aggregate=self.how.aggregate,
                now=MOMENT,
            )
        return self._standing

    def rounds(self) -> Iterator[Round]:
        """Play until the rounds are over, the money is spent or the pool is empty; each round as it is done."""
        ids = self.start()
        yield self._done(0, ids, ("start",) * len(ids), 0.0)
        number = 0
        while self.how.rounds is None or number < self.how.rounds:
            number += 1
            began = time.perf_counter()
            choice = self.choose()
            took = time.perf_counter() - began
            picks = choice.picks if self.how.spend is None else self._affordable(choice)
            if not picks:
                return
            kept = replace(choice, picks=picks)
            self.answer(kept)
            yield self._done(number, tuple(pick.id for pick in picks), tuple(pick.arm for pick in picks), took)

    def _done(self, number: int, ids: tuple[str, ...], strategies: tuple[str, ...], choosing: float) -> Round:
        began = time.perf_counter()
        self.train()
        fitted = time.perf_counter()
        metrics = self.measure()
        return Round(
            number=number,
            ids=ids,
            strategies=strategies,
            labels=len(self.standing.labels.rows),
            answers=len(self.answers),
            cost=self.cost,
            metrics=metrics,
            choosing=choosing,
            fitting=fitted - began,
            measuring=time.perf_counter() - fitted,
        )

    def start(self) -> tuple[str, ...]:
        """Label the first rows: those of the split, or as many as `how.start` says."""
        ids = self.field.first or first_rows(self.field, self.how.start, self.how.seed, self.how.stratified)
        self._take(ids, "", "start")
        return ids

    def choose(self) -> Choice:
        """The next batch, as `query` chooses it."""
        from alcli.selection.playing import play

        how = self.how
        plan = self._plan(how.strategy)
        try:
            return play(self._material(plan), plan, how.count)
        except ModelError as error:
            if error.code not in _COLD or how.strategy == how.cold:
                raise
            plan = self._plan(how.cold, plain=True)
        return play(self._material(plan), plan, how.count)

    def answer(self, choice: Choice) -> None:
        """Record a batch as asked, and its answers."""
        batch = self.standing.campaign.batches() + 1
        self.asked += asked_for(choice, batch, MOMENT)
        self._take([pick.id for pick in choice.picks], str(batch), "simulated")

    def train(self) -> Model | None:
        """Fit the model on what is labelled, as `train` does; its committee only when it is asked for."""
        standing = self.standing
        pairs = in_order(standing.training, self.pool.known(id_ for id_, _ in standing.training))
        self.model = None
        if pairs:
            X = matrix_of(self.pool, self.field.maker, pairs)
            weights = self.how.recipe.weights(standing.labels, standing.classes)
            if self._settled is None:
                self._settled, _ = settled(self._recipe, X, pairs, standing.classes, weights)
            recipe = self._settled if self._committee else replace(self._settled, committee=0)
            self.model = taught(recipe, X, pairs, standing.classes, weights)
        return self.model

    def measure(self) -> dict[str, float | None]:
        """The metrics on the test rows, as `evaluate` measures them; empty without a model."""
        from alcli.evaluation.scores import measure

        found: dict[str, float | None] = {}
        names = [name for name in self.how.metrics if not name.startswith(FOUND)]
        if names and self.model is not None:
            proba = self.model.predict_proba(self.field.X_test)
            scores = measure(self.field.truth, proba, self.model.classes, names)
            found = {name: score.value for name, score in scores.items()}
        for name in self.how.metrics:
            if name.startswith(FOUND):
                found[name] = self._found(name)
        return found

    def _found(self, name: str) -> float | None:
        """The share of a class's rows that have been asked for."""
        code = self.field.classes.index(name.removeprefix(FOUND).strip("[]"))
        ids = [answer.id for answer in self.answers]
        there = int(self.field.counts[code])
        return len({id_ for id_, its in zip(ids, self.field.truth_of(ids), strict=True) if its == code}) / there

    def _plan(self, strategy: str, *, plain: bool = False) -> Plan:
        from alcli.selection.playing import plan

        how = self.how
        return plan(
            strategy,
            None if plain else how.mix,
            () if plain else how.params,
            space=None if plain else how.space,
            past=past_of(self.standing, self, has_model=self.model is not None),
        )

    def _material(self, plan: Plan) -> Any:
        how, field = self.how, self.field
        if {"committee", "target"} & plan.needs and not self._committee and self.model is not None:
            self._committee = True
            self.train()
        model = self.model
        # nothing that a plan does not need is looked at: a model that is there changes no choice by itself
        with_model = model is not None and bool(plan.needs)
        return self.standing.material(
            field.pool,
            maker=field.maker if plan.needs else None,
            model=model if with_model else None,
            recipe=self._settled if with_model else None,
            classes=model.classes if model is not None and with_model else self.standing.classes,
            content=field.content,
            seed=how.seed,
            memory=how.memory,
            price=field.price if how.budget is not None else None,
            budget=how.budget,
        )

    def _take(self, ids: Sequence[str], batch: str, source: str) -> None:
        how, field = self.how, self.field
        self.answers += how.labelers.answers(
            ids, field.truth_of(ids), field.classes, seed=how.seed, batch=batch, source=source
        )
        self.cost = math.fsum([self.cost, *(cost * len(how.labelers.qualities) for cost in field.costs_of(ids))])
        self._standing = self._settled = None

    def _affordable(self, choice: Choice) -> tuple[Any, ...]:
        """The picks in their order, up to the first that the money does not reach for."""
        assert self.how.spend is not None
        left, kept = self.how.spend - self.cost, []
        costs = self.field.costs_of([pick.id for pick in choice.picks])
        for pick, cost in zip(choice.picks, costs, strict=True):
            left -= cost * len(self.how.labelers.qualities)
            if left < -1e-9:
                break
            kept.append(pick)
        return tuple(kept)
