"""What a spreadsheet makes of an id: `00123` becomes 123, `1E5` 100000, `MAR1` 1-Mar.

Nothing here decides alone. A likeness only ever supports a token that names the id, or a hint.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    rf"(?P<a>\d{{0,4}})[-/ .]?(?P<month>{'|'.join(_MONTHS)})[a-z]*[-/ .,]?(?P<b>\d{{0,4}})", re.I | re.A
)
_NUMBERED = re.compile(r"(\d{1,4})[-/. ](\d{1,2})(?:[-/. ](\d{1,4}))?(?:[ T][\d:.]+)?", re.ASCII)
# Doubles hold 15 digits; a spreadsheet shows fewer where the column is narrow, six in Excel's `1.23457E+19`.
_DIGITS = 15


def number_in(text: str) -> Decimal | None:
    """The number that a spreadsheet would read in this text.

    >>> number_in("1E5") == number_in(" 100000.0 ")
    True
    >>> number_in("0x1F") is None
    True
    """
    text = text.strip().lstrip("'")
    if not text or len(text) > 60 or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern lets none through
        return None


def same_number(texts: Iterable[str]) -> tuple[str, str] | None:
    """Two of these texts that are one number to a spreadsheet, or None.

    >>> same_number(["cat", "1", "01"])
    ('1', '01')
    """
    seen: dict[Decimal, str] = {}
    for text in texts:
        number = number_in(text)
        if number is not None and seen.setdefault(number, text) != text:
            return seen[number], text
    return None


def _digits(text: str) -> int:
    """How many significant digits a number is written with."""
    mantissa = re.split("[eE]", text.strip().lstrip("'+-"))[0].replace(".", "").lstrip("0")
    return max(1, len(mantissa))


def squeezed(text: str) -> str:
    """The text without regard to case, blanks, quotes and the form of accents."""
    return "".join(unicodedata.normalize("NFC", text.strip().lstrip("'")).casefold().split())


def is_like(cell: str, id: str) -> bool:
    """Could a spreadsheet have made `cell` of `id`?

    >>> [is_like("123", "00123"), is_like("1.23457E+19", "12345678901234567890"), is_like("Mar-01", "MAR1")]
    [True, True, True]
    >>> [is_like("CafÃ©-7", "Café-7"), is_like("124", "00123")]
    [True, False]
    """
    if squeezed(cell) == squeezed(id) or _is_misread(cell, id):
        return True
    shown, true = number_in(cell), number_in(id)
    if shown is not None and true is not None:
        if shown == true:
            return True
        digits = min(_DIGITS, _digits(cell))
        # A cell that shows few digits of a long number stands for many ids; four digits are too few to tell.
        return digits >= 4 and _rounded(shown, digits) == _rounded(true, digits)
    return not _dates(cell).isdisjoint(_dates(id))


def _is_misread(cell: str, id: str) -> bool:
    """Is the cell the id in a wrong encoding: UTF-8 read as cp1252, or saved as cp1252 with gaps?"""
    if id.isascii():
        return False
    read = "".join(bytes([byte]).decode("cp1252", "replace") for byte in id.encode("utf-8", "replace"))
    if len(read) == len(cell) and all(a == b or a == "\ufffd" for a, b in zip(read, cell, strict=True)):
        return True
    # What cp1252 does not have is saved as one or two question marks.
    saved = id.encode("cp1252", "replace").decode("cp1252")
    return "?" in saved and re.sub(r"\?+", "?", saved) == re.sub(r"\?+", "?", cell)


def _dates(text: str) -> set[tuple[int, int]]:
    """What a date may say, as (month, day or year of the century); `1-2` may be January or February."""
    text = text.strip().lstrip("'")
    if len(text) > 30:
        return set()
    if match := _NAMED.fullmatch(text):
        month = _MONTHS.index(match["month"].lower()) + 1
        return {(month, int(number) % 100) for number in (match["a"], match["b"]) if number}
    if match := _NUMBERED.fullmatch(text):
        numbers = [int(number) for number in match.groups() if number]
        if len(match[1]) > 2:  # a year comes first
            return {(numbers[1], other % 100) for other in (numbers[0], *numbers[2:])}
        return {
            (month, other % 100)
            for i, month in enumerate(numbers[:2])
            for j, other in enumerate(numbers)
            if i != j and 1 <= month <= 12
        }
    return set()


def _rounded(number: Decimal, digits: int) -> str:
    return f"{number:.{digits - 1}e}"


class Lookalikes:
    """The ids of a project by what a spreadsheet may have made of them; for hints."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._by_key: dict[str, list[str]] = {}
        for id in ids:
            for key in self._keys(id):
                self._by_key.setdefault(key, []).append(id)

    @staticmethod
    def _keys(text: str) -> list[str]:
        keys = ["text " + squeezed(text)]
        number = number_in(text)
        if number is not None:
            keys.append("number " + _rounded(number, 4))
        keys += [f"date {month} {other}" for month, other in sorted(_dates(text))]
        return keys

    def of(self, cell: str) -> list[str]:
        """Ids that may have become this cell, at most five."""
        near: list[str] = []
        for key in self._keys(cell):
            for id in self._by_key.get(key, ()):
                if id not in near and id != cell and is_like(cell, id):
                    near.append(id)
                    if len(near) == 5:
                        return near
        return near
