"""`[import-labels]` and `[recheck]`, and what answers mean: how they are read, what counts, which are asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from alcli.settings.rows import VOTES, setting

answer = partial(setting, section="import-labels")
again = partial(setting, section="recheck")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class ImportLabels:
    """How answers are read."""

    annotator: str = answer(
        "",
        "text",
        "Who answered, where neither the sheet nor asked.csv says it",
        "import-labels",
    )
    stand_in: bool = answer(
        False,
        "bool",
        "Take answers of another person than the row was asked of",
        "import-labels",
    )
    synonyms: tuple[str, ...] = answer(
        (),
        "texts",
        "WORD=CLASS, another word for a class",
        "import-labels check",
        flag="synonym",
    )
    skip_words: tuple[str, ...] = answer(
        (),
        "texts",
        "Words for no answer, besides `?`, `skip` and `unsure`",
        "import-labels check",
        flag="skip_word",
    )
    withdraw_words: tuple[str, ...] = answer(
        (),
        "texts",
        "Words that take an answer back, besides `withdraw`",
        "import-labels check",
        flag="withdraw_word",
    )
    on_conflict: str = answer(
        "error",
        "choice",
        "When this annotator's answer differs from the earlier one",
        "import-labels",
        choices=("error", "newest", "first"),
    )
    strict: bool = answer(False, "bool", "Take all rows or none", "import-labels")
    fix_typos: bool = answer(False, "bool", "Take near misses of a class for that class", "import-labels")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Votes:
    """Which answers count, and how they become one label. They shape many commands, so they have no section."""

    aggregate: str = setting(
        "majority",
        "choice",
        "How several answers become one label",
        "simulate " + VOTES,
        choices=("majority", "newest", "weighted", "dawid-skene", "mace", "glad"),
    )
    on_recheck: str = setting(
        "override",
        "choice",
        "Whether the answer to a recheck takes the place of what others answered before",
        VOTES,
        choices=("override", "vote"),
    )
    exclude_annotator: tuple[str, ...] = setting(
        (),
        "texts",
        "Somebody whose answers do not count and who gets no rows",
        VOTES,
        commas=True,
    )
    gold_from: str | None = setting(
        None, "path", "Known answers: a file of ids and labels, or the annotator who gave them", VOTES
    )
    with_columns: bool = setting(False, "bool", "Join the pool's columns", "labels")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Recheck:
    """What is sent out again, and to whom."""

    recheck_count: int = again(30, "int", "Rows to send out again", "recheck", flag="count", key="count", least=1)
    with_new: bool = again(False, "bool", "Also rows without a label, where one is worth more", "recheck")
    whom: str = again(
        "interval",
        "choice",
        "Which of --annotators a row goes to: all alike, the best, or who may be the best",
        "recheck",
        choices=("even", "best", "interval"),
    )
    price: tuple[str, ...] = again(
        (), "texts", "NAME=NUMBER, what an answer of an annotator costs", "recheck", commas=True
    )
    show_answers: bool = again(False, "bool", "Show labelers what was answered before", "recheck")
