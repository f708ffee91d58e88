"""A CSV sheet that is being filled: answers go into the file itself, which is written whole each time."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from alcli.errors import FileTrouble, Place, TableError
from alcli.files import digest_bytes, reporting_disk_trouble, write_bytes
from alcli.sheets.columns import REMARKS, clean_header, find_columns
from alcli.sheets.harmless import escape, unescape
from alcli.tables.delimited import read_records


@dataclass(frozen=True, slots=True)
class Item:
    """One row to be answered: its id, what is shown of it, what the sheet tells besides, and the answer that is there."""

    id: str
    shown: tuple[tuple[str, str], ...]
    label: str
    comment: str
    remarks: tuple[tuple[str, str], ...] = ()


class Filling:
    """A sheet as a list of items.

    Parameters
    ----------
    path : a delimited file of alcli's.
    id_column, label_column, pool_columns : as for `find_columns`.

    Raises
    ------
    FileTrouble
        If the file cannot be read.
    TableError
        If it is no delimited text, or lacks the columns.
    """

    def __init__(
        self, path: Path, *, id_column: str, label_column: str, pool_columns: Collection[str] | None = None
    ) -> None:
        with reporting_disk_trouble(path):
            content = path.read_bytes()
        if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or content[:1] in (b"<", b"[", b"{"):
            raise TableError(
                "not a CSV sheet", at=Place(str(path)), hint="`alcli query -o sheet.csv` makes one", code="not-csv"
            )
        self.path = path
        self._digest = digest_bytes(content)
        records = read_records(content, shown=str(path))
        self._header, self._dialect = records.header, records.dialect
        self._rows = [cells + [""] * (len(self._header) - len(cells)) for _, cells in records.rows if any(cells)]
        self._mark = content.startswith(b"\xef\xbb\xbf")
        self.columns = find_columns(
            self._header, str(path), id_column=id_column, label_column=label_column, pool_columns=pool_columns
        )
        shown = {place for _, place in self.columns.shown}
        self._remarks = [
            (name, place)
            for place, name in enumerate(clean_header(self._header))
            if name in REMARKS and place not in shown
        ]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> Item:
        row, columns = self._rows[at], self.columns
        return Item(
            id="" if columns.id is None else unescape(row[columns.id]),
            shown=tuple((name, unescape(row[place])) for name, place in columns.shown),
            label=unescape(row[columns.label]).strip(),
            comment="" if columns.comment is None else unescape(row[columns.comment]),
            remarks=tuple((name, unescape(row[place])) for name, place in self._remarks if row[place]),
        )

    def put(self, at: int, label: str, comment: str | None = None) -> None:
        """Write an answer, an empty one to take it back; the file holds it when this returns.

        Raises
        ------
        FileTrouble
            `changed` when somebody else has written the file since; nothing is written then.
        """
        row = self._rows[at]
        row[self.columns.label] = escape(label)
        if comment is not None and self.columns.comment is not None:
            row[self.columns.comment] = escape(comment)
        with reporting_disk_trouble(self.path):
            if digest_bytes(self.path.read_bytes()) != self._digest:
                raise FileTrouble(
                    f"{self.path} has been changed by another program; the last answer was not saved",
                    hint="close it there and begin again: what was answered before is in the file",
                    code="changed",
                )
        content = self._content()
        write_bytes(self.path, content)
        self._digest = digest_bytes(content)

    def _content(self) -> bytes:
        text = io.StringIO(newline="")
        out = csv.writer(text, delimiter=self._dialect.separator, lineterminator="\r\n")
        lines = []
        for cells in (self._header, *self._rows):
            text.seek(0)
            text.truncate()
            out.writerow(cells)
            # as in csv_sheet.RowWriter: a lone \r is quoted only when it is part of the line end
            lines.append(text.getvalue()[:-2] + "\n")
        return "".join(lines).encode("utf-8-sig" if self._mark else "utf-8")
