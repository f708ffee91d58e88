"""Reliability: how often a model is right beside how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alcli.reporting.axes import Frame, Scale, draw_x, draw_y
from alcli.reporting.palette import color
from alcli.reporting.svg import Drawing

if TYPE_CHECKING:
    from alcli.evaluation.calibration import Bin

STRIP = 56.0


def reliability(bins: Sequence[Bin], classes: int, width: float) -> Drawing:
    """Share of right rows over confidence, and below it how many rows are that sure.

    The confidence of the likeliest of c classes is never below 1 / c, so the axis begins there.
    """
    side = min(width - 70, 340.0)
    start = min([each.above for each in bins] + [1 / max(2, classes)])
    start = int(start * 10 + 1e-9) / 10
    frame = Frame(Scale(start, 1, 52, 52 + side), Scale(0, 1, 32 + side, 32))
    sheet = Drawing(width, 32 + side + 18 + STRIP + 60)
    draw_y(sheet, frame, "share of rows where the model is right", percent=True)
    sheet.line(frame.x(start), frame.y(start), frame.x(1), frame.y(1), "guide")
    sheet.text(frame.x(1) - 4, frame.y(0) - 8, "dashed: as sure as it is right", "soft small", "end")
    for each in bins:
        x = frame.x(each.confidence)
        sheet.line(x, frame.y(each.low), x, frame.y(each.high), f"whisker {color(0)}")
        for end in (each.low, each.high):
            sheet.line(x - 4, frame.y(end), x + 4, frame.y(end), f"whisker {color(0)}")
    sheet.polyline([(frame.x(each.confidence), frame.y(each.accuracy)) for each in bins], f"line {color(0)}", "2 4")
    for each in bins:
        tip = f"{each.rows:,} rows, {each.confidence:.0%} sure, {each.accuracy:.0%} right"
        sheet.circle(frame.x(each.confidence), frame.y(each.accuracy), 4.5, f"dot {color(0)}", tip)
    most = max(each.rows for each in bins)
    strip = Frame(frame.x, Scale(0, most, frame.floor + 18 + STRIP, frame.floor + 18))
    for each in bins:
        left, right = strip.x.clipped(each.above), strip.x(each.to)
        sheet.rect(left + 1, strip.y(each.rows), right - left - 2, strip.floor - strip.y(each.rows), f"bar {color(-1)}")
    sheet.text(strip.left - 8, strip.top + 9, f"{most:,}", "soft", "end")
    sheet.text(strip.left - 8, strip.floor, "0", "soft", "end")
    sheet.text(strip.left + 2, strip.top + 9, "rows", "soft")
    draw_x(sheet, strip, "how sure the model is (probability of its answer)", percent=True)
    return sheet
