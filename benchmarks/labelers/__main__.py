"""`python -m benchmarks.labelers`: how many answers each way of asking needs for the same accuracy."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelers.playing import WAYS, play
from benchmarks.labelers.sets import SETS, load

RIGHT = (0.7, 0.95)
HEAD = ("set", "asked", "accuracy at half", "accuracy at the end", "answers to what asking both reaches")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labelers", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="campaigns of each way of asking")
    parser.add_argument("--answers", type=int, default=400, help="at which a campaign ends")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"any of: {', '.join(SETS)}; all by default")
    told = parser.parse_args()
    chosen = told.sets or list(SETS)
    if unknown := [name for name in chosen if name not in SETS]:
        parser.error(f"no such set: {', '.join(unknown)}")
    started = time.monotonic()
    tasks = list(product(chosen, WAYS, range(told.seeds)))
    with ProcessPoolExecutor(told.jobs) as pool:
        curves = dict(zip(tasks, pool.map(_one, tasks, [told.answers] * len(tasks)), strict=True))
    print(f"labelers who are right with {RIGHT[0]:g} and {RIGHT[1]:g}; {told.seeds} seeds, {told.answers} answers\n")
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD))
    not_fewer = []
    for name in chosen:
        whole = {way: np.array([curves[name, way, seed] for seed in range(told.seeds)]) for way in WAYS}
        goal = float(whole["both"][:, -1, 1].mean())
        for way in WAYS:
            needed = reached(whole[way], goal)
            print(
                "| "
                + " | ".join([name, way, *_cells(whole[way], whole["both"], way), _needed(needed, told.answers)])
                + " |"
            )
        if (reached(whole["chosen"], goal) or np.inf) >= (reached(whole["both"], goal) or np.inf):
            not_fewer.append(name)
    print(f"\n{time.monotonic() - started:.0f} s")
    for name in chosen:
        print(f"{name}: choosing whom to ask {'does not need' if name in not_fewer else 'needs'} fewer answers")
    return int(bool(not_fewer))


def _one(task: tuple[str, str, int], answers: int) -> list[tuple[int, float]]:
    name, way, seed = task
    return play(load(name, seed), RIGHT, way, seed, answers)


def reached(curves: NDArray[np.float64], goal: float) -> float | None:
    """Answers at which the mean accuracy of the seeds is the goal and stays there; None when it never is."""
    mean = curves[:, :, 1].mean(axis=0)
    below = np.flatnonzero(mean < goal - 1e-12)
    at = 0 if not len(below) else int(below[-1]) + 1
    return None if at == len(mean) else float(curves[0, at, 0])


def _needed(needed: float | None, most: int) -> str:
    return f"more than {most}" if needed is None else f"{needed:.0f}"


def _cells(curves: NDArray[np.float64], both: NDArray[np.float64], way: str) -> Sequence[str]:
    """Mean accuracies; beside those of other ways the difference from asking both, with its 95% interval."""
    from scipy.stats import t

    cells = []
    for at in (curves.shape[1] // 2, -1):
        mine, theirs = curves[:, at, 1], both[:, at, 1]
        text = f"{mine.mean():.3f}"
        if way != "both" and len(mine) > 1:
            apart = mine - theirs
            half = t.ppf(0.975, len(apart) - 1) * apart.std(ddof=1) / np.sqrt(len(apart))
            text += f" ({apart.mean():+.3f} ± {half:.3f})"
        cells.append(text)
    return cells


if __name__ == "__main__":
    sys.exit(main())
