"""The study of stopping rules judges with the product's own rules, on campaigns that it plays itself."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from alcli.evaluation.stopping.grammar import parse
from benchmarks.stopping.__main__ import best, classified, screened
from benchmarks.stopping.playing import Campaign, read, screen


def campaign(truth: list[float], kappas: list[float | None]) -> Campaign:
    found = Campaign("made", 0, 1000)
    found.sizes = [20 + 10 * at for at in range(len(truth))]
    found.truth = truth
    found.orders = [["a"] * n for n in found.sizes]
    found.series = {"kappa_with_before": kappas}
    return found


def test_where_a_rule_ends_and_what_that_wastes(monkeypatch: pytest.MonkeyPatch) -> None:
    one = campaign([0.5, 0.7, 0.89, 0.895, 0.9, 0.9, 0.9], [None, 0.5, 0.9, 0.99, 1.0, 1.0, 1.0])
    assert best(one) == 2
    assert one.stops(parse("kappa >= 0.99 for 3")) == 5
    assert one.stops(parse("labels >= 30")) == 1
    assert one.stops(parse("labels >= 5000")) is None
    monkeypatch.setattr("benchmarks.stopping.__main__.RULES", ("kappa >= 0.99 for 3", "labels >= 30"))
    assert classified([one])[2:] == [
        "| `kappa >= 0.99 for 3` | 1 of 1 | 70 | 30 | 0 | 0.000 | 0.000 |",
        "| `labels >= 30` | 1 of 1 | 30 | 0 | 10 | 0.200 | 0.200 |",
    ]


def test_a_screening_finds_everything_in_the_end(tmp_path: Path) -> None:
    rng = random.Random(0)
    rows = [
        f"r{n},{rng.gauss(0, 1) + 3 * (n < 12):.3f},{rng.gauss(0, 1):.3f},{'yes' if n < 12 else 'no'}"
        for n in range(110)
    ]
    (tmp_path / "made.csv").write_text("id,a,b,label\n" + "\n".join(rows) + "\n")
    data = read(tmp_path / "made.csv")
    assert data.X.shape[1] == 2 and data.classes == ("no", "yes")
    played = screen(data, "yes", 0)
    assert played.sizes == [20, 40, 60, 80, 100, 110] and played.truth[-1] == 1
    assert played.truth == sorted(played.truth)
    table = screened([played], "yes")
    assert any("found[yes] >= 0.95" in line for line in table)
