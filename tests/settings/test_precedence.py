"""Flag, then variable, then alcli.toml, then default; for every type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alcli.errors import UsageError
from alcli.settings import TABLE, Settings, Source, resolve, variable_of

# setting, what alcli.toml says, the variable, the flag; and what each comes to
KINDS: list[tuple[str, str, Any, str, Any, Any]] = [
    ("seed", "seed = 3", 3, "4", 4, 5),
    ("wait", "wait = 1", 1.0, "2.5", 2.5, 4.0),
    ("id", 'id = "a"', "a", "b", "b", "c"),
    ("color", 'color = "never"', "never", "always", "always", "auto"),
    ("count", "[query]\ncount = 7", 7, "8", 8, 9),
    ("strategy", '[query]\nstrategy = "margin"', "margin", "entropy", "entropy", "random"),
    ("with_guess", "[query]\nwith_guess = true", True, "no", False, True),
    ("progress", "progress = false", False, "yes", True, False),
    ("show", '[query]\nshow = ["a", "b"]', ("a", "b"), "c, d", ("c", "d"), ("e",)),
    ("on_conflict", '[import-labels]\non_conflict = "first"', "first", "newest", "newest", "error"),
    ("only_confident", "[predict]\nonly_confident = 0.5", 0.5, "0.75", 0.75, 1.0),
    ("labels", 'labels = "x.csv"', "x.csv", "y.csv", "y.csv", "z.csv"),
    ("aggregate", 'aggregate = "newest"', "newest", "majority", "majority", "newest"),
    ("query_param", '[query]\nparam = ["a=1"]', ("a=1",), "a=2", ("a=2",), ("a=3",)),
    ("train_param", '[train]\nparam = ["a=1"]', ("a=1",), "a=2", ("a=2",), ("a=3",)),
]


def default_of(name: str) -> Any:
    return Settings.__dataclass_fields__[name].default


@pytest.mark.parametrize(("name", "toml", "filed", "variable", "varied", "flag"), KINDS)
def test_the_nearer_source_wins(
    tmp_path: Path, name: str, toml: str, filed: Any, variable: str, varied: Any, flag: Any
) -> None:
    nothing = resolve({}, project=tmp_path, environ={})
    assert (getattr(nothing, name), nothing.sources[name]) == (default_of(name), Source("default"))
    (tmp_path / "alcli.toml").write_text(toml + "\n")
    environ = {variable_of(name): variable}
    from_file = resolve({}, project=tmp_path, environ={})
    assert getattr(from_file, name) == filed
    assert from_file.sources[name] == Source("file", f"{tmp_path / 'alcli.toml'}, line {toml.count(chr(10)) + 1}")
    from_variable = resolve({}, project=tmp_path, environ=environ)
    assert (getattr(from_variable, name), from_variable.sources[name].kind) == (varied, "variable")
    from_flag = resolve({name: flag}, project=tmp_path, environ=environ)
    assert (getattr(from_flag, name), from_flag.sources[name].kind) == (flag, "flag")
    # a flag that repeats the default is still a flag; an empty variable is none at all
    if default_of(name) not in (None, ()):
        assert getattr(resolve({name: default_of(name)}, project=tmp_path, environ=environ), name) == default_of(name)
    assert getattr(resolve({}, project=tmp_path, environ={variable_of(name): ""}), name) == filed


def test_a_boolean_has_a_variable_that_says_no(tmp_path: Path) -> None:
    assert resolve({}, project=tmp_path, environ={"ALCLI_NO_PROGRESS": "1"}).progress is False
    assert resolve({}, project=tmp_path, environ={"ALCLI_NO_PROGRESS": "0"}).progress is True
    assert resolve({}, project=tmp_path, environ={"ALCLI_NO_PROGRESS": ""}).progress is True
    assert resolve({"progress": True}, project=tmp_path, environ={"ALCLI_NO_PROGRESS": "1"}).progress is True
    (tmp_path / "alcli.toml").write_text("[train]\ncalibrate = true\n")
    assert resolve({}, project=tmp_path, environ={"ALCLI_NO_CALIBRATE": "yes"}).calibrate is False
    assert resolve({"calibrate": False}, project=tmp_path, environ={}).calibrate is False


def test_paths_are_relative_to_where_they_were_written(tmp_path: Path) -> None:
    project, other = tmp_path / "project", tmp_path / "other"
    project.mkdir()
    other.mkdir()
    (project / "alcli.toml").write_text('labels = "l.csv"\npool = ["p/*.csv"]\n')
    settings = resolve({"asked": "a.csv"}, project=project, environ={"ALCLI_MODEL": "m.joblib"})
    assert settings.path("labels") == project / "l.csv"
    assert settings.path("asked") == Path("a.csv")
    assert settings.path("model") == Path("m.joblib")
    assert settings.path("metrics") == project / "metrics.csv"
    assert (settings.base("pool"), settings.pool) == (project, ("p/*.csv",))
    # another settings file: its paths are relative to it, the folder to work in stays the one that is named
    apart = resolve({}, project=other, config=project / "alcli.toml", environ={})
    assert apart.path("labels") == project / "l.csv"
    assert apart.path("metrics") == other / "metrics.csv"
    alone = resolve({}, config=project / "alcli.toml", environ={})
    assert alone.path("metrics") == project / "metrics.csv"


def test_none_switches_the_file_off(tmp_path: Path) -> None:
    (tmp_path / "alcli.toml").write_text("this is not TOML")
    settings = resolve({}, project=tmp_path, config="none", environ={})
    assert settings.config is None
    assert resolve({}, project=tmp_path, environ={"ALCLI_CONFIG": "none"}).config is None


def test_the_project_may_come_from_a_variable(tmp_path: Path) -> None:
    (tmp_path / "alcli.toml").write_text("seed = 9\n")
    assert resolve({}, environ={"ALCLI_PROJECT": str(tmp_path)}).seed == 9


def test_a_byte_order_mark_and_dotted_keys_are_read(tmp_path: Path) -> None:
    (tmp_path / "alcli.toml").write_text('\ufeffseed = 1\nquery.count = 3\n"id" = "x"\n', encoding="utf-8")
    settings = resolve({}, project=tmp_path, environ={})
    assert (settings.seed, settings.count, settings.id) == (1, 3, "x")


def test_no_key_is_also_a_section() -> None:
    keys = {row.key or name for name, row in TABLE.items() if not row.section}
    assert not keys & {row.section for row in TABLE.values()}


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("seed", -1),
        ("seed", 2**32),
        ("seed", 1.5),
        ("seed", True),
        ("count", 0),
        ("wait", -1),
        ("wait", float("nan")),
        ("wait", float("inf")),
        ("only_confident", 1.5),
        ("color", "pink"),
        ("classes", ("a", "a")),
        ("show", (1,)),
        ("id", 3),
        ("annotator", "J\udcf6rg"),
    ],
)
def test_a_bad_value_is_refused_wherever_it_stands(tmp_path: Path, name: str, bad: Any) -> None:
    with pytest.raises(UsageError) as flag:
        resolve({name: bad}, project=tmp_path, environ={})
    assert flag.value.code == "bad-value"
    assert str(flag.value).startswith("--")
