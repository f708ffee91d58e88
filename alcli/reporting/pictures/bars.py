"""Bars from a zero line: what each batch bought, how many rows an arm asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alcli.reporting.axes import Frame, Scale, draw_x, draw_y, left_of, said
from alcli.reporting.palette import color
from alcli.reporting.svg import Drawing, fitted

HEIGHT = 260.0
ROW = 38.0


@dataclass(frozen=True)
class Bar:
    """A named value; `inner` is the part of it that is drawn full."""

    name: str
    value: float
    inner: float | None = None
    note: str = ""
    ink: int = 0


def upright(bars: Sequence[Bar], width: float, *, name: str, along: str) -> Drawing:
    """Bars side by side, up for gains and down for losses, each with its number where there is room."""
    values = [each.value for each in bars]
    low, high = min(0.0, *values), max(0.0, *values)
    if high - low < 1e-9:  # nothing gained, nothing lost: still an axis
        high = 0.01
    room = (high - low) * 0.12
    floor, top = low - room if low < 0 else 0.0, high + room if high > 0 else room
    left = left_of(floor, top, signed=True)
    frame = Frame(Scale(0.5, len(bars) + 0.5, left, width - 8), Scale(floor, top, HEIGHT - 48, 34))
    sheet = Drawing(width, HEIGHT)
    draw_y(sheet, frame, name, signed=True)
    step = (frame.right - frame.left) / len(bars)
    thick = min(44.0, step * 0.66)
    every = max(1, round(34 / step + 0.49))
    for at, each in enumerate(bars):
        middle = frame.x(at + 1)
        zero, end = frame.y(0), frame.y(each.value)
        sheet.rect(
            middle - thick / 2, min(zero, end), thick, abs(zero - end), f"bar {color(each.ink)}",
            f"{each.name}: {said(round(each.value, 4), signed=True)}",
        )  # fmt: skip
        if step >= 44:
            number = f"{'−' if each.value < 0 else '+'}{abs(each.value):.3f}"
            sheet.text(middle, end + (14 if each.value < 0 else -5), number, "small", "middle")
        if at % every == 0:
            sheet.text(middle, frame.floor + 18, fitted(each.name, step * every, 12), "soft", "middle")
    sheet.line(frame.left, frame.y(0), frame.right, frame.y(0), "axis")
    sheet.text((frame.left + frame.right) / 2, frame.floor + 37, along, "soft", "middle")
    return sheet


def across(bars: Sequence[Bar], width: float, *, along: str) -> Drawing:
    """Bars one below the other, each with its name above it and its note at its end."""
    top, floor = 6.0, 6.0 + ROW * len(bars)
    longest = max([each.value for each in bars] + [1.0])
    frame = Frame(Scale(0, longest, 6, width - 120), Scale(0, 1, floor, top))
    sheet = Drawing(width, floor + 44)
    draw_x(sheet, frame, along, whole=True, rules=True)
    for at, each in enumerate(bars):
        y = top + at * ROW
        sheet.text(6, y + 13, fitted(each.name, width - 10))
        tall, place = 14, y + 18
        if each.inner is None:
            sheet.rect(6, place, frame.x(each.value) - 6, tall, f"bar {color(each.ink)}")
        else:
            sheet.rect(6, place, frame.x(each.value) - 6, tall, f"band {color(each.ink)}")
            sheet.rect(6, place, frame.x(each.inner) - 6, tall, f"bar {color(each.ink)}")
        sheet.text(frame.x(each.value) + 6, place + 11, fitted(each.note, width - frame.x(each.value) - 8, 12), "soft")
    sheet.line(6, top, 6, floor, "axis")
    return sheet
