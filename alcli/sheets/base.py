"""A sheet on its way out: rows, columns, classes. Every format writes this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from alcli.errors import UsageError
from alcli.sheets.columns import COMMENT, GUESS, WHY
from alcli.sheets.token import COLUMN as TOKEN
from alcli.sheets.token import make_token


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row to be labelled.

    Attributes
    ----------
    id : the row's id in the pool.
    shown : one text for each shown column.
    rank : the row's rank in its batch, as in asked.csv.
    guess, confidence : what the model thinks, for sheets that are not blind; confidence in 0..1.
    chosen_by, nearest : what chose the row, and the labelled rows that are most like it, one a line,
        for sheets that say why.
    label, comment : an answer that is already there, for sheets that show earlier ones.
    """

    id: str
    shown: tuple[str, ...]
    rank: int
    guess: str = ""
    confidence: float | None = None
    chosen_by: str = ""
    nearest: str = ""
    label: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Sheet:
    """A whole sheet.

    Columns stand in this order: the id under the pool's own name, the shown columns, `guess` and
    `confidence`, `chosen_by` and `nearest_labelled` when asked for, the label, `comment`, and last the token `alcli_row`.

    Attributes
    ----------
    project : what the tokens are made with; the same on the way back.
    batch : the number of the batch in asked.csv.
    classes : what may be answered, in the order of the settings.
    skip_word : what a labeler may answer instead; empty for no such word.
    told : those of the shown columns that are not the pool's; tokens do not depend on them.
    created : when the batch was made, as ledgers write it; the same sheet gives the same bytes.
    person : whom the sheet is for, when the batch is split between several; no cell says it.
    instructions : what a labeler should read first, as Markdown; formats without a place for it leave it out.

    Raises
    ------
    UsageError
        If a shown column or the id column has the name of one of the sheet's own columns: the
        label would not be found again.
    """

    project: str
    batch: int
    id_column: str
    shown_columns: tuple[str, ...]
    rows: Sequence[SheetRow] = field(repr=False)
    classes: tuple[str, ...] = ()
    label_column: str = "label"
    with_guess: bool = False
    with_why: bool = False
    skip_word: str = "?"
    created: str = ""
    told: tuple[str, ...] = ()
    person: str = ""
    instructions: str = ""

    def __post_init__(self) -> None:
        own = (*self.remarks, self.label_column, COMMENT, TOKEN)
        pool = (self.id_column, *self.shown_columns)
        for name in pool:
            if name in own:
                what = "the id column" if name == self.id_column else "a shown column"
                raise UsageError(
                    f"{what} is called {name!r}, as a column that the sheet itself needs",
                    hint="name the answers with `--label NAME`"
                    if name == self.label_column
                    else "leave it out with `--show`, or rename it in the pool",
                    code="column-clash",
                )
        for names in (pool, own):
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise UsageError(f"the sheet would have two columns {twice!r}", code="column-clash")

    @property
    def header(self) -> list[str]:
        """The names of all columns, in order."""
        return [self.id_column, *self.shown_columns, *self.remarks, self.label_column, COMMENT, TOKEN]

    @property
    def remarks(self) -> tuple[str, ...]:
        """The columns that say what the model thinks and why a row is asked; none of a blind sheet."""
        return (*(GUESS if self.with_guess else ()), *(WHY if self.with_why else ()))

    def cells(self, row: SheetRow) -> list[str]:
        """One row as text, in the order of `header`."""
        told: tuple[str, ...] = ()
        if self.with_guess:
            told = (row.guess, "" if row.confidence is None else f"{row.confidence:.3f}")
        if self.with_why:
            told = (*told, row.chosen_by, row.nearest)
        token = make_token(
            self.project,
            self.batch,
            row.rank,
            row.id,
            [pair for pair in zip(self.shown_columns, row.shown, strict=True) if pair[0] not in self.told],
        )
        return [row.id, *row.shown, *told, row.label, row.comment, token]


def file_word(name: str) -> str:
    """A person's name as a part of a file's name: what is no letter, digit or one of `.@+-_` becomes `_`.

    >>> file_word("a1"), file_word("Anna Öhm"), file_word("../x")
    ('a1', 'Anna_Öhm', 'x')
    """
    word = re.sub(r"[^\w.@+-]+", "_", unicodedata.normalize("NFC", name)).strip("._")
    return word.encode()[:80].decode(errors="ignore") or "_"


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer did.

    Attributes
    ----------
    rows : how many were written.
    cut : texts too long for the format: (id, column).
    beside : further files that a tool needs once: (suffix, content).
    """

    rows: int
    cut: tuple[tuple[str, str], ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()
