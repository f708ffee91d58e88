"""Expected change, costs and epistemic uncertainty from the command line: a model, two classes, no committee."""

from __future__ import annotations

from pathlib import Path

import pytest

from .playing import Alcli

NAMES = [
    "egl",
    "egl_word",
    "adversarial",
    "gradmatch",
    "glister",
    "expected_cost",
    "cost_margin",
    "alce",
    "expected_average_precision",
    "exploitation",
    "epistemic",
    "epistemic_parzen",
]


def test_they_answer_and_give_the_same_rows_again(trained: Path, alcli: Alcli) -> None:
    for name in NAMES:
        ids = []
        for turn in range(2):
            run = alcli("query", "-n", "4", "-s", name, "-o", f"{name}{turn}.csv", "--ask-again", "--json")
            assert run.code == 0, (name, run.err)
            ids.append(run.json["data"]["ids"])
        assert len(set(ids[0])) == 4 and ids[0] == ids[1], name


def test_exploitation_looks_for_the_rarer_class_or_the_one_that_is_named(trained: Path, alcli: Alcli) -> None:
    # a third of the rows is spam, and all of it says so
    found = alcli("query", "-n", "4", "-s", "exploitation", "-o", "a.csv", "--ask-again", "--json").json["data"]["ids"]
    assert all(int(id_) % 3 == 0 for id_ in found)
    for number, named in enumerate(("positive=0", "positive=ham")):
        run = alcli("query", "-n", "4", "-s", "max", "--param", named, "-o", f"b{number}.csv", "--ask-again", "--json")
        assert all(int(id_) % 3 for id_ in run.json["data"]["ids"])


@pytest.mark.parametrize(
    "name, param",
    [
        ("exploitation", "positive=-2"),
        ("exploitation", "positive=2"),
        ("epistemic", "c=0"),
        ("epistemic_parzen", "width=0"),
        ("gradmatch", "ridge=-1"),
    ],
)
def test_a_setting_out_of_range_is_refused(trained: Path, alcli: Alcli, name: str, param: str) -> None:
    run = alcli("query", "-n", "1", "-s", name, "--param", param, "-o", "-")
    assert run.code == 2 and "Traceback" not in run.err, run.err
