"""XLSX sheets for people: text cells, a drop-down of the labels, only answers can be typed."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.sheets.base import Sheet, Written
from alcli.sheets.columns import COMMENT

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel's limit, in UTF-16 units.
MOST_CHARACTERS = 32_767
CUT_MARK = " […cut: too long for a cell]"
_WIDEST, _NARROWEST = 80, 9
_MOST_MEASURED = 200
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write a sheet. The same sheet gives the same bytes.

    Every cell is text in a text format (`@`), so that what is typed stays what was typed. The
    classes stand in a hidden worksheet, as a list of their own may not be longer than 255
    characters. The worksheet is protected without a password: ids and texts are locked, labels and
    comments are not.

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
    page = book.add_worksheet("labels")
    cut = _fill(book, page, sheet)
    _offer(book, page, sheet)
    _protect(page)
    book.close()
    file.write(made.getbuffer())
    return Written(rows=len(sheet.rows), cut=tuple(cut))


def _fill(book: Workbook, page: Worksheet, sheet: Sheet) -> list[tuple[str, str]]:
    """Write header and rows; returns which texts were cut."""
    header = sheet.header
    free = {header.index(sheet.label_column), len(header) - 2}
    locked = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    unlocked = book.add_format(
        {"num_format": "@", "text_wrap": True, "valign": "top", "locked": False, "bg_color": "#FFF8DC", "border": 7}
    )
    pale = book.add_format({"num_format": "@", "valign": "top", "font_color": "#A0A0A0"})
    bold = book.add_format({"num_format": "@", "bold": True, "bottom": 1, "valign": "top"})
    last = len(header) - 1
    widths = [len(name) for name in header]
    cut: list[tuple[str, str]] = []
    for column, name in enumerate(header):
        page.write_string(0, column, name, bold)
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(sheet.cells(row)):
            style = unlocked if column in free else pale if column == last else locked
            text = fitting(cell)
            if text != cell:
                cut.append((row.id, header[column]))
            if text:
                page.write_string(number, column, text, style)
            else:
                page.write_blank(number, column, None, style)
            if number <= _MOST_MEASURED:
                line = max((len(part) for part in text[:400].splitlines()), default=0)
                widths[column] = max(widths[column], line)
    for column, name in enumerate(header):
        width = min(max(widths[column] + 2, _NARROWEST), _WIDEST)
        if name == sheet.label_column and column in free:
            width = max(width, 14, min(_WIDEST, 4 + max(map(len, sheet.classes), default=0)))
        elif name == COMMENT and column in free:
            width = max(width, 30)
        elif column == last:
            width = 12
        style = unlocked if column in free else locked
        page.set_column(column, column, width, style)
    page.freeze_panes(1, 0)
    # some labelers print: all columns on one page, the header on each
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), last)
    return cut


def _offer(book: Workbook, page: Worksheet, sheet: Sheet) -> None:
    """Give the label cells a drop-down of the classes."""
    words = [*sheet.classes, *([sheet.skip_word] if sheet.skip_word else [])]
    if not sheet.classes or not sheet.rows:
        return
    text = book.add_format({"num_format": "@"})
    classes = book.add_worksheet("classes")
    for number, word in enumerate(words):
        classes.write_string(number, 0, fitting(word), text)
    classes.hide()
    column = sheet.header.index(sheet.label_column)
    page.data_validation(
        1,
        column,
        len(sheet.rows),
        column,
        {
            "validate": "list",
            "source": f"=classes!$A$1:$A${len(words)}",
            "error_title": "not one of the labels",
            "error_message": "Choose a label from the list; remarks go into the comment.",
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
    if len(text) * 2 <= MOST_CHARACTERS or _units(text) <= MOST_CHARACTERS:
        return text
    room = MOST_CHARACTERS - len(CUT_MARK)
    kept = text.encode("utf-16-le", "surrogatepass")[: room * 2].decode("utf-16-le", "ignore")
    return kept + CUT_MARK


def _units(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")


def _moment(created: str) -> datetime:
    """XLSX keeps when it was made; a sheet that says nothing gets a fixed date."""
    try:
        return datetime.fromisoformat(created).replace(tzinfo=None)
    except ValueError:
        return _EPOCH.replace(tzinfo=None)
