"""How a sheet is laid out in a workbook, whatever the kind of workbook: widths, what may be typed, the list."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from alcli.sheets.columns import WHY

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet

#: Names of the worksheets.
LABELS, CLASSES, INSTRUCTIONS = "labels", "classes", "instructions"
ERROR_TITLE = "not one of the labels"
#: A row cannot be much higher in Excel.
MOST_LINES = 25
ERROR_TEXT = "Choose a label from the list; remarks go into the comment."
_WIDEST, _NARROWEST = 80, 9
_MOST_MEASURED = 200


@dataclass(frozen=True)
class Layout:
    """Positions and sizes.

    Attributes
    ----------
    header : names of the columns.
    label, comment, token : their positions.
    free : positions that a labeler types into; all others are locked.
    widths : of the columns, in characters.
    words : the list of what may be answered; empty where the project has no classes yet.
    """

    header: tuple[str, ...]
    label: int
    comment: int
    token: int
    free: frozenset[int]
    widths: tuple[int, ...]
    words: tuple[str, ...]


def lay_out(sheet: Sheet) -> Layout:
    """The layout of a sheet; widths are those of its first rows."""
    header = sheet.header
    label, comment, token = header.index(sheet.label_column), len(header) - 2, len(header) - 1
    widths = [len(name) for name in header]
    for row in sheet.rows[:_MOST_MEASURED]:
        for column, cell in enumerate(sheet.cells(row)):
            line = max((len(part) for part in cell[:400].splitlines()), default=0)
            widths[column] = max(widths[column], line)
    widths = [min(max(width + 2, _NARROWEST), _WIDEST) for width in widths]
    words = (*sheet.classes, *([sheet.skip_word] if sheet.skip_word else [])) if sheet.classes else ()
    widths[label] = max(widths[label], 14, min(_WIDEST, 4 + max(map(len, sheet.classes), default=0)))
    widths[comment] = max(widths[comment], 30)
    widths[token] = 12
    for name in WHY if sheet.with_why else ():
        at = header.index(name)
        widths[at] = min(widths[at], 50)  # told besides; the text to be labelled has the room
    return Layout(tuple(header), label, comment, token, frozenset({label, comment}), tuple(widths), words)


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a cell so many characters wide, as nearly as that can be said without its font.

    A letter is somewhat narrower than a digit, by which widths are measured, one of East Asia twice as wide, and
    words are not cut.

    >>> lines_of("one\\ntwo", 20), lines_of("word " * 20, 20), lines_of("", 20)
    (2, 6, 1)
    """
    room = max(6.0, 1.1 * width - 3.0)
    return sum(max(1, ceil(_width(line) / room)) for line in text.split("\n"))


def _width(line: str) -> int:
    return len(line) if line.isascii() else len(line) + sum(1 for letter in line if letter >= "\u1100")


def fitted(text: str, most: int, mark: str) -> str:
    """The text in at most `most` UTF-16 units, the mark at the end of what was cut.

    >>> fitted("abcdefgh", 5, "…"), fitted("abc", 5, "…")
    ('abcd…', 'abc')
    """
    if len(text) * 2 <= most or _units(text) <= most:
        return text
    room = most - len(mark)
    kept = text.encode("utf-16-le", "surrogatepass")[: room * 2].decode("utf-16-le", "ignore")
    return kept + mark


def _units(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")
