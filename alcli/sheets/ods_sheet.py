"""ODS sheets for people: text cells, a drop-down of the labels, only answers can be typed.

The format is small enough to be written here: a zip file of five parts, which LibreOffice, Excel and Google
Sheets open (OpenDocument 1.3).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from alcli.sheets.base import Sheet, Written
from alcli.sheets.guide import SIZES, Cell, Guide, Line, guide
from alcli.sheets.layout import CLASSES, ERROR_TEXT, ERROR_TITLE, INSTRUCTIONS, LABELS, Layout, lay_out
from alcli.sheets.ods_parts import (
    MIMETYPE,
    document,
    exactly,
    inline,
    manifest,
    meta,
    paragraphs,
    readable,
    settings,
    styles,
    text_style,
)

_EPOCH = "2000-01-01T00:00:00"
_WHEN = (1980, 1, 1, 0, 0, 0)  # of every part: the same sheet gives the same bytes
_CENTIMETRES = 0.215  # a character of the column's width
_POINTS = 14.0  # a line of text


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write a sheet. The same sheet gives the same bytes.

    Every cell is text in a text format. The classes stand in a hidden worksheet. The worksheet is protected
    without a password: ids and texts are locked, labels and comments are not. Instructions stand in a second
    worksheet. Control characters, which XML cannot hold, come back in ids, labels and comments, and are left
    out of the texts that are shown.
    """
    made = guide(sheet.instructions) if sheet.instructions else None
    parts = {
        "content.xml": "".join(_content(sheet, lay_out(sheet), made)),
        "styles.xml": styles(),
        "meta.xml": meta(f"batch {sheet.batch}", sheet.created.rstrip("Z") or _EPOCH, sheet.batch),
        "settings.xml": settings(LABELS),
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        _add(archive, "mimetype", MIMETYPE, zipfile.ZIP_STORED)  # first and not packed, so that the file is known by it
        for name, text in parts.items():
            _add(archive, name, text, zipfile.ZIP_DEFLATED)
        _add(archive, "META-INF/manifest.xml", manifest(iter(parts)), zipfile.ZIP_DEFLATED)
    file.write(packed.getbuffer())
    return Written(rows=len(sheet.rows))


def _add(archive: zipfile.ZipFile, name: str, text: str, method: int) -> None:
    info = zipfile.ZipInfo(name, _WHEN)
    info.compress_type = method
    info.external_attr = 0o644 << 16
    archive.writestr(info, text.encode("utf-8", "replace"))


def _content(sheet: Sheet, layout: Layout, made: Guide | None) -> Iterator[str]:
    head, _, tail = document(
        "document-content", "\n", "table", "text", "style", "fo", "number", "of", "loext"
    ).partition("\n</office")
    yield head
    yield f"<office:automatic-styles>{text_style()}{''.join(_styles(layout, made))}</office:automatic-styles>"
    yield "<office:body><office:spreadsheet>"
    offers = bool(layout.words and sheet.rows)
    if offers:
        yield _validation(layout)
    yield from _labels(sheet, layout, offers)
    if made is not None:
        yield from _instructions(made)
    if offers:
        yield f'<table:table table:name="{CLASSES}" table:style-name="hidden"><table:table-column/>'
        for word in layout.words:
            yield f"<table:table-row>{_cell(exactly(word), 'locked')}</table:table-row>"
        yield "</table:table>"
    if sheet.rows:
        yield _filter(len(sheet.rows), layout)
    yield f"</office:spreadsheet></office:body></office{tail}"


def _styles(layout: Layout, made: Guide | None) -> Iterator[str]:
    """Widths of columns, looks of cells, and that a table is hidden."""
    widths = {f"w{at}": width for at, width in enumerate(layout.widths)}
    widths |= {f"g{at}": width for at, width in enumerate(made.widths if made is not None else ())}
    for name, width in widths.items():
        yield (
            f'<style:style style:name="{name}" style:family="table-column"><style:table-column-properties'
            f' style:column-width="{width * _CENTIMETRES:.2f}cm"/></style:style>'
        )
    yield (
        '<style:style style:name="high" style:family="table-row"><style:table-row-properties'
        ' style:use-optimal-row-height="true"/></style:style>'
    )
    for name, shown in (("sheet", "true"), ("hidden", "false")):
        yield (
            f'<style:style style:name="{name}" style:family="table" style:master-page-name="Default">'
            f'<style:table-properties table:display="{shown}"/></style:style>'
        )
    free = 'fo:background-color="#fff8dc" fo:border="0.5pt solid #d0c8a0" style:cell-protect="none"'
    yield _look("locked")
    yield _look("free", free)
    yield _look("token", text='fo:color="#a0a0a0"', wrap=False)
    yield _look("header", 'fo:border-bottom="1pt solid #000000"', 'fo:font-weight="bold"')
    if made is not None:
        yield from _guide_styles(made)


def _look(name: str, cell: str = "", text: str = "", paragraph: str = "", *, wrap: bool = True) -> str:
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default"'
        f' style:data-style-name="N100"><style:table-cell-properties style:vertical-align="top"'
        f' fo:wrap-option="{"wrap" if wrap else "no-wrap"}" {cell}/>'
        f"<style:paragraph-properties {paragraph}/><style:text-properties {text}/></style:style>"
    )


def _validation(layout: Layout) -> str:
    source = f"of:cell-content-is-in-list([${CLASSES}.$A$1:.$A${len(layout.words)}])"
    return (
        f'<table:content-validations><table:content-validation table:name="labels" table:condition={quoteattr(source)}'
        f' table:allow-empty-cell="true" table:display-list="unsorted"'
        f' table:base-cell-address="{LABELS}.{_letters(layout.label)}2">'
        f'<table:error-message table:title={quoteattr(ERROR_TITLE)} table:display="true" table:message-type="stop">'
        f"<text:p>{ERROR_TEXT}</text:p></table:error-message>"
        "</table:content-validation></table:content-validations>"
    )


def _labels(sheet: Sheet, layout: Layout, offers: bool) -> Iterator[str]:
    yield _opened(LABELS)
    for at in range(len(layout.header)):
        yield f'<table:table-column table:style-name="w{at}" table:default-cell-style-name="{_style_of(at, layout)}"/>'
    names = "".join(_cell(exactly(name), "header") for name in layout.header)
    yield f"<table:table-header-rows><table:table-row>{names}</table:table-row></table:table-header-rows>"
    shown = range(1, 1 + len(sheet.shown_columns))
    rule = ' table:content-validation-name="labels"' if offers else ""
    for row in sheet.rows:
        yield '<table:table-row table:style-name="high">'
        for at, cell in enumerate(sheet.cells(row)):
            more = rule if at == layout.label else ""
            if at in shown:
                yield _cell(readable(cell), _style_of(at, layout), more)
            else:
                yield _cell(exactly(cell), _style_of(at, layout), more)
        yield "</table:table-row>"
    yield "</table:table>"


def _opened(name: str) -> str:
    return (
        f'<table:table table:name="{name}" table:style-name="sheet" table:protected="true">'
        '<loext:table-protection loext:select-protected-cells="true" loext:select-unprotected-cells="true"/>'
    )


def _style_of(at: int, layout: Layout) -> str:
    return "free" if at in layout.free else "token" if at == layout.token else "locked"


def _cell(text: str, style: str, more: str = "") -> str:
    if not text:
        return f'<table:table-cell table:style-name="{style}"{more}/>'
    return (
        f'<table:table-cell table:style-name="{style}"{more} office:value-type="string">'
        f"{paragraphs(text)}</table:table-cell>"
    )


def _filter(rows: int, layout: Layout) -> str:
    there = f"{LABELS}.A1:{LABELS}.{_letters(layout.token)}{rows + 1}"
    return (
        '<table:database-ranges><table:database-range table:name="__Anonymous_Sheet_DB__0"'
        f' table:target-range-address="{there}" table:display-filter-buttons="true"/></table:database-ranges>'
    )


def _letters(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def _guide_styles(made: Guide) -> Iterator[str]:
    border = 'fo:border="0.5pt solid #b0b0b0"'
    yield _look("guide-head", f'{border} fo:background-color="#eeeeee"', 'fo:font-weight="bold"')
    yield _look("guide-cell", border)
    yield _look("guide-code", 'fo:background-color="#f3f3f0"', 'fo:font-family="Courier New, Liberation Mono"')
    for level in sorted({line.level for line in made.lines if line.role == "heading"}):
        size = SIZES.get(level, 11)
        yield _look(f"guide-heading-{level}", "", f'fo:font-size="{size}pt" fo:font-weight="bold"')
    for level in sorted({line.level for line in made.lines if line.role in ("text", "blank")}):
        yield _look(f"guide-text-{level}", "", "", f'fo:text-align="start" fo:margin-left="{0.5 * level:.1f}cm"')
    for name, look in _SPANS.items():
        yield f'<style:style style:name="{name}" style:family="text"><style:text-properties {look}/></style:style>'
    for points in sorted({_points(line) for line in made.lines}):
        yield (
            f'<style:style style:name="h{points}" style:family="table-row"><style:table-row-properties'
            f' style:row-height="{points}pt" style:use-optimal-row-height="false"/></style:style>'
        )


_BOLD, _ITALIC, _CODE = (
    'fo:font-weight="bold"',
    'fo:font-style="italic"',
    'fo:font-family="Courier New, Liberation Mono"',
)
#: The style of a piece of text, by which of bold, italic and code it is.
_SPANS = {
    f"t{number}": " ".join(look for bit, look in enumerate((_BOLD, _ITALIC, _CODE)) if number >> bit & 1)
    for number in range(1, 8)
}


def _points(line: Line) -> int:
    if line.role == "blank":
        return 8
    size = SIZES.get(line.level, 10) if line.role == "heading" else 10
    return round(_POINTS * line.lines * size / 10)


def _instructions(made: Guide) -> Iterator[str]:
    yield _opened(INSTRUCTIONS)
    for at in range(len(made.widths)):
        yield f'<table:table-column table:style-name="g{at}" table:default-cell-style-name="locked"/>'
    for line in made.lines:
        yield f'<table:table-row table:style-name="h{_points(line)}">'
        style = f"guide-{line.role}" if line.role in ("head", "cell", "code") else f"guide-{line.role}-{line.level}"
        for cell in line.cells or (Cell(()),):
            yield _guide_cell(cell, style if line.cells else "locked")
        yield "</table:table-row>"
    yield "</table:table>"


def _guide_cell(cell: Cell, style: str) -> str:
    span = f' table:number-columns-spanned="{cell.columns}" table:number-rows-spanned="1"' if cell.columns > 1 else ""
    covered = f'<table:covered-table-cell table:number-columns-repeated="{cell.columns - 1}"/>' if span else ""
    if not cell.spans:
        return f'<table:table-cell table:style-name="{style}"{span}/>{covered}'
    text = ""
    for piece in cell.spans:
        number = piece.bold + 2 * piece.italic + 4 * piece.code
        words = inline(piece.text)
        text += f'<text:span text:style-name="t{number}">{words}</text:span>' if number else words
    return (
        f'<table:table-cell table:style-name="{style}"{span} office:value-type="string">'
        f"<text:p>{text}</text:p></table:table-cell>{covered}"
    )
