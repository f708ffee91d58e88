"""Strategies of other packages, as fake distributions on the path."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest

from alcli.errors import UsageError
from alcli.strategies import TABLE, everything, parse_params, resolve, selector_of, split_params, utility_of
from alcli.strategies.calls import score, select

CODE = """
import numpy as np
from alcli.strategies import Selector, Strategy, Utility

def surprise(proba, *, power: float = 1.0, floor: bool = False):
    return (1.0 - proba[:, 0]) ** power

def first(points, n, *, utility, labelled, seed, proba, skip: int = 0):
    return np.arange(skip, min(n, len(points)) + skip)

UTILITY = Utility("surprise", surprise, summary="Not the first class")
REST = [
    Selector("first_rows", "PACKAGE:first", kind="geometry", needs=("proba",), space="features"),
    Strategy("astonishing", None, "surprise", "top", {"power": 3.0}, use_when="never", aliases=("wow",)),
]
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package with entry points importable; its modules are forgotten afterwards."""
    made = []

    def make(name, code, points):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(code).replace("PACKAGE", name))
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
        lines = "".join(f"{point} = {target}\n" for point, target in points.items())
        (info / "entry_points.txt").write_text(f"[alcli.strategies]\n{lines}")
        made.append(name)

    monkeypatch.syspath_prepend(tmp_path)
    yield make
    for name in made:
        sys.modules.pop(name, None)


@pytest.fixture
def surprising(package):
    package("alcli_surprise", CODE, {"surprise": "alcli_surprise:UTILITY", "rest": "alcli_surprise:REST"})


def test_a_utility_of_another_package_is_a_strategy_and_a_part(surprising):
    alone = resolve("surprise")
    assert (alone.name, alone.utility, alone.selector, alone.needs) == ("surprise+top", "surprise", "top", ("proba",))
    assert resolve("surprise+kmeans").needs == ("proba", "space")
    got = score(utility_of(alone), {"proba": np.array([[0.75, 0.25]])}, 1, {"power": 2.0})
    assert got.tolist() == [0.0625]


def test_a_strategy_and_a_selector_of_another_package(surprising):
    row = resolve("WOW")
    assert (row.name, row.summary) == ("astonishing", "Not the first class")
    assert parse_params(row, ["floor=yes"]) == {"power": 3.0, "floor": True}
    assert split_params(row, row.params).utility == {"power": 3.0}
    product = resolve("margin+first-rows")
    assert product.needs == ("proba", "space") and product.space == "features"
    chosen = select(selector_of(product), np.ones((4, 1)), 2, signals={"proba": np.ones((4, 1))}, params={})
    assert chosen.tolist() == [0, 1]


def test_all_are_listed_after_the_built_in_ones(surprising):
    catalogue = everything()
    assert list(catalogue.strategies) == [*TABLE, "astonishing"]
    assert "surprise" in catalogue.utilities and "first_rows" in catalogue.selectors and not catalogue.problems


def test_packages_are_not_loaded_for_what_is_built_in(package):
    package("alcli_slow", "raise SystemError('loaded')", {"slow": "alcli_slow:ROW"})
    resolve("margin"), resolve("entropy+kmeans"), resolve("core-set")
    assert "alcli_slow" not in sys.modules


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import a_module_nobody_has", "ModuleNotFoundError: No module named 'a_module_nobody_has'"),
        ("raise RuntimeError('needs a\\nlicence')", "RuntimeError: needs a licence"),
        ("OTHER = 1", "AttributeError: module 'alcli_broken' has no attribute 'ROW'"),
        ("ROW = 5", "TypeError: neither a Strategy, a Utility nor a Selector but int"),
        (
            "from alcli.strategies import Strategy\nROW = Strategy('broken', None, 'nothing', 'top')",
            "'broken' uses an unknown utility, 'nothing'",
        ),
        (
            "from alcli.strategies import Strategy\nROW = Strategy('broken', None, 'margin', 'nothing')",
            "'broken' uses an unknown selector, 'nothing'",
        ),
    ],
)
def test_a_broken_package_is_named_when_its_strategy_is_wanted(package, code, why):
    package("alcli_broken", code, {"broken": "alcli_broken:ROW"})
    for typed in ("broken", "broken+kmeans"):
        with pytest.raises(UsageError) as caught:
            resolve(typed)
        assert caught.value.message == f"'broken' of the package 'alcli-broken' cannot be used: {why}"
        assert caught.value.code == "broken-extension" and "alcli-broken" in caught.value.hint


def test_a_broken_package_does_not_hide_the_others(package, surprising):
    package("alcli_broken", "import a_module_nobody_has", {"broken": "alcli_broken:ROW"})
    assert resolve("surprise").utility == "surprise"
    with pytest.raises(UsageError, match="no strategy is called 'suprise'") as caught:
        resolve("suprise")
    assert caught.value.hint == "did you mean `surprise`?"
    (problem,) = everything().problems
    assert (problem.name, problem.package) == ("broken", "alcli-broken")


def test_a_built_in_name_cannot_be_taken(package):
    code = """
    from alcli.strategies import Strategy, Utility
    ROWS = [Utility("margin", "math:sqrt"), Strategy("Core-Set", None, "entropy", "top")]
    """
    package("alcli_greedy", code, {"greedy": "alcli_greedy:ROWS"})
    assert resolve("coreset") is TABLE["kcenter"]
    catalogue = everything()
    assert dict(catalogue.strategies) == TABLE
    assert [each.why for each in catalogue.problems] == [
        "the name 'margin' is taken",
        "the name 'Core-Set' is taken",
    ]


def test_a_function_that_returns_nonsense_is_named(package):
    code = """
    import numpy as np
    from alcli.strategies import Selector, Utility
    ROWS = [
        Utility("short", lambda proba: np.ones(1)),
        Utility("lost", lambda proba: np.full(len(proba), np.nan)),
        Selector("twice", lambda points, n, **_: np.zeros(n, dtype=int), kind="geometry"),
    ]
    """
    package("alcli_nonsense", code, {"nonsense": "alcli_nonsense:ROWS"})
    proba = {"proba": np.full((3, 2), 0.5)}
    for name, words in (("short", "shape"), ("lost", "not finite")):
        with pytest.raises(UsageError, match=words) as caught:
            score(utility_of(resolve(name)), proba, 3, {})
        assert caught.value.code == "broken-extension" and name in caught.value.message
    with pytest.raises(UsageError, match="'twice' did not return distinct positions"):
        select(selector_of(resolve("margin+twice")), np.ones((5, 1)), 3)
