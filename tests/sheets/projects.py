"""A small project in memory: a pool, the rows asked in batch 2, and a way to send answers back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alcli.sheets.answers import read_answers
from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.judging import Judged, judge
from alcli.sheets.table import FORMATS, writer
from alcli.sheets.words import Vocabulary

ODD_IDS = (
    "img_0001", "img_0002", "img_0003", "00123", "123", "00456", "1E5", "MAR1", "2026-03-01", "1-2", "TRUE",
    "3.10", "+1", "-12", "=1+1", "@id", " 7 ", "a,b", 'q"q', "line\nbreak", "Café-7", "12345678901234567890",
    "1234567890123456", "0x1F", "#N/A", "'quoted", "'=x", "🙂",
)  # fmt: skip


@dataclass
class Project:
    """What `judge` needs to know, with the formats at hand."""

    ids: tuple[str, ...] = ODD_IDS
    classes: tuple[str, ...] = ("cat", "dog", "bird")
    name: str = "p-1"
    batch: int = 2
    id_column: str = "id"
    existing: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, id: str) -> str:
        return self.texts.get(id, f'text of {id}, "quoted" and plain')

    @property
    def asked(self) -> dict[tuple[int, int], str]:
        return {(self.batch, rank): id for rank, id in enumerate(self.ids, 1)}

    def sheet(self, answers: Mapping[str, str] | Sequence[str] = ()) -> Sheet:
        labels = dict(answers) if isinstance(answers, Mapping) else dict(zip(self.ids, answers, strict=False))
        rows = [SheetRow(id, (self.text(id),), rank, label=labels.get(id, "")) for rank, id in enumerate(self.ids, 1)]
        return Sheet(self.name, self.batch, self.id_column, ("text",), rows, self.classes)

    def write(self, format: str = "csv", answers: Mapping[str, str] | Sequence[str] = ()) -> bytes:
        file = io.BytesIO()
        writer(next(row for row in FORMATS if row.name == format))(self.sheet(answers), file)
        return file.getvalue()

    def table(self, answers: Mapping[str, str] | Sequence[str] = ()) -> list[list[str]]:
        """The CSV sheet as cells, header first, to be spoilt by a test."""
        return list(csv.reader(io.StringIO(self.write("csv", answers).decode(), newline="")))

    def judge(self, data: bytes | str | list[list[str]], **more: Any) -> Judged:
        if isinstance(data, list):
            text = io.StringIO(newline="")
            csv.writer(text).writerows(data)
            data = text.getvalue()
        if isinstance(data, str):
            data = data.encode()
        reading = {k: more.pop(k) for k in ("label_column", "encoding", "pool_columns", "shown") if k in more}
        words = {k: more.pop(k) for k in ("new_classes", "fix_typos", "synonyms", "skip_words") if k in more}
        sheet = read_answers(
            data,
            reading.pop("shown", "sheet.csv"),
            id_column=self.id_column,
            **{"pool_columns": [self.id_column, "text", "x1"], **reading},
        )
        return judge(
            sheet,
            **{
                "known_ids": lambda ids: set(ids) & set(self.ids),
                "asked": self.asked,
                "project": self.name,
                "vocabulary": Vocabulary(self.classes, **words),
                "existing": self.existing,
                "annotator": "a1",
                **more,
            },
        )


def taken(judged: Judged) -> dict[str, str]:
    return {answer.id: answer.label for answer in judged.accepted}
