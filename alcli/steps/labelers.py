"""Who answered how much, how far they agree, and what each still has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alcli.steps.quality import votes_of
from alcli.tables.history import Campaign, Labels, current
from alcli.tables.ledgers import Answer


def labelers(answers: Sequence[Answer], campaign: Campaign, labels: Labels) -> list[dict[str, Any]]:
    """One entry an annotator, by name.

    Each has `labels` and `skips` that count, rows `out` and `since` when, `shared`: how many of its rows
    others answered too, and `agrees`: with what share of those its answer is the label that counts (None
    without such rows; a tied row has no label and does not count).
    """
    found: dict[str, dict[str, Any]] = {}

    def of(name: str) -> dict[str, Any]:
        empty = {"annotator": name or "(anyone)", "labels": 0, "skips": 0, "out": 0, "since": "", "shared": 0}
        return found.setdefault(name, {**empty, "agrees": None})

    for answer in current(answers).values():
        if answer.kind in ("label", "skip"):
            of(answer.annotator)[f"{answer.kind}s"] += 1
    for row in campaign.waiting:
        entry = of(row.annotator)
        entry["out"] += 1
        entry["since"] = min(filter(None, (entry["since"], row.asked_at)))
    for name, (shared, right) in _agreeing(answers, labels).items():
        of(name)["shared"] = shared
        of(name)["agrees"] = right / shared if shared else None
    return [found[name] for name in sorted(found)]


def _agreeing(answers: Sequence[Answer], labels: Labels) -> dict[str, tuple[int, int]]:
    """For each annotator: answers to rows of several answers with a label, and how many are that label."""
    consensus = {row.id: row.label for row in labels.rows if row.votes > 1}
    found: dict[str, tuple[int, int]] = {}
    for answer in current(answers).values():
        if answer.kind == "label" and answer.id in consensus:
            shared, right = found.get(answer.annotator, (0, 0))
            found[answer.annotator] = (shared + 1, right + (answer.label == consensus[answer.id]))
    return found


def agreement(answers: Sequence[Answer]) -> Mapping[str, Any]:
    """How far all annotators agree: `rows` with several answers, `fleiss_kappa`, `krippendorff_alpha`, and `pairs`.

    `pairs` has Cohen's kappa and the number of shared rows of every two annotators that have some.
    """
    from alcli.evaluation.reliability import fleiss_kappa, krippendorff_alpha, pairwise_kappa

    votes = votes_of(answers)
    found = pairwise_kappa(votes)
    columns = (each.tolist() for each in (found.one, found.other, found.rows, found.kappa))
    pairs = [
        {"one": votes.labelers[one], "other": votes.labelers[other], "rows": rows, "kappa": kappa}
        for one, other, rows, kappa in zip(*columns, strict=True)
    ]
    several = int((votes.counts.sum(axis=1) > 1).sum()) if len(votes.rows) else 0
    return {
        "rows": several,
        "fleiss_kappa": fleiss_kappa(votes),
        "krippendorff_alpha": krippendorff_alpha(votes),
        "pairs": pairs,
    }
