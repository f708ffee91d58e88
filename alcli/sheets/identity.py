"""Whose answer is this? The row's id, its token and its texts, weighed against each other.

| id cell | token | texts | verdict |
| --- | --- | --- | --- |
| fits the token | whole | fit, or are not there | the id |
| fits the token | whole | one is that of another row | refused: sorted apart |
| fits the token | whole | changed | the id, and counted as edited, unless other rows were sorted apart |
| of another pool row | whole | fit, and the cell is what a spreadsheet makes of the token's id | the token's id, unless other rows were sorted apart |
| of another pool row | whole | else | refused: sorted apart |
| in no pool row | whole | fit, or the cell is like the token's id, or is blank | the token's id, unless other rows were sorted apart |
| in no pool row | whole | else | refused |
| any | of another project, damaged, or of a row never asked | any | refused |
| in the pool | none | any | the id, if it is text |
| a number or boolean in the pool | none | any | the id, if no other spelling of it (`007`) is in the pool |
| a date; in no pool row | none | any | refused, with the id that was probably meant |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from alcli.errors import listing
from alcli.sheets.harmless import unescape
from alcli.sheets.mangled import Lookalikes, is_like
from alcli.sheets.token import Token, read_token, text_check

_MOST_HINTS = 200
_WIDEST_ID = 12


class Problem(NamedTuple):
    """Why a row is not taken."""

    problem: str
    code: str
    column: str | None
    hint: str = ""


@dataclass(slots=True)
class Found:
    """The row that is meant.

    Attributes
    ----------
    id, batch : `batch` is empty where only the id told.
    restored : the id cell said something else.
    strangers : checks of texts that are not those of this row, with their columns; whether they
        are another row's is known when the whole sheet has been read.
    asked_of : whom the row was asked of; empty for nobody in particular, or where only the id told.
    """

    id: str
    batch: str = ""
    restored: bool = False
    strangers: tuple[tuple[str, str], ...] = ()
    asked_of: str = ""


@dataclass(slots=True)
class Clue:
    """One row's evidence, read once and kept until the ids of its chunk were looked up in the pool."""

    cell: str
    kind: str
    token: Token | None
    damaged: bool
    checks: tuple[tuple[str, str], ...]  # (letters, column)
    ids: tuple[str, ...]  # what the id cell may say


@dataclass
class Identifier:
    """Identifies the rows of one sheet.

    Parameters
    ----------
    project : what the tokens were made with.
    asked : (batch, rank) to id, from asked.csv.
    id_column : the name of the id column, for messages.
    asked_of : (batch, rank) to whom it was asked of.
    """

    project: str
    asked: Mapping[tuple[int, int], str]
    id_column: str
    asked_of: Mapping[tuple[int, int], str] = field(default_factory=dict)
    own_tokens: int = 0
    foreign_tokens: int = 0
    was_sorted: bool = False
    checks: set[str] = field(default_factory=set)
    _near: Lookalikes | None = None
    _hints: int = 0

    def clue(self, cell: str, kind: str, token_cell: str, shown: Sequence[tuple[str, str]]) -> Clue | str:
        """Read a row's evidence. `shown` holds (column, text).

        A row with nothing but an id that needs no second thought gives the id itself: of those there may be millions.
        """
        if not token_cell and not kind and cell and cell[0] != "'" and cell.strip() == cell:
            return cell
        if kind in ("formula", "error"):
            cell = ""
        ids = tuple(dict.fromkeys(text for text in (cell, unescape(cell), cell.strip()) if text.strip()))
        stated = token_cell.strip()
        token = read_token(stated) if stated else None
        checks: tuple[tuple[str, str], ...] = ()
        if token is not None:
            if token.of_project(self.project):
                self.own_tokens += 1
                self.checks.update(token.texts)
                checks = tuple((text_check(self.project, name, text), name) for name, text in shown)
            else:
                self.foreign_tokens += 1
        return Clue(cell, kind, token, bool(stated) and token is None, checks, ids)

    def questions(self, clue: Clue) -> list[str]:
        """The ids to look up in the pool before `identify`."""
        ids = list(clue.ids)
        if clue.token is None:
            ids += _spellings(clue)
        else:
            asked = self.asked.get((clue.token.batch, clue.token.rank))
            if asked is not None:
                ids.append(asked)
        return ids

    def identify(self, clue: Clue | str, known: set[str]) -> Found | Problem:
        """Say which row this is, or why that cannot be said. `known` answers `questions`."""
        if isinstance(clue, str):
            return Found(clue) if clue in known else self._unknown(Clue(clue, "", None, False, (), (clue,)))
        if clue.damaged:
            return Problem(
                "the row token is damaged, so the row cannot be known for sure",
                "damaged-token",
                "alcli_row",
                "copy the token from the sheet that was sent, or clear the cell to go by the id alone",
            )
        if clue.token is None:
            return self._by_id(clue, known)
        return self._by_token(clue, clue.token, known)

    def _by_token(self, clue: Clue, token: Token, known: set[str]) -> Found | Problem:
        if not token.of_project(self.project):
            return Problem(
                "the row was sent out by another project",
                "other-project",
                "alcli_row",
                "import it there: `alcli import-labels -C FOLDER`",
            )
        fitting = {letters for letters, _ in clue.checks}.issuperset(token.texts)
        place = (token.batch, token.rank)
        strangers = () if fitting else tuple(c for c in clue.checks if c[0] and c[0] not in token.texts)
        for id in clue.ids:
            if token.fits(self.project, id):
                if id not in known:
                    return self._unknown(clue)
                of = self.asked_of.get(place, "") if self.asked.get(place) == id else ""
                return Found(id, str(token.batch), strangers=strangers, asked_of=of)

        id = self.asked.get(place, "")
        if not id or not token.fits(self.project, id):
            return Problem(
                f"the row token is not that of {clue.cell!r}, and it names a row that asked.csv does not have",
                "unknown-token",
                self.id_column,
                "correct the id, or clear the token to go by the id alone",
            )
        if id not in known:
            return Problem(f"{id!r} is not in the pool any more", "unknown-id", self.id_column)
        proven = fitting and bool(token.texts)
        found = Found(id, str(token.batch), restored=True, strangers=strangers, asked_of=self.asked_of.get(place, ""))
        if any(other in known for other in clue.ids):
            if proven and is_like(clue.cell, id):
                return found
            self.was_sorted = True
            return Problem(
                f"the id is {clue.cell!r}, the row token that of {id!r}: the row was sorted apart from its id",
                "sorted-apart",
                self.id_column,
                "sort whole rows only; correct the id, or clear the token to go by the id alone",
            )
        if proven or not clue.ids or is_like(clue.cell, id):
            return found
        return Problem(
            f"{clue.cell!r} is not in the pool, and neither it nor the texts are those of {id!r}, "
            "which the row token names",
            "unknown-id",
            self.id_column,
            "correct the id, or clear the token to go by the id alone",
        )

    def _by_id(self, clue: Clue, known: set[str]) -> Found | Problem:
        id = next((text for text in clue.ids if text in known), None)
        if id is None:
            return self._unknown(clue)
        if clue.kind == "date":
            return Problem(
                f"the id {clue.cell!r} is a date in the workbook, so it may have been another text",
                "mangled-id",
                self.id_column,
                "write the id as text",
            )
        twins = [text for text in _spellings(clue) if text in known and text != id]
        if twins:
            return Problem(
                f"the id {clue.cell!r} is a {clue.kind} in the workbook; it may stand for {listing(twins, 3)}",
                "mangled-id",
                self.id_column,
                "write the id as text",
            )
        return Found(id)

    def _unknown(self, clue: Clue) -> Problem:
        if not clue.ids:
            if clue.kind in ("formula", "error"):
                return Problem(f"the id is a {clue.kind} without a value", "blank-id", self.id_column)
            return Problem("the row has an answer but no id", "blank-id", self.id_column)
        kind = f", a {clue.kind} in the workbook," if clue.kind else ""
        near: list[str] = []
        if self._hints < _MOST_HINTS:
            self._hints += 1
            if self._near is None:
                self._near = Lookalikes(self.asked.values())
            near = self._near.of(clue.cell)
        hint = ""
        if near:
            hint = f"a spreadsheet may have made it of {' or '.join(map(repr, near))}; write the id as text"
        elif clue.kind:
            hint = "a spreadsheet may have changed it; write the id as text"
        return Problem(
            f"{clue.cell[:80]!r}{kind} is an unknown id: it is not in the pool",
            "unknown-id",
            self.id_column,
            hint,
        )

    def settle(self, found: Found) -> Problem | None:
        """With the whole sheet read: does anything speak against a row whose id or texts were changed?

        A text of another row does. And where any row was sorted apart, a changed id or text is not
        taken for a harmless change: `123` beside the token of `00123` may be the next row's id.
        """
        for letters, column in found.strangers:
            if letters in self.checks:
                return Problem(
                    f"the text in column {column!r} is that of another row, not of {found.id!r}: "
                    "the row was sorted apart from its id",
                    "sorted-apart",
                    column,
                    "sort whole rows only; put the text of the row back, or clear the token to go by the id alone",
                )
        if self.was_sorted:
            what, column = ("texts are", found.strangers[0][1]) if found.strangers else ("id is", self.id_column)
            return Problem(
                f"the {what} not as sent for {found.id!r}, and other rows of this sheet were sorted apart",
                "sorted-apart",
                column,
                "put the row back as it was, or clear the token to go by the id alone",
            )
        return None

    def is_stranger(self, found: Found) -> bool:
        """Does a text of this row belong to another row of the sheet?"""
        return any(letters in self.checks for letters, _ in found.strangers)


def _spellings(clue: Clue) -> list[str]:
    """Other texts that a workbook would have turned into the same number or boolean."""
    text = clue.cell
    if clue.kind == "number":
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        if not digits.isdecimal():
            return [f"{text}0", f"{text}00", f"+{text}", f"0{text}"]
        padded = [sign + digits.zfill(width) for width in range(len(digits) + 1, _WIDEST_ID + 1)]
        bare = digits.rstrip("0")
        zeros = len(digits) - len(bare)
        powers = [f"{sign}{bare}{e}{zeros}" for e in ("E", "e", "E+", "e+", "E+0", "E0")] if bare and zeros else []
        return [*padded, f"{text}.0", f"{text}.00", f"+{text}", *powers]
    if clue.kind == "boolean":
        return [text.lower(), text.title(), text.upper()]
    return []
