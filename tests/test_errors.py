"""Errors: what, where, what to do; the same after a journey between processes."""

from __future__ import annotations

import pickle

import pytest

from alcli.cli.performing import in_words
from alcli.errors import (
    AlcliError,
    Exit,
    FileTrouble,
    MissingExtra,
    ModelError,
    Place,
    SettingsError,
    TableError,
    UsageError,
    did_you_mean,
)


def test_an_error_reads_as_the_contract_says() -> None:
    error = TableError(
        "'postive' is not one of the 2 labels of this project",
        at=Place("to_label.xlsx", 14, "label"),
        hint="did you mean 'positive'? New classes are accepted with `--new-classes`",
    )
    assert in_words(error) == [
        "error: 'postive' is not one of the 2 labels of this project",
        "   at: to_label.xlsx, row 14, column 'label'",
        " hint: did you mean 'positive'? New classes are accepted with `--new-classes`",
    ]


def test_exit_codes_never_change() -> None:
    assert {each.name: int(each) for each in Exit} == {
        "DONE": 0,
        "TROUBLE": 1,
        "USAGE": 2,
        "NO": 3,
        "INTERRUPTED": 130,
        "BROKEN_PIPE": 141,
        "TERMINATED": 143,
    }


@pytest.mark.parametrize("kind", [AlcliError, UsageError, SettingsError, TableError, ModelError, FileTrouble])
def test_errors_cross_process_borders_whole(kind: type[AlcliError]) -> None:
    error = kind("what", at=Place("file", 3, "column"), hint="do", code="special")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (back.message, back.at, back.hint, back.code, back.exit) == ("what", error.at, "do", "special", kind.exit)


def test_a_missing_part_names_the_extra() -> None:
    error = pickle.loads(pickle.dumps(MissingExtra("reading .skops files", "skops")))
    assert error.hint == "`pip install 'alcli[skops]'`"
    assert error.code == "missing-extra"


def test_only_usage_is_a_wrong_command_line() -> None:
    assert UsageError.exit == Exit.USAGE
    assert {kind.exit for kind in (AlcliError, SettingsError, TableError, ModelError, FileTrouble)} == {Exit.TROUBLE}


def test_places_say_as_much_as_is_known() -> None:
    assert str(Place("a.csv")) == "a.csv"
    assert str(Place("a.csv", column="id")) == "a.csv, column 'id'"
    assert str(TableError("x", at="a.csv").at) == "a.csv"


def test_capitals_are_near() -> None:
    assert did_you_mean("MARGIN", ["margin"]) == "did you mean `margin`?"
