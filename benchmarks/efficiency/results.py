"""Areas under learning curves, ours and those recorded of other libraries, and what they gain over random."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

RANDOM = "random"


@dataclass(frozen=True)
class Gains:
    """Differences in area from random rows on the same seeds.

    Attributes
    ----------
    mean, error : frames of shape (strategies, sets); the standard error is over seeds, NaN with one seed.
    seeds : how many seeds both have, 0 where a strategy was not played.
    areas : series by (set, strategy, seed).
    """

    mean: pd.DataFrame
    error: pd.DataFrame
    seeds: pd.DataFrame
    areas: pd.Series

    def over(self, sets: Iterable[str]) -> pd.DataFrame:
        """``gain``, ``error``, ``worst`` and how many of these sets a strategy was played on."""
        mine = [name for name in sets if name in self.mean.columns]
        mean, error = self.mean[mine], self.error[mine]
        played = mean.notna().sum(axis=1)
        spread = np.sqrt((error**2).sum(axis=1, min_count=1)) / played
        return pd.DataFrame({"gain": mean.mean(axis=1), "error": spread, "worst": mean.min(axis=1), "sets": played})

    def ranks(self, sets: Iterable[str]) -> pd.Series:
        """The mean over sets of the rank by gain, 1 the best, among all that were played on the set."""
        mine = [name for name in sets if name in self.mean.columns]
        return self.mean[mine].rank(ascending=False).mean(axis=1)


def areas_of(table: Path, metric: str) -> pd.Series:
    """The normalised area under each curve of a table of `alcli simulate -o`, by (strategy, seed)."""
    rows = pd.read_csv(table)
    rows = rows[rows["metric"] == metric].sort_values("labels")

    def area(curve: pd.DataFrame) -> float:
        labels = curve["labels"].to_numpy(float)
        return float(np.trapezoid(curve["value"], labels) / (labels[-1] - labels[0]))

    return rows.groupby(["strategy", "seed"])[["labels", "value"]].apply(area)


def recorded(folder: Path) -> pd.Series:
    """Areas that other libraries reached by the same protocol, by (set, ``library: strategy``, seed)."""
    found = []
    for path in sorted(folder.glob("*.csv")):
        rows = pd.read_csv(path)
        if {"dataset", "library", "strategy", "seed", "aubc"} <= set(rows.columns):
            found.append(rows.assign(strategy=rows["library"] + ": " + rows["strategy"]))
    whole = pd.concat(found).dropna(subset=["aubc", "library"]).drop_duplicates(["dataset", "strategy", "seed"])
    return whole.set_index(["dataset", "strategy", "seed"])["aubc"]


def gains(areas: pd.Series) -> Gains:
    """What each strategy gains over `random` on the seeds of a set that both have."""
    areas.index.names = ["set", "strategy", "seed"]
    table = areas.unstack("strategy")
    apart = table.sub(table[RANDOM], axis=0).stack().rename("gain").reset_index()
    by = apart.groupby(["strategy", "set"])["gain"]
    return Gains(by.mean().unstack(), by.sem().unstack(), by.count().unstack().fillna(0).astype(int), areas)
