"""How right a model was about a batch before it learned from it, arm by arm."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from alcli.steps.project import Project
from alcli.tables.history import batch_number

METRIC = "prequential_accuracy"
_HOW = re.compile(r"prequential batch (\d+) arm (.+)", re.DOTALL)


def by_arm(project: Project, right: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Rows for metrics.csv: the accuracy of the model before on each arm's part of each batch, with its interval.

    Of the arm ``random`` it is an unbiased estimate for the rows that were free; of other arms it says how hard the
    rows are that they pick.

    Parameters
    ----------
    right : for each newly labelled row whether the model before was right about it.

    References
    ----------
    Dawid (1984). Present position and potential developments: some personal views. Statistical theory: the
    prequential approach.
    """
    from alcli.evaluation.intervals import wilson

    asked: dict[str, tuple[int, str]] = {}
    for row in project.asked.rows():
        if row.purpose == "train" and row.id in right:
            here = batch_number(row.batch), row.strategy
            asked[row.id] = max(here, asked.get(row.id, here))
    arms: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for id_, where in asked.items():
        arms[where].append(right[id_])
    found = []
    for (batch, arm), hits in sorted(arms.items()):
        share = sum(hits) / len(hits)
        low, high = wilson(share, len(hits))
        how = f"prequential batch {batch} arm {arm}"
        found.append({"how": how, "rows": len(hits), "metric": METRIC, "value": share, "low": low, "high": high})
    return found


def of_model(measures: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What `by_arm` left in a model's card, for results."""
    found = []
    for each in measures:
        if each["metric"] == METRIC and (where := part_of(str(each["how"]))):
            values = {name: each[name] for name in ("rows", "value", "low", "high")}
            found.append({"batch": where[0], "arm": where[1], **values})
    return tuple(found)


def part_of(how: str) -> tuple[int, str] | None:
    """The batch and the arm of a `how` that `by_arm` wrote; nothing for another one."""
    match = _HOW.fullmatch(how)
    return (int(match[1]), match[2]) if match else None
