"""A simulated campaign is a real one: the same rows, round by round, and the same measurements."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import alcli
from alcli.settings import resolve
from alcli.steps.learning import Recipe
from alcli.steps.simulation.campaign import How, InMemory
from alcli.steps.simulation.data import open_data
from alcli.steps.simulation.field import Ground, make_field
from alcli.steps.simulation.splits import Split

ROUNDS, COUNT = 3, 5
WORDS = ("river", "bank", "money", "loan", "water", "boat", "credit", "fish", "rate", "lake", "interest", "shore")


def numbers(folder: Path) -> None:
    """Three classes of points, some of which stand there twice."""
    random = np.random.default_rng(3)
    for name, n in (("pool", 90), ("test", 60)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8") as file:
            file.write("id,x,y,z,colour,label\n")
            for i in range(n):
                at = i % 3
                x, y, z = random.normal(size=3) + 1.5 * np.eye(3)[at]
                if i >= 80:
                    x, y, z = 1.0, 2.0, 0.5
                file.write(f"{name}{i:02d},{x:.4f},{y:.4f},{z:.4f},{'red' if i % 2 else 'blue'},{'abc'[at]}\n")


def texts(folder: Path) -> None:
    """Sentences of two topics."""
    random = np.random.default_rng(4)
    for name, n in (("pool", 80), ("test", 40)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8") as file:
            file.write("id,text,label\n")
            for i in range(n):
                weights = np.where(np.arange(12) % 2 == i % 2, 3.0, 1.0)
                words = " ".join(random.choice(WORDS, 9, p=weights / weights.sum()))
                file.write(f"{name}{i:02d},{words} {i % 7},{'one' if i % 2 else 'two'}\n")


def truth(folder: Path) -> dict[str, str]:
    with (folder / "pool.csv").open(encoding="utf-8") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def played(folder: Path, strategy: str, first: list[str], **training: Any) -> tuple[list[list[str]], list[float]]:
    """The ids of each round and the accuracy after it, by the commands."""
    label = truth(folder)
    with (folder / "pool.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (folder / "unlabelled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != "label"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    alcli.init(pool=["unlabelled.csv"], classes=sorted(set(label.values())), test="test.csv")
    (folder / "first.csv").write_text("id,label\n" + "".join(f"{id_},{label[id_]}\n" for id_ in first))
    alcli.import_labels(sheets=["first.csv"], annotator="a")
    asked, measured = [], []
    for number in range(ROUNDS + 1):
        if number:
            sheet = folder / f"sheet-{number}.csv"
            asked.append(list(alcli.query(strategy=strategy, count=COUNT, output=str(sheet)).ids))
            with sheet.open(encoding="utf-8") as file:
                batch = list(csv.DictReader(file))
            with sheet.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, batch[0])
                writer.writeheader()
                writer.writerows({**row, "label": label[row["id"]]} for row in batch)
            alcli.import_labels(sheets=[str(sheet)], annotator="a")
        alcli.train(**training)
        measured.append(alcli.evaluate(metric=["accuracy"]).metrics["accuracy"]["value"])
    return asked, measured


def simulated(folder: Path, strategy: str, **training: Any) -> tuple[list[str], list[list[str]], list[float]]:
    """The first ids, those of each round, and the accuracy after it, in memory."""
    settings = resolve({"test": "test.csv", **training}, config="none")
    data, test = (open_data(str(folder / f"{name}.csv"), settings, None) for name in ("pool", "test"))
    field = make_field(data, Ground(Split("whole"), 0), test)
    how = How(strategy, Recipe.of(settings), count=COUNT, start=8, rounds=ROUNDS, metrics=("accuracy",))
    rounds = list(InMemory(field, how).rounds())
    values = [each.metrics["accuracy"] for each in rounds]
    return list(rounds[0].ids), [list(each.ids) for each in rounds[1:]], [float(value or 0) for value in values]


@pytest.mark.parametrize(
    "strategy", ["margin", "random", "kcenter", "badge", "auto", "vote_entropy", "typiclust", "expected_error", "exp3"]
)
def test_rows_and_measurements_are_those_of_the_commands(
    strategy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    numbers(tmp_path)
    training = {"committee": "5"} if strategy == "vote_entropy" else {}
    first, asked, measured = simulated(tmp_path, strategy, **training)
    assert (asked, measured) == played(tmp_path, strategy, first, **training)


@pytest.mark.parametrize(
    ("strategy", "estimator"), [("margin", "logistic"), ("kcenter", "linear-svm"), ("badge", "naive-bayes")]
)
def test_texts_too(strategy: str, estimator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts(tmp_path)
    first, asked, measured = simulated(tmp_path, strategy, estimator=estimator)
    assert (asked, measured) == played(tmp_path, strategy, first, estimator=estimator)
