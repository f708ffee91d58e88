"""Instructions as lines of a worksheet, the same in every kind of workbook.

Text runs over all columns; only tables use them singly. A worksheet does not make a merged cell as high as
its text, so each line says how many lines of text it will take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from alcli.sheets.instructions import Block, Span, Spans, parse, plain, told
from alcli.sheets.layout import MOST_LINES, lines_of

#: Characters over all columns together.
WIDTH = 100
TITLE = "Instructions"
#: Points of the letters of a heading, by its level.
SIZES = {1: 16, 2: 13, 3: 11}
_LARGER = {1: 1.6, 2: 1.3}  # how much wider letters of a heading are
_MOST_COLUMNS = 12

Role = Literal["heading", "text", "code", "head", "cell", "blank"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text in pieces, the column, and how many columns it takes."""

    spans: Spans
    column: int = 0
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the worksheet.

    Attributes
    ----------
    role : how its cells look.
    level : of a heading; how far an item stands in.
    lines : of text, at the width of its cells.
    """

    role: Role
    cells: tuple[Cell, ...] = ()
    level: int = 0
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Guide:
    """A whole worksheet: its lines and the widths of its columns in characters."""

    lines: tuple[Line, ...]
    widths: tuple[int, ...]


def guide(markdown: str) -> Guide:
    """The instructions laid out.

    The first row is always a heading, in one cell: no table of the instructions is taken for answers.
    """
    blocks = parse(markdown)
    if not blocks or blocks[0].kind != "heading":
        blocks = (Block("heading", (Span(TITLE),), 1), *blocks)
    tables = [block for block in blocks if block.kind == "table"]
    columns = min(_MOST_COLUMNS, max((len(block.rows[0]) for block in tables), default=1))
    widths = _widths(tables, columns)
    return Guide(tuple(_lines(blocks, widths)), widths)


def _widths(tables: Sequence[Block], columns: int) -> tuple[int, ...]:
    """As wide as the columns' longest cells, as far as there is room for all."""
    wanted = [8] * columns
    for block in tables:
        for row in block.rows:
            for at, cell in enumerate(row[:columns]):
                longest = max((len(line) for line in plain(cell).splitlines()), default=0)
                wanted[at] = max(wanted[at], min(WIDTH, longest + 3))
    total = sum(wanted)
    if total > WIDTH:
        wanted = [max(8, width * WIDTH // total) for width in wanted]
    wanted[-1] += max(0, WIDTH - sum(wanted))  # the last column has what is left
    return tuple(wanted)


def _lines(blocks: Sequence[Block], widths: Sequence[int]) -> Iterator[Line]:
    columns, room = len(widths), sum(widths)
    before = ""
    for block in blocks:
        if before and not (block.kind == before == "item"):
            yield Line("blank")
        before = block.kind
        if block.kind == "table":
            for number, row in enumerate(block.rows):
                cells = tuple(Cell(cell, at) for at, cell in enumerate(row[:columns]))
                high = max((_high(cell.spans, widths[cell.column]) for cell in cells), default=1)
                yield Line("head" if number == 0 else "cell", cells, lines=high)
        elif block.kind == "rule":
            continue
        elif block.kind == "code":
            # a row each line: code is not wrapped where it reads on
            for text in block.spans[0].text.split("\n") if block.spans else ():
                piece: Spans = (Span(text, code=True),) if text else ()
                yield Line("code", (Cell(piece, 0, columns),), lines=_high(piece, room))
        elif block.kind == "heading":
            spans = tuple(Span(text, bold=True) for text, _ in told(block.spans))
            high = _high(spans, int(room / _LARGER.get(block.level, 1)))
            yield Line("heading", (Cell(spans, 0, columns),), block.level, high)
        else:
            mark = (Span(f"{block.mark} "),) if block.kind == "item" else ()
            level = block.level if block.kind == "item" else 1 if block.kind == "quote" else 0
            pieces = tuple(Span(text, span.bold, span.italic, span.code) for text, span in told(block.spans))
            whole = (*mark, *pieces)
            yield Line("text", (Cell(whole, 0, columns),), level, _high(whole, room - 3 * level))


def _high(spans: Sequence[Span], width: int) -> int:
    return min(MOST_LINES, lines_of("".join(span.text for span in spans), width))
