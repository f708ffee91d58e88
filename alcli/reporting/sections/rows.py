"""Single rows: where they lie, and which the model cannot make out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from alcli.reporting.facts import Doubts, Judgement, Map
from alcli.reporting.palette import INKS
from alcli.reporting.pictures.scatter import Spot, scatter
from alcli.reporting.section import Figure, Section, Table


def landscape(found: Map | str) -> Section:
    """The pool in two dimensions, with what was labelled and asked."""
    head = ("map", "Map of the pool")
    if isinstance(found, str):
        return Section(*head, why=found)
    first, second = found.shares
    says = [
        (
            f"All {found.rows:,} rows of the pool, {len(found.spots):,} of them "
            if len(found.pool) == found.rows
            else f"{len(found.pool):,} of {found.rows:,} rows of the pool, chosen by a hash of their ids, and {len(found.spots):,} rows "
        )
        + "labelled or asked"
        + (f", of {found.spots_in_all:,}" if found.spots_in_all > len(found.spots) else "")
        + ". Near rows look alike to the model.",
        f"The two directions, the first principal components, hold {first + second:.0%} of the variance, so rows that are far apart may lie on each other "
        "here; an empty place is empty, a crowd need not be one.",
    ]
    spots, groups = _marked(found)
    # short enough for a telephone
    axes = (f"first component, {first:.1%} of the variance", f"second, {second:.1%}")
    figure = Figure(
        "Rows of the pool, labelled and asked rows among them",
        "; ".join(f"{name}: {count:,} labelled rows" for name, count in found.groups),
        partial(scatter, found.pool, spots, groups, axes=axes),
        "Both axes have the same unit. Each class has its own mark, beside its colour.",
    )
    return Section(*head, tuple(says), (figure,))


def _marked(found: Map) -> tuple[tuple[Spot, ...], list[str]]:
    """The spots, and the names of their groups: there are only so many marks, so rare classes share the last one."""
    if len(found.groups) <= INKS:
        return found.spots, [f"{name} ({count:,})" for name, count in found.groups]
    common = sorted(range(len(found.groups)), key=lambda at: (-found.groups[at][1], at))[: INKS - 1]
    place = {group: at for at, group in enumerate(sorted(common))}
    names = [f"{found.groups[group][0]} ({found.groups[group][1]:,})" for group in place]
    rest = sum(count for at, (_, count) in enumerate(found.groups) if at not in place)
    spots = tuple(
        replace(each, group=each.group if each.group < 0 else place.get(each.group, INKS - 1)) for each in found.spots
    )
    return spots, [*names, f"{len(found.groups) - len(place)} other classes ({rest:,})"]


def doubtful(found: Doubts | str, judged: Judgement | str) -> Section:
    """Rows that the model is least sure of, and its surest mistakes."""
    head = ("doubtful", "Doubtful rows")
    tables = []
    says = []
    if not isinstance(found, str) and found.doubtful:
        some = found.sampled < found.rows
        says.append(
            f"Least sure: of {f'{found.sampled:,} of ' if some else ''}the {found.rows:,} rows without a label, those where "
            "the two likeliest classes are closest."
            + (" `alcli query --strategy margin` looks at all rows." if some else "")
        )
        tables.append(
            Table(
                "Rows that the model is least sure of",
                (("id", "text"), ("row", "words"), ("likeliest", "text"), ("second", "text")),
                tuple((each.id, each.text, *each.cells) for each in found.doubtful),
            )
        )
    if not isinstance(judged, str) and judged.mistakes:
        says.append(
            f"Surest mistakes, {judged.how[0].lower()}{judged.how[1:]}: a wrong model, or a wrong label; look at both."
        )
        tables.append(
            Table(
                "Answers that are wrong, and that the model is surest of",
                (("id", "text"), ("row", "words"), ("label", "text"), ("model says", "text")),
                tuple((each.id, each.text, *each.cells) for each in judged.mistakes),
            )
        )
    if not tables:
        why = found if isinstance(found, str) else judged if isinstance(judged, str) else "no row is in doubt"
        return Section(*head, why=why)
    return Section(*head, tuple(says), (), tuple(tables))
