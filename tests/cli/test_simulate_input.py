"""`alcli simulate` on tables and flags that are not as they should be, and on a journal that was damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from alcli.errors import Exit
from alcli.steps.simulation.running import FORMAT

from .playing import Alcli
from .test_simulate import rows, untimed

QUICK = ("--repeats", "2", "--rounds", "2", "-n", "5", "--start", "8", "-j", "1", "-s", "margin")


def write(path: Path, price: Callable[[int], object] = lambda i: 1 + i % 4, first: int = 0, only: str = "") -> None:
    """60 rows of the classes a, b and c, or 20 of one."""
    random = np.random.default_rng(first)
    lines = ["id,x,y,price,label"]
    for i in range(first, first + (20 if only else 60)):
        x, y = random.normal(size=2) + 2 * (i % 3)
        lines.append(f"r{i:02d},{x:.3f},{-y:.3f},{price(i)},{only or 'abc'[i % 3]}")
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def data(folder: Path) -> Path:
    write(folder / "data.csv")
    return folder


@pytest.mark.parametrize(
    ("price", "says"),
    [
        (lambda i: "" if i == 7 else 1, "the row 'r07' has no cost"),
        (lambda i: 0 if i == 7 else 1, "the row 'r07' costs 0, and a cost is above 0"),
        (lambda i: -2.5 if i in (7, 9, 11) else 1, "the row 'r07' costs -2.5, and a cost is above 0; so it is with 2"),
        (lambda i: "cheap" if i == 7 else 1, "'cheap' is not a number"),
    ],
    ids=["missing", "zero", "negative", "text"],
)
def test_a_bad_cost_is_told_before_anything_is_played_whatever_the_seed(
    folder: Path, alcli: Alcli, price: Callable[[int], object], says: str
) -> None:
    write(folder / "data.csv", price)
    for seed in ("0", "1", "2"):  # r07 is measured on with one of them, and in the pool with others
        run = alcli("simulate", "data.csv", "--cost", "price", "--seed", seed, "-o", "t.csv", *QUICK)
        assert run.code == Exit.TROUBLE and says in run.err and "data.csv" in run.err, run.err
        assert "no campaign could be played" not in run.err
    assert sorted(each.name for each in folder.iterdir()) == ["data.csv"]


def test_a_cost_without_its_column_is_told_and_rows_without_a_label_need_none(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "--cost", "prise", "--json", *QUICK)
    (error,) = run.json["errors"]
    assert (run.code, error["code"]) == (Exit.TROUBLE, "missing-column") and "price" in error["hint"]
    with (data / "data.csv").open("a") as file:
        file.write("r99,1.0,1.0,,\n")
    run = alcli("simulate", "data.csv", "--cost", "price", "--json", *QUICK)
    assert run.code == 0 and run.json["warnings"] == ["1 row without a label were left out"]


def test_the_axis_of_the_curves_says_what_it_counts(data: Path, alcli: Alcli) -> None:
    assert alcli("simulate", "data.csv", "--curves", "labels.svg", "--ignore", "price", "-q", *QUICK).code == 0
    assert alcli("simulate", "data.csv", "--curves", "cost.svg", "--cost", "price", "-q", *QUICK).code == 0
    labels, cost = (data / "labels.svg").read_text(), (data / "cost.svg").read_text()
    assert ">labels<" in labels and "cost of the labels" not in labels
    assert ">cost of the labels<" in cost and ">labels<" not in cost


def test_what_is_to_be_reached_is_measured_though_nobody_names_it(data: Path, alcli: Alcli) -> None:
    def targets(*argv: str) -> dict[str, float | None]:
        run = alcli("simulate", "data.csv", "--ignore", "price", "--json", *QUICK, *argv)
        assert run.code == 0, run.err
        return {each["metric"]: each["target"] for each in run.json["data"]["summary"] if each["strategy"] == "margin"}

    assert list(targets("--reach", "log_loss=0.9")) == ["log_loss", "accuracy", "f1_macro"]
    found = targets("--reach", "acc=0.4", "--reach", "found[a]=0.25", "--metric", "f1_macro")
    assert list(found) == ["f1_macro", "accuracy", "found[a]"]
    assert found["accuracy"] == 0.4 and found["found[a]"] == 0.25
    run = alcli("simulate", "data.csv", "--ignore", "price", "--reach", "log_loss=0.9", *QUICK)
    assert run.err.count("data: log_loss, logistic") == 1 and " to .900 " in run.err


def test_the_labels_it_takes_are_counted_down_for_a_loss(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "--ignore", "price", "--reach", "log_loss=0.000001", "--json", *QUICK)
    lines = [each for each in run.json["data"]["summary"] if each["metric"] == "log_loss"]
    assert {each["reached"] for each in lines} == {None} and {each["met"] for each in lines} == {0}
    run = alcli("simulate", "data.csv", "--ignore", "price", "--reach", "log_loss=100", "--json", *QUICK)
    lines = [each for each in run.json["data"]["summary"] if each["metric"] == "log_loss"]
    assert {each["reached"] for each in lines} == {8} and {each["met"] for each in lines} == {2}


def test_a_test_file_may_hold_one_class(data: Path, alcli: Alcli) -> None:
    write(data / "one.csv", first=100, only="a")
    run = alcli("simulate", "data.csv", "--test", "one.csv", "--ignore", "price", "-o", "t.csv", "--json", *QUICK)
    assert run.code == 0 and run.json["warnings"] == []
    assert {row["metric"] for row in rows(data / "t.csv")} == {"accuracy", "f1_macro"}
    # what one class leaves undefined is said, and is no crash
    auc = ("--metric", "auc", "--ignore", "price", *QUICK)
    run = alcli("simulate", "data.csv", "--test", "one.csv", *auc)
    assert run.code == 0 and "no value in any round" in run.err and "4 campaigns" in run.err
    write(data / "strange.csv", first=100, only="z")
    run = alcli("simulate", "data.csv", "--test", "strange.csv", "--ignore", "price", *QUICK)
    assert run.code == 0 and "the test file holds labels that data does not have: z" in run.err
    (data / "none.csv").write_text("id,x,y,price,label\nr1,1,1,1,\n")
    run = alcli("simulate", "data.csv", "--test", "none.csv", *QUICK)
    assert run.code == Exit.TROUBLE and "nothing to measure on" in run.err
    run = alcli("simulate", "one.csv", *QUICK)
    assert run.code == Exit.TROUBLE and "nothing to learn" in run.err


def test_an_end_and_no_end_exclude_each_other(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "--until-empty", *QUICK)
    assert run.code == Exit.USAGE and "`--rounds` and `--until-empty` exclude each other" in run.err
    more = ("--repeats", "1", "-n", "20", "--start", "8", "-s", "random", "--ignore", "price", "-o", "t.csv")
    assert alcli("simulate", "data.csv", "--until-empty", "-q", *more).code == 0
    assert max(int(row["labels"]) for row in rows(data / "t.csv")) == 36  # 60% of 60 rows


def test_where_it_is_wrong_is_told_of_campaigns_that_cannot_be_played(data: Path, alcli: Alcli) -> None:
    """The test file lacks a column: found when the first campaign opens it."""
    (data / "narrow.csv").write_text("id,x,price,label\n" + "".join(f"t{i},{i},1,a\n" for i in range(5)))
    run = alcli("simulate", "data.csv", "--test", "narrow.csv", "--json", *QUICK)
    (error,) = run.json["errors"]
    assert run.code == Exit.TROUBLE and error["message"].startswith("no campaign could be played: ")
    assert error["code"] == "no-such-column" and error["file"] == "narrow.csv"


@pytest.mark.parametrize(
    "damaged",
    [
        lambda line: line[: len(line) // 2],
        lambda line: b"",
        lambda line: b"\x00" * 40,
        lambda line: b"\xff\xfe" + line,
        lambda line: b"[]",
        lambda line: json.dumps({**json.loads(line), "rounds": []}).encode(),
        lambda line: json.dumps({**json.loads(line), "rounds": [{"number": 0}]}).encode(),
    ],
    ids=["cut", "empty", "zeros", "not-utf8", "list", "no-round", "half-a-round"],
)
def test_a_damaged_line_of_the_journal_is_played_again(
    data: Path, alcli: Alcli, damaged: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ("simulate", "data.csv", "--ignore", "price", "-o", "t.csv", *QUICK)
    journal = data / "t.csv.campaigns"
    kept: list[bytes] = []
    unlink = Path.unlink
    monkeypatch.setattr(
        Path, "unlink", lambda self, **more: (self == Path(journal.name) and kept.append(self.read_bytes()), unlink(self, **more))
    )  # fmt: skip
    assert alcli(*whole, "-q").code == 0
    expected = untimed(data / "t.csv")
    head, *lines = kept[0].splitlines()
    assert json.loads(head) == FORMAT and len(lines) == 4
    for at in (1, 3):  # in the middle, and at the end without a line break
        these = [damaged(line) if number == at else line for number, line in enumerate(lines)]
        journal.write_bytes(b"\n".join([head, *these]))
        run = alcli(*whole, "--resume", "--json")
        assert run.code == 0 and run.json["data"]["resumed"] == 3
        assert untimed(data / "t.csv") == expected and not journal.exists()
