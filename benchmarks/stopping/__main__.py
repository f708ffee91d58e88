"""`python -m benchmarks.stopping TABLE...`: labels wasted and accuracy given away by each stopping rule, in Markdown.

A table has the columns id and label. One whose name is given as NAME=CLASS is screened for that class.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from alcli.evaluation.stopping.grammar import parse
from benchmarks.stopping.playing import Campaign, classify, read, screen

NEAR = 0.01  # the best point: from here on accuracy stays within this of where it ends

RULES = (
    "labels >= 100",
    "labels >= 200",
    "labels >= 300",
    "kappa >= 0.99 for 3",
    "kappa >= 0.97 for 3",
    "kappa >= 0.95 for 3",
    "delta_f < 0.05 for 3",
    "delta_f < 0.02 for 3",
    "change <= 0 for 1",
    "change <= 0.5% for 3",
    "contradiction <= 0.01 for 3",
    "confidence_gain <= 0 for 3",
    "uncertainty <= 0.01 for 1",
    "uncertainty <= 0.5 for 1",
    "max_uncertainty <= 0.001 for 1",
    "expected_error <= 0.01 for 1",
    "expected_error <= 0.1 for 1",
    "selected_accuracy >= 0.9 for 1",
    "selected_accuracy >= 0.9 for 3",
    "accuracy >= 0.9 for 1",
    "plateau[accuracy] <= 0.005 for 3",
    "plateau[accuracy] <= 0.005 for 10",
    "kappa >= 0.97 for 3 and plateau[accuracy] <= 0.005 for 5",
)
SCREENING = (
    "found[{}] >= 0.95",
    "found[{}] >= 0.8",
    "negatives[{}] >= 50",
    "negatives[{}] >= 100",
    "negatives[{}] >= 200",
    "remaining[{}] <= 1 for 1",
    "found[{}] >= 0.9 and wss[{}] >= 0.3",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stopping", description=__doc__)
    parser.add_argument("table", nargs="+", help="a file, or FILE=CLASS for screening")
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args()
    begun = time.monotonic()
    campaigns: list[Campaign] = []
    for text in chosen.table:
        path, _, relevant = text.partition("=")
        data = read(Path(path))
        if relevant:
            played = [screen(data, relevant, seed) for seed in range(chosen.seeds)]
            print("\n" + "\n".join(screened(played, relevant)), flush=True)
        else:
            campaigns += [classify(data, seed) for seed in range(chosen.seeds)]
    if campaigns:
        print("\n" + "\n".join(classified(campaigns)))
        print("\n" + "\n".join(by_table(campaigns)))
    print(f"\n{time.monotonic() - begun:.0f} s")


def best(campaign: Campaign) -> int:
    """The round from which on accuracy stays within `NEAR` of where it ends (mean of the last three rounds)."""
    end = float(np.mean(campaign.truth[-3:]))
    below = [at for at, value in enumerate(campaign.truth) if value < end - NEAR]
    return min(below[-1] + 1 if below else 0, len(campaign.truth) - 1)


def classified(campaigns: Sequence[Campaign]) -> list[str]:
    """One line a rule, over all campaigns; a rule that never holds ends with the campaign."""
    lines = ["| rule | ended | labels | wasted | too early by | accuracy given away | at worst |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for text in RULES:
        ended, labels, wasted, early, given = 0, [], [], [], []
        for campaign in campaigns:
            at = campaign.stops(parse(text))
            ended += at is not None
            last = len(campaign.sizes) - 1 if at is None else at
            apart = campaign.sizes[last] - campaign.sizes[best(campaign)]
            labels.append(campaign.sizes[last])
            wasted.append(max(0, apart))
            early.append(max(0, -apart))
            given.append(max(0.0, float(np.mean(campaign.truth[-3:])) - campaign.truth[last]))
        cells = [
            f"`{text}`",
            f"{ended} of {len(campaigns)}",
            f"{np.mean(labels):.0f}",
            f"{np.mean(wasted):.0f}",
            f"{np.mean(early):.0f}",
            f"{np.mean(given):.3f}",
            f"{np.max(given):.3f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def by_table(campaigns: Sequence[Campaign]) -> list[str]:
    """What the best point was on each table."""
    lines = ["| table | rounds | best point, labels | accuracy at the end |", "| --- | --- | --- | --- |"]
    for name in dict.fromkeys(each.data for each in campaigns):
        mine = [each for each in campaigns if each.data == name]
        points = [each.sizes[best(each)] for each in mine]
        ends = [float(np.mean(each.truth[-3:])) for each in mine]
        lines.append(
            f"| {name} | {len(mine[0].sizes)} | {np.mean(points):.0f} ({min(points)} to {max(points)}) | {np.mean(ends):.3f} |"
        )
    return lines


def screened(campaigns: Sequence[Campaign], relevant: str) -> list[str]:
    """One line a rule: recall and reading at its end."""
    rows = campaigns[0].rows
    lines = [f"{campaigns[0].data}: {rows:,} rows, looking for `{relevant}`", ""]
    lines += ["| rule | ended | recall | lowest | read | wasted |", "| --- | --- | --- | --- | --- | --- |"]
    for pattern in SCREENING:
        text = pattern.replace("{}", relevant)
        ended, recall, read_, wasted = 0, [], [], []
        for campaign in campaigns:
            at = campaign.stops(parse(text))
            ended += at is not None
            last = len(campaign.sizes) - 1 if at is None else at
            enough = next(n for n, value in zip(campaign.sizes, campaign.truth, strict=True) if value >= 0.95)
            recall.append(campaign.truth[last])
            read_.append(campaign.sizes[last])
            wasted.append(max(0, campaign.sizes[last] - enough))
        cells = [
            f"`{text}`",
            f"{ended} of {len(campaigns)}",
            f"{np.mean(recall):.3f}",
            f"{min(recall):.3f}",
            f"{np.mean(read_):.0f} ({np.mean(read_) / rows:.0%})",
            f"{np.mean(wasted):.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    main()
