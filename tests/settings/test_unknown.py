"""Typos in alcli.toml and in the environment are errors that name the nearest; silent typos cost labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from alcli.errors import SettingsError, UsageError
from alcli.settings import resolve
from alcli.settings.resolving import line_of


def trouble(folder: Path, toml: str, **environ: str) -> SettingsError:
    (folder / "alcli.toml").write_text(toml)
    with pytest.raises(SettingsError) as caught:
        resolve({}, project=folder, environ=environ)
    return caught.value


def test_an_unknown_key_is_told_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    error = trouble(tmp_path, 'seed = 1\n\n[query]\ncount = 5\nstatregy = "margin"\n')
    assert str(error) == "unknown key 'statregy' in [query]"
    assert str(error.at) == f"{tmp_path / 'alcli.toml'}, line 5"
    assert error.hint == "did you mean `strategy`?"
    assert error.code == "unknown-key"


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ("count = 5\n", "`count` stands in [query]"),
        ("[query]\nseed = 5\n", "`seed` stands above all sections"),
        ("[qury]\ncount = 5\n", "did you mean `query`?"),
        ("sede = 5\n", "did you mean `seed`?"),
        ("[query]\nzzz = 5\n", "the keys are: annotators, bom, "),
    ],
)
def test_a_key_in_a_wrong_place_is_told_where_it_belongs(tmp_path: Path, toml: str, hint: str) -> None:
    assert str(trouble(tmp_path, toml).hint).startswith(hint)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('seed = "3"\n', "'seed' is '3', not a whole number"),
        ("seed = true\n", "'seed' is True, not a whole number"),
        ("[query]\ncount = 0\n", "'count' is 0, not 1 or more"),
        ("wait = nan\n", "'wait' is nan, not a number"),
        ("quiet = 1\n", "'quiet' is 1, not true or false"),
        ("classes = [1, 2]\n", "'classes' is [1, 2], not a list of texts"),
        ("seed = [1]\n", "'seed' is [1], not a whole number"),
        ("seed = 1979-05-27\n", "not a whole number"),
        ("[seed]\n", "'seed' is {}, not a whole number"),
        ("query = 3\n", "unknown key 'query'"),
        ("[[query]]\ncount = 1\n", "unknown key 'query'"),
    ],
)
def test_a_wrong_type_is_told_at_its_line(tmp_path: Path, toml: str, says: str) -> None:
    error = trouble(tmp_path, toml)
    assert says in str(error)
    assert "alcli.toml, line " in str(error.at)


@pytest.mark.parametrize("text", [b"seed = 1\nseed = 2\n", b"seed = \n", b"\xff\xfe", b"a = " + b"[" * 100_000])
def test_a_file_that_is_no_toml_is_one_clear_error(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "alcli.toml").write_bytes(text)
    with pytest.raises(SettingsError) as caught:
        resolve({}, project=tmp_path, environ={})
    assert "alcli.toml" in str(caught.value.at)


def test_an_unknown_variable_names_the_nearest(tmp_path: Path) -> None:
    error = trouble(tmp_path, "", ALCLI_STRATGY="margin")
    assert (str(error), error.hint) == ("no setting is called ALCLI_STRATGY", "did you mean `ALCLI_STRATEGY`?")
    assert error.code == "unknown-variable"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALCLI_SEED", "x"),
        ("ALCLI_COUNT", "0"),
        ("ALCLI_QUIET", "maybe"),
        ("ALCLI_COLOR", "pink"),
        ("ALCLI_WAIT", "inf"),
    ],
)
def test_a_bad_variable_is_told_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    error = trouble(tmp_path, "", **{name: value})
    assert str(error).startswith(f"{name} is ")
    assert str(error.at) == "the environment"


def test_everything_that_is_wrong_can_be_had_at_once(tmp_path: Path) -> None:
    (tmp_path / "alcli.toml").write_text('sede = 1\nseed = "x"\n[query]\ncount = 4\n')
    wrong: list[SettingsError] = []
    settings = resolve({}, project=tmp_path, environ={"ALCLI_CUONT": "1"}, tolerate=wrong)
    assert [error.code for error in wrong] == ["unknown-variable", "unknown-key", "bad-value"]
    assert (settings.count, settings.seed) == (4, 0)


def test_a_missing_folder_or_file_is_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        resolve({}, project=tmp_path / "none", environ={})
    with pytest.raises(UsageError, match="there is no settings file"):
        resolve({}, config=tmp_path / "none.toml", environ={})


def test_lines_are_found_in_whatever_way_a_key_is_written() -> None:
    text = '# seed = 1\nseed = 1\n"id" = "x"\n[ query ]\n  count=3\n[train]\ncount = 4\n'
    assert [line_of(text, *at) for at in [("", "seed"), ("", "id"), ("query", "count"), ("train", "count")]] == [
        2,
        3,
        5,
        7,
    ]
