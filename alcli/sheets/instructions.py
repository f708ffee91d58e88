"""What a labeler should read first: Markdown as blocks of plain text, for formats to lay out as they can.

Headings, paragraphs, lists, tables, quotes, code, bold, italic and links are known. Everything else, HTML
among it, stays the text that it is: nothing here is ever markup or script of the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["heading", "paragraph", "item", "quote", "code", "table", "rule"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style. `link` is an address of the web or of mail, or empty."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the page.

    Attributes
    ----------
    level : of a heading, 1 to 6; how deep an item of a list is nested, from 0.
    mark : what stands before an item: ``•`` or its number with a point.
    spans : the text; of code one span with its line ends.
    rows : of a table, the header first; all have the same number of cells.
    """

    kind: Kind
    spans: Spans = ()
    level: int = 0
    mark: str = ""
    rows: tuple[tuple[Spans, ...], ...] = ()


_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+(.*)")
_QUOTE = re.compile(r" {0,3}> ?(.*)")
_FENCE = re.compile(r" {0,3}(```+|~~~+).*")
_DASHES = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?[ \t]*")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def parse(markdown: str) -> tuple[Block, ...]:
    """The blocks of a text.

    >>> [(block.kind, plain(block.spans)) for block in parse("# Cats\\n\\n1. a *cat*\\n2. a dog")]
    [('heading', 'Cats'), ('item', 'a cat'), ('item', 'a dog')]
    """
    text = _COMMENT.sub("", markdown.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    return tuple(_blocks(text.expandtabs(4).split("\n")))


def plain(spans: Sequence[Span]) -> str:
    """The words alone, the address after the words of each link.

    >>> plain(spans_of("see [the **guide**](https://example.org/g)"))
    'see the guide (https://example.org/g)'
    """
    return "".join(text for text, _ in told(spans))


def told(spans: Sequence[Span]) -> Iterator[tuple[str, Span]]:
    """Each text with its style, for places where a link cannot be followed: its address stands after it."""
    for at, span in enumerate(spans):
        text = span.text
        last = at + 1 == len(spans) or spans[at + 1].link != span.link
        address = span.link.removeprefix("mailto:")
        if span.link and last and address != text:
            text += f" ({address})"
        yield text, span


def as_plain(blocks: Sequence[Block]) -> Any:
    """The blocks in JSON's types, styles that are not there left out."""
    return [
        {
            key: [[_lean(cell) for cell in row] for row in value] if key == "rows" else value
            for key, value in {**asdict(block), "spans": _lean(block.spans), "rows": block.rows}.items()
            if value
        }
        for block in blocks
    ]


def as_lines(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """Lines of plain text with the level of their heading, 6 for all that is none; for tools that show no more.

    >>> list(as_lines(parse("# Cats\\n- tame\\n  - wild")))
    [(1, 'Cats'), (6, '• tame'), (6, '\\u2003• wild')]
    """
    for block in blocks:
        if block.kind == "table":
            yield from ((6, " | ".join(plain(cell) for cell in row)) for row in block.rows)
            continue
        mark = "\u2003" * block.level + block.mark + " " if block.kind == "item" else ""
        for line in plain(block.spans).splitlines():
            if line.strip():
                yield block.level if block.kind == "heading" else 6, mark + line
                mark = "\u2003" * (block.level + 1) if mark else ""


def _lean(spans: Spans) -> list[dict[str, Any]]:
    return [{key: value for key, value in asdict(span).items() if value} for span in spans]


def _blocks(lines: list[str]) -> Iterator[Block]:
    depths: list[int] = []  # indents of the list's levels
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            continue
        item = _ITEM.fullmatch(line)
        heading = _HEADING.fullmatch(line)
        if _FENCE.fullmatch(line):
            block, at = _fenced(lines, at)
            yield block
        elif heading:
            yield Block("heading", spans_of(heading[2] or ""), level=len(heading[1]))
            at += 1
        elif _RULE.fullmatch(line):
            yield Block("rule")
            at += 1
        elif "|" in line and at + 1 < len(lines) and "-" in lines[at + 1] and _DASHES.fullmatch(lines[at + 1]):
            block, at = _table(lines, at)
            yield block
        elif _QUOTE.fullmatch(line):
            said, at = _quoted(lines, at)
            yield Block("quote", spans_of(said))
        elif item:
            said, at = _running(lines, at, item[3])
            yield _item(item, said, depths)
            continue
        else:
            said, at = _running(lines, at, line)
            under = _UNDERLINE.fullmatch(lines[at]) if at < len(lines) else None
            if under:
                at += 1
            yield Block(
                "heading" if under else "paragraph", spans_of(said), 1 if under and "=" in under[1] else 2 * bool(under)
            )
        depths.clear()


def _item(match: re.Match[str], said: str, depths: list[int]) -> Block:
    """An item of a list; one that is indented more than the item before is one level deeper."""
    indent = len(match[1])
    while depths and depths[-1] > indent:
        depths.pop()
    if not depths or indent > depths[-1] + 1:
        depths.append(indent)
    mark = match[2]
    return Block("item", spans_of(said), len(depths) - 1, "•" if mark in "-*+" else f"{mark[:-1]}.")


def _running(lines: list[str], at: int, first: str) -> tuple[str, int]:
    """The text that begins here and runs on to the next blank line or block, on one line."""
    said = [first]
    at += 1
    while at < len(lines):
        line = lines[at]
        begins = (_ITEM, _HEADING, _QUOTE, _FENCE, _RULE, _UNDERLINE)
        if not line.strip() or any(pattern.fullmatch(line) for pattern in begins):
            break
        said.append(line)
        at += 1
    text = ""
    for line in said:
        # two blanks or a backslash at the end keep the line's end
        kept = line.endswith(("  ", "\\"))
        text += line.strip().removesuffix("\\") + ("\n" if kept else " ")
    return text.strip(), at


def _fenced(lines: list[str], at: int) -> tuple[Block, int]:
    fence = lines[at].strip()[:3]
    end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().startswith(fence)), len(lines))
    return Block("code", (Span("\n".join(lines[at + 1 : end]), code=True),)), end + 1


def _quoted(lines: list[str], at: int) -> tuple[str, int]:
    said = []
    while at < len(lines) and (match := _QUOTE.fullmatch(lines[at])):
        said.append(match[1].strip())
        at += 1
    return " ".join(said).strip(), at


def _table(lines: list[str], at: int) -> tuple[Block, int]:
    rows = [_cells(lines[at])]
    at += 2
    while at < len(lines) and "|" in lines[at] and lines[at].strip():
        rows.append(_cells(lines[at]))
        at += 1
    wide = len(rows[0])
    return Block("table", rows=tuple((*row[:wide], *[()] * (wide - len(row))) for row in rows)), at


def _cells(line: str) -> tuple[Spans, ...]:
    inner = line.strip().removeprefix("|")
    inner = inner.removesuffix("|") if not inner.endswith("\\|") else inner
    return tuple(spans_of(cell.strip().replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", inner))


# In the order in which they are tried at each place.
_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!|<>~-])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|!?\[(?P<words>(?:[^\[\]\\]|\\.)*)\]\(\s*<?(?P<link>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+[\"'(][^\n]*?[\"')])?\s*\)"
    r"|<(?P<auto>(?:https?://|mailto:)[^\s<>]+)>"
    r"|(?P<bare>https?://[^\s<>]*[^\s<>.,;:!?'\")\]*_])"
    r"|(?P<strong>\*\*|__)(?=\S)(?P<bold>.+?)(?<=\S)(?P=strong)"
    r"|(?<!\w)\*(?=\S)(?P<star>[^*]+?)(?<=\S)\*(?!\w)"
    r"|(?<!\w)_(?=\S)(?P<line>[^_]+?)(?<=\S)_(?!\w)",
    re.DOTALL,
)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_DEEPEST = 8


def spans_of(text: str, style: Span | None = None, depth: int = 0) -> Spans:
    """A line of Markdown as pieces of text; an address that is not of the web or of mail is left out."""
    style = style or Span("")

    def styled(words: str, **more: Any) -> Span:
        return Span(words, **{**{k: getattr(style, k) for k in ("bold", "italic", "code", "link")}, **more})

    found: list[Span] = []
    end = 0
    for match in _INLINE.finditer(text) if depth < _DEEPEST else ():
        if match.start() > end:
            found.append(styled(text[end : match.start()]))
        end = match.end()
        if match["escaped"]:
            found.append(styled(match["escaped"]))
        elif match["code"]:
            found.append(styled(match["code"].strip() or match["code"], code=True))
        elif match["words"] is not None:
            link = match["link"] if _ADDRESS.fullmatch(match["link"]) else ""
            found += spans_of(match["words"] or link, styled("", link=style.link or link), depth + 1)
        elif match["auto"] or match["bare"]:
            address = match["auto"] or match["bare"]
            found.append(styled(address.removeprefix("mailto:"), link=style.link or address))
        elif match["bold"]:
            found += spans_of(match["bold"], styled("", bold=True), depth + 1)
        else:
            found += spans_of(match["star"] or match["line"] or "", styled("", italic=True), depth + 1)
    if end < len(text):
        found.append(styled(text[end:]))
    return tuple(_joined(found))


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Neighbours of one style as one span."""
    held: Span | None = None
    for span in spans:
        if not span.text:
            continue
        if held is not None and (held.bold, held.italic, held.code, held.link) == (
            span.bold,
            span.italic,
            span.code,
            span.link,
        ):
            held = Span(held.text + span.text, held.bold, held.italic, held.code, held.link)
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held
