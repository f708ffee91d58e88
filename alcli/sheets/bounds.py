"""What a workbook holds, found out before anything large is built in memory.

A workbook is a zip file of XML, and a file of a few kilobytes can unfold into gigabytes: entities
that expand, deflated zeros, one cell in the last row and column, repeated rows. Each part is
unfolded in small pieces here and only counted. The same pass notes the cells that calamine gives as
empty though they are not: formulas without a stored value, and errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from posixpath import join, normpath
from xml.parsers import expat
from zipfile import ZipFile

from alcli.errors import Place, TableError
from alcli.sheets.zips import DAMAGED

# A sheet of half a million rows and seven columns of short texts unfolds to 170 MiB. calamine needs up
# to four times this size in memory.
MOST_BYTES = 256 * 2**20
MOST_TAGS = 32_000_000
MOST_PARTS = 2000
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
# calamine holds the whole rectangle, 32 bytes a cell even where it is empty.
MOST_CELLS = 10_000_000
_PIECE = 1 << 16
# A tag is held whole by the parser; those of a spreadsheet are a few hundred bytes long.
_LONGEST_TAG = 4 << 20
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Extent:
    """One worksheet: last row and column with content (from 1), and cells that are not what they seem."""

    rows: int = 0
    columns: int = 0
    odd: dict[tuple[int, int], str] = field(default_factory=dict)

    def see(self, row: int, column: int) -> None:
        """Note a cell with content."""
        if row > self.rows:
            self.rows = row
        if column > self.columns:
            self.columns = column
        if row > MOST_ROWS or column > MOST_COLUMNS:
            raise _Limit(f"a worksheet has more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns")
        if self.rows * self.columns > MOST_CELLS:
            raise _Limit(
                f"a worksheet spans {self.rows:,} rows by {self.columns:,} columns; "
                f"at most {MOST_CELLS:,} cells are read"
            )


class _Limit(Exception):
    """Too large; the words say what the limit is."""


class _Hostile(Exception):
    """XML that a spreadsheet does not write."""


class _Foreign(Exception):
    """A zip file of another kind."""


def survey(source: Path | bytes, shown: str) -> dict[str, Extent]:
    """Look through a workbook (.xlsx, .xlsm or .ods).

    Returns
    -------
    extents : each worksheet by its name.

    Raises
    ------
    TableError
        If the file is no whole zip file or no workbook, declares XML entities, or is larger than a
        sheet may be.
    """
    place = Place(shown)
    try:
        with ZipFile(BytesIO(source) if isinstance(source, bytes) else source) as archive:
            return _survey(archive)
    except _Limit as limit:
        raise TableError(
            f"this workbook is larger than a sheet may be: {limit}",
            at=place,
            hint="save the answers as .csv, which may be of any size",
            code="too-large",
        ) from None
    except _Hostile as hostile:
        raise TableError(f"this workbook is refused: {hostile}", at=place, code="hostile-workbook") from None
    except DAMAGED as error:
        words = str(error) or type(error).__name__
        raise TableError(
            f"this workbook cannot be read: the zip file is damaged or cut short ({words})",
            at=place,
            hint="ask for the file again, or open it in a spreadsheet and save it as .xlsx or .csv",
            code="damaged-workbook",
        ) from error
    except (_Foreign, expat.ExpatError, KeyError) as error:
        words = str(error.args[0]) if error.args else type(error).__name__
        raise TableError(
            f"this is not a workbook that can be read: {words}",
            at=place,
            hint="open it in a spreadsheet and save it as .xlsx or .csv",
            code="damaged-workbook",
        ) from error


def _survey(archive: ZipFile) -> dict[str, Extent]:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or len(names) < len(parts):
        raise _Hostile(f"it has {len(parts):,} parts, or parts of the same name")
    total = sum(part.file_size for part in parts)
    if total > MOST_BYTES:
        raise _Limit(f"it unfolds to {total / 2**20:,.0f} MiB; the most is {MOST_BYTES // 2**20} MiB")
    if "content.xml" in names and "xl/workbook.xml" not in names:
        return _open_document(archive)
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names:
            raise _Foreign("it is an .xlsb; only .xlsx, .xlsm and .ods are")
        raise _Foreign("there is no workbook in this zip file")
    extents = {}
    sheets = _worksheets(archive)
    paths = {path: name for name, path in sheets.items()}
    for part in parts:
        if part.filename in paths:
            extents[paths[part.filename]] = _worksheet(archive, part.filename)
        elif part.filename.endswith((".xml", ".rels")):
            _parse(archive, part.filename)
    if sum(extent.rows * extent.columns for extent in extents.values()) > MOST_CELLS:
        raise _Limit(f"its worksheets span more than {MOST_CELLS:,} cells together")
    return extents


_Start = Callable[[str, dict[str, str]], None]


class _Local(dict[str, str]):
    """Names of elements without their namespace."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(" ")[2]
        if len(self) < 1000:
            self[name] = local
        return local


def _parse(
    archive: ZipFile,
    part: str,
    start: _Start | None = None,
    end: Callable[[str], None] | None = None,
    prepare: Callable[[expat.XMLParserType], None] | None = None,
) -> None:
    """Run an XML part through expat, piece by piece. Names of elements are `namespace local`."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise _Hostile(f"{part} declares a document type, through which XML can grow without end")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    if prepare is not None:
        prepare(parser)
    fed = tags = 0
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            fed += len(piece)
            tags += piece.count(b"<")
            if tags > MOST_TAGS:
                raise _Limit(f"{part} has more than {MOST_TAGS:,} tags")
            parser.Parse(piece)
            if fed - parser.CurrentByteIndex > _LONGEST_TAG:
                raise _Hostile(f"{part} has a tag of more than {_LONGEST_TAG // 2**20} MiB")
    parser.Parse(b"", True)


def _attribute(attributes: dict[str, str], name: str) -> str:
    """An attribute by its local name, whatever its namespace."""
    for key, value in attributes.items():
        if key.rpartition(" ")[2] == name:
            return value
    return ""


def _worksheets(archive: ZipFile) -> dict[str, str]:
    """The part that holds each worksheet, by the worksheet's name."""
    targets: dict[str, str] = {}
    ids: dict[str, str] = {}
    local = _Local()

    def relation(name: str, attributes: dict[str, str]) -> None:
        if local[name] == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = normpath(join("/xl", target)).lstrip("/")

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if local[name] == "sheet" and "name" in attributes:
            ids[attributes["name"]] = _attribute(attributes, "id")

    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    _parse(archive, "xl/workbook.xml", sheet)
    return {name: targets[id] for name, id in ids.items() if id in targets}


def _worksheet(archive: ZipFile, part: str) -> Extent:
    """Walk through the cells of an .xlsx worksheet.

    There may be millions, so expat calls back as little as will do: for starts of elements, and
    for text from the start of a formula to the end of its cell.
    """
    extent = Extent()
    local = _Local()
    row = column = 0
    kind = ""
    filled = formula = stored = False
    parsers: list[expat.XMLParserType] = []

    def close() -> None:
        """The cell before has been seen whole."""
        nonlocal filled, formula, stored
        extent.see(row, column)
        # t="str" with a value says that the formula's value is a text; that may well be empty.
        if formula and not stored and not (filled and kind == "str"):
            extent.odd[row, column] = "formula"
        elif kind == "e":
            extent.odd[row, column] = "error"
        filled = formula = stored = False
        parsers[0].CharacterDataHandler = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, filled, formula
        name = local[name]
        if name == "v" or name == "is":
            filled = True
        elif name == "c":
            if filled or formula:
                close()
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match:
                letters, digits = match.groups()
                column = _column(letters)
                row = int(digits)
            else:
                column += 1
            kind = attributes.get("t", "")
        elif name == "row":
            if filled or formula:
                close()
            said = attributes.get("r", "")
            row = int(said[:9]) if said.isdecimal() else row + 1
            column = 0
        elif name == "f":
            formula = True
            parsers[0].CharacterDataHandler = text

    def text(piece: str) -> None:
        nonlocal stored
        if filled and not piece.isspace():
            stored = True

    _parse(archive, part, start, prepare=parsers.append)
    if filled or formula:
        close()
    return extent


@cache
def _column(letters: str) -> int:
    """`A` is 1; there are 18,278 names of up to three letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _open_document(archive: ZipFile) -> dict[str, Extent]:
    """Walk through the tables of an .ods; cells and rows may be said once and repeated."""
    extents: dict[str, Extent] = {}
    extent = Extent()
    row = column = 0
    repeat = cells = 1
    last = 0
    formula = False
    local = _Local()

    def times(attributes: dict[str, str], name: str) -> int:
        said = _attribute(attributes, name)
        return max(1, int(said[:9])) if said.isdecimal() else 1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal extent, row, column, repeat, cells, last, formula
        name = local[name]
        if name == "table":
            extent = extents.setdefault(_attribute(attributes, "name"), Extent())
            row = 0
        elif name == "table-row":
            repeat = times(attributes, "number-rows-repeated")
            column = last = 0
        elif name in ("table-cell", "covered-table-cell"):
            cells = times(attributes, "number-columns-repeated")
            formula = bool(_attribute(attributes, "formula"))
            kind = _attribute(attributes, "value-type")
            if kind or formula:
                last = column + cells
                if formula and not kind:
                    extent.odd[row + 1, column + 1] = "formula"
            column += cells
        elif name == "p":
            last = column

    def end(name: str) -> None:
        nonlocal row
        if local[name] == "table-row":
            if last:
                extent.see(row + repeat, last)
            row += repeat

    _parse(archive, "content.xml", start, end)
    for part in ("styles.xml", "meta.xml", "settings.xml", "META-INF/manifest.xml"):
        if part in archive.namelist():
            _parse(archive, part)
    if sum(extent.rows * extent.columns for extent in extents.values()) > MOST_CELLS:
        raise _Limit(f"its worksheets span more than {MOST_CELLS:,} cells together")
    return extents
