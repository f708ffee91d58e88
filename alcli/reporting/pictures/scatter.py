"""The pool as a map: rows as dust, labelled ones with the mark of their class, the newest batch ringed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alcli.reporting.palette import INKS, color
from alcli.reporting.svg import Drawing, fitted, measure, places

SIZE = 4.6
#: What a row without a class of its own mark looks like.
ASKED = "asked, no label yet"


@dataclass(frozen=True)
class Spot:
    """A row on the map; `group` counts the classes, -1 is a row that has no label."""

    x: float
    y: float
    group: int
    newest: bool = False


def mark(group: int, x: float, y: float, size: float = SIZE) -> str:
    """The outline of a group's mark as steps of a path: circle, square, triangle, diamond, …"""
    s = size
    shapes = (
        [(0, -s)],
        [(-s * 0.86, -s * 0.86), (s * 0.86, -s * 0.86), (s * 0.86, s * 0.86), (-s * 0.86, s * 0.86)],
        [(0, -s * 1.15), (s * 1.1, s * 0.8), (-s * 1.1, s * 0.8)],
        [(0, -s * 1.25), (s * 1.25, 0), (0, s * 1.25), (-s * 1.25, 0)],
        [(0, s * 1.15), (s * 1.1, -s * 0.8), (-s * 1.1, -s * 0.8)],
        [(-s, -s * 0.4), (s, -s * 0.4), (s, s * 0.4), (-s, s * 0.4)],
        [(-s * 0.4, -s), (s * 0.4, -s), (s * 0.4, s), (-s * 0.4, s)],
        [(-s, -s), (s, -s), (0, 0), (s, s), (-s, s), (0, 0)],
    )
    if group < 0:
        return f"M{places(x - s)} {places(y - s)}l{places(2 * s)} {places(2 * s)}m0 {places(-2 * s)}l{places(-2 * s)} {places(2 * s)}"
    if group % INKS == 0:
        r = places(s)
        return f"M{places(x - s)} {places(y)}a{r} {r} 0 1 1 {places(2 * s)} 0a{r} {r} 0 1 1 {places(-2 * s)} 0z"
    steps = [f"{places(x + across)} {places(y + down)}" for across, down in shapes[group % INKS]]
    return f"M{'L'.join(steps)}z"


def scatter(
    pool: Sequence[tuple[float, float]],
    spots: Sequence[Spot],
    groups: Sequence[str],
    width: float,
    *,
    axes: tuple[str, str],
) -> Drawing:
    """A map in two dimensions, one unit as long across as up.

    Parameters
    ----------
    pool : places of rows that stand for the pool.
    spots : labelled and asked rows.
    groups : names of the groups of spots, with their counts.
    axes : what the two directions are.
    """
    xs = [x for x, _ in pool] + [each.x for each in spots]
    ys = [y for _, y in pool] + [each.y for each in spots]
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    beside = width > 800
    left, top = 28.0, 8.0
    inner = width - left - 8 - (SIDE if beside else 0)
    tall = min(inner, 560.0, max(inner * 0.5, inner * (max(ys) - min(ys)) / max(max(xs) - min(xs), 1e-9)))
    span = max((max(xs) - min(xs)) / (inner - 24), (max(ys) - min(ys)) / (tall - 24), 1e-9)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + inner / 2 + (x - middle_x) / span, top + tall / 2 - (y - middle_y) / span

    entries = _entries(groups, any(each.group < 0 for each in spots), any(each.newest for each in spots))
    legend = _legend(entries, SIDE - 24 if beside else width, alone=beside)
    sheet = Drawing(width, max(top + tall + 34, 24.0 * len(legend)) if beside else top + tall + 34 + 22 * len(legend))
    sheet.rect(left, top, inner, tall, "plate")
    sheet.path("".join(_speck(*at(x, y)) for x, y in pool), "dust")
    for group in sorted({each.group for each in spots}):
        steps = "".join(mark(group, *at(each.x, each.y)) for each in spots if each.group == group)
        sheet.path(steps, "cross" if group < 0 else f"dot {color(group)}")
    rings = [at(each.x, each.y) for each in spots if each.newest]
    if rings:
        sheet.path("".join(mark(0, x, y, SIZE + 3) for x, y in rings), "open")
    sheet.text(left + inner / 2, top + tall + 18, fitted(axes[0], inner, 12), "soft", "middle")
    sheet.text(14, top + tall / 2, fitted(axes[1], tall, 12), "soft", "middle", turned=True)
    for number, line in enumerate(legend):
        y = top + 14 + 24 * number if beside else top + tall + 46 + 22 * number
        for x, group, name in line:
            across = x + (left + inner + 12 if beside else 0)
            _key(sheet, across, y - 4, group)
            sheet.text(across + 14, y, name, "soft")
    return sheet


SIDE = 240.0
DUST, NEWEST = -2, -3


def _key(sheet: Drawing, x: float, y: float, group: int) -> None:
    if group == DUST:
        sheet.path(_speck(x - 3, y + 1) + _speck(x + 3, y - 2) + _speck(x + 1, y + 4), "dust")
    elif group == NEWEST:
        sheet.path(mark(0, x, y, SIZE + 2), "open")
    else:
        sheet.path(mark(group, x, y), "cross" if group < 0 else f"dot {color(group)}")


def _entries(groups: Sequence[str], asked: bool, newest: bool) -> list[tuple[int, str]]:
    entries = [(DUST, "pool"), *enumerate(groups)]
    entries += [(-1, ASKED)] if asked else []
    return entries + ([(NEWEST, "newest batch")] if newest else [])


def _legend(entries: Sequence[tuple[int, str]], width: float, *, alone: bool) -> list[list[tuple[float, int, str]]]:
    """Lines of (place, group, name): each for itself, or as many on a line as there is room for."""
    found: list[list[tuple[float, int, str]]] = [[]]
    x = 12.0
    for group, name in entries:
        shown = fitted(name, width - 40, 12)
        wide = measure(shown, 12) + 34
        if found[-1] and (alone or x + wide > width):
            found.append([])
            x = 12.0
        found[-1].append((x, group, shown))
        x += wide
    return found


def _speck(x: float, y: float) -> str:
    return f"M{places(x)} {places(y)}h0"
