"""Dots with their intervals, a row each: how good the labelers are, or the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alcli.reporting.axes import Frame, Scale, draw_x
from alcli.reporting.palette import color
from alcli.reporting.svg import Drawing, fitted

ROW = 40.0


@dataclass(frozen=True)
class Dot:
    """A named share with its interval."""

    name: str
    value: float
    low: float | None
    high: float | None
    note: str = ""


def dots(rows: Sequence[Dot], width: float, *, along: str, ends: tuple[float, float] = (0.0, 1.0)) -> Drawing:
    """One row a share: its name above, the interval as a line, the value as a dot on it."""
    top, floor = 6.0, 6.0 + ROW * len(rows)
    frame = Frame(Scale(*ends, 16, width - 20), Scale(0, 1, floor, top))
    sheet = Drawing(width, floor + 44)
    draw_x(sheet, frame, along, percent=True, rules=True)
    for at, each in enumerate(rows):
        y = top + at * ROW
        sheet.text(2, y + 14, fitted(each.name, width * 0.6))
        sheet.text(width - 2, y + 14, fitted(each.note, width * 0.38, 12), "soft", "end")
        middle = y + 27
        if each.low is not None and each.high is not None:
            sheet.line(frame.x.clipped(each.low), middle, frame.x.clipped(each.high), middle, f"whisker {color(0)}")
            for end in (each.low, each.high):
                sheet.line(frame.x.clipped(end), middle - 4, frame.x.clipped(end), middle + 4, f"whisker {color(0)}")
        sheet.circle(frame.x.clipped(each.value), middle, 4.5, f"dot {color(0)}")
    return sheet
