"""The parts of an OpenDocument spreadsheet that are the same for every sheet, and text as its XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_URN = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = {
    "office": f"{_URN}office:1.0",
    "table": f"{_URN}table:1.0",
    "text": f"{_URN}text:1.0",
    "style": f"{_URN}style:1.0",
    "number": f"{_URN}datastyle:1.0",
    "of": f"{_URN}of:1.2",  # formulas, the list of a drop-down among them
    "fo": f"{_URN}xsl-fo-compatible:1.0",
    "meta": f"{_URN}meta:1.0",
    "config": f"{_URN}config:1.0",
    "manifest": f"{_URN}manifest:1.0",
    "ooo": "http://openoffice.org/2004/office",  # LibreOffice's own settings
    "dc": "http://purl.org/dc/elements/1.1/",
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

# XML has no way to write these. Where a text has to come back as it was, each becomes MARK and its number;
# so does MARK, a letter of the private use area that no script has.
MARK = "\uf8fe"
_UNWRITABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff{MARK}]")
_MARKED = re.compile(f"{MARK}([0-9a-f]{{4}})")


def document(name: str, inner: str, *spaces: str) -> str:
    """A part with its root element and namespaces."""
    names = "".join(f" xmlns:{space}={quoteattr(_SPACES[space])}" for space in ("office", *spaces))
    return f'{_HEAD}<office:{name}{names} office:version="1.3">{inner}</office:{name}>\n'


def exactly(text: str) -> str:
    """Text that comes back as it is, through `unmarked`.

    >>> unmarked(exactly("a\\x01b")) == "a\\x01b"
    True
    """
    return _UNWRITABLE.sub(lambda match: f"{MARK}{ord(match[0]):04x}", text)


def unmarked(text: str) -> str:
    """The text that `exactly` was given; any other text stays as it is."""
    return _MARKED.sub(lambda match: chr(int(match[1], 16)), text) if MARK in text else text


def readable(text: str) -> str:
    """Text for reading: what XML cannot hold is left out, a line has one kind of end, a tab is blanks.

    LibreOffice shows a tab in a cell as nothing, and calamine passes over it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _UNWRITABLE.sub(lambda match: exactly(MARK) if match[0] == MARK else "", text)


def paragraphs(text: str) -> str:
    """The text as paragraphs, one a line, with every blank kept."""
    return "".join(f"<text:p>{_line(line)}</text:p>" for line in text.split("\n"))


def inline(text: str) -> str:
    """A piece of a paragraph; line ends are breaks of the line."""
    return "<text:line-break/>".join(_line(line) for line in readable(text).split("\n"))


def _line(line: str) -> str:
    out = escape(line, {"\r": "&#13;"})
    # a single blank between words is one; others are elements, as the format gathers them
    return re.sub(r"^ +| +$| {2,}", _blanks, out)


def _blanks(match: re.Match[str]) -> str:
    return f'<text:s text:c="{len(match[0])}"/>'


def manifest(parts: Iterator[str]) -> str:
    """The list of parts."""
    entries = [("/", MIMETYPE), *((part, "text/xml") for part in parts)]
    lines = "".join(
        f"<manifest:file-entry manifest:full-path={quoteattr(path)} manifest:media-type={quoteattr(kind)}/>"
        for path, kind in entries
    )
    space = quoteattr(_SPACES["manifest"])
    return f'{_HEAD}<manifest:manifest xmlns:manifest={space} manifest:version="1.3">{lines}</manifest:manifest>\n'


def meta(title: str, created: str, batch: int) -> str:
    """Who made it, when, and the batch."""
    return document(
        "document-meta",
        "<office:meta><meta:generator>alcli</meta:generator>"
        f"<dc:title>{escape(title)}</dc:title><meta:creation-date>{escape(created)}</meta:creation-date>"
        f'<meta:user-defined meta:name="alcli batch">{batch}</meta:user-defined></office:meta>',
        "meta",
        "dc",
    )


def settings(frozen: str) -> str:
    """The view: the first row of the table stays when it is scrolled."""

    def item(name: str, kind: str, value: object) -> str:
        return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'

    view = "".join(
        (
            item("CursorPositionX", "int", 0),
            item("CursorPositionY", "int", 1),
            item("HorizontalSplitMode", "short", 0),
            item("VerticalSplitMode", "short", 2),  # 2: frozen
            item("HorizontalSplitPosition", "int", 0),
            item("VerticalSplitPosition", "int", 1),
            item("ActiveSplitRange", "short", 2),
            item("PositionTop", "int", 0),
            item("PositionBottom", "int", 1),
        )
    )
    tables = (
        '<config:config-item-map-named config:name="Tables">'
        f"<config:config-item-map-entry config:name={quoteattr(frozen)}>{view}</config:config-item-map-entry>"
        "</config:config-item-map-named>"
    )
    return document(
        "document-settings",
        '<office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        f"{item('ViewId', 'string', 'view1')}{tables}{item('ActiveTable', 'string', escape(frozen))}"
        "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings>",
        "config",
        "ooo",
    )


_TEXT = '<number:text-style style:name="N100"><number:text-content/></number:text-style>'


def styles() -> str:
    """Fonts, the page, and the style that all cells have: text, broken into lines, at the top, locked."""
    return document(
        "document-styles",
        f"<office:styles>{_TEXT}"
        '<style:default-style style:family="table-cell"><style:text-properties fo:font-size="10pt"'
        ' style:font-size-asian="10pt" fo:font-family="Liberation Sans, Arial, sans-serif"/></style:default-style>'
        '<style:style style:name="Default" style:family="table-cell"/>'
        "</office:styles><office:automatic-styles>"
        '<style:page-layout style:name="wide"><style:page-layout-properties style:print-orientation="landscape"'
        ' fo:page-width="29.7cm" fo:page-height="21cm" fo:margin="1.2cm" style:scale-to-X="1" style:scale-to-Y="0"/>'
        "</style:page-layout></office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Default" style:page-layout-name="wide"/></office:master-styles>',
        "style",
        "fo",
        "number",
        "text",
    )


def text_style() -> str:
    """The format of text, for the automatic styles of the content."""
    return _TEXT
