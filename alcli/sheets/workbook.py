"""Workbooks coming back: .xlsx, .xlsm and .ods, through python-calamine.

A cell of a sheet is text when it goes out. What comes back may be typed: a number where an id was
retyped, a date where it looked like one. Such cells become the text that a spreadsheet would show,
and are marked, so that nobody takes `456` for an id that was `00456`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from alcli.errors import Place, TableError, listing
from alcli.sheets.bounds import Extent, survey
from alcli.sheets.heads import ZIPPED, begins, first_in_zip
from alcli.sheets.ods_parts import unmarked
from alcli.sheets.raw import RawRow, RawSheet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

T = TypeVar("T")

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def recognises_ods(head: bytes) -> bool:
    """An OpenDocument file says what it is in its first, unpacked part."""
    return head.startswith(_ZIP) and _ODS in head[:200]


def recognises_xlsx(head: bytes) -> bool:
    """Any other zip file but one of a tool's exports; `read` says what is wrong when it is no workbook."""
    return head.startswith(_ZIP) and not recognises_ods(head) and not first_in_zip(head).endswith(ZIPPED)


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """Open a returned workbook.

    The worksheet whose first filled row is `wanted` holds the answers. Hidden worksheets and empty
    ones are passed over.

    Raises
    ------
    TableError
        If the workbook is damaged, hostile or too large (see `bounds`), has no visible worksheet
        with content, or has answers on more than one worksheet.
    """
    del encoding, separator  # a workbook says both itself
    from python_calamine import SheetVisibleEnum

    extents = survey(source, shown)
    marked = recognises_ods(begins(source, shown, 200))
    book = _open(source, shown)
    found: list[RawSheet] = []
    first: RawSheet | None = None
    names: list[str] = []
    for meta in book.sheets_metadata:
        extent = extents.get(meta.name)
        if extent is None or not extent.rows or meta.visible != SheetVisibleEnum.Visible:
            continue
        raw = _table(_sheet(book, meta.name, shown), extent, shown, marked)
        first = first or raw
        if wanted(raw.header):
            found.append(raw)
            names.append(meta.name)
    if len(found) > 1:
        raise TableError(
            f"{len(found)} worksheets of this workbook hold answers: {listing(names)}",
            at=Place(shown),
            hint="leave the one that counts, or save them as one file each",
            code="several-worksheets",
        )
    if first is None:
        raise TableError("this workbook has no visible worksheet with content", at=Place(shown), code="empty")
    return found[0] if found else first


def _open(source: Path | bytes, shown: str) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    def open_it() -> CalamineWorkbook:
        if isinstance(source, bytes):
            return CalamineWorkbook.from_filelike(BytesIO(source))
        return CalamineWorkbook.from_path(source)

    return _guarded(open_it, shown)


def _sheet(book: CalamineWorkbook, name: str, shown: str) -> CalamineSheet:
    return _guarded(lambda: book.get_sheet_by_name(name), shown)


def _guarded(action: Callable[[], T], shown: str) -> T:
    """Turn everything calamine may throw into one clear error; a panic of Rust is no `Exception`."""
    try:
        return action()
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise TableError(
            f"this is not a workbook that can be read: {error}",
            at=Place(shown),
            hint="open it in a spreadsheet and save it as .xlsx or .csv",
            code="damaged-workbook",
        ) from error


def _table(sheet: CalamineSheet, extent: Extent, shown: str, marked: bool) -> RawSheet:
    """The worksheet's first filled row as header, the others as rows.

    Parameters
    ----------
    marked : characters that XML cannot hold may be there as `ods_parts.exactly` writes them.
    """
    # Rows come from the top of the sheet, cells from the first column with content.
    start = sheet.start
    left = start[1] if start else 0
    header: list[str] = []
    top = 0
    for top, cells, _ in _rows(sheet, left, extent.odd, marked):  # noqa: B007 - used after the loop
        if any(cell.strip() for cell in cells):
            header = cells
            break
    while header and not header[-1].strip():
        header.pop()

    def rows() -> Iterator[RawRow]:
        return islice(_rows(sheet, left, extent.odd, marked), top, None)

    return RawSheet(file=shown, format="workbook", header=header, rows=rows)


def _rows(sheet: CalamineSheet, left: int, known: Mapping[tuple[int, int], str], marked: bool) -> Iterator[RawRow]:
    odd_rows: dict[int, dict[int, str]] = {}
    for (row, column), kind in known.items():
        odd_rows.setdefault(row, {})[column - 1] = kind
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [""] * left
        odd = odd_rows.get(number)
        for value in values:
            if type(value) is str:
                cells.append(unmarked(value) if marked else value)
                continue
            text, kind = _as_text(value)
            if odd is None:
                odd = {}
            odd.setdefault(len(cells), kind)
            cells.append(text)
        yield number, cells, odd


def _as_text(value: object) -> tuple[str, str]:
    """What a spreadsheet shows for a typed cell, and its kind."""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), "boolean"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value)), "number"
    if isinstance(value, (int, float)):
        return repr(value), "number"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" "), "date"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat(), "date"
    return str(value), "date"
