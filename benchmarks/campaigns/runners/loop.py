"""What both loops share: digits, the split, the rounds, the measuring; scikit-learn alone."""

from __future__ import annotations

import csv
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

START, BATCH = 20, 10
Play = Callable[[str, Any, Any, int], Callable[[Any, Any], tuple[Any, Any]]]


def model(seed: int) -> LogisticRegression:
    """The model of every loop."""
    return LogisticRegression(max_iter=1000, random_state=seed)


def main(play: Play) -> None:
    """Play every strategy and seed; print a row a round.

    `play(strategy, X, y, seed)` gives a function that, from the positions labelled so far and those left, makes the
    fitted model and the positions to label next; asked for none in the last round, it fits only.
    """
    path, seeds, rounds, *names = sys.argv[1:]
    warnings.simplefilter("ignore")
    with Path(path).open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    raw = np.array([[float(cell) for cell in row[1:-1]] for row in rows])
    y = np.array([int(row[-1][1:]) for row in rows])
    print("strategy,seed,round,value")
    for seed in range(int(seeds)):
        pool, test = train_test_split(np.arange(len(y)), test_size=0.4, stratify=y, random_state=seed)
        X = StandardScaler().fit(raw[pool]).transform(raw)
        first = np.random.default_rng(seed).permutation(len(pool))[:START]
        for name in names:
            step = play(name, X[pool], y[pool], seed)
            labelled = list(first)
            for number in range(int(rounds) + 1):
                left = np.setdiff1d(np.arange(len(pool)), labelled)
                fitted, asked = step(labelled, left if number < int(rounds) else left[:0])
                value = float((fitted.predict(X[test]) == y[test]).mean())
                print(f"{name},{seed},{number},{value}")
                labelled += [int(at) for at in asked]
