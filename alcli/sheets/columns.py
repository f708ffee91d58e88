"""Which column of a returned sheet is which."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from alcli.errors import Place, TableError, listing
from alcli.sheets.harmless import unescape
from alcli.sheets.token import COLUMN as TOKEN

COMMENT = "comment"
GUESS = ("guess", "confidence")
#: Why a row is asked: what chose it, and the labelled rows that are most like it.
WHY = ("chosen_by", "nearest_labelled")
#: Columns that a sheet tells a labeler; whatever comes back in them is no answer.
REMARKS = (*GUESS, *WHY)
REJECTS = ("file", "row", "column", "problem")
ANNOTATOR = "annotator"
ANSWERED = "answered_at"
#: Under this name labelling tools carry a row's id, since they have an `id` of their own.
ID = "alcli_id"
# The UTF-8 mark, whole, and as a program shows it that took the file for cp1252.
_MARKS = ("\ufeff", "\u00ef\u00bb\u00bf")


@dataclass(frozen=True)
class Columns:
    """Positions in a row.

    Attributes
    ----------
    id : None where the column is gone but the tokens are there.
    label : the answers.
    comment, token, annotator, answered : None where the sheet has no such column.
    shown : (name in the pool, position) of the texts that the labeler saw.
    is_rejects : the sheet is a rejects file of an earlier import.
    """

    id: int | None
    label: int
    comment: int | None = None
    token: int | None = None
    annotator: int | None = None
    answered: int | None = None
    shown: tuple[tuple[str, int], ...] = field(default=())
    is_rejects: bool = False


def clean_header(header: Sequence[str]) -> list[str]:
    """Column names without what programs leave in them: marks, quotes, blanks, the formula escape."""
    names = []
    for name in header:
        for mark in _MARKS:
            name = name.removeprefix(mark)
        name = name.strip()
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = name[1:-1]
        names.append(unescape(name))
    return names


def is_rejects_header(header: Sequence[str]) -> bool:
    """Is this the header of a rejects file?"""
    return tuple(clean_header(header[:4])) == REJECTS


def has_answers(header: Sequence[str], id_column: str, label_column: str) -> bool:
    """Could rows under this header be answers? Says no where `find_columns` would raise."""
    try:
        find_columns(header, "", id_column=id_column, label_column=label_column)
    except TableError:
        return False
    return True


def find_columns(
    header: Sequence[str],
    file: str,
    *,
    id_column: str,
    label_column: str,
    pool_columns: Collection[str] | None = None,
) -> Columns:
    """Look up the columns of a returned sheet.

    Names are compared exactly, and where that finds nothing without regard to case, blanks and the
    form of accents.

    Parameters
    ----------
    header : the sheet's first row.
    file : its name, for messages.
    id_column : the pool's name for its ids; `id` is taken where that is missing.
    label_column : from the settings or `--label`.
    pool_columns : names of the pool's columns. Those found in the sheet are taken for the texts
        that the labeler saw; None takes every column without another meaning.

    Raises
    ------
    TableError
        If the id column is missing and there are no tokens either, if the label column is missing,
        or if one of them is there twice. The message lists the columns found.
    """
    names = clean_header(header)
    start = 4 if is_rejects_header(header) else 0
    place = Place(file)
    found = [" ".join(name.split()) for name in names[start:] if name]
    if not found:
        raise TableError("there are no columns in this sheet", at=place, code="no-columns")

    def one(name: str, also: str | None = None) -> int | None:
        for want in (name, also):
            if want is None:
                continue
            exact = [i for i in range(start, len(names)) if names[i] == want]
            near = exact or [i for i in range(start, len(names)) if _plain(names[i]) == _plain(want)]
            if len(near) > 1:
                raise TableError(
                    f"there are {len(near)} columns {want!r}",
                    at=place,
                    hint="leave one of them in the sheet",
                    code="duplicate-column",
                )
            if near:
                return near[0]
        return None

    token = one(TOKEN)
    # a tool's own `id` stands beside ours, and numbers its tasks
    id = one(ID) if id_column != ID and ID in names else None
    if id is None:
        id = one(id_column, None if id_column == "id" else "id")
    label = one(label_column)
    if id is None and token is None:
        raise TableError(
            f"there is no id column {id_column!r}; the columns found are: {listing(found)}",
            at=place,
            hint=f"{_near(id_column, found)}`--id COLUMN` names the column that holds the ids",
            code="no-id-column",
        )
    if label is None:
        raise TableError(
            f"there is no label column {label_column!r}; the columns found are: {listing(found)}",
            at=place,
            hint=f"{_near(label_column, found)}`--label COLUMN` names the column that holds the answers",
            code="no-label-column",
        )
    if id == label:
        raise TableError(
            f"column {names[label]!r} cannot hold both the ids and the answers",
            at=place,
            hint="name the answers with `--label COLUMN`",
            code="no-label-column",
        )
    pool = None if pool_columns is None else {_plain(name): name for name in pool_columns}
    comment, annotator = one(COMMENT), one(ANNOTATOR)
    if annotator is not None and pool is not None and _plain(ANNOTATOR) in pool:
        annotator = None  # the pool has a column of that name; it says nothing about who answered
    answered = one(ANSWERED)
    if answered is None and "annotation_id" in names:
        answered = one("updated_at")  # Label Studio's own export as CSV
    if answered is not None and pool is not None and _plain(names[answered]) in pool:
        answered = None
    taken = {id, label, comment, token, annotator, answered}
    shown = [
        (names[i] if pool is None else pool[_plain(names[i])], i)
        for i in range(start, len(names))
        if i not in taken and names[i] and (names[i] not in REMARKS if pool is None else _plain(names[i]) in pool)
    ]
    return Columns(id, label, comment, token, annotator, answered, tuple(shown), start > 0)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _near(name: str, found: Sequence[str]) -> str:
    """`is it 'Label (cat/dog)'? ` for the column that is probably meant, or nothing."""
    near = [other for other in found if _plain(name) in _plain(other)] or get_close_matches(name, found, 1)
    return f"is it {near[0]!r}? " if near else ""
