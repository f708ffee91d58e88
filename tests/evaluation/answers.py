"""Answers of labelers as arrays, made up or recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.votes import Votes

RECORDED = Path(__file__).with_name("recorded")
CASES = [f"several{number}" for number in range(5)]
SINGLE = [f"single{number}" for number in range(5)]


def recorded(case: str) -> dict[str, Any]:
    """What cleanlab said of a case, by name; see recorded/with_cleanlab.py."""
    with np.load(RECORDED / "cleanlab.npz") as file:
        return {name.removeprefix(case + "_"): file[name] for name in file.files if name.startswith(case + "_")}


def votes_of(table: NDArray[np.float64], classes: int) -> Votes:
    """From rows x labelers, NaN where nobody answered."""
    row, who = np.nonzero(np.isfinite(table))
    rows, people = table.shape
    return Votes(
        tuple(f"r{at:04d}" for at in range(rows)),
        tuple(f"a{at:03d}" for at in range(people)),
        tuple(map(str, range(classes))),
        row,
        who,
        table[row, who].astype(np.intp),
    )


def crowd() -> tuple[Votes, dict[str, Any]]:
    """Ten answers to each of 800 rows by 164 people, and what cleanlab said of them."""
    with np.load(RECORDED / "crowd.npz") as file:
        told = dict(file)
    people = tuple(f"w{at:03d}" for at in range(164))
    rows = tuple(f"r{at:03d}" for at in range(800))
    given = (told[name].astype(np.intp) for name in ("row", "labeler", "label"))
    return Votes(rows, people, ("0", "1"), *given), told


def drawn(
    seed: int, rows: int, right: list[float], classes: int = 2, share: float = 1.0
) -> tuple[Votes, NDArray[np.float64], NDArray[np.intp]]:
    """Labelers who are right with these chances, a model that is right with 0.8, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=rows)
    shape = rows, len(right)
    other = (truth[:, None] + rng.integers(1, classes, size=shape)) % classes
    table = np.where(rng.random(shape) < right, truth[:, None], other).astype(float)
    table[rng.random(shape) >= share] = np.nan
    nobody = ~np.isfinite(table).any(axis=1)
    table[nobody, 0] = truth[nobody]
    says = np.where(rng.random(rows) < 0.8, truth, (truth + 1) % classes)
    proba = 0.3 * rng.dirichlet(np.ones(classes), rows) + 0.7 * np.eye(classes)[says]
    return votes_of(table, classes), proba, truth
