"""Estimators that learn from rows of the pool without labels, as typed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from sklearn.datasets import make_moons

from .playing import Alcli

NAMES = ["self-training", "label-spreading"]


def write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def moons(folder: Path, alcli: Alcli) -> Path:
    """Two moons of 300 rows; 12 rows are labelled."""
    X, y = make_moons(300, noise=0.06, random_state=0)
    rows = [[f"r{at:03d}", repr(a), repr(b)] for at, (a, b) in enumerate(X.tolist())]
    write(folder / "pool.csv", ["id", "x", "y"], rows)
    write(folder / "reversed.csv", ["id", "x", "y"], rows[::-1])
    truth = [[row[0], "ab"[code]] for row, code in zip(rows, y, strict=True)]
    write(folder / "a.csv", ["id", "label"], truth[:12])
    write(folder / "all.csv", ["id", "label"], truth)
    write(
        folder / "data.csv", ["id", "x", "y", "label"], [row + pair[1:] for row, pair in zip(rows, truth, strict=True)]
    )
    assert alcli("init", "pool.csv", "--id", "id", "--classes", "a,b", "-q").code == 0
    assert alcli("import-labels", "a.csv", "-q").code == 0
    return folder


def right(folder: Path) -> float:
    truth = dict(csv.reader((folder / "all.csv").open()))
    rows = list(csv.DictReader((folder / "p.csv").open()))
    return sum(truth[row["id"]] == row["label"] for row in rows) / len(rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_round_leaves_no_label_behind(moons: Path, alcli: Alcli, name: str) -> None:
    before = (moons / "labels.csv").read_bytes()
    run = alcli("train", "--estimator", name, "--json")
    assert run.code == 0, run.err
    assert run.json["data"]["labels"] == 12
    assert "no such label is kept" in run.err and "288 rows without" in run.err
    assert json.loads((moons / "model.json").read_text())["calibration"] == "temperature"
    assert alcli("predict", "-o", "p.csv", "-q").code == 0
    assert right(moons) > (0.97 if name == "label-spreading" else 0.8)
    assert alcli("query", "-s", "margin", "-n", "5", "--dry-run", "-q").code == 0
    more = ("--param", "candidates=3", "--param", "sample=5", "--dry-run", "-q")
    assert alcli("query", "-s", "eer_log", "-n", "2", *more).code == 0
    assert alcli("evaluate", "--metric", "accuracy", "--folds", "3", "-q").code == 0
    assert (moons / "labels.csv").read_bytes() == before


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_pool_changes_nothing(moons: Path, alcli: Alcli, name: str) -> None:
    said = []
    for pool in ("pool.csv", "reversed.csv"):
        assert alcli("train", "--estimator", name, "--pool", pool, "--force", "-q").code == 0
        assert alcli("predict", "--proba", "--pool", "pool.csv", "-o", "p.csv", "-q").code == 0
        said.append((moons / "p.csv").read_text())
    assert said[0] == said[1]


def test_simulate_plays_them_on_rows_of_the_pool_alone(moons: Path, alcli: Alcli) -> None:
    flags = ("--rounds", "2", "--repeats", "2", "--start", "12", "-s", "margin", "--against", "margin", "-j", "1")
    named = [word for name in (*NAMES, "logistic") for word in ("--estimator", name)]
    run = alcli("simulate", "data.csv", *flags, *named, "--json")
    assert run.code == 0, run.err
    area = {line["estimator"]: line["area"] for line in run.json["data"]["summary"] if line["metric"] == "accuracy"}
    assert area["label-spreading"] > area["logistic"] + 0.03


def test_auto_tries_the_graph_of_the_pool(moons: Path, alcli: Alcli) -> None:
    write(moons / "b.csv", ["id", "label"], list(csv.reader((moons / "all.csv").open()))[1:31])
    assert alcli("import-labels", "b.csv", "-q").code == 0
    tried = alcli("train", "--estimator", "auto", "--json").json["data"]["choice"]["candidates"]
    assert {"label-spreading", "logistic+label-spreading"} <= {row["estimator"] for row in tried}
    # what cannot weigh rows is not tried where they have weights
    more = ("--class-weight", "balanced", "--json")
    tried = alcli("train", "--estimator", "auto", *more).json["data"]["choice"]["candidates"]
    assert not any("label-spreading" in row["estimator"] for row in tried)


def test_a_pool_whose_rows_are_all_labelled(moons: Path, alcli: Alcli) -> None:
    assert alcli("import-labels", "all.csv", "-q").code == 0
    for name in NAMES:
        run = alcli("train", "--estimator", name)
        assert run.code == 0 and " 0 " in run.err


def test_a_model_without_pickle(moons: Path, alcli: Alcli) -> None:
    for name in NAMES:
        assert alcli("train", "--estimator", name, "-o", "model.skops", "-q").code == 0
        assert alcli("predict", "--model", "model.skops", "-o", "p.csv", "-q").code == 0
        assert right(moons) > 0.8


def test_slips(moons: Path, alcli: Alcli) -> None:
    run = alcli("train", "--estimator", "self-traning")
    assert run.code == 2 and "did you mean `self-training`?" in run.err
    run = alcli("train", "--estimator", "self-training", "--param", "base=auto")
    assert run.code == 2 and "no base 'auto'" in run.err
    run = alcli("train", "--estimator", "label-spreading", "--param", "alpha=7")
    assert run.code == 2 and "alpha" in run.err
    run = alcli("train", "--estimator", "label-spreading", "--class-weight", "balanced")
    assert run.code == 2 and "cannot weigh classes" in run.err
    run = alcli("train", "--estimator", "label-spreading", "--param", "unlabelled=3")
    assert run.code == 2 and "no parameter 'unlabelled'" in run.err
