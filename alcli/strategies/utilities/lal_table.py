"""Makes what `lal` has learned from: `python -m alcli.strategies.utilities.lal_table [FILE]`, some ten minutes.

On many small data sets, mixtures of two Gaussian clouds of any balance in 2 to 8 dimensions, some rows are
labelled, one more is labelled, and the fall of the error on rows that are kept apart is written down beside
what `lal` sees before.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.utilities.lal import TABLE, forest_on, trees_of, whole_of

Array = NDArray[np.float64]

SEED = 20_170
SETS, TRIES = 500, 12
MOST = 50
POOL, TEST = 200, 500


def clouds(random: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
    """Rows of two Gaussian clouds with any covariance and any share, and their class numbers."""
    d = int(random.integers(2, 9))
    share = random.uniform(0.1, 0.9)
    codes = (random.random(POOL + TEST) < share).astype(np.intp)
    codes[:2] = 0, 1
    codes[POOL : POOL + 2] = 0, 1
    rows = np.empty((len(codes), d))
    for code in (0, 1):
        turn = random.normal(size=(d, d)) / np.sqrt(d)
        centre = random.normal(size=d) * random.uniform(0.2, 1.5)
        rows[codes == code] = random.normal(size=(int((codes == code).sum()), d)) @ turn + centre
    return rows, codes


def error(forest: object, rows: Array, codes: NDArray[np.intp]) -> float:
    """The share of rows that the forest is wrong about."""
    return float(np.mean((trees_of(forest, rows)[0] > 0.5) != (codes == 1)))


def states(random: np.random.Generator) -> tuple[list[Array], list[float]]:
    """What is seen of some unlabelled rows of one data set, and what their labels then gave."""
    rows, codes = clouds(random)
    labels = round(float(np.exp(random.uniform(np.log(2), np.log(MOST)))))
    others = np.delete(np.arange(POOL), [0, 1])
    known = np.concatenate([[0, 1], random.choice(others, size=labels - 2, replace=False)])
    free = np.setdiff1d(np.arange(POOL), known)
    seed = int(random.integers(2**31))
    forest = forest_on(rows[known], codes[known], seed)
    mean, spread = trees_of(forest, rows[free])
    whole = whole_of(forest, codes[known], spread)
    before = error(forest, rows[POOL:], codes[POOL:])
    seen, gained = [], []
    for at in random.choice(len(free), size=TRIES, replace=False):
        more = np.append(known, free[at])
        after = forest_on(rows[more], codes[more], seed)
        seen.append(np.concatenate([[mean[at], spread[at]], whole]))
        gained.append(before - error(after, rows[POOL:], codes[POOL:]))
    return seen, gained


def table(sets: int = SETS, seed: int = SEED) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The states (sets * 12, 8) and what was gained (sets * 12,)."""
    seen, gained = [], []
    for number in range(sets):
        more_seen, more_gained = states(np.random.default_rng([seed, number]))
        seen.extend(more_seen)
        gained.extend(more_gained)
    return np.asarray(seen, dtype=np.float32), np.asarray(gained, dtype=np.float32)


if __name__ == "__main__":
    found_states, found_gains = table()
    np.savez_compressed(Path(sys.argv[1]) if sys.argv[1:] else TABLE, states=found_states, gains=found_gains)
