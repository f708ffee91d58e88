"""`python -m benchmarks.estimators FILE...`: `auto` and other estimators beside `logistic`, on random labels of labelled tables.

Half of the rows, drawn at random, are the pool; features are fitted on the whole table, without labels. Of the pool some rows are
labelled, at random. Each estimator learns from these, and from the rest of the pool if it learns from rows without labels, and
is measured on the other half. Prints a table for docs/choosing.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from alcli.steps.learning import Recipe

BASE = "logistic"
MOST = 2_000  # rows that are measured on


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=__doc__)
    parser.add_argument("file", nargs="+", type=Path, help="a table with columns id and label")
    parser.add_argument("--estimator", nargs="+", default=["auto", "self-training", "label-spreading"])
    parser.add_argument("--labels", type=int, nargs="+", default=[40, 100, 200])
    parser.add_argument("--seeds", type=int, default=5)
    told = parser.parse_args()
    names = [BASE, *told.estimator]
    print("| set | labels | " + " | ".join(names) + " | CPU s | chosen by auto |")
    print("|" + " --- |" * (len(names) + 4), flush=True)
    means = []
    for path in told.file:
        X, y = _matrix(path)
        for labels in told.labels:
            if labels > len(y) // 2:
                continue
            runs = [_one(X, y, labels, seed, names) for seed in range(told.seeds)]
            print(_row(path.stem, labels, runs), flush=True)
            means.append(np.mean([run[0] for run in runs], axis=0))
    mean = np.mean(means, axis=0)
    print("| mean |  | " + " | ".join(f"{a:.3f} {b:.3f}" for a, b in mean[:, :2]) + " |  |  |")
    print(f"Load at the end: {os.getloadavg()[0]:.1f}.", file=sys.stderr)
    return 0


def _matrix(path: Path) -> tuple[Any, list[str]]:
    """The features that alcli makes of a table, and its labels."""
    from alcli.steps.learning import fit_maker
    from alcli.tables.pool import Pool, Request

    pool = Pool.open([str(path)], id_column="id")
    texts = {"text", "title", "abstract"}
    names = [column.name for column in pool.columns]
    rest = "ignore" if texts & set(names) else "numeric"
    roles = {
        name: "ignore" if name in ("id", "label", "split") else "text" if name in texts else rest for name in names
    }
    maker = fit_maker(pool, roles, 0)
    y: list[str] = []
    ids: list[str] = []
    for unit in pool.units():
        for rows in pool.read(unit, Request(text=("label",))):
            ids += rows.ids.to_pylist()
            y += rows.columns["label"].to_pylist()
    return maker.transform(pool.take(ids, maker.request)), y


class _Pool:
    """Rows of the pool, as a recipe takes them."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self.maker = self
        self.sparse = not isinstance(matrix, np.ndarray)


def _one(X: Any, y: Sequence[str], labels: int, seed: int, names: Sequence[str]) -> tuple[Any, str]:
    """For each estimator accuracy, log loss and CPU seconds, shape (e, 3); and what `auto` chose."""
    from dataclasses import replace

    from alcli.evaluation.scores import measure

    order = np.random.default_rng(seed).permutation(len(y))
    half = len(y) // 2
    # in the order of the table, as rows come from a pool
    drawn, held = np.sort(order[:labels]), order[half : half + MOST]
    pool: Any = _Pool(X[np.sort(order[:half])])
    classes = sorted(set(y))
    found, chosen = [], ""
    for name in names:
        began = time.process_time()
        recipe = replace(Recipe(name, {}, 0, False, None, seed), unlabelled=pool)
        recipe, choice = recipe.settled(X[drawn], [y[at] for at in drawn], classes)
        chosen = recipe.estimator if choice else chosen
        model = recipe.fit(X[drawn], [y[at] for at in drawn], classes)
        took = time.process_time() - began
        scores = measure([y[at] for at in held], model.predict_proba(X[held]), model.classes, ["accuracy", "log_loss"])
        found.append((scores["accuracy"].value, scores["log_loss"].value, took))
    return np.array(found, dtype=float), chosen


def _row(name: str, labels: int, runs: Sequence[tuple[Any, str]]) -> str:
    mean = np.mean([run[0] for run in runs], axis=0)
    chosen = [run[1] for run in runs]
    often = sorted(set(chosen), key=lambda each: (-chosen.count(each), each))
    cells = [
        name,
        str(labels),
        *(f"{accuracy:.3f} {loss:.3f}" for accuracy, loss, _ in mean),
        " ".join(f"{took:.1f}" for took in mean[1:, 2]),
        ", ".join(f"{each} {chosen.count(each)}" for each in often if each),
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
