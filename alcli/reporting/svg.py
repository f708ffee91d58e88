"""A sheet to draw on: shapes and words become the text of an SVG."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Any

# Characters that XML 1.0 has no place for, and halves of surrogate pairs.
_BARRED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Width of a letter over the size of its font; a little more than most fonts need.
LETTER = 0.6


def clean(text: str) -> str:
    """Text that may stand in XML and HTML, escaped; what neither can hold becomes U+FFFD.

    >>> clean("a<b\\x00")
    'a&lt;b\ufffd'
    """
    return escape(_BARRED.sub("\ufffd", text))


def one_line(text: str) -> str:
    """Without line breaks and other control characters, which would move what stands beside it."""
    return " ".join("".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text).split())


def measure(text: str, size: float = 13) -> float:
    """About how wide a text is, in pixels."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WF" else LETTER for each in text) * size


def fitted(text: str, width: float, size: float = 13) -> str:
    """The text on one line, shortened with an ellipsis to what fits into `width`."""
    text = one_line(text[:400])
    if measure(text, size) <= width:
        return text
    kept = ""
    for each in text:
        if measure(kept + each + "…", size) > width:
            break
        kept += each
    return kept.rstrip("\u200d ") + "…"


def places(value: float) -> str:
    """A coordinate: to a tenth of a pixel, without zeros that say nothing."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


class Drawing:
    """Shapes on a sheet of `width` x `height` pixels, in the order in which they were drawn."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.parts: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str, dash: str = "") -> None:
        self._add("line", look, x1=x1, y1=y1, x2=x2, y2=y2, **_dashed(dash))

    def rect(self, x: float, y: float, width: float, height: float, look: str, tip: str = "", **more: str) -> None:
        self._add("rect", look, tip, x=x, y=y, width=max(0.0, width), height=max(0.0, height), **more)

    def circle(self, x: float, y: float, radius: float, look: str, tip: str = "") -> None:
        self._add("circle", look, tip, cx=x, cy=y, r=radius)

    def polyline(self, points: Iterable[tuple[float, float]], look: str, dash: str = "") -> None:
        self._add("polyline", look, points=_pairs(points), **_dashed(dash))

    def polygon(self, points: Iterable[tuple[float, float]], look: str) -> None:
        self._add("polygon", look, points=_pairs(points))

    def path(self, steps: str, look: str, tip: str = "") -> None:
        self._add("path", look, tip, d=steps)

    def text(self, x: float, y: float, words: str, look: str = "", anchor: str = "", turned: bool = False) -> None:
        """Words from (x, y) on, or up to it or around it with `anchor` ``end`` or ``middle``; `turned`: upwards."""
        more = {"text-anchor": anchor} if anchor else {}
        if turned:
            more["transform"] = f"rotate(-90 {places(x)} {places(y)})"
        self.parts.append(f"<text{_attributes(look, x=x, y=y, **more)}>{clean(one_line(words))}</text>")

    def svg(self, title: str, about: str = "", key: str = "picture", style: str = "") -> str:
        """The whole picture.

        Parameters
        ----------
        title, about : what it is, and what it shows, for those who cannot see it.
        key : makes the names of these two their own on a page of many pictures.
        style : CSS that travels with a picture which stands by itself.
        """
        size = f"{places(self.width)} {places(self.height)}"
        inner = f'<title id="{key}-t">{clean(title)}</title>'
        named = f"{key}-t"
        if about:
            inner += f'<desc id="{key}-d">{clean(about)}</desc>'
            named += f" {key}-d"
        if style:
            inner += f"\n<style>{style}</style>"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{places(self.width)}" '
            f'height="{places(self.height)}" role="img" aria-labelledby="{named}">\n{inner}\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def _add(self, shape: str, look: str, tip: str = "", **attributes: Any) -> None:
        tag = f"{shape}{_attributes(look, **attributes)}"
        self.parts.append(f"<{tag}><title>{clean(tip)}</title></{shape}>" if tip else f"<{tag}/>")


def _attributes(look: str, **values: Any) -> str:
    found = [f' class="{look}"'] if look else []
    found += [f' {name}="{each if isinstance(each, str) else places(each)}"' for name, each in values.items()]
    return "".join(found)


def _dashed(dash: str) -> dict[str, str]:
    return {"stroke-dasharray": dash} if dash else {}


def _pairs(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{places(x)},{places(y)}" for x, y in points)
