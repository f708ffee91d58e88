"""The model beside the truth: calibration and confusion."""

from __future__ import annotations

from functools import partial

from alcli.reporting.facts import Judgement
from alcli.reporting.pictures.matrix import MOST, matrix
from alcli.reporting.pictures.reliability import reliability
from alcli.reporting.section import Cell, Figure, Section, Table

PAIRS = 10


def calibration(found: Judgement | str) -> Section:
    """How sure the model is beside how often it is right."""
    head = ("calibration", "Calibration")
    if isinstance(found, str):
        return Section(*head, why=found)
    error, brier = found.calibration
    says = [
        f"{found.how}. "
        + (f"Expected calibration error {error:.3f}" if error is not None else "")
        + (f", Brier score {brier:.3f}; 0 is best for both." if brier is not None else "."),
        *found.caution,
    ]
    figure = Figure(
        "How often the model is right, by how sure it is",
        "; ".join(
            f"{each.confidence:.0%} sure: {each.accuracy:.0%} of {each.rows:,} rows right" for each in found.bins
        ),
        partial(reliability, found.bins, len(found.classes)),
        "Dots: rows in steps of a fifteenth by the probability of the model's answer; lines: 95% intervals (Wilson). Below the "
        "dashed line the model is surer than it should be, above it less sure. Grey: how many rows each dot stands for.",
    )
    table = Table(
        "By confidence",
        (("confidence", "text"), ("rows", "count"), ("mean", "value"), ("right", "value"), ("95% interval", "text")),
        tuple(
            (f"{each.above:.0%} to {each.to:.0%}", each.rows, each.confidence, each.accuracy,
             f"{each.low:.3f} to {each.high:.3f}")
            for each in found.bins
        ),
    )  # fmt: skip
    return Section(*head, tuple(says), (figure,), (table,))


def confusion(found: Judgement | str) -> Section:
    """Which classes are taken for which."""
    head = ("confusion", "Confusion of classes")
    if isinstance(found, str):
        return Section(*head, why=found)
    wrong = [
        (count, at, said)
        for at, row in enumerate(found.counts)
        for said, count in enumerate(row)
        if at != said and count
    ]
    wrong.sort(key=lambda each: (-each[0], each[1], each[2]))
    missed = sum(count for count, _, _ in wrong)
    says = [f"{found.how}: {missed:,} of {found.rows:,} rows are wrong."]
    if wrong:
        count, at, said = wrong[0]
        says.append(f"The commonest mistake is {found.classes[said]} for {found.classes[at]}, {count:,} times.")
    figures: tuple[Figure, ...] = ()
    if len(found.classes) <= MOST:
        figures = (
            Figure(
                "The truth beside what the model says",
                "; ".join(
                    f"{name}: {sum(row):,} rows, {row[at]:,} right"
                    for at, (name, row) in enumerate(zip(found.classes, found.counts, strict=True))
                ),
                partial(matrix, found.classes, found.counts),
                "Numbers are rows, percentages those of the true class; shaded by the latter, mistakes in another colour.",
            ),
        )
    tables = [
        Table(
            "By class",
            (("class", "text"), ("precision", "value"), ("recall", "value"), ("F1", "value"), ("rows", "count")),
            tuple((name, *scores) for name, scores in zip(found.classes, found.scores, strict=True)),
        )
    ]
    if len(found.classes) > 2 and wrong:
        rows: list[tuple[Cell, ...]] = [
            (found.classes[at], found.classes[said], count, count / sum(found.counts[at])) for count, at, said in wrong
        ]
        tables.append(
            Table(
                "Commonest mistakes",
                (("truth", "text"), ("model", "text"), ("rows", "count"), ("of the class", "percent")),
                tuple(rows[:PAIRS]),
            )
        )
    return Section(*head, tuple(says), figures, tuple(tables))
