"""The row token: who a row of a sheet is, in letters that no spreadsheet changes.

    f-dc-vbpfkrtsp-lctwn-jf
    │ │  │  │      │     └ two letters over all the rest: is the token itself whole?
    │ │  │  │      └────── five letters for each shown text, four texts at most
    │ │  │  └───────────── six letters of project and id
    │ │  └──────────────── three letters of the project
    │ └─────────────────── rank in the batch
    └───────────────────── batch

Only lower-case consonants and hyphens: no digits (numbers, dates), no vowels (words, months,
booleans), nothing that begins a formula. The letters of a text do not depend on what spreadsheets
do to text without harm: see `essence`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

COLUMN = "alcli_row"
LETTERS = "bcdfghjklmnpqrstvwxz"
MOST_TEXTS = 4

# A text is known by its beginning: XLSX cuts cells at 32,767 characters, and the part that is
# left after blanks are removed may be much shorter.
_READ = 8000
_SHAPE = re.compile(
    rf"(?P<batch>[{LETTERS}]+)-(?P<rank>[{LETTERS}]+)-(?P<project>[{LETTERS}]{{3}})(?P<id>[{LETTERS}]{{6}})"
    rf"(?P<texts>(?:-[{LETTERS}]{{5}}){{0,4}})-(?P<whole>[{LETTERS}]{{2}})"
)
_BYTE_TO_LETTER = bytes(ord(LETTERS[byte % len(LETTERS)]) for byte in range(256))
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_INVISIBLE = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xFEFF, 0xFFFE, 0xFFFF, 0x200B])


def _letters(size: int, *parts: str) -> str:
    """`size` letters that depend on all parts and on where one ends and the next begins."""
    whole = "".join([f"{len(part)}:{part}" for part in parts]).encode("utf-8", "surrogatepass")
    return blake2b(whole, digest_size=size, person=b"alcli row").digest().translate(_BYTE_TO_LETTER).decode()


def _spell(number: int) -> str:
    """A number in letters, the first of which stands for 0."""
    out = ""
    while number or not out:
        number, letter = divmod(number, len(LETTERS))
        out = LETTERS[letter] + out
    return out


def _number(letters: str) -> int:
    total = 0
    for letter in letters:
        total = total * len(LETTERS) + LETTERS.index(letter)
    return total


def essence(text: str) -> str:
    r"""What is left of a shown text when everything is taken away that a spreadsheet may change without harm.

    Blanks, line ends, tabs and control characters go; so does the apostrophe of the formula escape;
    accents are composed; a number is its value to six digits.

    >>> essence("one\r\ntwo ") == essence("one\ntwo")
    True
    >>> essence("3.10") == essence("3.1")
    True
    >>> essence("'=1+1") == essence("=1+1")
    True
    """
    text = text[: 4 * _READ]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = text.translate(_INVISIBLE)
    text = "".join(text.split()).lstrip("'")[:_READ]
    if len(text) <= 40 and _NUMBER.fullmatch(text):
        return f"{float(text):.6g}"
    return text


def text_check(project: str, column: str, text: str) -> str:
    """The five letters of one shown text; an empty text has none."""
    left = essence(text)
    return _letters(5, project, column, left) if left else ""


@lru_cache(maxsize=64)
def _project_letters(project: str) -> str:
    return _letters(3, project)


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was read back whole.

    Attributes
    ----------
    batch, rank : where the row stands in asked.csv.
    project, id, texts : letters; compare them with the methods.
    """

    batch: int
    rank: int
    project: str
    id: str
    texts: tuple[str, ...]

    def of_project(self, project: str) -> bool:
        """Was the row sent out by this project?"""
        return self.project == _project_letters(project)

    def fits(self, project: str, id: str) -> bool:
        """Is this the id of the row? Another one passes with a chance of 1 in 64 million."""
        return self.of_project(project) and self.id == _letters(6, project, id)

    def fits_text(self, project: str, shown: Mapping[str, str]) -> bool:
        """Are all texts that the token knows among these (column name to text)?

        Columns that were added, moved or left out of the token do not matter.
        """
        have = {text_check(project, name, text) for name, text in shown.items()}
        return have.issuperset(self.texts)


def make_token(project: str, batch: int, rank: int, id: str, shown: Iterable[tuple[str, str]] = ()) -> str:
    """The token of one row.

    Parameters
    ----------
    project : whatever tells this project from others; the same on the way back.
    batch, rank : the row in asked.csv; not negative.
    id : the row's id in the pool.
    shown : (column name, text) of the shown columns, in their order. The first four texts that
        are not empty are known again; a sheet sorted apart is noticed by them.

    Raises
    ------
    ValueError
        If `batch` or `rank` is negative.
    """
    if batch < 0 or rank < 0:
        raise ValueError(f"batch and rank must not be negative, not {batch} and {rank}")
    parts = [_spell(batch), _spell(rank), _project_letters(project) + _letters(6, project, id)]
    for column, text in shown:
        if check := text_check(project, column, text):
            parts.append(check)
            if len(parts) == 3 + MOST_TEXTS:
                break
    body = "-".join(parts)
    return f"{body}-{_letters(2, body)}"


def read_token(text: str) -> Token | None:
    """The token in a cell, or None when there is none or it is damaged.

    Blanks around it, capitals and typographic dashes are forgiven: word processors and
    spreadsheets add them.

    >>> read_token(make_token("p", 3, 41, "a-1")).rank
    41
    >>> read_token("no token") is None
    True
    """
    match = _SHAPE.fullmatch(text.strip().lower().translate(_DASHES))
    if match is None:
        return None
    body = match[0][: match.start("whole") - 1]
    if match["whole"] != _letters(2, body):
        return None
    return Token(
        _number(match["batch"]),
        _number(match["rank"]),
        match["project"],
        match["id"],
        tuple(match["texts"].split("-")[1:]),
    )
