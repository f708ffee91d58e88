"""Rows that were not taken, as a file that can be put right and imported again.

Its first columns are `file,row,column,problem`; the row follows as it was, token included. Every
cell is made harmless, as the file is meant to be opened in a spreadsheet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from alcli.sheets.columns import REJECTS
from alcli.sheets.csv_sheet import RowWriter
from alcli.sheets.verdict import Reject

_NAMED = re.compile(r"\.rejects-[0-9a-f]{8,}$")


def rejects_csv(file: str, header: Sequence[str], rejects: Iterable[Reject]) -> bytes:
    """The content of a rejects file.

    Parameters
    ----------
    file : the sheet's name.
    header : the sheet's columns (`Judged.header`).
    """
    text = io.StringIO(newline="")
    out = RowWriter(text)
    out.row([*REJECTS, *header])
    for reject in rejects:
        problem = f"{reject.problem}; {reject.hint}" if reject.hint else reject.problem
        cells = [file, str(reject.row), reject.column or "", problem, *reject.cells]
        cells += [""] * (len(REJECTS) + len(header) - len(cells))
        out.row(cells)
    return text.getvalue().encode("utf-8", "surrogateescape")


def rejects_name(sheet: str, content: bytes) -> str:
    """A name after the sheet and the content, so that no rejects file replaces another.

    >>> rejects_name("inbox/batch 3.xlsx", b"file,row,column,problem\\n")
    'batch 3.rejects-9cc6ddd6.csv'
    """
    from alcli.files import digest_bytes

    stem = PurePath(sheet).stem if sheet not in ("", "-") else "stdin"
    return f"{_NAMED.sub('', stem)}.rejects-{digest_bytes(content)[:8]}.csv"
