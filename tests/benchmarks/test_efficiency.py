"""What the tables of docs/efficiency.md are made of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.efficiency.__main__ import main
from benchmarks.efficiency.playing import names
from benchmarks.efficiency.results import areas_of, gains, recorded


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
