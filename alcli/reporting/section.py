"""What a report is made of: sections of sentences, pictures and tables, before they become a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from alcli.reporting.svg import Drawing

Kind = Literal["text", "words", "count", "value", "gain", "percent"]
MOST_ROWS = 20
#: A text, a number, or (value, low, high): a number with its interval.
Cell = str | float | tuple[float, float | None, float | None] | None


@dataclass(frozen=True)
class Figure:
    """One picture.

    Attributes
    ----------
    title, about : its name, and what it shows, for those who cannot see it.
    draw : makes it for a width in pixels.
    caption : how to read it.
    """

    title: str
    about: str
    draw: Callable[[float], Drawing]
    caption: str = ""


@dataclass(frozen=True)
class Table:
    """Numbers beside a picture.

    Attributes
    ----------
    columns : names, with how their cells are written.
    newest_last : the rows stand in the order of time, so a reader may see the last ones only.
    """

    caption: str
    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Cell, ...], ...]
    newest_last: bool = False

    def shown(self) -> tuple[str, tuple[tuple[Cell, ...], ...]]:
        """Its caption and rows for a reader: the newest ones where there are many. JSON has all."""
        if not self.newest_last or len(self.rows) <= MOST_ROWS:
            return self.caption, self.rows
        return f"{self.caption}; the newest {MOST_ROWS} of {len(self.rows):,}", self.rows[-MOST_ROWS:]

    def plain(self) -> dict[str, Any]:
        """For JSON: the cells as they are."""
        return {
            "caption": self.caption,
            "columns": [name for name, _ in self.columns],
            "rows": [[list(each) if isinstance(each, tuple) else each for each in row] for row in self.rows],
        }


@dataclass(frozen=True)
class Section:
    """One question and its answer.

    Attributes
    ----------
    key : its name in JSON and in addresses.
    says : sentences; what stands in backticks can be typed.
    why : why it cannot be shown, and which command changes that; then there is nothing else.
    """

    key: str
    title: str
    says: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    why: str = ""

    @property
    def shown(self) -> bool:
        return not self.why

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.key,
            "title": self.title,
            "shown": self.shown,
            "why": self.why,
            "says": list(self.says),
            "tables": [table.plain() for table in self.tables],
        }


@dataclass(frozen=True)
class Report:
    """A title, a few figures of the whole in words, and sections."""

    title: str
    written: str
    facts: Mapping[str, str]
    sections: tuple[Section, ...]


def cell(value: Cell, kind: Kind) -> str:
    """A cell as people read it; an en dash where there is no value.

    >>> cell(1234, "count"), cell(0.5, "value"), cell(0.031, "gain"), cell(-0.2, "gain"), cell(0.123, "percent")
    ('1,234', '0.500', '+0.031', '−0.200', '12.3%')
    >>> cell(None, "value"), cell("a", "text")
    ('–', 'a')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        point, low, high = value
        return f"{point:.3f}" if low is None or high is None else f"{point:.3f} ({low:.3f} to {high:.3f})"
    if kind == "percent":
        return f"{value:.1%}"
    if kind == "count":
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    if kind == "gain":
        return f"{'−' if value < 0 else '+'}{abs(value):.3f}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
