"""Offline labelling page: one self-contained HTML file that downloads its answers as CSV.

The page asks no server for anything: its policy forbids it, and allows no script but its own by digest.
Texts of the pool travel as JSON in which `<` is escaped, and become text nodes; none can run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.errors import Place, TableError
from alcli.sheets.instructions import as_plain, parse
from alcli.sheets.keys import keys_for
from alcli.sheets.raw import RawSheet

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet, Written


def write(sheet: Sheet, file: BinaryIO) -> Written:
    """Write a sheet as a page. The same sheet gives the same bytes."""
    from alcli.sheets.base import Written

    parts = files("alcli.sheets") / "page"
    style = (parts / "page.css").read_text(encoding="utf-8")
    script = (parts / "page.js").read_text(encoding="utf-8")
    page = (parts / "page.html").read_text(encoding="utf-8")
    # One pass over the template: what is put in is never looked at for further places.
    filled = {
        "{style}": style,
        "{script}": script,
        "{style-hash}": _digest(style),
        "{script-hash}": _digest(script),
        "{sheet}": _json(_content(sheet)),
    }
    for name, text in _pieces(page, list(filled)):
        file.write((filled[name] if name else text).encode("utf-8", errors="replace"))
    return Written(rows=len(sheet.rows))


def read(
    source: Path | bytes,
    shown: str,
    *,
    wanted: Callable[[list[str]], bool],
    encoding: str | None = None,
    separator: str | None = None,
) -> RawSheet:
    """The sheet inside a page, to know whose it is; what a labeler answered is in the browser, not here.

    Raises
    ------
    TableError
        If this is no page of alcli's.
    """
    del wanted, encoding, separator
    text = (source if isinstance(source, bytes) else source.read_bytes()).decode("utf-8", errors="replace")
    found = re.search(r'<script type="application/json" id="sheet">(.*?)</script>', text, re.DOTALL)
    try:
        content: dict[str, Any] = json.loads(found[1]) if found else {}
        header, before = content["header"], content["before"]
        rows = [[*row[:-1], *before.get(str(at), ("", "")), row[-1]] for at, row in enumerate(content["rows"])]
    except (ValueError, KeyError, TypeError):
        raise TableError("not a page of alcli's", at=Place(shown), code="unknown-format") from None
    return RawSheet(shown, "html", header, lambda: ((at, row, None) for at, row in enumerate(rows, start=1)))


def _content(sheet: Sheet) -> dict[str, Any]:
    """What the page needs: cells as in a CSV sheet, but for label and comment, which it adds."""
    from alcli.sheets.base import file_word

    label = sheet.header.index(sheet.label_column)
    rows = []
    for row in sheet.rows:
        cells = sheet.cells(row)
        rows.append([*cells[: 1 + len(sheet.shown_columns)], cells[-1]])
    tokens = "".join(row[-1] for row in rows)
    keys = keys_for(tuple(sheet.classes))
    whose = f"-{file_word(sheet.person)}" if sheet.person else ""  # two people's answers may meet in one folder
    return {
        "title": f"Labels, batch {sheet.batch}",
        "key": f"{sheet.project} {sheet.batch} {hashlib.blake2b(tokens.encode(), digest_size=8).hexdigest()}",
        "file": f"answers-batch-{sheet.batch}{whose}.csv",
        "header": [sheet.id_column, *sheet.shown_columns, *sheet.header[label:]],
        "shown": list(sheet.shown_columns),
        "classes": list(sheet.classes),
        "keys": {
            "classes": list(keys.classes),
            "skip": keys.skip,
            "undo": keys.undo,
            "comment": keys.comment,
        },
        "skip": sheet.skip_word,
        "rows": rows,
        "guesses": [
            [row.guess, "" if row.confidence is None else f"{row.confidence:.0%}"] if sheet.with_guess else None
            for row in sheet.rows
        ],
        "why": [[row.chosen_by, row.nearest] for row in sheet.rows] if sheet.with_why else None,
        "instructions": as_plain(parse(sheet.instructions)),
        "before": {
            str(number): [row.label, row.comment] for number, row in enumerate(sheet.rows) if row.label or row.comment
        },
    }


def _json(content: dict[str, Any]) -> str:
    """JSON that no text in it can leave: HTML looks for `</script` and `<!--` even there."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _pieces(page: str, places: list[str]) -> list[tuple[str, str]]:
    """The template cut at its places: (name, "") for a place, ("", text) between."""
    cut = re.split(f"({'|'.join(re.escape(place) for place in places)})", page)
    return [(piece, "") if piece in places else ("", piece) for piece in cut]
