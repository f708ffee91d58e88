"""Plays campaigns on labelled tables and keeps, round by round, what stopping rules look at."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from alcli.evaluation.agreement import kappa
from alcli.evaluation.intervals import wilson
from alcli.evaluation.stopping import measures
from alcli.evaluation.stopping.conditions import Condition, Tree, holds
from alcli.features.maker import FeatureMaker, request_for
from alcli.features.roles import infer_roles
from alcli.models.classifier import Model
from alcli.models.training import fit
from alcli.steps.roles import sample_for_roles
from alcli.strategies.utilities.uncertainty import margin
from alcli.tables.pool import Pool, Request

START, BATCH, MOST = 20, 10, 500  # labels at the beginning, a round, and in all
STOP, CHECK = 2000, 300  # rows of the stop set, and of the small test file that a user may have


@dataclass(frozen=True)
class Data:
    """A labelled table as a matrix; `classes` are sorted."""

    name: str
    X: Any
    y: np.ndarray
    classes: tuple[str, ...]


@dataclass
class Campaign:
    """What happened: one entry a round in each list.

    Attributes
    ----------
    sizes : labels so far. truth : the value that the campaign is about, known only to the judge.
    series : measure -> its values. orders : labels in the order of asking. rows : rows of the pool.
    """

    data: str
    seed: int
    rows: int
    sizes: list[int] = field(default_factory=list)
    truth: list[float] = field(default_factory=list)
    series: dict[str, list[float | None]] = field(default_factory=dict)
    orders: list[list[str]] = field(default_factory=list)

    def add(self, **values: float | None) -> None:
        for name, value in values.items():
            self.series.setdefault(name, []).append(value)

    def met(self, each: Condition, at: int) -> bool:
        """Whether a condition is met in round `at`."""
        module, _, name = each.rule.target.partition(":")
        function = getattr(import_module(module), name)
        if each.rule.kind == "state":
            order = self.orders[at]
            now = SimpleNamespace(order=order, rows=self.rows, left=self.rows - len(order), batches=at + 1)
            value = function(now, each.of)
            return value is not None and each.ok(value)
        measure = str(each.of) if each.rule.takes == "metric" else each.rule.measure
        if not each.rule.how and each.rule.takes != "metric":
            measure += "_low"  # a metric counts by the worse end of its interval
        _, held = function(self.series[measure][: at + 1], each.ok, each.rounds)
        return int(held) >= each.rounds

    def stops(self, rule: Tree) -> int | None:
        """The first round in which the rule holds; None when it never does."""
        for at in range(len(self.sizes)):
            if holds(rule, lambda each, at=at: self.met(each, at)):  # type: ignore[misc]
                return at
        return None


def read(path: Path) -> Data:
    """A table with the columns id and label, featurised as a project would; `split` and `*_label` are passed over."""
    pool = Pool.open([path], id_column="id")
    facts = pool.facts()
    # a finer label is no feature
    secret = {each.name: "ignore" for each in pool.columns if each.name == "split" or each.name.endswith("_label")}
    overrides = {"label": "label"} | secret
    found = infer_roles(pool.columns, facts, sample_for_roles(pool), overrides, pool.id_column)
    roles = {role.column: role.role for role in found}
    rows = pool.sample(facts.rows, request_for(roles), 0)
    maker = FeatureMaker.fit(roles, rows, seed=0)
    y = np.asarray(pool.take(rows.ids.to_pylist(), Request(text=("label",))).columns["label"].to_pylist())
    return Data(path.stem, maker.transform(rows), y, tuple(sorted(set(y.tolist()))))


def classify(data: Data, seed: int) -> Campaign:
    """Margin sampling by tens; a third of the rows, at most 2,000, says how good each model really is."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data.y))
    tested = order[: min(2000, len(order) // 3)]
    checked, pool = order[len(tested) :][:CHECK], order[len(tested) + CHECK :]
    stop = pool[:STOP]
    labelled = list(rng.permutation(pool)[:START])
    campaign = Campaign(data.name, seed, len(pool))
    before: Model | None = None
    new: list[int] = []
    while len(labelled) <= min(MOST, int(0.6 * len(pool))):
        model = learned(data, labelled, seed)
        campaign.sizes.append(len(labelled))
        campaign.orders.append(data.y[labelled].tolist())
        campaign.truth.append(_accuracy(model, data, tested))
        _measure(campaign, data, model, before, stop, labelled, new, checked)
        free = np.setdiff1d(pool, labelled)
        new = free[np.argsort(-margin(model.predict_proba(data.X[free])), kind="stable")[:BATCH]].tolist()
        labelled, before = labelled + new, model
    return campaign


def learned(data: Data, labelled: list[int], seed: int) -> Model:
    """The model of `alcli train` with its defaults."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(data.X[labelled], data.y[labelled].tolist(), data.classes, seed=seed)


def _accuracy(model: Model, data: Data, rows: Any) -> float:
    return float((said(model, data, rows) == data.y[rows]).mean())


def said(model: Model, data: Data, rows: Any) -> np.ndarray:
    """The class that a model gives each row."""
    return np.asarray(model.classes)[model.predict_proba(data.X[rows]).argmax(axis=1)]


def _measure(
    campaign: Campaign, data: Data, model: Model, before: Model | None, stop: Any, labelled: Any, new: Any, checked: Any
) -> None:
    proba = model.predict_proba(data.X[stop])
    free = ~np.isin(stop, labelled)
    accuracy = _accuracy(model, data, checked)
    campaign.add(
        accuracy=accuracy,
        accuracy_low=wilson(accuracy, len(checked))[0],
        uncertainty=measures.uncertainty(proba[free]),
        max_uncertainty=measures.max_uncertainty(proba[free]),
        expected_error=measures.expected_error(proba[free]),
        confidence=measures.confidence(proba),
    )
    names = ("kappa_with_before", "change_with_before", "contradiction_with_before", "delta_f_with_before")
    if before is None:
        campaign.add(**dict.fromkeys((*names, "selected_accuracy")))
        return
    was, now = said(before, data, stop), said(model, data, stop)
    changes = [measures.delta_f(was.tolist(), now.tolist(), name) for name in data.classes]
    known = [value for value in changes if value is not None]
    values = (
        kappa(was.tolist(), now.tolist()),
        measures.change(was[free].tolist(), now[free].tolist()),
        measures.contradiction(before.predict_proba(data.X[stop]), proba),
        # of two classes the second is the positive one; of more the one that moves most
        changes[-1] if len(changes) == 2 else max(known, default=None),
    )
    campaign.add(**dict(zip(names, values, strict=True)), selected_accuracy=_accuracy(before, data, new))


def screen(data: Data, relevant: str, seed: int) -> Campaign:
    """The likeliest rows of one class first, by twenties, until every row is read; the truth is recall."""
    rng = np.random.default_rng(seed)
    target = data.y == relevant
    # a screening begins with some relevant rows that are known: three of them
    labelled = [*rng.permutation(np.flatnonzero(~target))[:17].tolist(), *rng.permutation(np.flatnonzero(target))[:3]]
    campaign = Campaign(data.name, seed, len(data.y))
    while True:
        free = np.setdiff1d(np.arange(len(data.y)), labelled)
        model = learned(data, labelled, seed)
        proba = model.predict_proba(data.X[free]) if len(free) else np.zeros((0, len(data.classes)))
        at = data.classes.index(relevant)
        campaign.sizes.append(len(labelled))
        campaign.orders.append(data.y[labelled].tolist())
        campaign.truth.append(float(target[labelled].sum() / target.sum()))
        expected = measures.remaining(proba, len(free))
        campaign.add(remaining=expected[at] if expected else 0.0)
        if not len(free):
            return campaign
        labelled = labelled + free[np.argsort(-proba[:, at], kind="stable")[:20]].tolist()
