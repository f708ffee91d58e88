"""Learning curves as SVG: a panel for each setting, a line and a 95% band for each strategy.

Colours follow the reader's light or dark scheme. Lines are named at their ends, and again in a legend with their
strokes, so that nobody has to tell colours apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 40, 52
#: Okabe and Ito's colours, told apart with every kind of colour vision; light and dark scheme.
COLORS = (
    ("#0072b2", "#56b4e9"), ("#d55e00", "#ff8c42"), ("#009e73", "#2fd6a4"), ("#cc79a7", "#e6a3c8"),
    ("#8a6d00", "#f0c419"), ("#5b4b9e", "#a99be8"), ("#8c2d04", "#e8a07a"), ("#3f6b1e", "#9fd356"),
)  # fmt: skip
GREY = ("#767676", "#9a9a9a")
DASHES = ("", "7 3", "2 3", "9 3 2 3")
#: Lines apart at which their names can be read.
APART = 15.0


@dataclass(frozen=True)
class Box:
    """Where a panel's points go: from labels and values to places on the sheet."""

    low_x: float
    high_x: float
    low_y: float
    high_y: float
    top: float

    def x(self, value: float) -> float:
        return LEFT + (value - self.low_x) / (self.high_x - self.low_x) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return self.top + HEIGHT - BOTTOM - (value - self.low_y) / (self.high_y - self.low_y) * (HEIGHT - TOP - BOTTOM)


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
    parts = [
        _panel(key, mine, inks, against, along, number * HEIGHT) for number, (key, mine) in enumerate(panels.items())
    ]
    legend_top = len(panels) * HEIGHT
    legend, rows = _legend(names, inks, legend_top)
    height = legend_top + rows * 20 + 16
    title = f"Learning curves of {', '.join(names)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n{_style(len(names))}\n'
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>\n' + "\n".join(parts) + "\n" + legend + "\n</svg>\n"
    )


def _inks(names: Sequence[str], against: str) -> dict[str, int]:
    """Strategy -> number of its ink; -1 for the one that others are compared with."""
    others = [name for name in names if name != against]
    return {name: -1 if name == against else others.index(name) for name in names}


def _style(count: int) -> str:
    light = ["--paper:#ffffff;--ink:#1a1a1a;--soft:#595959;--rule:#e2e2e2", f"--g:{GREY[0]}"]
    dark = ["--paper:#16181c;--ink:#ececec;--soft:#a8a8a8;--rule:#34373d", f"--g:{GREY[1]}"]
    for at, (day, night) in enumerate(COLORS[:count]):
        light.append(f"--c{at}:{day}")
        dark.append(f"--c{at}:{night}")
    return (
        f"<style>svg{{{';'.join(light)};font:13px system-ui,sans-serif}}"
        f"@media (prefers-color-scheme:dark){{svg{{{';'.join(dark)}}}}}"
        ".paper{fill:var(--paper)}text{fill:var(--ink)}.soft{fill:var(--soft);font-size:12px}"
        ".rule{stroke:var(--rule);stroke-width:1}.line{fill:none;stroke-width:2;stroke-linejoin:round}"
        ".band{opacity:.14;stroke:none}.head{font-size:14px;font-weight:600}</style>"
    )


def _color(ink: int) -> str:
    return "var(--g)" if ink < 0 else f"var(--c{ink % len(COLORS)})"


def _dash(ink: int) -> str:
    dash = "" if ink < 0 else DASHES[(ink // len(COLORS)) % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _panel(
    key: tuple[Any, ...],
    mine: Sequence[Mapping[str, Any]],
    inks: Mapping[str, int],
    against: str,
    along: str,
    top: float,
) -> str:
    dataset, estimator, start, batch, metric = key
    box = _box(mine, top)
    head = f"{dataset}: {metric}, {estimator}, from {start} by {batch}"
    parts = [f'<text class="head" x="{LEFT}" y="{top + 22:g}">{escape(head)}</text>', _axes(box, str(metric), along)]
    order = sorted(mine, key=lambda curve: curve["strategy"] != against)
    for curve in order:
        parts.append(_band(curve, box, inks[str(curve["strategy"])]))
    for curve in order:
        parts.append(_line(curve, box, inks[str(curve["strategy"])]))
    ends = _spread([(box.y(curve["points"][-1]["value"]), str(curve["strategy"])) for curve in mine], box)
    for place, name in ends:
        parts.append(
            f'<text x="{WIDTH - RIGHT + 8}" y="{place + 4:.1f}" style="fill:{_color(inks[name])}">{escape(_short(name))}</text>'
        )
    return "\n".join(parts)


def _short(name: str) -> str:
    return name if len(name) <= 20 else name[:19] + "…"


def _box(curves: Sequence[Mapping[str, Any]], top: float) -> Box:
    points = [point for curve in curves for point in curve["points"]]
    xs = [point["labels"] for point in points]
    ys = [point[name] for point in points for name in ("value", "low", "high") if point[name] is not None]
    # a band of two seeds may reach beyond what a metric can be, and would squeeze the lines flat
    values = [point["value"] for point in points]
    room = max(max(values) - min(values), 1e-6)
    low, high = max(min(ys), min(values) - room), min(max(ys), max(values) + room)
    if high - low < 1e-9:
        low, high = low - 0.05, high + 0.05
    return Box(min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1, low, high, top)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two ends.

    >>> ticks(0.62, 0.91), ticks(20, 220)
    ([0.65, 0.7, 0.75, 0.8, 0.85, 0.9], [50.0, 100.0, 150.0, 200.0])
    """
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{each * step:.10g}") for each in range(first, last + 1)]


def _axes(box: Box, metric: str, along: str) -> str:
    parts = []
    right, floor = WIDTH - RIGHT, box.y(box.low_y)
    for value in ticks(box.low_y, box.high_y):
        y = box.y(value)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in ticks(box.low_x, box.high_x):
        x = box.x(value)
        parts.append(f'<line class="rule" x1="{x:.1f}" x2="{x:.1f}" y1="{floor:.1f}" y2="{floor + 5:.1f}"/>')
        parts.append(f'<text class="soft" x="{x:.1f}" y="{floor + 19:.1f}" text-anchor="middle">{value:,g}</text>')
    middle = (LEFT + right) / 2
    parts.append(f'<text class="soft" x="{middle:g}" y="{floor + 38:.1f}" text-anchor="middle">{escape(along)}</text>')
    return "\n".join(parts)


def _band(curve: Mapping[str, Any], box: Box, ink: int) -> str:
    known = [point for point in curve["points"] if point["low"] is not None]
    if len(known) < 2:
        return ""

    def inside(value: float) -> float:
        return min(max(value, box.low_y), box.high_y)

    upper = [f"{box.x(point['labels']):.1f},{box.y(inside(point['high'])):.1f}" for point in known]
    lower = [f"{box.x(point['labels']):.1f},{box.y(inside(point['low'])):.1f}" for point in reversed(known)]
    return f'<polygon class="band" fill="{_color(ink)}" points="{" ".join(upper + lower)}"/>'


def _line(curve: Mapping[str, Any], box: Box, ink: int) -> str:
    places = [f"{box.x(point['labels']):.1f},{box.y(point['value']):.1f}" for point in curve["points"]]
    if len(places) == 1:
        x, y = places[0].split(",")
        return f'<circle cx="{x}" cy="{y}" r="3" fill="{_color(ink)}"/>'
    return f'<polyline class="line" stroke="{_color(ink)}"{_dash(ink)} points="{" ".join(places)}"/>'


def _spread(ends: Sequence[tuple[float, str]], box: Box) -> list[tuple[float, str]]:
    """Places of names beside the ends of lines, moved apart where they would overlap."""
    order = sorted(ends)
    places: list[float] = []
    for place, _ in order:
        places.append(place if not places else max(place, places[-1] + APART))
    floor = box.y(box.low_y) + 20
    if places and places[-1] > floor:
        places[-1] = floor
        for at in range(len(places) - 2, -1, -1):
            places[at] = min(places[at], places[at + 1] - APART)
    return [(place, name) for place, (_, name) in zip(places, order, strict=True)]


def _legend(names: Sequence[str], inks: Mapping[str, int], top: float) -> tuple[str, int]:
    across = 4
    parts = []
    for number, name in enumerate(names):
        x = 16 + (number % across) * ((WIDTH - 32) / across)
        y = top + 10 + (number // across) * 20
        ink = inks[name]
        parts.append(
            f'<line class="line" stroke="{_color(ink)}"{_dash(ink)} x1="{x:g}" x2="{x + 26:g}" y1="{y:g}" y2="{y:g}"/>'
        )
        parts.append(f'<text class="soft" x="{x + 32:g}" y="{y + 4:g}">{escape(_short(name))}</text>')
    return "\n".join(parts), -(-len(names) // across)
