"""XLSX sheets for people: text cells, a drop-down of the labels, only answers can be typed."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.sheets.base import Sheet, Written
from alcli.sheets.layout import CLASSES, ERROR_TEXT, ERROR_TITLE, LABELS, MOST_LINES, Layout, fitted, lay_out, lines_of
from alcli.sheets.xlsx_instructions import write_instructions

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel's limit, in UTF-16 units.
MOST_CHARACTERS = 32_767
CUT_MARK = " […cut: too long for a cell]"
_POINTS = 15.0  # a line of text
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write a sheet. The same sheet gives the same bytes.

    Every cell is text in a text format (`@`), so that what is typed stays what was typed. The
    classes stand in a hidden worksheet, as a list of their own may not be longer than 255
    characters. The worksheet is protected without a password: ids and texts are locked, labels and
    comments are not. Instructions stand in a second worksheet.

    Texts longer than 32,767 characters are cut and end with a mark; they are in the result.
    """
    from xlsxwriter.workbook import Workbook

    made = BytesIO()
    book: Any = Workbook(
        made,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": _moment(sheet.created), "title": f"batch {sheet.batch}", "author": "alcli"})
    book.set_custom_property("alcli batch", str(sheet.batch), "text")
    layout = lay_out(sheet)
    page = book.add_worksheet(LABELS)
    cut = _fill(book, page, sheet, layout)
    if sheet.instructions:
        write_instructions(book, sheet.instructions)
    _offer(book, page, len(sheet.rows), layout)
    _protect(page)
    book.close()
    file.write(made.getbuffer())
    return Written(rows=len(sheet.rows), cut=tuple(cut))


def _fill(book: Workbook, page: Worksheet, sheet: Sheet, layout: Layout) -> list[tuple[str, str]]:
    """Write header and rows; returns which texts were cut."""
    locked = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    unlocked = book.add_format(
        {
            "num_format": "@",
            "text_wrap": True,
            "valign": "top",
            "locked": False,
            "bg_color": "#FFF8DC",
            "border": 7,
            "border_color": "#B0A880",
        }
    )
    pale = book.add_format({"num_format": "@", "valign": "top", "font_color": "#A0A0A0"})
    bold = book.add_format({"num_format": "@", "bold": True, "bottom": 1, "valign": "top"})
    styles = [
        unlocked if at in layout.free else pale if at == layout.token else locked for at in range(layout.token + 1)
    ]
    cut: list[tuple[str, str]] = []
    for column, name in enumerate(layout.header):
        page.write_string(0, column, name, bold)
    for number, row in enumerate(sheet.rows, 1):
        lines = 1
        for column, cell in enumerate(sheet.cells(row)):
            text = fitting(cell)
            if text != cell:
                cut.append((row.id, layout.header[column]))
            if text:
                page.write_string(number, column, text, styles[column])
            else:
                page.write_blank(number, column, None, styles[column])
            if text and column != layout.token:
                lines = max(lines, lines_of(text, layout.widths[column]))
        # LibreOffice makes no row of an XLSX file as high as its text
        if lines > 1:
            page.set_row(number, _POINTS * min(lines, MOST_LINES))
    for column, width in enumerate(layout.widths):
        page.set_column(column, column, width, unlocked if column in layout.free else locked)
    page.freeze_panes(1, 0)
    # some labelers print: all columns on one page, the header on each
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), layout.token)
    return cut


def _offer(book: Workbook, page: Worksheet, rows: int, layout: Layout) -> None:
    """Give the label cells a drop-down of the classes."""
    if not layout.words or not rows:
        return
    text = book.add_format({"num_format": "@"})
    classes = book.add_worksheet(CLASSES)
    for number, word in enumerate(layout.words):
        classes.write_string(number, 0, fitting(word), text)
    classes.hide()
    page.data_validation(
        1,
        layout.label,
        rows,
        layout.label,
        {
            "validate": "list",
            "source": f"={CLASSES}!$A$1:$A${len(layout.words)}",
            "error_title": ERROR_TITLE,
            "error_message": ERROR_TEXT,
        },
    )


def _protect(page: Worksheet) -> None:
    page.protect(
        "",
        {
            "sort": True,
            "autofilter": True,
            "format_columns": True,
            "format_rows": True,
            "select_locked_cells": True,
            "select_unlocked_cells": True,
        },
    )


def fitting(text: str) -> str:
    """The text as a cell can hold it, cut where it is too long.

    >>> len(fitting("x" * 40_000))
    32767
    """
    return fitted(text, MOST_CHARACTERS, CUT_MARK)


def _moment(created: str) -> datetime:
    """XLSX keeps when it was made; a sheet that says nothing gets a fixed date."""
    try:
        return datetime.fromisoformat(created).replace(tzinfo=None)
    except ValueError:
        return _EPOCH.replace(tzinfo=None)
