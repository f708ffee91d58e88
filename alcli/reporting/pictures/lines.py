"""Lines over a count of labels: learning curves with their bands, shares of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alcli.reporting.axes import Frame, Scale, draw_x, draw_y, left_of, said, spread, wide
from alcli.reporting.curves import draw_band, draw_line
from alcli.reporting.palette import color
from alcli.reporting.svg import Drawing, fitted, measure

HEIGHT = 300.0


@dataclass(frozen=True)
class Point:
    """A value at a number of labels, with the interval that it may be off by, where that is known."""

    labels: float
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """A line with the name that stands at its end."""

    name: str
    points: tuple[Point, ...]
    ink: int = 0


def lines(
    series: Sequence[Series],
    width: float,
    *,
    name: str,
    along: str = "labelled rows",
    percent: bool = False,
    within: tuple[float, float] | None = None,
) -> Drawing:
    """Lines with bands, named at their right ends.

    Parameters
    ----------
    name, along : of the vertical and the horizontal axis, with their units.
    percent : values are shares.
    within : ends of the vertical axis; found from the values and their bands otherwise.
    """
    named = max((measure(each.name) for each in series if each.name), default=0.0)
    plain = [[vars(point) for point in each.points] for each in series]
    xs = [point["labels"] for points in plain for point in points]
    low, high = within or _ends([point for each in series for point in each.points])
    right = max(xs) if max(xs) > min(xs) else min(xs) + 1
    # room for the names, and for half of the last number below the axis
    room = max(min(named + 16, width * 0.32) if named else 0.0, 4 + measure(said(right), 12) / 2)
    left = left_of(low, high, percent=percent)
    frame = Frame(Scale(min(xs), right, left, width - room), Scale(low, high, HEIGHT - 48, 32))
    sheet = Drawing(width, HEIGHT)
    draw_y(sheet, frame, name, percent=percent)
    draw_x(sheet, frame, along, whole=True)
    for each, points in zip(series, plain, strict=True):
        draw_band(sheet, frame, points, each.ink)
    for each, points in zip(series, plain, strict=True):
        draw_line(sheet, frame, points, each.ink)
        if len(points) <= 30:
            for point in points:
                sheet.circle(frame.x(point["labels"]), frame.y(point["value"]), 3.2, f"dot {color(each.ink)}")
    ends = [(frame.y(points[-1]["value"]), str(at)) for at, points in enumerate(plain) if series[at].name]
    for place, at in spread(ends, frame.floor):
        each = series[int(at)]
        sheet.text(frame.right + 8, place + 4, fitted(each.name, room - 10), f"name {color(each.ink)}")
    return sheet


def _ends(points: Sequence[Point]) -> tuple[float, float]:
    """The whole of every band is shown: an interval that is cut tells a lie."""
    lows = [point.value if point.low is None else min(point.low, point.value) for point in points]
    highs = [point.value if point.high is None else max(point.high, point.value) for point in points]
    return wide(lows, highs)
