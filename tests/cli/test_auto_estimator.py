"""`train --estimator auto`, as typed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from .playing import Alcli


@pytest.fixture
def ring(folder: Path, alcli: Alcli) -> Path:
    """200 rows inside or outside of a circle, 90 of them labelled."""
    X = np.random.default_rng(0).normal(size=(200, 2))
    with (folder / "pool.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["id", "x", "y"], *([f"r{at:03d}", *map(repr, row)] for at, row in enumerate(X.tolist()))]
        )
    label = ["out" if np.hypot(*row) > 1.18 else "in" for row in X]
    (folder / "a.csv").write_text("id,label\n" + "".join(f"r{at:03d},{label[at]}\n" for at in range(90)))
    (folder / "b.csv").write_text("id,label\n" + "".join(f"r{at:03d},{label[at]}\n" for at in range(10)))
    assert alcli("init", "pool.csv", "--id", "id", "--classes", "in,out", "-q").code == 0
    assert alcli("import-labels", "a.csv", "-q").code == 0
    return folder


def test_it_says_what_was_chosen_and_what_it_was_compared_with(ring: Path, alcli: Alcli) -> None:
    run = alcli("train", "--estimator", "auto", "--json")
    assert run.code == 0, run.err
    choice = run.json["data"]["choice"]
    assert choice["estimator"] != "logistic" and choice["candidates"][0]["estimator"] == "logistic+extra-trees"
    assert "lower than that of logistic" in choice["why"] and choice["why"] in run.err
    assert {"estimator", "params", "calibrate", "log_loss", "se", "gain", "gain_se"} == choice["candidates"][0].keys()
    assert "log loss" in run.err and all(
        len(line) <= 80 for line in run.err.splitlines() if "±" in line and "*" in line
    )
    card = json.loads((ring / "model.json").read_text())
    assert card["choice"] == choice and card["recipe"]["estimator"] == choice["estimator"]
    # nothing has changed: nothing is fitted, and the choice is told again
    again = alcli("train", "--estimator", "auto", "--json").json["data"]
    assert again["up_to_date"] and again["choice"] == choice
    assert alcli("train", "--json").json["data"]["choice"] is None


def test_the_model_is_the_one_of_the_recipe_that_was_chosen(ring: Path, alcli: Alcli) -> None:
    choice = alcli("train", "--estimator", "auto", "--json").json["data"]["choice"]
    assert alcli("predict", "--proba", "-o", "auto.csv", "-q").code == 0
    params = [word for key, value in choice["params"].items() for word in ("--param", f"{key}={value}")]
    named = ["--estimator", choice["estimator"], *params, *["--calibrate"] * choice["calibrate"]]
    assert alcli("train", *named, "-q").code == 0
    assert alcli("predict", "--proba", "-o", "named.csv", "-q").code == 0
    assert (ring / "auto.csv").read_text() == (ring / "named.csv").read_text()


def test_a_whole_round_with_it(ring: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch) -> None:
    from alcli.models import choosing

    quick = [("logistic", {}), ("extra-trees", {"n_estimators": 10})]
    monkeypatch.setattr(choosing, "candidates", lambda shape, classes, pool=False: quick)
    config = ring / "alcli.toml"
    text = config.read_text()
    assert text.count('[train]\nestimator = "logistic"') == 1
    config.write_text(text.replace('estimator = "logistic"', 'estimator = "auto"\ncommittee = "2"'))
    assert alcli("train", "-q").code == 0
    calls = []
    kept = choosing.choose
    monkeypatch.setattr(choosing, "choose", lambda *args, **more: calls.append(len(args[1])) or kept(*args, **more))
    # what fits again takes what was chosen
    more = ("--param", "candidates=3", "--param", "sample=5", "--dry-run", "-q")
    assert alcli("query", "-s", "eer_log", "-n", "2", *more).code == 0
    assert alcli("query", "-s", "vote_entropy", "-n", "5", "-o", "s.csv", "-q").code == 0
    assert calls == []
    # what measures lets each fold choose without its part
    run = alcli("evaluate", "--metric", "accuracy", "--folds", "3", "--json")
    assert run.code == 0 and run.json["data"]["metrics"]["accuracy"]["value"] > 0.7
    assert calls == [60, 60, 60]


def test_few_labels_stay_with_the_default(folder: Path, ring: Path, alcli: Alcli) -> None:
    (ring / "labels.csv").unlink()
    assert alcli("import-labels", "b.csv", "-q").code == 0
    run = alcli("train", "--estimator", "auto", "--json")
    assert run.json["data"]["choice"]["estimator"] == "logistic+extra-trees" and "too few labels" in run.err


def test_slips(ring: Path, alcli: Alcli) -> None:
    run = alcli("train", "--estimator", "auto", "--param", "C=1")
    assert run.code == 2 and "takes no `--param`" in run.err
    assert "did you mean `auto`?" in alcli("train", "--estimator", "atuo").err
    assert alcli("train", "--committee", "auto,logistic").code == 2
    assert alcli("train", "--estimator", "logistic+extra-tree").code == 2


def test_a_mean_is_trained_saved_and_opened(ring: Path, alcli: Alcli) -> None:
    for name in ("model.joblib", "model.skops"):
        run = alcli("train", "--estimator", "logistic+extra-trees", "--param", "logistic__C=0.5", "-o", name)
        assert run.code == 0, run.err
        assert alcli("predict", "--model", name, "-o", "p.csv", "-q").code == 0
