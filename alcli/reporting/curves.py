"""Learning curves as SVG: a panel for each setting, a line and a 95% band for each strategy.

Colours follow the reader's light or dark scheme. Lines are named at their ends, and again in a legend with their
strokes, so that nobody has to tell colours apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from alcli.reporting.axes import APART, Frame, Scale, draw_x, draw_y, spread, ticks, wide
from alcli.reporting.palette import PLAIN, color, dash, marks, variables
from alcli.reporting.svg import Drawing

__all__ = ["APART", "WIDTH", "draw", "ticks"]

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 40, 52


def draw(curves: Sequence[Mapping[str, Any]], *, against: str = "random", along: str = "labels") -> str:
    """The curves of a simulation as one SVG.

    Parameters
    ----------
    curves : dataset, estimator, start, batch, strategy, metric and `points` of labels, value, low, high each.
    against : the strategy that is drawn in grey, behind the others.
    along : what the horizontal axis counts.

    Raises
    ------
    ValueError
        If there is no curve.
    """
    panels: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for curve in curves:
        key = tuple(curve[name] for name in ("dataset", "estimator", "start", "batch", "metric"))
        panels.setdefault(key, []).append(curve)
    if not panels:
        raise ValueError("there is no curve to draw")
    names = list(dict.fromkeys(str(curve["strategy"]) for curve in curves))
    inks = _inks(names, against)
    across = 4
    legend_top = len(panels) * HEIGHT
    sheet = Drawing(WIDTH, legend_top + -(-len(names) // across) * 20 + 16)
    sheet.rect(0, 0, sheet.width, sheet.height, "paper")
    for number, (key, mine) in enumerate(panels.items()):
        _panel(sheet, key, mine, inks, against, along, number * HEIGHT)
    _legend(sheet, names, inks, legend_top, across)
    return sheet.svg(f"Learning curves of {', '.join(names)}", style=variables("svg") + marks())


def _inks(names: Sequence[str], against: str) -> dict[str, int]:
    """Strategy -> number of its ink; plain for the one that others are compared with."""
    others = [name for name in names if name != against]
    return {name: PLAIN if name == against else others.index(name) for name in names}


def _panel(
    sheet: Drawing,
    key: tuple[Any, ...],
    mine: Sequence[Mapping[str, Any]],
    inks: Mapping[str, int],
    against: str,
    along: str,
    top: float,
) -> None:
    dataset, estimator, start, batch, metric = key
    frame = _frame(mine, top)
    sheet.text(LEFT, top + 22, f"{dataset}: {metric}, {estimator}, from {start} by {batch}", "head")
    draw_y(sheet, frame)
    draw_x(sheet, frame, along)
    order = sorted(mine, key=lambda curve: curve["strategy"] != against)
    for curve in order:
        draw_band(sheet, frame, curve["points"], inks[str(curve["strategy"])])
    for curve in order:
        draw_line(sheet, frame, curve["points"], inks[str(curve["strategy"])])
    ends = [(frame.y(curve["points"][-1]["value"]), str(curve["strategy"])) for curve in mine]
    for place, name in spread(ends, frame.floor + 20):
        sheet.text(WIDTH - RIGHT + 8, place + 4, _short(name), f"name {color(inks[name])}")


def _short(name: str) -> str:
    return name if len(name) <= 20 else name[:19] + "…"


def _frame(curves: Sequence[Mapping[str, Any]], top: float) -> Frame:
    points = [point for curve in curves for point in curve["points"]]
    xs = [point["labels"] for point in points]
    low, high = heights(points)
    right = max(xs) if max(xs) > min(xs) else min(xs) + 1
    return Frame(Scale(min(xs), right, LEFT, WIDTH - RIGHT), Scale(low, high, top + HEIGHT - BOTTOM, top + TOP))


def heights(points: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Ends of an axis for values and their bands.

    A band of two seeds may reach beyond what a metric can be, and would squeeze the lines flat; it is cut at a
    distance from the values as large as their range.
    """
    ys = [point[name] for point in points for name in ("value", "low", "high") if point[name] is not None]
    values = [point["value"] for point in points]
    room = max(values) - min(values) or math.inf  # a single value says nothing of how far is too far
    return wide([max(min(ys), min(values) - room)], [min(max(ys), max(values) + room)])


def draw_band(sheet: Drawing, frame: Frame, points: Sequence[Mapping[str, Any]], ink: int) -> None:
    """From `low` to `high` of each point, as far as the frame reaches; nothing for a single one."""
    known = [point for point in points if point["low"] is not None]
    if len(known) < 2:
        return
    upper = [(frame.x(point["labels"]), frame.y.clipped(point["high"])) for point in known]
    lower = [(frame.x(point["labels"]), frame.y.clipped(point["low"])) for point in reversed(known)]
    sheet.polygon([*upper, *lower], f"band {color(ink)}")


def draw_line(sheet: Drawing, frame: Frame, points: Sequence[Mapping[str, Any]], ink: int) -> None:
    """Through the `value` of each point; a dot where there is one point only."""
    places = [(frame.x(point["labels"]), frame.y(point["value"])) for point in points]
    if len(places) == 1:
        sheet.circle(*places[0], 3, f"dot {color(ink)}")
    else:
        sheet.polyline(places, f"line {color(ink)}", dash(ink))


def _legend(sheet: Drawing, names: Sequence[str], inks: Mapping[str, int], top: float, across: int) -> None:
    for number, name in enumerate(names):
        x = 16 + (number % across) * ((WIDTH - 32) / across)
        y = top + 10 + (number // across) * 20
        sheet.line(x, y, x + 26, y, f"line {color(inks[name])}", dash(inks[name]))
        sheet.text(x + 32, y + 4, _short(name), "soft")
