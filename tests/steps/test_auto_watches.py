"""`auto` in long campaigns: rows drawn by chance, and half of them where doubt does not find the errors."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import alcli
from alcli.steps.simulate import simulate

ROWS = 4000


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes line.csv: points of a line with the boundary at 0, and a third of the labels wrong on one part of it."""
    monkeypatch.chdir(tmp_path)

    def write(noisy_far: bool) -> dict[str, tuple[float, str]]:
        random = np.random.default_rng(4)
        x = random.uniform(-1, 1, ROWS)
        noisy = (np.abs(x) > 0.4) if noisy_far else (np.abs(x) < 0.4)
        up = (x > 0) != (noisy & (random.random(ROWS) < 0.35))
        rows = {f"r{i:04d}": (float(x[i]), "up" if up[i] else "down") for i in range(ROWS)}
        with Path("line.csv").open("w", encoding="utf-8") as file:
            file.writelines(["id,x,label\n", *(f"{id_},{at:.5f},{label}\n" for id_, (at, label) in rows.items())])
        return rows

    return write


@pytest.mark.parametrize("noisy_far", [True, False])
def test_simulated_campaigns_fall_back_where_doubt_is_no_guide(noisy_far, line):
    rows = line(noisy_far)
    simulate(
        data=["line.csv"], strategies=["auto"], numeric=["x"], starts=[500], counts=[200], rounds=5, repeats=1,
        test_share=0.1, log="log/", jobs=1,
    )  # fmt: skip
    with Path("log/auto.csv").open(encoding="utf-8") as file:
        log = [(int(row["round"]), rows[row["id"]][0]) for row in csv.DictReader(file)]
    first, last = min(log)[0], max(log)[0]
    # of 200 rows about 8 or 40 lie in the outer part when 20 or 100 are drawn at random
    far = [sum(abs(x) > 0.6 for batch, x in log if batch == number) for number in (first, last)]
    assert far[0] < 18 and (far[1] > 25 if noisy_far else far[1] < 18)


def test_a_project_says_why(line):
    rows = line(noisy_far=True)
    ids = list(rows)
    with Path("pool.csv").open("w", encoding="utf-8") as file:
        file.writelines(["id,x\n", *(f"{id_},{rows[id_][0]:.5f}\n" for id_ in ids)])
    alcli.init(pool=["pool.csv"], classes=["down", "up"], numeric=["x"])
    Path("first.csv").write_text("id,label\n" + "".join(f"{id_},{rows[id_][1]}\n" for id_ in ids[:500]), "utf-8")
    alcli.import_labels(sheets=["first.csv"], annotator="a")
    said = []
    for batch in range(4):
        alcli.train()
        asked = alcli.query(count=200, output=f"s{batch}.csv")
        said.append(asked.reason)
        with Path(f"s{batch}.csv").open(encoding="utf-8") as file:
            sheet = list(csv.DictReader(file))
        with Path(f"s{batch}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, sheet[0])
            writer.writeheader()
            writer.writerows({**row, "label": rows[row["id"]][1]} for row in sheet)
        alcli.import_labels(sheets=[f"s{batch}.csv"], annotator="a")
    assert all("1 row in 10 by chance, to watch it" in reason for reason in said[:2])
    assert "so its doubt is no guide" in said[3]
    with Path("asked.csv").open(encoding="utf-8") as file:
        drawn = [sum(row["strategy"] == "random" for row in rows) for rows in by_batch(csv.DictReader(file))]
    assert max(drawn[:2]) < 40 and drawn[3] > 80


def by_batch(rows):
    found = {}
    for row in rows:
        found.setdefault(int(row["batch"]), []).append(row)
    return [found[number] for number in sorted(found)]
