from __future__ import annotations

import subprocess
import sys

import pytest

from alcli.errors import UsageError
from alcli.strategies import SELECTORS, UTILITIES, known_params, parse_params, resolve, split_params
from alcli.strategies.params import _loaded, _written


def test_values_are_typed_by_the_signature():
    assert parse_params(resolve("entropy+power"), ["beta=2"]) == {"beta": 2.0}
    row = resolve("typiclust")
    params = parse_params(row, ["neighbours=5", "clusters = 40", "smallest=1"])
    assert params == {"neighbours": 5, "clusters": 40, "smallest": 1}
    assert all(type(value) is int for value in params.values())
    assert split_params(row, params)[:3] == ({"neighbours": 5}, {"clusters": 40, "smallest": 1}, None)


def test_what_is_not_given_is_left_to_the_functions():
    assert parse_params(resolve("typiclust"), []) == {}
    assert split_params(resolve("margin+kmeans"), {})[:3] == ({}, {}, 3)
    assert split_params(resolve("margin"), {}) == ({}, {}, None, None, None)
    assert split_params(resolve("facility_location"), {}).candidates == SELECTORS["facility_location"].most


def test_the_prefilter_is_for_products_with_a_utility_of_one_row():
    row = resolve("margin+kcenter")
    assert split_params(row, parse_params(row, ["prefilter=10"])).prefilter == 10
    assert split_params(row, parse_params(row, ["prefilter=0"])).prefilter is None
    assert "prefilter" in known_params(resolve("margin+per_cluster"))
    for name in ("kcenter", "typiclust", "margin", "typicality+kmeans"):
        assert "prefilter" not in known_params(resolve(name))


def test_what_can_be_told_is_known_with_type_default_and_owner():
    known = known_params(resolve("typiclust"))
    assert {name: (each.type, each.default, each.of) for name, each in known.items()} == {
        "neighbours": ("int", 20, "utility"),
        "clusters": ("int", 500, "selector"),
        "smallest": ("int", 5, "selector"),
        "largest": ("int", 5000, "selector"),
    }
    assert known_params(resolve("random")) == {} == known_params(resolve("auto")) == known_params(resolve("margin"))


@pytest.mark.parametrize(
    ("strategy", "texts", "message", "hint", "code"),
    [
        ("entropy+power", ["beta"], "'beta' is not KEY=VALUE", "beta=2", "bad-param"),
        ("entropy+power", ["=2"], "'=2' is not KEY=VALUE", "beta=2", "bad-param"),
        ("entropy+power", ["betta=2"], "has no parameter 'betta'", "did you mean `beta`? it has beta", "unknown-param"),
        ("margin", ["beta=2"], "'margin' has no parameter 'beta'", "it has none", "unknown-param"),
        ("entropy+power", ["beta=two"], "beta='two' is not a number", None, "bad-param"),
        ("entropy+power", ["beta=nan"], "beta='nan' is not a number", None, "bad-param"),
        ("entropy+power", ["beta=-1"], "beta must be 0 or more, not -1", None, "bad-param"),
        ("entropy+power", ["beta=1", "beta=2"], "'beta' is given twice", None, "bad-param"),
        ("bald+softrank", ["beta=-1"], "beta must be 0 or more, not -1", None, "bad-param"),
        ("epsilon_greedy", ["epsilon=2"], "epsilon must be between 0 and 1, not 2", None, "bad-param"),
        ("typiclust", ["neighbours=0"], "neighbours must be at least 1, not 0", None, "bad-param"),
        ("typiclust", ["clusters=0"], "clusters must be at least 1, not 0", None, "bad-param"),
        ("typiclust", ["clusters=2.5"], "clusters='2.5' is not a whole number", None, "bad-param"),
        ("margin+kmeans", ["prefilter=-1"], "prefilter must be 0 (all rows) or more, not -1", None, "bad-param"),
        ("margin+kmeans", ["seed=3"], "has no parameter 'seed'", "it has prefilter", "unknown-param"),
    ],
)
def test_slips_are_refused_before_any_scan(strategy, texts, message, hint, code):
    with pytest.raises(UsageError) as caught:
        parse_params(resolve(strategy), texts)
    assert message in caught.value.message and caught.value.code == code
    assert hint is None or hint in caught.value.hint


def test_settings_from_elsewhere_are_checked_when_they_are_split():
    with pytest.raises(UsageError, match="no parameter 'gamma'"):
        split_params(resolve("entropy+power"), {"gamma": 1.0})


@pytest.mark.parametrize(
    "target",
    sorted({row.prepare or row.target for row in UTILITIES.values()} | {row.target for row in SELECTORS.values()}),
)
def test_what_stands_in_the_file_is_what_the_function_takes(target):
    assert _written(target) == _loaded(target)


def test_functions_that_do_not_stand_plainly_in_a_file_are_asked(tmp_path, monkeypatch):
    (tmp_path / "odd_functions.py").write_text(
        "from functools import cache\n"
        "LARGE = 9\n"
        "def named(x, *, size: int = LARGE): ...\n"
        "@cache\n"
        "def kept(x, *, size: int = 3): ...\n"
        "made = lambda x, *, size=4: x\n"
        "def plain(x, *, size: int = -3, much: float, name='a'): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("named", "kept", "made"):
        assert _written(f"odd_functions:{name}") is None
    told = _written("odd_functions:plain")
    assert [(name, kind) for name, kind, _ in told] == [("size", "int"), ("much", "float"), ("name", "")]
    assert told[0][2] == -3 and told[2][2] == "a"
    assert _written("no_such_module.at_all:f") is None


def test_explaining_a_strategy_imports_nothing_heavy():
    code = (
        "import sys; from alcli.cli import main\n"
        "for name in ('margin', 'kcenter', 'hintsvm', 'logdetmi'): main(['strategies', name])\n"
        "sys.exit([each for each in ('numpy', 'scipy', 'sklearn', 'pyarrow', 'pandas') if each in sys.modules] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
