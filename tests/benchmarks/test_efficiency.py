"""What the tables of docs/efficiency.md are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from benchmarks.efficiency.__main__ import main
from benchmarks.efficiency.playing import names
from benchmarks.efficiency.results import areas_of, gains, recorded
from benchmarks.efficiency.scoring import Judge, scored


def frame(**columns: list[object]) -> pd.Series:
    return pd.DataFrame(columns).set_index(["set", "strategy", "seed"])["area"]


def test_gains_are_paired_by_seed_and_ranks_are_within_a_set() -> None:
    found = gains(
        frame(
            set=["s"] * 5 + ["t"] * 3,
            strategy=["random", "random", "margin", "margin", "lib: far", "random", "margin", "lib: far"],
            seed=[0, 1, 0, 1, 1, 0, 0, 0],
            area=[0.5, 0.7, 0.6, 0.72, 0.9, 0.4, 0.3, 0.5],
        )
    )
    assert found.mean.loc["margin", "s"] == pytest.approx((0.1 + 0.02) / 2)
    assert found.mean.loc["lib: far", "s"] == pytest.approx(0.2)  # by the one seed that it has
    assert found.seeds.loc["lib: far", "s"] == 1 and pd.isna(found.error.loc["lib: far", "s"])
    assert found.error.loc["margin", "s"] == pytest.approx(0.04)
    over = found.over(["s", "t"])
    assert over.loc["margin", "gain"] == pytest.approx((0.06 - 0.1) / 2)
    assert over.loc["margin", "worst"] == pytest.approx(-0.1) and over.loc["margin", "sets"] == 2
    assert found.ranks(["s", "t"]).to_dict() == {"lib: far": 1.0, "margin": 2.5, "random": 2.5}


def test_an_area_is_the_mean_height_between_first_and_last_label(tmp_path: Path) -> None:
    table = tmp_path / "s.csv"
    table.write_text(
        "strategy,seed,labels,metric,value\nm,0,30,accuracy,0.8\nm,0,10,accuracy,0.4\nm,0,20,accuracy,0.6\n"
        "m,0,10,f1_macro,0\n",
        encoding="utf-8",
    )
    assert areas_of(table, "accuracy").to_dict() == {("m", 0): pytest.approx(0.6)}


def test_recorded_results_keep_the_name_of_their_library(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("dataset,library,strategy,seed,aubc\ns,lib,qbc,3,0.75\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("dataset,rule\ns,x\n", encoding="utf-8")
    assert recorded(tmp_path).to_dict() == {("s", "lib: qbc", 3): 0.75}


def test_query_logs_are_scored_by_a_model_of_words(tmp_path: Path) -> None:
    words = [("good film", "pos"), ("bad film", "neg"), ("good plot", "pos"), ("bad plot", "neg")] * 8
    data, logs, splits, cache = (tmp_path / name for name in ("toy.csv", "logs", "splits", "areas.csv"))
    data.write_text("id,text,label\n" + "".join(f"r{i},{t},{c}\n" for i, (t, c) in enumerate(words)), "utf-8")
    logs.mkdir()
    splits.mkdir()
    # measured on the last eight; at the start two films, one of each class
    places = [2, 2] + [1] * 22 + [0] * 8
    (splits / "toy.csv").write_text("id,s4\n" + "".join(f"r{i},{at}\n" for i, at in enumerate(places)), "utf-8")
    (logs / "margin.csv").write_text(
        "dataset,seed,round,id\ntoy,4,1,r2\ntoy,4,1,r3\ntoy,4,2,r4\ntoy,4,2,r5\n", encoding="utf-8"
    )
    found = scored(data, ["text"], splits, logs, cache)
    assert found.to_dict() == {("margin", 4): 1.0}
    cache.write_text(cache.read_text(encoding="utf-8").replace("1.0", "0.25"), encoding="utf-8")
    assert scored(data, ["text"], splits, logs, cache).to_dict() == {("margin", 4): 0.25}  # not fitted again
    played = (logs / "margin.csv").read_text(encoding="utf-8")
    (logs / "margin.csv").write_text(played.replace("r5", "r7"), encoding="utf-8")
    assert scored(data, ["text"], splits, logs, cache).to_dict() == {("margin", 4): 1.0}  # another log
    for asked in ("r0", "r30"):  # labelled at the start; one to measure on
        (logs / "margin.csv").write_text(f"dataset,seed,round,id\ntoy,4,1,{asked}\n", encoding="utf-8")
        cache.unlink(missing_ok=True)
        with pytest.raises(ValueError, match="asked twice"):
            scored(data, ["text"], splits, logs, cache)


def test_the_area_of_a_log_is_that_of_its_curve() -> None:
    places = np.array([2, 2, 1, 1, 0, 0])
    data = pd.DataFrame(
        {"id": list("abcdef"), "label": list("xyxyxy"), "text": ["p q", "r s", "p t", "r t", "t q", "t s"]}
    )
    judge = Judge.of(data, ["text"], places)
    first = LogisticRegression(C=10.0, tol=1e-3).fit(judge.X[[0, 1]], [0, 1]).predict(judge.X[[4, 5]])
    last = LogisticRegression(C=10.0, tol=1e-3).fit(judge.X[[0, 1, 2, 3]], [0, 1, 0, 1]).predict(judge.X[[4, 5]])
    wanted = ((first == [0, 1]).mean() + (last == [0, 1]).mean()) / 2
    assert judge.area([["c", "d"]]) == pytest.approx(wanted)


def test_every_strategy_is_played_that_needs_nothing_from_outside() -> None:
    found = names()
    assert {"auto", "random", "margin", "kcenter", "epig", "expected_cost"} <= set(found)
    assert not {"like", "flqmi", "mnlp", "region_max"} & set(found)


def test_campaigns_become_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"r{i},{i % 7 - 3},{i % 5},{'ab'[i % 7 > 2]}" for i in range(120)]
    Path("toy.csv").write_text("id,x,y,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    Path("splits").mkdir()
    places = ["2" if i < 20 else "01"[i % 2] for i in range(120)]
    Path("splits/toy.csv").write_text("id,s0\n" + "".join(f"r{i},{at}\n" for i, at in enumerate(places)), "utf-8")
    Path("peers").mkdir()
    Path("peers/p.csv").write_text("dataset,library,strategy,seed,aubc\ntoy,lib,qbc,0,0.5\n", encoding="utf-8")
    argv = ["efficiency", "toy.csv", "--splits", "splits", "--peers", "peers", "--out", "out", "--repeats", "1"]
    monkeypatch.setattr("sys.argv", [*argv, "-s", "margin"])
    assert main() == 0
    told = capsys.readouterr().out
    assert told.count("| margin | ") == 2 and told.count("| random | ") == 2 and told.count("| lib: qbc | ") == 2
    monkeypatch.setattr("sys.argv", [*argv, "--no-play"])
    assert main() == 0 and capsys.readouterr().out == told
