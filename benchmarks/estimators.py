"""`python -m benchmarks.estimators FILE...`: `--estimator auto` beside `logistic`, on random labels of labelled tables.

For each table, number of labels and seed, labels are drawn at random, both learn from them with alcli's own
features, and both are measured on rows that were not drawn. Prints a table for docs/estimators.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

HEAD = (
    "set",
    "labels",
    "accuracy, logistic",
    "accuracy, auto",
    "log loss, logistic",
    "log loss, auto",
    "worst seed",
    "CPU s",
    "chosen",
)
MOST = 2_000  # rows that are measured on


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=__doc__)
    parser.add_argument("file", nargs="+", type=Path, help="a table with columns id and label")
    parser.add_argument("--labels", type=int, nargs="+", default=[40, 100, 200])
    parser.add_argument("--seeds", type=int, default=5)
    told = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD), flush=True)
    gains = []
    for path in told.file:
        X, y = _matrix(path)
        for labels in told.labels:
            rows = [_one(X, y, labels, seed) for seed in range(told.seeds)]
            print(_row(path.stem, labels, rows), flush=True)
            gains += [row[:4] for row in rows]
    mean = np.mean(np.array(gains, dtype=float), axis=0)
    print(f"\nIn the mean: accuracy {mean[0]:.3f} and {mean[1]:.3f}, log loss {mean[2]:.3f} and {mean[3]:.3f}.")
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


def _one(X: Any, y: list[str], labels: int, seed: int) -> tuple[float, float, float, float, float, str]:
    """Accuracy and log loss of both, CPU seconds of the choice, what was chosen."""
    from alcli.evaluation.scores import measure

    order = np.random.default_rng(seed).permutation(len(y))
    drawn, held = order[:labels], order[labels : labels + MOST]
    classes = sorted(set(y))
    own, truth = [y[at] for at in drawn], [y[at] for at in held]
    begun = time.process_time()
    settled, _ = _recipe("auto", seed).settled(X[drawn], own, classes)
    took = time.process_time() - begun
    found = []
    for recipe in (_recipe("logistic", seed), settled):
        proba = recipe.fit(X[drawn], own, classes).predict_proba(X[held])
        scores = measure(truth, proba, classes, ["accuracy", "log_loss"])
        found.append((scores["accuracy"].value, scores["log_loss"].value))
    (plain, plain_loss), (its, its_loss) = found
    return plain, its, plain_loss, its_loss, took, settled.estimator


def _recipe(estimator: str, seed: int) -> Any:
    from alcli.steps.learning import Recipe

    return Recipe(estimator, {}, 0, False, None, seed)


def _row(name: str, labels: int, rows: list[Any]) -> str:
    values = np.array([row[:5] for row in rows], dtype=float)
    mean = values.mean(axis=0)
    worst = (values[:, 3] - values[:, 2]).max()
    chosen = [row[5] for row in rows]
    often = sorted(set(chosen), key=lambda each: (-chosen.count(each), each))
    cells = [
        name,
        str(labels),
        *(f"{value:.3f}" for value in mean[:4]),
        f"{worst:+.3f}",
        f"{mean[4]:.1f}",
        ", ".join(f"{each} {chosen.count(each)}" for each in often),
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
