"""How far labelers agree, with each other and with what is known."""

from __future__ import annotations

from functools import partial

from alcli.reporting.facts import Agreement
from alcli.reporting.pictures.dots import Dot, dots
from alcli.reporting.section import Figure, Section, Table

MOST = 15


def agreement(found: Agreement | str) -> Section:
    """Agreement between labelers: a dot with its interval for each, and the coefficients."""
    head = ("agreement", "Agreement between labelers")
    if isinstance(found, str):
        return Section(*head, why=found)
    says = []
    figures = []
    for name, pick in (("as most of the others say", "others"), ("as was known before", "gold")):
        judged = [(each, getattr(each, pick)) for each in found.labelers if getattr(each, pick)]
        if not judged:
            continue
        rows = [
            Dot(each.name, share, low, high, f"{share:.0%} of {of:,}") for each, (share, low, high, of) in judged[:MOST]
        ]
        figures.append(
            Figure(
                f"Answers that are {name}",
                "; ".join(f"{each.name} {each.value:.0%}" for each in rows),
                partial(dots, rows, along=f"share of answers {name}"),
                "Line: 95% interval (Wilson)."
                + (f" The first {MOST} of {len(judged):,}." if len(judged) > MOST else ""),
            )
        )
    if found.rows:
        says.append(
            f"{found.rows:,} rows have several answers. Krippendorff's alpha {_said(found.alpha)}, Fleiss' kappa "
            f"{_said(found.kappa)}: 1 is full agreement, 0 what chance would give."
        )
    tables = [
        Table(
            "Labelers",
            (("annotator", "text"), ("labels", "count"), ("skips", "count"), ("as the others", "percent"),
             ("right on gold", "percent"), ("seconds each", "count")),
            tuple(
                (each.name, each.labels, each.skips, each.others[0] if each.others else None,
                 each.gold[0] if each.gold else None, round(each.seconds) if each.seconds is not None else None)
                for each in found.labelers
            ),
        )
    ]  # fmt: skip
    if found.pairs:
        tables.append(
            Table(
                "Two by two, most shared rows first",
                (("one", "text"), ("other", "text"), ("shared rows", "count"), ("Cohen's kappa", "value")),
                tuple(sorted(found.pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))[:MOST]),
            )
        )
    return Section(*head, tuple(says), tuple(figures), tuple(tables))


def _said(value: float | None) -> str:
    return "is not defined" if value is None else f"{value:.3f}"
