"""Plain tables that read at 80 columns."""

from __future__ import annotations

import shlex
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import category, combining, east_asian_width


def width() -> int:
    """Columns of the terminal; 80 when there is none."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def cells(text: str) -> int:
    """Columns that `text` takes on a terminal: wide characters take two, combining marks none.

    >>> cells("añ"), cells("日本")
    (2, 4)
    """
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def clean(text: str) -> str:
    """One line, without characters that could move the cursor or turn the writing direction.

    >>> clean("a\\nb\\x1b[2Jc")
    'a b [2Jc'
    """
    return " ".join("".join(" " if category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text).split())


def cut(text: str, most: int) -> str:
    """`text` in at most `most` columns, with a mark where it was cut.

    >>> cut("a long text", 7)
    'a long…'
    """
    if cells(text) <= most:
        return text
    kept, used = "", 0
    for character in text:
        used += cells(character)
        if used > most - 1:
            break
        kept += character
    return kept + "…"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, wrap: bool = False) -> list[str]:
    """Lines of a table whose widest columns give way when the terminal is narrow.

    Parameters
    ----------
    wrap : what is too long goes on in the next line, instead of being cut; between words where there is room.
    """
    if not rows:
        return []
    body = [[clean(str(cell)) for cell in row] for row in rows]
    widths = [max(cells(line[at]) for line in [list(header), *body]) for at in range(len(header))]
    room = width() - 2 * (len(widths) - 1)
    words = [max(cells(word) for line in body for word in (line[at].split() or [""])) for at in range(len(header))]
    for least in ([max(8, its) for its in words], [8] * len(widths)) if wrap else ([8] * len(widths),):
        while sum(widths) > room and any(its > most for its, most in zip(widths, least, strict=True)):
            free = [its if its > most else 0 for its, most in zip(widths, least, strict=True)]
            widths[free.index(max(free))] -= 1
    if wrap:
        body = [line for row in body for line in _wrapped_row(row, widths)]
    lines = [header, ["-" * each for each in widths], *body]
    return ["  ".join(_padded(cell, each) for cell, each in zip(line, widths, strict=True)).rstrip() for line in lines]


def _wrapped_row(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    pieces = [textwrap.wrap(cell, most) or [""] for cell, most in zip(row, widths, strict=True)]
    return [[piece[at] if at < len(piece) else "" for piece in pieces] for at in range(max(map(len, pieces)))]


def _padded(text: str, most: int) -> str:
    text = cut(text, most)
    return text + " " * (most - cells(text))


def wrapped(head: str, text: str) -> list[str]:
    """`text` wrapped behind `head`, later lines indented under it."""
    return textwrap.wrap(
        text,
        width(),
        initial_indent=head + " ",
        subsequent_indent=" " * (len(head) + 1),
        break_long_words=False,
    ) or [head]


def whose_sheets(sheets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whose sheet is where; gold rows are among its rows and are not told, as labelers may look on."""
    return table(
        ["annotator", "rows", "sheet"],
        [[each["annotator"], f"{each['rows']:,}", each["sheet"]] for each in sheets],
    )


def send_them() -> list[str]:
    """What to do with the sheets of several people."""
    return wrapped("next:", "send each their own, then `alcli import-labels` what comes back; it knows whose it is")


def fill_it(result: Any) -> list[str]:
    """What to do with one sheet; the answers to some formats come back in another file."""
    from alcli.sheets.table import format_for

    then = format_for(result.sheet, result.settings.get("format")).then
    if then:
        return wrapped("next:", then.replace("N.csv", f"{result.batch}.csv"))
    return [f"next: fill its label column, then `{import_line(result.sheet)}`"]


def import_line(sheet: str) -> str:
    """What to type when a sheet came back, also one whose name holds a blank.

    >>> import_line("to label.csv")
    "alcli import-labels 'to label.csv'"
    """
    return shlex.join(["alcli", "import-labels", sheet])
