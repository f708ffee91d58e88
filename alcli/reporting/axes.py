"""Scales, ticks and axes: from values to places on a sheet, and the words that say so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from alcli.reporting.svg import Drawing, fitted, measure

#: Lines apart at which names beside them can be read.
APART = 15.0
#: Where frames begin, unless the numbers beside them need more room.
LEFT = 52.0


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` lie between the places `start` and `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def clipped(self, value: float) -> float:
        """The place of a value, or of the end that it lies beyond."""
        return self(min(max(value, self.low), self.high))


@dataclass(frozen=True)
class Frame:
    """The part of a sheet where data is drawn, with its two scales."""

    x: Scale
    y: Scale

    @property
    def left(self) -> float:
        return self.x.start

    @property
    def right(self) -> float:
        return self.x.stop

    @property
    def top(self) -> float:
        return self.y.stop

    @property
    def floor(self) -> float:
        return self.y.start


def ticks(low: float, high: float, most: int = 6, *, whole: bool = False) -> list[float]:
    """Round numbers between two ends; whole ones when only these mean something.

    >>> ticks(0.62, 0.91), ticks(20, 220)
    ([0.65, 0.7, 0.75, 0.8, 0.85, 0.9], [50.0, 100.0, 150.0, 200.0])
    """
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= raw * (1 - 1e-9))
    if whole:
        step = max(1.0, math.ceil(step - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{each * step:.10g}") for each in range(first, last + 1)]


def said(value: float, *, percent: bool = False, signed: bool = False) -> str:
    """A number at a tick.

    >>> said(12500), said(0.25, percent=True), said(0.05, signed=True), said(-0.5)
    ('12,500', '25%', '+0.05', '−0.5')
    """
    number = float(f"{value * 100:.10g}") if percent else value
    text = f"{abs(number):,g}" if abs(number) < 1e6 else f"{abs(number):,.0f}"
    sign = "−" if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{text}{'%' if percent else ''}"


def wide(lows: Sequence[float], highs: Sequence[float]) -> tuple[float, float]:
    """Ends that hold all values; never so near each other that there is no scale between them."""
    low, high = min(lows), max(highs)
    size = max(abs(low), abs(high))
    if high - low >= max(1e-9, 1e-6 * size):
        return low, high
    room = max(0.05, 1e-3 * size) if size > 1 else 0.05
    return low - room, high + room


def draw_x(
    sheet: Drawing,
    frame: Frame,
    name: str,
    *,
    most: int = 6,
    whole: bool = False,
    percent: bool = False,
    rules: bool = False,
) -> None:
    """Ticks and the name of the horizontal axis, below the frame; 42 pixels high."""
    room = (frame.right - frame.left) / max(1.0, measure(said(frame.x.high, percent=percent), 12) + 14)
    for value in ticks(frame.x.low, frame.x.high, max(2, min(most, int(room))), whole=whole):
        x = frame.x(value)
        if rules:
            sheet.line(x, frame.top, x, frame.floor, "rule")
        sheet.line(x, frame.floor, x, frame.floor + 5, "axis")
        sheet.text(x, frame.floor + 18, said(value, percent=percent), "soft", "middle")
    sheet.text((frame.left + frame.right) / 2, frame.floor + 37, name, "soft", "middle")


def left_of(low: float, high: float, *, percent: bool = False, signed: bool = False) -> float:
    """Room for the numbers that `draw_y` writes beside a frame between these two values."""
    numbers = (said(value, percent=percent, signed=signed) for value in ticks(low, high))
    # half a letter more, as signs are wider than letters in some fonts; never less than LEFT, so that pictures align
    return max(LEFT, 8 + 6 + max((measure(number, 12) for number in numbers), default=0.0))


def draw_y(
    sheet: Drawing,
    frame: Frame,
    name: str = "",
    *,
    most: int = 6,
    whole: bool = False,
    percent: bool = False,
    signed: bool = False,
) -> None:
    """Ticks with rules across the frame; the name stands above the axis, where it reads without turning the head."""
    for value in ticks(frame.y.low, frame.y.high, most, whole=whole):
        y = frame.y(value)
        sheet.line(frame.left, y, frame.right, y, "axis" if value == 0 and frame.y.low < 0 else "rule")
        sheet.text(frame.left - 8, y + 4, said(value, percent=percent, signed=signed), "soft", "end")
    if name:
        sheet.text(0, frame.top - 12, fitted(name, frame.right, 12), "soft")


def spread(ends: Sequence[tuple[float, str]], floor: float, apart: float = APART) -> list[tuple[float, str]]:
    """Places of names beside the ends of lines, moved apart where they would overlap, none below `floor`."""
    order = sorted(ends)
    found: list[float] = []
    for place, _ in order:
        found.append(place if not found else max(place, found[-1] + apart))
    if found and found[-1] > floor:
        found[-1] = floor
        for at in range(len(found) - 2, -1, -1):
            found[at] = min(found[at], found[at + 1] - apart)
    return [(place, name) for place, (_, name) in zip(found, order, strict=True)]
