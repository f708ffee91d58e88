"""`python -m benchmarks.campaigns [STRATEGY...]`: `alcli simulate` beside loops written with scikit-activeml and modAL.

Digits, 40% of them test rows, 20 first labels, 20 rounds of 10, logistic regression fitted anew each round, accuracy
after each. One core and one process for each side; processor time counts, start-up and imports included. Exits
with 1 when alcli takes half as long as scikit-activeml's loop or longer.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.measuring import OUT, Run, run
from benchmarks.strategies.peers import PEERS, Missing

HERE = Path(__file__).resolve().parent
STRATEGIES = (
    "random", "least_confident", "margin", "entropy", "vote_entropy", "kcenter", "badge", "typiclust", "falcun", "dal",
)  # fmt: skip
#: What modAL has of them.
MODAL = ("random", "least_confident", "margin", "entropy", "vote_entropy")
LIMIT = 0.5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns", description=__doc__)
    parser.add_argument("strategy", nargs="*", metavar="STRATEGY", help="some of them (default all ten)")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--apart", action="store_true", help="also each strategy by itself")
    told = parser.parse_args()
    if not hasattr(os, "sched_setaffinity"):
        print("the benchmarks need Linux: they hold each process to one core", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    _digits(OUT / "digits.csv")
    names = [name for name in STRATEGIES if name in told.strategy or not told.strategy]
    missed = _compare("scikit-activeml", names, told.seeds, told.rounds)
    some = [name for name in names if name in MODAL]
    if some:
        _compare("modAL", some, told.seeds, told.rounds)
    if told.apart:
        for name in names:
            _compare("scikit-activeml", [name], told.seeds, told.rounds)
    return int(missed)


def _digits(path: Path) -> None:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    columns = [f"f{at}" for at in range(X.shape[1])]
    lines = [",".join(["id", *columns, "label"])]
    lines += [
        ",".join([f"d{at:04d}", *(f"{value:g}" for value in row), f"c{label}"])
        for at, (row, label) in enumerate(zip(X, y, strict=True))
    ]
    path.write_text("\n".join(lines) + "\n")


def _compare(peer: str, names: list[str], seeds: int, rounds: int) -> bool:
    """Run both sides in turn and print what they took; whether alcli took too long."""
    try:
        python = str(PEERS[peer].interpreter())
    except Missing as why:
        print(f"{peer} is left out: {why}")
        return False
    its = str(HERE / "runners" / f"{PEERS[peer].runner}.py")
    theirs = run([python, its, str(OUT / "digits.csv"), str(seeds), str(rounds), *names], OUT)
    numeric = [text for at in range(64) for text in ("--numeric", f"f{at}")]
    flags = [text for name in names for text in ("-s", name)]
    ours = run(
        [
            *(sys.executable, "-c", "from alcli.cli import entry; entry()", "simulate", "digits.csv"),
            *(*numeric, *flags, "--repeats", str(seeds), "--rounds", str(rounds), "--metric", "accuracy"),
            *("--against", names[0], "--jobs", "1", "--config", "none", "-o", "-", "-q"),
        ],
        OUT,
        env={"PYTHONPATH": str(HERE.parents[1])},
    )
    ratio = ours.cpu / theirs.cpu
    print(
        f"{len(names)} strategies ({', '.join(names)}), {seeds} seeds, {rounds} rounds: alcli {_told(ours)}, "
        f"{peer} {_told(theirs)}: {ratio:.2f} of it; mean accuracy at the end {_last(ours):.3f} and {_last(theirs):.3f}",
        flush=True,
    )
    return peer == "scikit-activeml" and ratio >= LIMIT


def _told(side: Run) -> str:
    return f"{side.cpu:.1f} s ({side.wall:.1f} s wall, {side.memory:.0f} MB)"


def _last(side: Run) -> float:
    """The mean of the last accuracies: a fast loop that learned nothing would be no comparison."""
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(side.printed)))
    last = max(int(row["round"]) for row in rows)
    values = [float(row["value"]) for row in rows if int(row["round"]) == last]
    return sum(values) / len(values)


if __name__ == "__main__":
    sys.exit(main())
