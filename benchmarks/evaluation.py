"""`python -m benchmarks.evaluation TABLE...`: how often the intervals of `evaluate` hold the truth, in Markdown.

A table has the columns id and label. A model is trained on rows that margin and chance chose; then rows to measure on are
drawn again and again, by the engine of `query --for evaluation`, and each estimate is laid beside the model's true
accuracy on the rows that it is about.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from alcli.evaluation.crossval import folds, out_of_fold
from alcli.evaluation.intervals import wilson
from alcli.evaluation.samples import Sample
from alcli.selection.material import Material
from alcli.steps.examining import STRATIFIED, draw
from alcli.steps.init import init
from alcli.steps.learning import Recipe, fit_maker
from alcli.steps.project import Project
from alcli.strategies.kinds import Past
from alcli.tables.hashing import hash_ids

START = 30  # rows drawn at random
BATCHES = (30, 30, 30)  # then chosen by the mix, before rows are drawn to measure on
LATE = (20, 20, 100)  # the same for whole campaigns, whose last batch has some 30 random rows
SHARE = 0.3  # of the mix is random


@dataclass
class Tally:
    """Estimates of one way beside the truth."""

    errors: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    held: int = 0

    def add(self, value: float, low: float, high: float, truth: float) -> None:
        self.errors.append(value - truth)
        self.widths.append(high - low)
        self.held += low - 1e-12 <= truth <= high + 1e-12

    def line(self, name: str) -> str:
        n, errors = len(self.errors), np.array(self.errors)
        return (
            f"| {name} | {errors.mean():+.4f} ± {errors.std() / n**0.5:.4f} | {errors.std():.4f} |"
            f" {np.mean(self.widths):.3f} | {self.held / n:.1%} |"
        )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=100, help="rows to measure on")
    parser.add_argument("--repeats", type=int, default=500, help="draws of each kind")
    parser.add_argument("--campaigns", type=int, default=500)
    told = parser.parse_args(argv)
    for table in told.tables:
        for line in study(table.resolve(), told.rows, told.repeats, told.campaigns):
            print(line, flush=True)
    return 0


def study(table: Path, rows: int, repeats: int, campaigns: int) -> Iterator[str]:
    """The lines of one table."""
    with table.open(encoding="utf-8", newline="") as file:
        rows_of = list(csv.DictReader(file))
    label = {row["id"]: row.pop("label") for row in rows_of}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        with Path("pool.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows_of[0]))
            writer.writeheader()
            writer.writerows(rows_of)
        os.environ["ALCLI_QUIET"] = "1"
        init(pool=["pool.csv"], classes=tuple(sorted(set(label.values()))), id="id")
        world = World(Project("query", {}), label)
        ways = dict(drawn(world, rows, repeats)) if repeats else {}
        ways |= arms(world, campaigns) if campaigns else {}
    truth = world.right.mean()
    yield f"\n{table.stem}: {len(world.ids):,} rows, true accuracy {truth:.3f}, {rows} rows to measure on\n"
    yield "| estimate | mean error | standard deviation | width of the interval | holds the truth |"
    yield "| --- | --- | --- | --- | --- |"
    for name, tally in ways.items():
        yield tally.line(name)


class World:
    """A pool whose labels are known, and a model of a few of them."""

    def __init__(self, project: Project, label: dict[str, str]) -> None:
        self.project, pool = project, project.pool
        self.maker = fit_maker(pool, project.roles(), 0)
        batches = [rows for unit in pool.units() for rows in pool.read(unit, self.maker.request)]
        self.ids = [id_ for rows in batches for id_ in rows.ids.to_pylist()]
        self.X = self.maker.transform(pool.take(self.ids, self.maker.request))
        self.truth = np.array([label[id_] for id_ in self.ids], dtype=object)
        self.classes = tuple(sorted(set(label.values())))
        self.recipe = Recipe("logistic", {}, 0, False, None, 0)
        trained, _, _ = self.campaign(np.random.default_rng(0), BATCHES)
        self.model = self.fit(trained)
        self.free = np.setdiff1d(np.arange(len(self.ids)), trained)
        self.wrong = ~self.says(self.model)
        self.right = ~self.wrong[self.free]
        self.place = {id_: at for at, id_ in enumerate(self.ids)}

    def fit(self, at: Any) -> Any:
        return self.recipe.fit(self.X[at], self.truth[at].tolist(), self.classes, 1)

    def says(self, model: Any) -> Any:
        """(n,) where the model is right."""
        best = model.predict_proba(self.X).argmax(axis=1)
        return np.array(self.classes, dtype=object)[best] == self.truth

    def campaign(self, rng: np.random.Generator, batches: Sequence[int]) -> tuple[Any, Any, Any]:
        """Rows that train, those of them that were drawn at random, and those drawn so in the last batch."""
        n = len(self.ids)
        chance = rng.permutation(n)
        while len(set(self.truth[chance[:START]])) < 2:
            chance = rng.permutation(n)
        chosen = chance[:START].tolist()
        known, random = set(chosen), set(chosen)
        last: set[int] = set()
        for size in batches:
            last = set()
            top = np.sort(self.fit(np.array(chosen)).predict_proba(self.X), axis=1)
            order = np.argsort(top[:, -1] - top[:, -2], kind="stable").tolist()
            queues = [iter(order), iter(chance.tolist())]
            for slot in (rng.random(size) < SHARE).tolist():
                taken = next(at for at in queues[slot] if at not in known)
                chosen.append(taken)
                known.add(taken)
                if slot:
                    random.add(taken)
                    last.add(taken)
        return np.array(sorted(chosen)), np.array(sorted(random)), np.array(sorted(last), dtype=int)


def drawn(world: World, rows: int, repeats: int) -> Iterator[tuple[str, Tally]]:
    """Draws for evaluation by the engine, and the plain mean of the same rows."""
    trained = set(world.ids) - {world.ids[at] for at in world.free.tolist()}
    material = Material(
        world.project.pool,
        world.maker,
        world.model,
        classes=world.classes,
        excluded=trained,
        cache=world.project.settings.cache,
    )
    truth = float(world.right.mean())
    for strategy in ("random", STRATIFIED, "active_testing"):
        plan = _plan(strategy)
        honest, plain = Tally(), Tally()
        for seed in range(repeats):
            picks = draw(replace(material, seed=seed), plan, rows).picks
            wrong = np.array([float(world.wrong[world.place[pick.id]]) for pick in picks])
            sample = _sample(picks, len(world.free))
            risk = sample.mean(wrong)
            low, high = risk.interval()
            honest.add(1 - min(max(risk.value, 0), 1), 1 - high, 1 - low, truth)
            share = 1 - float(wrong.mean())
            plain.add(share, *wilson(share, rows), truth)
        yield strategy, honest
        if strategy != "random":
            yield f"{strategy}, rows counted alike", plain


def _plan(strategy: str) -> Any:
    from alcli.selection.playing import plan
    from alcli.steps.examining import stratified_plan

    past = Past({"a": 2, "b": 2}, has_model=True)
    return stratified_plan() if strategy == STRATIFIED else plan(strategy, None, (), space=None, past=past)


def _sample(picks: Sequence[Any], pool: int) -> Sample:
    likelihood = np.array([pick.utility for pick in picks])
    if not picks[0].arm.startswith(STRATIFIED):
        return Sample(likelihood, pool)
    sizes: dict[str, int] = {}
    for pick in picks:
        sizes[pick.arm] = max(sizes.get(pick.arm, 0), round(pick.utility / pick.probability))
    return Sample(likelihood, pool, [pick.arm for pick in picks], sizes)


def arms(world: World, repeats: int) -> dict[str, Tally]:
    """Whole campaigns by a mix: the random arm by folds, and folds on all labels."""
    import pyarrow as pa

    hashes = hash_ids(pa.array(world.ids), 0, "folds")
    names = ("random rows of the last batch, by folds", "random rows of all batches, by folds", "all labels, by folds")
    ways = {name: Tally() for name in names}
    for seed in range(repeats):
        chosen, random, last = world.campaign(np.random.default_rng(seed + 1), LATE)
        parts = folds(world.truth[chosen].tolist(), 5, 0, hashes[chosen])

        def fit(at: Any, chosen: Any = chosen) -> Callable[[Any], Any]:
            model = world.fit(chosen[at])
            return lambda held: model.predict_proba(world.X[chosen[held]])

        proba = out_of_fold(fit, parts, len(chosen), len(world.classes))
        right = np.array(world.classes, dtype=object)[proba.argmax(axis=1)] == world.truth[chosen]
        free = np.setdiff1d(np.arange(len(world.ids)), chosen)
        truth = float(world.says(world.fit(chosen))[free].mean())
        for name, rows in zip(names[:2], (last, random), strict=True):
            own = ~right[np.isin(chosen, rows)]
            risk = Sample(np.ones(len(own)), len(free) + len(own)).mean(own.astype(float))
            low, high = risk.interval()
            ways[name].add(1 - risk.value, 1 - high, 1 - low, truth)
        share = float(right.mean())
        ways[names[2]].add(share, *wilson(share, len(chosen)), truth)
    return ways


if __name__ == "__main__":
    raise SystemExit(main())
