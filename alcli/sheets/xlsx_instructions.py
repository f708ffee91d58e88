"""The worksheet of instructions in an XLSX sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alcli.sheets.guide import SIZES, Cell, Line, guide
from alcli.sheets.layout import INSTRUCTIONS, fitted

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from alcli.sheets.instructions import Span

_CODE = "Courier New"
_POINTS = 15.0  # of a line of text
_MOST = 32_000


def write_instructions(book: Workbook, markdown: str) -> None:
    """Add the worksheet; every cell is text, and none can be typed into."""
    made = guide(markdown)
    page = book.add_worksheet(INSTRUCTIONS)
    page.hide_gridlines(2)
    for at, width in enumerate(made.widths):
        page.set_column(at, at, width)
    styles = _Styles(book)
    for number, line in enumerate(made.lines):
        size = SIZES.get(line.level, 11) if line.role == "heading" else 11
        page.set_row(number, 8 if line.role == "blank" else _POINTS * line.lines * size / 11)
        for cell in line.cells:
            _put(page, number, cell, line, styles)
    page.set_portrait()
    page.fit_to_pages(1, 0)
    page.protect()


class _Styles:
    """Formats, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._made: dict[str, Format] = {}

    def get(self, look: dict[str, Any]) -> Format:
        key = repr(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(look)
        return self._made[key]


def _look(line: Line) -> dict[str, Any]:
    """How a cell of this line looks."""
    look: dict[str, Any] = {"num_format": "@", "text_wrap": True, "valign": "top"}
    if line.role == "heading":
        look |= {"bold": True, "font_size": SIZES.get(line.level, 11)}
    elif line.role == "code":
        look |= {"font_name": _CODE, "bg_color": "#F3F3F0"}
    elif line.role in ("head", "cell"):
        look |= {"border": 1, "border_color": "#B0B0B0"}
        if line.role == "head":
            look |= {"bold": True, "bg_color": "#EEEEEE"}
    elif line.level:
        look |= {"align": "left", "indent": 2 * line.level}
    return look


def _look_of(span: Span) -> dict[str, Any]:
    """How a piece of text differs from its cell."""
    told = {"bold": span.bold, "italic": span.italic, "font_name": _CODE if span.code else ""}
    return {name: value for name, value in told.items() if value}


def _put(page: Worksheet, row: int, cell: Cell, line: Line, styles: _Styles) -> None:
    look = _look(line)
    text = fitted("".join(span.text for span in cell.spans), _MOST, " […]")
    own = [_look_of(span) for span in cell.spans]
    alike = all(each == own[0] for each in own)
    if own and alike:
        look |= own[0]
    style = styles.get(look)
    if cell.columns > 1:
        page.merge_range(row, cell.column, row, cell.column + cell.columns - 1, "", style)
    if alike or len(text) >= _MOST:
        if text:
            page.write_string(row, cell.column, text, style)
        else:
            page.write_blank(row, cell.column, None, style)
        return
    pieces: list[Any] = []
    for span, its in zip(cell.spans, own, strict=True):
        its |= {"bold": True} if line.role == "head" else {}
        pieces += [styles.get(its), span.text] if its else [span.text]
    page.write_rich_string(row, cell.column, *pieces, style)
