"""The study of estimates draws with the engine and knows the truth."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.evaluation import Tally, study


def test_a_tally_counts_what_holds() -> None:
    tally = Tally()
    tally.add(0.9, 0.8, 1.0, 0.85)
    tally.add(0.7, 0.6, 0.8, 0.85)
    assert tally.line("x") == "| x | -0.0500 ± 0.0707 | 0.1000 | 0.200 | 50.0% |"


def test_every_estimate_is_in_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCLI_QUIET", "1")
    rng = random.Random(0)
    rows = [f"r{n},{rng.gauss(n % 2, 1):.3f},{rng.gauss(0, 1):.3f},{'yes' if n % 2 else 'no'}" for n in range(260)]
    (tmp_path / "made.csv").write_text("id,a,b,label\n" + "\n".join(rows) + "\n")
    lines = list(study(tmp_path / "made.csv", 20, 3, 2))
    assert "made: 260 rows" in lines[0]
    names = [line.split("|")[1].strip() for line in lines[3:]]
    assert names == [
        "random",
        "stratified",
        "stratified, rows counted alike",
        "active_testing",
        "active_testing, rows counted alike",
        "random rows of the last batch, by folds",
        "random rows of all batches, by folds",
        "all labels, by folds",
    ]
