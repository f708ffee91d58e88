"""Who gave an answer: the sheet may say it, the command line, and asked.csv, which knows whom the row was asked of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from alcli.errors import listing
from alcli.sheets.identity import Problem


@dataclass(frozen=True)
class People:
    """What is known about who answers.

    Attributes
    ----------
    asked_of : (batch, rank) -> whom that row was asked of; rows asked of nobody in particular are missing.
    out_with : id -> names, for rows that are out with nobody but those.
    said : who answered, by the command line; empty when it does not say it.
    stand_in : somebody else may have answered than was asked.
    """

    asked_of: Mapping[tuple[int, int], str] = field(default_factory=dict)
    out_with: Mapping[str, Collection[str]] = field(default_factory=dict)
    said: str = ""
    stand_in: bool = False

    def who(self, cell: str, asked: str, id: str, usual: str) -> str | Problem:
        """The annotator of one answer.

        Parameters
        ----------
        cell : what the sheet's annotator column says.
        asked : whom the row was asked of, by its token.
        usual : from the settings, where nothing else says it.
        """
        who = cell or self.said or asked or usual
        if asked and who != asked and not self.stand_in:
            source = "the sheet says" if cell else "`--annotator` says"
            return Problem(
                f"{id!r} was asked of {asked!r} here, and {source} that {who!r} answered",
                "other-annotator",
                None,
                f"without `--annotator` it is taken as the answer of {asked!r}; "
                f"if {who!r} did answer, pass `--stand-in`",
            )
        if not who and id in self.out_with:
            return Problem(
                f"{id!r} is out with {listing(sorted(self.out_with[id]), 3)}, and nothing says whose answer this is",
                "no-annotator",
                None,
                "say it: `--annotator NAME`",
            )
        return who
