"""`--combine`, `--cost` with `--budget`, and strategies that choose among strategies, as typed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from .playing import POOL, Alcli, fill


def asked_rows() -> list[dict[str, str]]:
    with Path("asked.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_combine_is_recorded_with_its_parts(trained: Path, alcli: Alcli):
    done = alcli("query", "--combine", "margin:0.7,typicality:0.3", "-n", "4", "-o", "s.csv", "--json")
    assert done.code == 0, done.err
    assert done.json["data"]["strategy"] == "combine margin:0.7,typicality:0.3"
    assert {row["strategy"] for row in asked_rows()[8:]} == {"combine margin:0.7,typicality:0.3"}
    assert {row["probability"] for row in asked_rows()[8:]} == {"1"}
    for by in ("zscore", "product"):
        done = alcli("query", "--combine", "margin:1,entropy:1", "--combine-by", by, "-n", "3", "--dry-run", "--json")
        assert done.json["data"]["strategy"] == f"combine margin:1,entropy:1 by {by}"


@pytest.mark.parametrize(
    "flags",
    [
        ["--combine", "margin:1,entropy:1", "-s", "margin"],
        ["--combine", "margin:1,entropy:1", "--mix", "margin:1,random:1"],
        ["--mix", "margin:1,random:1", "-s", "margin"],
        ["--combine", "margin:1,random:1"],
        ["--combine", "margin"],
        ["--combine", "margin:1,entropy:1", "--param", "beta=2"],
        ["--combine", "margin:1,entropy:1", "--combine-by", "sum"],
        ["--cost", "lang"],
        ["--budget", "3"],
        ["--cost", "lang", "--budget", "0"],
        ["--cost", "langg", "--budget", "2"],
        ["-s", "schedule", "--param", "rounds=typiclust"[:-1] + ",margin"],
        ["-s", "albl", "--param", "experts=margin,margin"],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(trained: Path, alcli: Alcli, flags: list[str]):
    before = (trained / "asked.csv").read_bytes()
    done = alcli("query", *flags, "-n", "3", "-o", "x.csv")
    assert done.code == 2 and "Traceback" not in done.err
    assert (trained / "asked.csv").read_bytes() == before and not (trained / "x.csv").exists()


def test_the_nearest_word_says_how_to_choose(trained: Path, alcli: Alcli):
    toml = (trained / "alcli.toml").read_text()
    assert 'strategy = "auto"' in toml
    (trained / "alcli.toml").write_text(toml.replace("[query]", '[query]\nmix = "margin:0.5,random:0.5"'))
    said = alcli("query", "-n", "3", "--dry-run", "--json").json["data"]["strategy"]
    assert said == "mix margin:0.5,random:0.5"  # `auto`, which init wrote, gives way
    said = alcli("query", "-n", "3", "-s", "entropy", "--dry-run", "--json").json["data"]["strategy"]
    assert said == "entropy"
    said = alcli("query", "-n", "3", "--combine", "entropy:1", "--dry-run", "--json").json["data"]["strategy"]
    assert said == "combine entropy:1"
    both = toml.replace('strategy = "auto"', 'strategy = "margin"\ncombine = "margin:1,entropy:1"')
    (trained / "alcli.toml").write_text(both)
    done = alcli("query", "-n", "3", "--dry-run")
    assert done.code == 1 and "exclude each other" in done.err  # the command line was right


@pytest.fixture
def priced(folder: Path, alcli: Alcli) -> Path:
    """The pool with a column of minutes: 1, 2 or 3."""
    header, *lines = POOL.splitlines()
    rows = [f"{line},{1 + number % 3}" for number, line in enumerate(lines)]
    (folder / "pool.csv").write_text("\n".join([header + ",minutes", *rows]) + "\n")
    done = alcli("init", "pool.csv", "--classes", "ham,spam", "--text", "text", "--ignore", "minutes", "-q")
    assert done.code == 0, done.err
    return folder


@pytest.mark.parametrize("how", [["-s", "random"], ["-s", "typiclust"], ["-s", "typicality"]])
def test_a_budget_is_kept_and_said(priced: Path, alcli: Alcli, how: list[str]):
    done = alcli("query", *how, "--cost", "minutes", "--budget", "7", "-n", "20", "-o", "s.csv", "--json")
    assert done.code == 0, done.err
    minutes = dict(
        line.split(",")[:: len(line.split(",")) - 1] for line in Path("pool.csv").read_text().split("\n")[1:-1]
    )
    data = done.json["data"]
    assert data["cost"] == sum(int(minutes[id_]) for id_ in data["ids"]) <= 7
    assert data["asked"] == len(data["ids"]) < 20 and data["left"] == 30 - data["asked"]
    assert done.json["warnings"] == []
    told = alcli("query", *how, "--cost", "minutes", "--budget", "7", "-n", "20", "--dry-run")
    assert "of 7" in told.err and told.code == 0


def test_a_budget_pays_for_every_answer(priced: Path, alcli: Alcli):
    minutes = {row["id"]: int(row["minutes"]) for row in csv.DictReader(Path("pool.csv").read_text().splitlines())}
    money = ["--cost", "minutes", "--budget", "13", "--annotators", "a1,a2,a3", "--per-row", "2"]
    data = alcli("query", "-s", "random", *money, "-n", "20", "-o", "out/", "--json").json["data"]
    lines = list(csv.DictReader(Path("asked.csv").read_text().splitlines()))
    assert len(lines) == 2 * data["asked"]
    assert data["cost"] == sum(minutes[line["id"]] for line in lines) <= 13
    # the cheapest row costs one minute, and two people answer it
    run = alcli("query", "-s", "random", *money, "--budget", "1.5", "-n", "20", "-o", "out/")
    assert run.code == 3 and "no free row costs 1.5 or less when 2 people answer it" in " ".join(run.err.split())


def test_rows_without_a_place_in_a_sheet_cost_nothing(priced: Path, alcli: Alcli):
    minutes = {row["id"]: int(row["minutes"]) for row in csv.DictReader(Path("pool.csv").read_text().splitlines())}
    money = ["--cost", "minutes", "--budget", "20", "--annotators", "a1,a2", "--workload", "a1=2,a2=1"]
    data = alcli("query", "-s", "random", *money, "-n", "20", "-o", "out/", "--json").json["data"]
    assert data["asked"] == 3 and data["cost"] == sum(minutes[id_] for id_ in data["ids"])


def test_a_budget_for_nothing_is_a_no(priced: Path, alcli: Alcli):
    done = alcli("query", "-s", "random", "--cost", "minutes", "--budget", "0.5", "-n", "5", "-o", "s.csv")
    assert done.code == 3 and "no free row costs 0.5 or less" in done.err and not Path("s.csv").exists()


def test_a_row_without_a_cost_is_named(priced: Path, alcli: Alcli):
    text = Path("pool.csv").read_text()
    Path("pool.csv").write_text(text.replace(",de,1\n", ",de,\n", 1))
    done = alcli("query", "-s", "random", "--cost", "minutes", "--budget", "5", "-n", "5", "-o", "s.csv", "--json")
    assert done.code == 1 and done.json["errors"][0]["code"] == "bad-cost"
    assert done.json["errors"][0]["row"] == 2 and done.json["errors"][0]["column"] == "minutes"
    flags = ["--cost", "minutes", "--budget", "5", "--where", "minutes>0"]
    assert alcli("query", "-s", "random", *flags, "-n", "5", "-o", "s.csv").code == 0


def play_round(alcli: Alcli, number: int, *flags: str) -> dict[str, object]:
    done = alcli("query", *flags, "-n", "6", "-o", f"round-{number}.csv", "--json")
    assert done.code == 0, done.err
    fill(Path(f"round-{number}.csv"))
    assert alcli("import-labels", f"round-{number}.csv", "--annotator", "a1", "-q").code == 0
    assert alcli("train", "-q").code == 0
    data: dict[str, object] = done.json["data"]
    return data


@pytest.mark.parametrize("strategy", ["albl", "bandit"])
def test_a_bandit_plays_three_rounds(project: Path, alcli: Alcli, strategy: str):
    flags = ["-s", strategy, "--param", "experts=margin,kcenter,random"]
    first = play_round(alcli, 1, *flags)
    assert first["strategy"] == "typiclust" and "typical rows first" in str(first["reason"])
    for number in (2, 3):
        data = play_round(alcli, number, *flags)
        assert data["strategy"] == strategy
        assert "margin" in str(data["reason"]) and "random" in str(data["reason"])
    assert "learned from" in str(data["reason"]) or strategy == "bandit"
    last = alcli("query", *flags, "-n", "4", "--dry-run", "--json")
    assert "learned from" in last.json["data"]["reason"]
    again = alcli("query", *flags, "-n", "4", "--dry-run", "--json")
    assert again.json["data"]["ids"] == last.json["data"]["ids"]
    rows = [row for row in asked_rows() if row["batch"] != "1"]
    assert {row["strategy"] for row in rows} <= {"margin", "kcenter", "random"}
    assert all(0 < float(row["probability"]) <= 1 for row in asked_rows())


def test_albl_without_probabilities_is_refused(project: Path, alcli: Alcli):
    play_round(alcli, 1, "-s", "random")
    with Path("asked.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    at = rows[0].index("probability")
    with Path("asked.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [rows[0], *([*row[:at], "", *row[at + 1 :]] for row in rows[1:])]
        )
    done = alcli("query", "-s", "albl", "-n", "4", "-o", "s.csv", "--json")
    assert done.code == 1 and done.json["errors"][0]["code"] == "no-probability"
    assert alcli("query", "-s", "bandit", "-n", "4", "-o", "s.csv").code == 0


def test_a_schedule_plays_three_rounds(project: Path, alcli: Alcli):
    flags = ["-s", "schedule", "--param", "rounds=typiclust:1,margin+kmeans:1,entropy"]
    names = [play_round(alcli, number, *flags)["strategy"] for number in (1, 2, 3)]
    assert names == ["typiclust", "margin+kmeans", "entropy"]
    assert [row["strategy"] for row in asked_rows()[::6]] == names
