"""What bandits learn from: the answered batches as the ledgers tell them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import alcli
from alcli.steps.past import AsTrained, _parts, past_of, played
from alcli.steps.project import Project

ROWS = 60


def truth(id_: str) -> str:
    return "up" if int(id_[1:]) % 2 else "down"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    with Path("pool.csv").open("w", encoding="utf-8") as file:
        file.write("id,x,y\n")
        for i in range(ROWS):
            file.write(f"r{i:02d},{random.normal() + 4 * (i % 2):.4f},{random.normal():.4f}\n")
    alcli.init(pool=["pool.csv"], classes=["down", "up"], numeric=["x", "y"])
    return tmp_path


def ask(n: int = 6, answered: int | None = None, wrong: tuple[str, ...] = (), **more: Any) -> list[str]:
    sheet = f"sheet-{len(list(Path().glob('sheet-*')))}.csv"
    ids = list(alcli.query(count=n, output=sheet, **more).ids)
    with Path(sheet).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        label = truth(row["id"])
        if row["id"] in wrong:
            label = "up" if label == "down" else "down"
        row["label"] = label if answered is None or number < answered else ""
    with Path(sheet).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    alcli.import_labels(sheets=[sheet], annotator="a")
    return ids


def found() -> tuple[Any, Any]:
    project = Project("query", {})
    return project.standing(), project.pool


def rounds() -> Any:
    project = Project("query", {})
    return past_of(project.standing(), AsTrained(project), has_model=True).rounds()


def test_a_batch_is_what_was_asked_in_it_and_is_labelled(project: Path):
    one = ask(strategy="random")
    alcli.train()
    two = ask(answered=4, mix="margin:0.5,random:0.5")
    batches = played(*found())
    assert [each.batch for each in batches] == [1, 2]
    assert [row.id for row in batches[0].rows] == one and [row.id for row in batches[1].rows] == two[:4]
    assert set(batches[0].known) == set(one) and set(batches[1].known) == {*one, *two[:4]}
    first, second = rounds()
    assert first.arms == ("random",) * 6 and set(second.arms) <= {"margin", "random"}
    assert first.probability == pytest.approx([1 / (ROWS - rank) for rank in range(6)])
    assert len(first.right) == 6 and len(second.right) == 10


def test_labels_nobody_asked_for_are_only_learned_from(project: Path):
    with Path("labels_only.csv").open("w", encoding="utf-8") as file:
        file.write("id,label\n" + "".join(f"r{i:02d},{truth(f'r{i:02d}')}\n" for i in range(10)))
    alcli.import_labels(sheets=["labels_only.csv"], annotator="a")
    asked = ask(strategy="random")
    (only,) = played(*found())
    assert {row.id for row in only.rows} == set(asked)
    assert set(only.known) == {*asked, *(f"r{i:02d}" for i in range(10))}
    (judged,) = rounds()
    assert len(judged.right) == 6 and sum(judged.right) >= 4  # two far clusters are told apart


def test_a_corrected_answer_counts_as_it_is_now(project: Path):
    asked = ask(strategy="random", n=40)
    before = rounds()
    sheet = Path("sheet-0.csv")
    turned = {"up": "down", "down": "up"}[truth(asked[0])]
    lines = sheet.read_text(encoding="utf-8").splitlines()
    at = lines[0].split(",").index("label")
    cells = lines[1].split(",")
    cells[at] = turned
    Path("fixed.csv").write_text("\n".join([lines[0], ",".join(cells)]) + "\n", encoding="utf-8")
    alcli.import_labels(sheets=["fixed.csv"], annotator="a", on_conflict="newest")
    labels = found()[0].labels
    assert dict(labels.pairs())[asked[0]] == turned
    (after,) = rounds()
    assert after.arms == before[0].arms and before[0].right[0] and not after.right[0]


def test_rows_that_were_skipped_count_nowhere(project: Path):
    asked = ask(strategy="random")
    sheet = Path("sheet-0.csv")
    with Path("labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["id"] == asked[0]:
            row["kind"], row["label"] = "skip", ""
        if row["id"] == asked[1]:
            row["kind"] = "withdraw"
    with Path("labels.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (only,) = played(*found())
    assert [row.id for row in only.rows] == asked[2:] and sheet.exists()
    assert not {asked[0], asked[1]} & set(only.known)


def test_rows_asked_for_evaluation_count_nowhere(project: Path):
    asked = ask(strategy="random")
    text = Path("asked.csv").read_text(encoding="utf-8").replace(f"{asked[0]},train", f"{asked[0]},evaluate")
    Path("asked.csv").write_text(text, encoding="utf-8")
    (only,) = played(*found())
    assert [row.id for row in only.rows] == asked[1:] and asked[0] not in only.known


def test_a_row_is_judged_by_a_model_that_did_not_learn_from_it(project: Path, monkeypatch: pytest.MonkeyPatch):
    """A forest is always right about the rows it learned from; here half of the answers are noise."""
    random = np.random.default_rng(0)
    names = [f"r{i:02d}" for i in range(ROWS)]
    wrong = tuple(np.array(names)[random.random(ROWS) < 0.5].tolist())
    ask(strategy="random", n=40, wrong=wrong)
    alcli.train(estimator="random-forest")
    (only,) = rounds()
    assert sum(only.right) < 34


def test_the_parts_are_equal_and_depend_on_nothing_but_the_ids():
    ids = [f"r{i}" for i in range(31)]
    part = dict(zip(ids, _parts(ids, 0).tolist(), strict=True))
    turned = dict(zip(ids[::-1], _parts(ids[::-1], 0).tolist(), strict=True))
    assert part == turned and sorted(np.bincount(list(part.values()))) == [10, 10, 11]


def test_nothing_answered_is_no_round(project: Path):
    assert rounds() == ()
    alcli.query(count=3, output="blank.csv", strategy="random")
    assert rounds() == ()


def test_errors_are_those_of_a_model_without_the_row(project: Path) -> None:
    def errors(least: int = 1) -> Any:
        project = Project("query", {})
        return past_of(project.standing(), AsTrained(project), has_model=True).errors(("kcenter", "random"), least)

    assert errors() is None
    ask(12, strategy="random")
    assert errors() is None
    spoiled = ask(8, mix="kcenter:0.5,random:0.5")
    with Path("asked.csv").open(encoding="utf-8") as file:
        arm = {row["id"]: row["strategy"] for row in csv.DictReader(file)}
    before = errors()
    assert errors(99) is None
    # a wrong label of a row on its own side is never forecast by a model that has not seen it
    far = [id_ for id_ in spoiled if arm[id_] == "kcenter"]
    for id_ in far:
        other = "up" if truth(id_) == "down" else "down"
        Path("late.csv").write_text(f"id,label\n{id_},{other}\n", encoding="utf-8")
        alcli.import_labels(sheets=["late.csv"], annotator="a", on_conflict="newest")
    after = errors()
    assert before["kcenter"] < 0.3 and before["random"] < 0.3
    assert after["kcenter"] > before["kcenter"] + 0.3
