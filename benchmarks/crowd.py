"""`python -m benchmarks.crowd`: rules for several labelers beside each other, noise-aware training, a million answers.

With two files, `python -m benchmarks.crowd ANSWERS.csv TRUTH.csv` (columns id, annotator, label; and id, label), the rules
are compared on those.
"""

from __future__ import annotations

import csv
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from alcli.errors import MissingExtra
from alcli.evaluation.consensus import dawid_skene, majority
from alcli.evaluation.reliability import fleiss_kappa, krippendorff_alpha, pairwise_kappa
from alcli.evaluation.votes import Votes
from alcli.evaluation.weighted import weighted
from alcli.models.training import fit
from alcli.steps.crowd_kit import crowd_kit
from alcli.steps.learning import certainty

RULES: dict[str, Callable[[Votes], Any]] = {
    "majority": majority,
    "weighted": lambda votes: weighted(votes).proba,
    "dawid-skene": lambda votes: dawid_skene(votes).proba,
    "mace": lambda votes: crowd_kit("mace", votes),
    "glad": lambda votes: crowd_kit("glad", votes),
}
QUALITY = (0.95, 0.9, 0.85, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45)
REPEATS, ROWS = 20, 300


def main() -> int:
    if len(sys.argv) == 3:
        on_files(*sys.argv[1:])
    else:
        training()
        million()
    return 0


def on_files(answers: str, truth: str) -> None:
    """Share of rows that each rule gets right, with all answers and with some of each row."""
    with Path(answers).open(encoding="utf-8", newline="") as file:
        given = [(row["id"], row["annotator"], row["label"]) for row in csv.DictReader(file)]
    with Path(truth).open(encoding="utf-8", newline="") as file:
        known = {row["id"]: row["label"] for row in csv.DictReader(file)}
    print("| rule | all answers | 5 a row | 3 a row | seconds, all |\n| --- | --- | --- | --- | --- |")
    for name, rule in RULES.items():
        few = [
            np.mean([_right(rule, _some(given, count, seed), known) for seed in range(1 if name == "glad" else 5)])
            for count in (5, 3)
        ]
        started = time.process_time()
        whole = _right(rule, given, known)
        seconds = time.process_time() - started
        print(f"| {name} | {whole:.4f} | {few[0]:.3f} | {few[1]:.3f} | {seconds:.1f} |", flush=True)


def _right(rule: Callable[[Votes], Any], given: list[tuple[str, str, str]], known: Mapping[str, str]) -> float:
    """A tie counts as a share of right: of two classes one half."""
    votes = Votes.of(given)
    proba = rule(votes)
    best = proba >= proba.max(axis=1, keepdims=True) - 1e-9
    truth = votes.truth(known)
    return float((best[np.arange(len(best)), truth] / best.sum(axis=1)).mean())


def _some(given: list[tuple[str, str, str]], count: int, seed: int) -> list[tuple[str, str, str]]:
    random = np.random.default_rng(seed)
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for answer in given:
        rows.setdefault(answer[0], []).append(answer)
    return [its[at] for its in rows.values() for at in random.choice(len(its), min(count, len(its)), replace=False)]


def training() -> None:
    """Accuracy on clean rows of a logistic regression that learned from noisy labels, with and without weights."""
    from sklearn.datasets import load_breast_cancer, load_digits

    print(f"{ROWS} rows, 1 to 3 answers each of ten labelers right with {QUALITY}; mean of {REPEATS}\n")
    print("| data | rule | labels right | no weights | certainty | gain, 95% interval |\n" + "| --- " * 6 + "|")
    for name, load in (("breast cancer, 2 classes", load_breast_cancer), ("digits, 10 classes", load_digits)):
        data = load()
        X = (data.data - data.data.mean(axis=0)) / (data.data.std(axis=0) + 1e-9)
        y = np.array([str(code) for code in data.target])
        for rule in ("majority", "weighted", "dawid-skene"):
            found = np.array([_trained(X, y, rule, seed) for seed in range(REPEATS)])
            right, plain, aware = found.mean(axis=0)
            gain = found[:, 2] - found[:, 1]
            half = 1.96 * gain.std(ddof=1) / REPEATS**0.5
            print(
                f"| {name} | {rule} | {right:.3f} | {plain:.3f} | {aware:.3f} | "
                f"{gain.mean():+.3f} ({gain.mean() - half:+.3f} to {gain.mean() + half:+.3f}) |",
                flush=True,
            )


def _trained(X: Any, y: Any, rule: str, seed: int) -> tuple[float, float, float]:
    random = np.random.default_rng(seed)
    order = random.permutation(len(y))
    mine, others = order[:ROWS], order[ROWS:]
    classes = sorted(set(y.tolist()))
    answers = []
    for row in mine.tolist():
        for who in random.choice(len(QUALITY), random.integers(1, 4), replace=False).tolist():
            wrong = [each for each in classes if each != y[row]]
            label = y[row] if random.random() < QUALITY[who] else wrong[random.integers(len(wrong))]
            answers.append((f"{row:06d}", f"a{who}", label))
    votes = Votes.of(answers)
    proba = RULES[rule](votes)
    best = proba.max(axis=1)
    clear = np.flatnonzero((proba >= best[:, None] - 1e-9).sum(axis=1) == 1)
    at = np.array([int(row) for row in votes.rows])[clear]
    labels = [votes.classes[code] for code in proba[clear].argmax(axis=1)]
    weights = [certainty(p, len(classes)) for p in best[clear].tolist()]
    scores = []
    for own in (None, weights):
        model = fit(X[at], labels, classes, weights=own)
        said = np.array(model.classes)[model.predict_proba(X[others]).argmax(axis=1)]
        scores.append(float((said == y[others]).mean()))
    return float((np.array(labels) == y[at]).mean()), scores[0], scores[1]


def million() -> None:
    """How long a million answers of a thousand labelers to 200,000 rows take, and how much memory at most."""
    random = np.random.default_rng(0)
    n, rows, labelers = 1_000_000, 200_000, 1_000
    row = np.repeat(np.arange(rows), n // rows)
    # everybody's next is a random step ahead, never once round: five different labelers a row
    who = (
        random.integers(1, labelers // 5, (rows, n // rows)).cumsum(axis=1) + random.integers(labelers, size=(rows, 1))
    ) % labelers
    who = who.ravel()
    quality, truth = random.uniform(0.5, 0.95, labelers), random.integers(5, size=rows)
    right = random.random(n) < quality[who]
    said = np.where(right, truth[row], (truth[row] + random.integers(1, 5, n)) % 5)
    named = zip(
        [f"r{i:06d}" for i in row.tolist()],
        [f"a{i:03d}" for i in who.tolist()],
        [str(i) for i in said.tolist()],
        strict=True,
    )
    answers = list(named)
    before = _peak()
    print(
        f"\n| a million answers | seconds | labels right |\n| --- | --- | --- |\n| (before) peak {before:,.0f} MB | | |"
    )
    started = time.perf_counter()
    votes = Votes.of(answers)
    print(f"| sorting and numbering | {time.perf_counter() - started:.1f} | |")
    for name in ("majority", "weighted", "dawid-skene"):
        started = time.perf_counter()
        proba = RULES[name](votes)
        seconds = time.perf_counter() - started
        print(f"| {name} | {seconds:.1f} | {float((proba.argmax(axis=1) == truth).mean()):.4f} |", flush=True)
    started = time.perf_counter()
    pairs = len(pairwise_kappa(votes).one)
    fleiss_kappa(votes)
    krippendorff_alpha(votes)
    print(f"| alpha, kappa, {pairs:,} pairs | {time.perf_counter() - started:.1f} | |")
    print(f"| peak {_peak():,.0f} MB | | |")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MissingExtra as error:
        sys.exit(f"{error.message}; {error.hint}")
