"""What a labeler's word means: a class, a skip, nothing, or something that no class is."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from alcli.errors import listing
from alcli.sheets.harmless import is_risky, unescape
from alcli.sheets.mangled import number_in

SKIP_WORDS = ("?", "skip", "unsure")
WITHDRAW_WORDS = ("withdraw",)
_UNSEEN = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFE0E, 0xFE0F])


@dataclass(frozen=True, slots=True)
class Word:
    """What one cell means.

    Attributes
    ----------
    kind : label, skip, withdraw, blank, or wrong.
    label : the class, for a label.
    problem, hint, code : why it is wrong.
    fixed : the class was guessed from a typo.
    new : the class is not among those of the settings.
    """

    kind: str
    label: str = ""
    problem: str = ""
    hint: str = ""
    code: str = ""
    fixed: bool = False
    new: bool = False


def plain(text: str) -> str:
    """A label without regard to case, blanks, invisible characters and the form of accents."""
    text = unicodedata.normalize("NFC", text).translate(_UNSEEN)
    return unicodedata.normalize("NFC", " ".join(text.casefold().split()))


class Vocabulary:
    """Reads the cells of a label column; every different cell is thought about once.

    Parameters
    ----------
    classes : what may be answered.
    synonyms : other words for classes; both exact and as `plain` sees them.
    skip_words : words for "no answer"; a class of that name comes first.
    withdraw_words : words that take an earlier answer back; classes and skips of that name come first.
    new_classes : take words that are no class as new classes.
    fix_typos : take the one class that is near; the caller reports it.
    """

    def __init__(
        self,
        classes: Sequence[str],
        *,
        synonyms: Mapping[str, str] | None = None,
        skip_words: Collection[str] = SKIP_WORDS,
        withdraw_words: Collection[str] = WITHDRAW_WORDS,
        new_classes: bool = False,
        fix_typos: bool = False,
    ) -> None:
        self.classes = tuple(classes)
        self.new_classes = new_classes
        self.fix_typos = fix_typos
        self._exact: dict[str, str] = {**(synonyms or {}), **{name: name for name in classes}}
        self._plain: dict[str, set[str]] = {}
        self._numbers: dict[object, set[str]] = {}
        for word, name in self._exact.items():
            self._plain.setdefault(plain(word), set()).add(name)
            number = number_in(word)
            if number is not None:
                self._numbers.setdefault(number, set()).add(name)
        self._skip = {plain(word) for word in skip_words}
        self._withdraw = {plain(word) for word in withdraw_words}
        self._seen: dict[str, Word] = {}

    def read(self, cell: str) -> Word:
        """What a cell means."""
        word = self._seen.get(cell)
        if word is None:
            word = self._think(cell)
            # A comment column mistaken for the labels must not fill the memory.
            if len(self._seen) < 100_000:
                self._seen[cell] = word
        return word

    def _think(self, cell: str) -> Word:
        for text in dict.fromkeys((cell, unescape(cell))):
            if text in self._exact:
                return Word("label", self._exact[text])
        if not cell.strip():
            return Word("blank")
        text = unescape(cell.strip())
        names = self._plain.get(plain(text), set())
        if not names:
            if plain(text) in self._skip:
                return Word("skip")
            if plain(text) in self._withdraw:
                return Word("withdraw")
            number = number_in(text)
            names = self._numbers.get(number, set()) if number is not None else set()
        if len(names) == 1:
            return Word("label", next(iter(names)))
        if names:
            return Word(
                "wrong",
                problem=f"{cell!r} could be any of the labels {listing(sorted(names))}",
                hint="write the label exactly",
                code="unclear-label",
            )
        return self._unknown(cell, text)

    def _unknown(self, cell: str, text: str) -> Word:
        if is_risky(text) and number_in(text) is None:
            return Word("wrong", problem=f"{cell[:80]!r} is a formula, not a label", code="formula")
        near = get_close_matches(text.casefold(), {name.casefold() for name in self.classes}, n=2, cutoff=0.6)
        suggestion = next((name for name in self.classes if near and name.casefold() == near[0]), None)
        if self.fix_typos and suggestion is not None and self._is_typo(text, near):
            return Word("label", suggestion, fixed=True)
        if self.new_classes:
            return Word("label", unicodedata.normalize("NFC", text), new=True)
        if suggestion is not None:
            hint = f"did you mean {suggestion!r}? New classes are accepted with `--new-classes`"
        elif self.classes:
            hint = f"the labels are: {listing(self.classes)}; new classes are accepted with `--new-classes`"
        else:
            hint = "the project has no classes yet; they are accepted with `--new-classes`"
        return Word(
            "wrong",
            problem=f"{cell[:80]!r} is not one of the {len(self.classes)} labels of this project",
            hint=hint,
            code="unknown-label",
        )

    def _is_typo(self, text: str, near: Sequence[str]) -> bool:
        """Is exactly one class near enough to be taken for what was meant?"""
        close = get_close_matches(text.casefold(), near, n=2, cutoff=0.75)
        return len(close) == 1
