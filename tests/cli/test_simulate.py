"""`alcli simulate` as typed: what it prints and writes, refuses, and goes on with after a kill."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from alcli.errors import Exit

from .playing import Alcli, process

QUICK = ("--repeats", "2", "--rounds", "2", "-n", "5", "--start", "8", "-j", "1")


@pytest.fixture
def data(folder: Path) -> Path:
    """60 rows of three classes, and what their labels cost."""
    random = np.random.default_rng(0)
    lines = ["id,x,y,price,label"]
    for i in range(60):
        x, y = random.normal(size=2) + 2 * (i % 3)
        lines.append(f"r{i:02d},{x:.3f},{-y:.3f},{1 + i % 4},{'abc'[i % 3]}")
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def untimed(path: Path) -> list[dict[str, str]]:
    return [{key: value for key, value in row.items() if not key.endswith("_seconds")} for row in rows(path)]


def test_words_fit_80_columns_and_name_what_they_mean(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "-s", "typiclust", "--ignore", "price", *QUICK)
    assert run.code == 0 and run.out == ""
    lines = [line for line in run.err.splitlines() if not line.endswith("…")]  # a slow machine tells where it is
    assert lines[0] == "data: accuracy, logistic, from 8 labels by 5, 2 seeds"
    assert lines[1].split()[:3] == ["strategy", "area", "final"] and "vs random" in lines[1]
    assert {line.split()[0] for line in lines[3:6]} == {"margin", "typiclust", "random"}
    assert "paired t test, corrected by Holm" in " ".join(run.err.split()) and lines[-1] == "6 campaigns"
    assert max(map(len, lines)) <= 80
    assert sorted(each.name for each in data.iterdir()) == ["data.csv"]


def test_each_metric_that_was_asked_for_has_its_table(data: Path, alcli: Alcli) -> None:
    names = ("log_loss", "accuracy", "recall[a]", "f1_macro", "brier")
    asked = [word for name in names for word in ("--metric", name)]
    run = alcli("simulate", "data.csv", "-s", "margin", *asked, "-o", "t.csv", *QUICK)
    heads = [line.split(": ")[1].split(",")[0] for line in run.err.splitlines() if line.startswith("data: ")]
    assert heads == ["log_loss", "accuracy", "recall[a]"]
    assert "not shown: f1_macro, brier; t.csv, and `--json` has them" in run.err
    assert max(map(len, run.err.splitlines())) <= 80
    run = alcli("simulate", "data.csv", "-s", "margin", "--metric", "f1", "--reach", "acc=0.5", *QUICK)
    assert "data: f1_macro," in run.err and "data: accuracy," in run.err and "not shown" not in run.err
    # nobody asked for the second of the default ones
    assert "f1_macro" not in alcli("simulate", "data.csv", "-s", "margin", *QUICK).err


def test_two_seeds_have_no_p_and_no_interval_leaves_its_metric(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", *QUICK)
    (row,) = [line for line in run.err.splitlines() if line.startswith("margin ")]
    assert row.split()[-3] == "-", row
    told = alcli("simulate", "data.csv", "-s", "margin", "--json", *QUICK).json["data"]
    assert all(line["p"] is None and line["p_holm"] is None for line in told["summary"])
    ends = [(line[f"{name}_low"], line[f"{name}_high"]) for line in told["summary"] for name in ("area", "final")]
    ends += [(point["low"], point["high"]) for curve in told["curves"] for point in curve["points"]]
    assert all(0 <= low <= high <= 1 for low, high in ends)
    assert any(high == 1 for _, high in ends)


def test_table_is_tidy(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "--metric", "acc", "-o", "t.csv", "--ignore", "price", *QUICK)
    assert run.code == 0 and "every measurement is in t.csv" in run.err
    found = rows(data / "t.csv")
    assert list(found[0])[:12] == [
        "dataset", "strategy", "estimator", "seed", "start", "batch", "round", "labels", "answers", "cost", "metric", "value",
    ]  # fmt: skip
    assert len(found) == 2 * 2 * 3  # strategies, seeds, rounds
    assert [row["labels"] for row in found[:3]] == ["8", "13", "18"] and {row["metric"] for row in found} == {
        "accuracy"
    }
    assert not (data / "t.csv.campaigns").exists()


def test_json_holds_what_scripts_rely_on(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "--reach", "accuracy=0.5", "--json", *QUICK)
    told = run.json["data"]
    assert told["campaigns"] == 4 and told["table"] is None and told["against"] == "random"
    first = next(line for line in told["summary"] if line["strategy"] == "margin" and line["metric"] == "accuracy")
    assert first["target"] == 0.5 and first["seeds"] == 2 and first["area_low"] <= first["area"] <= first["area_high"]
    assert first["wins"] + first["ties"] + first["losses"] == 2 and 1 <= first["rank"] <= 2
    points = told["curves"][0]["points"]
    assert [point["labels"] for point in points] == [8, 13, 18]


def test_jobs_and_order_change_no_number(data: Path, alcli: Alcli) -> None:
    for name, more in (("one.csv", ("-j", "1")), ("two.csv", ("-j", "2"))):
        assert (
            alcli("simulate", "data.csv", "-s", "badge", "-s", "margin", "-o", name, "-q", *QUICK[:-2], *more).code == 0
        )
    assert untimed(data / "one.csv") == untimed(data / "two.csv")


def test_curves_and_logs(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "--curves", "c.svg", "--log", "logs/", *QUICK)
    assert run.code == 0 and "wrote c.svg" in run.err and "wrote logs/margin.csv" in run.err
    assert (data / "c.svg").read_text().startswith("<svg")
    log = rows(data / "logs" / "margin.csv")
    assert list(log[0]) == ["dataset", "seed", "round", "id"] and len(log) == 2 * 2 * 5
    assert len({(row["seed"], row["id"]) for row in log}) == len(log)


def test_one_log_holds_one_strategy(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "--log", "log.csv", *QUICK)
    assert run.code == Exit.USAGE and "`--log log/`" in run.err
    assert alcli("simulate", "data.csv", "-s", "random", "--log", "log.csv", "-q", *QUICK).code == 0


def test_fixed_splits_decide_rows_and_first_labels(data: Path, alcli: Alcli) -> None:
    uses = {f"r{i:02d}": 0 if i < 20 else 2 if i < 26 else 1 for i in range(60)}
    (data / "splits.csv").write_text("id,s0\n" + "".join(f"{id_},{use}\n" for id_, use in uses.items()))
    run = alcli(
        "simulate",
        "data.csv",
        "-s",
        "margin",
        "--splits",
        "splits.csv",
        "--log",
        "logs/",
        "-o",
        "t.csv",
        "-q",
        "-n",
        "4",
    )
    assert run.code == 0
    assert {uses[row["id"]] for row in rows(data / "logs" / "margin.csv")} == {1}
    assert {row["start"] for row in rows(data / "t.csv")} == {"6"} and {
        row["seed"] for row in rows(data / "t.csv")
    } == {"0"}


def test_what_is_said_twice_is_played_once(data: Path, alcli: Alcli) -> None:
    twice = ("-s", "margin", "--estimator", "logistic", "-n", "5", "--start", "8")
    run = alcli(
        "simulate", "data.csv", *twice, *twice, "--repeats", "2", "--rounds", "2", "-j", "1", "-o", "t.csv", "--json"
    )
    assert run.json["data"]["campaigns"] == 4
    found = [(row["strategy"], row["seed"], row["round"], row["metric"]) for row in rows(data / "t.csv")]
    assert len(found) == len(set(found)) == 2 * 2 * 3 * 2  # strategies, seeds, rounds, metrics


def test_more_repeats_than_fixed_splits_are_warned_of(data: Path, alcli: Alcli) -> None:
    uses = [f"r{i:02d},{0 if i < 20 else 1},{0 if i >= 40 else 1}" for i in range(60)]
    (data / "splits.csv").write_text("\n".join(["id,s0,s1", *uses]) + "\n")
    ask = ("simulate", "data.csv", "-s", "margin", "--splits", "splits.csv", "--json", *QUICK[2:])
    told = alcli(*ask, "--repeats", "3").json
    assert told["warnings"] == ["`--repeats 3` is more than the splits there are: 2 are played on data"]
    assert told["data"]["campaigns"] == 4
    assert alcli(*ask, "--repeats", "2").json["warnings"] == []


def test_money_ends_a_campaign(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "--cost", "price", "--spend", "45", "-o", "t.csv", "-q", *QUICK[:2], "-n", "5", "--start", "8")  # fmt: skip
    assert run.code == 0
    found = rows(data / "t.csv")
    assert max(float(row["cost"]) for row in found) <= 45
    assert any(float(row["cost"]) != float(row["labels"]) for row in found)


def test_labelers_that_err_and_several(data: Path, alcli: Alcli) -> None:
    for name, more in (("right", ()), ("wrong", ("--noise", "0.5")), ("three", ("--labelers", "0.7,0.7,0.7"))):
        assert alcli("simulate", "data.csv", "-s", "random", "-o", f"{name}.csv", "-q", *QUICK, *more).code == 0
    last = {
        name: [row for row in rows(data / f"{name}.csv") if row["round"] == "2"] for name in ("right", "wrong", "three")
    }
    mean = {name: sum(float(row["value"]) for row in its) / len(its) for name, its in last.items()}
    assert mean["wrong"] < mean["right"]
    assert all(int(row["answers"]) == 3 * 18 and int(row["labels"]) <= 18 for row in last["three"])


def test_from_no_label_at_all(data: Path, alcli: Alcli) -> None:
    run = alcli(
        "simulate",
        "data.csv",
        "-s",
        "margin",
        "--start",
        "0",
        "--repeats",
        "2",
        "--rounds",
        "3",
        "-n",
        "5",
        "-o",
        "t.csv",
        "-q",
    )
    assert run.code == 0
    assert {row["round"] for row in rows(data / "t.csv")} == {"1", "2", "3"}


def test_what_cannot_be_played_is_told_and_the_rest_is_played(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "margin", "-s", "hintsvm", *QUICK)
    assert (
        run.code == Exit.NO and "not played: hintsvm on data" in run.err and "two classes" in " ".join(run.err.split())
    )
    assert "4 campaigns" in run.err


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("data.csv", "-s", "margn"), "did you mean `margin`?"),
        (("data.csv", "--estimator", "logistik"), "did you mean `logistic`?"),
        (("data.csv", "--protocol", "C"), "no protocol is called 'C'"),
        (("data.csv", "--test-share", "1.5"), "is no share"),
        (("data.csv", "--imbalance", "d=0.1"), "'d', which is no class"),
        (("data.csv", "--labelers", "0.9,x"), "'x', which is no share of right answers"),
        (("data.csv", "--reach", "0.9"), "is not METRIC=VALUE"),
        (("data.csv", "--reach", "accuracy=90"), "did you mean `accuracy=0.9`?"),
        (("data.csv", "--reach", "log_loss=-1"), "it lies between 0 and inf"),
        (("data.csv", "--start", "8", "--start", "100000"), "the pool of data has 36 rows"),
        (("data.csv", "--resume"), "`--resume` needs `-o FILE`"),
        (("data.csv", "--spend", "9"), "`--spend` needs `--cost COLUMN`"),
        (("data.csv", "--metric", "found[d]"), "names no class"),
        (("data.csv", "--label", "lable"), "did you mean 'label'?"),
        (("data.csv", "data.csv"), "two data sets are called 'data'"),
        (("data.csv", "-s", "margin:0.5,like:0.5"), "looks for rows like given ones"),
    ],
)
def test_slips_are_told_before_anything_is_played(argv: tuple[str, ...], says: str, data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", *argv)
    assert run.code == Exit.USAGE and says in run.err.replace("\n", " ").replace("`label`", "'label'"), run.err


def test_data_without_labels_is_refused(folder: Path, alcli: Alcli) -> None:
    (folder / "bare.csv").write_text("id,x\na,1\nb,2\n")
    run = alcli("simulate", "bare.csv")
    assert run.code == Exit.TROUBLE and "there is no column of labels" in run.err


def test_an_unfinished_simulation_is_not_begun_anew_by_accident(data: Path, alcli: Alcli) -> None:
    whole = ("simulate", "data.csv", "-s", "margin", "-o", "t.csv", *QUICK)
    assert alcli(*whole, "-q").code == 0
    expected = untimed(data / "t.csv")
    assert alcli(*whole[:-6], "--repeats", "1", *QUICK[2:], "-o", "half.csv", "-q").code == 0
    journal = data / "t.csv.campaigns"
    from alcli.steps.simulation.running import FORMAT

    journal.write_text(json.dumps(FORMAT) + "\n" + '{"key": "cut sho')
    assert alcli(*whole, "-q").code == 0  # nothing in it is finished
    journal.write_text("no journal\n")
    run = alcli(*whole, "--resume")
    assert run.code == Exit.TROUBLE and "is no journal" in run.err
    assert alcli(*whole, "--force", "-q").code == 0 and untimed(data / "t.csv") == expected


@pytest.mark.parametrize("flag", ["-o", "--curves", "--log"])
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_data_are_never_written_over(flag: str, force: tuple[str, ...], data: Path, alcli: Alcli) -> None:
    before = (data / "data.csv").read_bytes()
    (data / "link.csv").symlink_to("data.csv")
    for name in ("data.csv", "link.csv"):
        run = alcli("simulate", "data.csv", "-s", "random", flag, name, *force, *QUICK)
        assert run.code == Exit.TROUBLE and f"{name} is data of this simulation" in run.err
        assert f"`{flag} FILE`" in run.err
    (data / "random.csv").write_bytes(before)
    run = alcli("simulate", "random.csv", "-s", "random", "--log", "./", *force, *QUICK)
    assert run.code == Exit.TROUBLE and "random.csv is data of this simulation" in run.err
    assert (data / "data.csv").read_bytes() == (data / "random.csv").read_bytes() == before


def test_nor_is_another_file_that_is_read(data: Path, alcli: Alcli) -> None:
    (data / "splits.csv").write_text("id,s0\n" + "".join(f"r{i:02d},{i % 3 == 0:d}\n" for i in range(60)))
    (data / "test.csv").write_bytes((data / "data.csv").read_bytes())
    (data / "t.csv.campaigns").write_bytes((data / "data.csv").read_bytes())
    for argv in (
        ("data.csv", "--splits", "splits.csv", "-o", "splits.csv"),
        ("data.csv", "--test", "test.csv", "-o", "test.csv"),
        ("t.csv.campaigns", "-o", "t.csv"),
    ):
        before = {path: path.read_bytes() for path in data.iterdir()}
        assert alcli("simulate", *argv, "--force", *QUICK).code == Exit.TROUBLE
        assert {path: path.read_bytes() for path in data.iterdir()} == before


def test_two_outputs_are_two_files(data: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "data.csv", "-s", "random", "-o", "t.csv", "--log", "./t.csv", *QUICK)
    assert run.code == Exit.USAGE and "`-o` and `--log` are one file" in run.err


@pytest.mark.parametrize("flag", ["-o", "--curves", "--log"])
def test_a_file_that_is_no_output_of_a_simulation_stays(flag: str, data: Path, alcli: Alcli) -> None:
    name = "notes.svg" if flag == "--curves" else "notes.csv"
    (data / name).write_text("my notes\n")
    whole = ("simulate", "data.csv", "-s", "random", flag, name, "-q", *QUICK)
    run = alcli(*whole)
    assert run.code == Exit.TROUBLE and f"{name} exists, and is no output of a simulation" in run.err
    assert "`--force`" in run.err and not (data / f"{name}.campaigns").exists()
    assert (data / name).read_text() == "my notes\n"
    assert alcli(*whole, "--force").code == 0
    assert (data / name).read_text() != "my notes\n"


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet", "xlsx"])
def test_a_finished_table_gives_way_only_to_one_that_holds_its_campaigns(suffix: str, data: Path, alcli: Alcli) -> None:
    whole = ("simulate", "data.csv", "-q", "-o", f"t.{suffix}", *QUICK)
    assert alcli(*whole, "-s", "margin").code == 0
    before = (data / f"t.{suffix}").read_bytes()
    for other, says in ((("-s", "entropy"), "that this one does not play"), (("--seed", "5"), "of another simulation")):
        for more in ((), ("--resume",)):
            run = alcli(*whole, *other, *more)
            assert run.code == Exit.TROUBLE and says in " ".join(run.err.split()), run.err
    assert (data / f"t.{suffix}").read_bytes() == before and not (data / f"t.{suffix}.campaigns").exists()
    assert alcli(*whole, "-s", "margin").code == 0  # the same line again
    assert alcli(*whole, "-s", "margin", "-s", "entropy").code == 0  # and one that asks for more
    assert alcli(*whole, "-s", "entropy", "--force").code == 0


def test_curves_and_logs_give_way_to_their_like(data: Path, alcli: Alcli) -> None:
    whole = ("simulate", "data.csv", "-q", "--curves", "c.svg", "--log", "logs/", *QUICK[2:])
    for _ in range(2):
        assert alcli(*whole, "-s", "margin", "--repeats", "2").code == 0
    before = (data / "c.svg").read_bytes(), (data / "logs" / "margin.csv").read_bytes()
    run = alcli(*whole, "-s", "margin", "--seed", "5", "--repeats", "2")
    assert run.code == Exit.TROUBLE and "c.svg exists, and is the curves of another simulation" in run.err
    assert before == ((data / "c.svg").read_bytes(), (data / "logs" / "margin.csv").read_bytes())
    assert alcli(*whole, "-s", "margin", "--repeats", "3").code == 0  # more of it


def test_a_log_of_other_campaigns_stays_and_nothing_is_lost(data: Path, alcli: Alcli) -> None:
    assert alcli("simulate", "data.csv", "-s", "random", "--log", "l.csv", "-q", *QUICK).code == 0
    before = (data / "l.csv").read_bytes()
    other = ("simulate", "data.csv", "-s", "random", "--seed", "5", "-o", "t.csv", *QUICK)
    run = alcli(*other, "--log", "l.csv")
    assert run.code == Exit.NO and (data / "l.csv").read_bytes() == before
    assert "l.csv is the log of another simulation and was left as it is" in " ".join(run.err.split())
    assert "wrote l.csv" not in run.err and rows(data / "t.csv")
    run = alcli(*other, "--log", "m.csv", "--resume")
    assert run.code == 0 and "of them finished before" in run.err and rows(data / "m.csv")


def test_killed_and_resumed_is_never_killed(data: Path, alcli: Alcli) -> None:
    whole = (
        "simulate",
        "data.csv",
        "-s",
        "margin",
        "-s",
        "badge",
        "--repeats",
        "6",
        "--rounds",
        "6",
        "-n",
        "4",
        "--start",
        "6",
        "-j",
        "1",
    )
    assert alcli(*whole, "-o", "whole.csv", "-q").code == 0
    journal = data / "cut.csv.campaigns"
    going = process(*whole, "-o", "cut.csv", "-q")
    until = time.monotonic() + 60
    while time.monotonic() < until and not (journal.exists() and journal.read_bytes().count(b"\n") > 3):
        time.sleep(0.01)
    os.kill(going.pid, signal.SIGKILL)
    going.communicate()
    if not (data / "cut.csv").exists():
        refused = alcli(*whole, "-o", "cut.csv")
        assert refused.code == Exit.TROUBLE and "`--resume` goes on with it" in refused.err
        run = alcli(*whole, "-o", "cut.csv", "--resume")
        assert run.code == 0 and "of them finished before" in run.err
    assert untimed(data / "cut.csv") == untimed(data / "whole.csv")
    assert not journal.exists()


def test_a_column_that_tells_the_answer_is_warned_of_and_can_be_left_out(data: Path, alcli: Alcli) -> None:
    lines = (data / "data.csv").read_text().splitlines()
    fine = [f"{line},{'fine' if at == 0 else line[-1] + str(at % 2)}" for at, line in enumerate(lines)]
    (data / "fine.csv").write_text("\n".join(fine) + "\n")
    run = alcli("simulate", "fine.csv", "-s", "margin", *QUICK)
    told = " ".join(run.err.split())
    assert "column 'fine' tells the class of 100.0% of the rows" in told and "`--ignore fine`" in told
    for flags in (("--ignore", "fine"), ("--categorical", "fine")):
        assert "tells the class" not in alcli("simulate", "fine.csv", "-s", "margin", *flags, *QUICK).err
    assert "tells the class" not in alcli("simulate", "data.csv", "-s", "margin", *QUICK).err
