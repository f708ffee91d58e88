"""`python -m benchmarks.planted`: labels are made wrong, and `recheck` looks for them.

Whole commands in a folder of their own, on what comes with alcli and with scikit-learn.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
HEAD = ("set", "labels", "made wrong", "sent", "precision", "recall", "of the first as many, wrong")


def sms() -> tuple[list[dict[str, Any]], list[str]]:
    """The text messages of sample_data."""
    found = []
    for name in ("sms_pool", "sms_answers"):
        with (ROOT / "sample_data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found.append({row["id"]: row for row in csv.DictReader(file)})
    pool, answers = found
    ids = sorted(set(pool) & set(answers))
    return [pool[id_] for id_ in ids], [answers[id_]["label"] for id_ in ids]


def from_sklearn(name: str) -> tuple[list[dict[str, Any]], list[str]]:
    from sklearn import datasets

    X, y = getattr(datasets, name)(return_X_y=True)
    rows = [
        {"id": f"r{at:05d}", **{f"f{n}": value for n, value in enumerate(row)}} for at, row in enumerate(X.tolist())
    ]
    return rows, [f"c{each}" for each in y]


SETS = {
    "sms": sms,
    "digits": lambda: from_sklearn("load_digits"),
    "breast cancer": lambda: from_sklearn("load_breast_cancer"),
    "wine": lambda: from_sklearn("load_wine"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--labels", type=int, default=1000)
    told = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD), flush=True)
    for name, load in SETS.items():
        rows, truth = load()
        runs = np.array([played(rows, truth, told.labels, told.share, seed) for seed in range(told.seeds)])
        labels, wrong, sent, hit, first = runs.mean(axis=0)
        cells = [
            f"{labels:.0f}",
            f"{wrong:.0f}",
            f"{sent:.0f}",
            f"{hit / sent:.2f}",
            f"{hit / wrong:.2f}",
            f"{first / wrong:.2f}",
        ]
        print("| " + " | ".join([name, *cells]) + " |", flush=True)
    return 0


def played(rows: list[dict[str, Any]], truth: list[str], most: int, share: float, seed: int) -> tuple[float, ...]:
    """(labels, wrong, sent, of those wrong, of the first as many wrong) of one campaign."""
    from alcli import import_labels, init, recheck, train

    rng = np.random.default_rng(seed)
    classes = sorted(set(truth))
    given = rng.permutation(len(rows))[:most].tolist()
    wrong = set(given[: round(share * len(given))])
    labels = {at: str(rng.choice([c for c in classes if c != truth[at]])) if at in wrong else truth[at] for at in given}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        _write("pool.csv", rows)
        _write("given.csv", [{"id": rows[at]["id"], "label": label} for at, label in sorted(labels.items())])
        init(pool=["pool.csv"], id="id", classes=classes)
        import_labels(sheets=["given.csv"], annotator="a1", quiet=True)
        train()
        sent = recheck(recheck_count=len(given), dry_run=True).ids
    planted = {rows[at]["id"] for at in wrong}
    hits = [id_ in planted for id_ in sent]
    return len(given), len(wrong), len(sent), sum(hits), sum(hits[: len(wrong)])


def _write(name: str, rows: list[dict[str, Any]]) -> None:
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
