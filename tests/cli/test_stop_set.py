"""What `train` measures beside the model before, when that one saw other columns, other classes, or a gone pool."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from .playing import Alcli, fill
from .test_enough import measured

BESIDE = {"kappa_with_before", "change_with_before", "contradiction_with_before", "delta_f_with_before"}


def more_labels(folder: Path, alcli: Alcli, label: str | None = None) -> None:
    assert alcli("query", "-n", "3", "-s", "random", "-o", "more.csv", "--force", "-q").code == 0
    if label is None:
        fill(folder / "more.csv")
    else:
        fill(folder / "more.csv", label=lambda _: label)
    assert alcli("import-labels", "more.csv", "--annotator", "a1", "--new-classes", "-q").code == 0


def train_on_lang_too(folder: Path, alcli: Alcli) -> None:
    settings = folder / "alcli.toml"
    settings.write_text(settings.read_text().replace('ignore = ["lang"]', 'categorical = ["lang"]'))
    assert alcli("train", "-q").code == 0
    assert json.loads((folder / "model.json").read_text())["columns"] == {"lang": "categorical", "text": "text"}


def of_last(folder: Path) -> dict[str, float]:
    rows = measured(folder)
    last = rows[-1]["model_fingerprint"]
    return {row["metric"]: float(row["value"]) for row in rows if row["model_fingerprint"] == last and row["value"]}


def test_a_model_of_other_columns_is_asked_with_its_own(trained: Path, alcli: Alcli) -> None:
    train_on_lang_too(trained, alcli)
    assert alcli("evaluate", "-q", "--folds", "2").code == 0
    found = of_last(trained)
    assert {name.partition("[")[0] for name in found} >= BESIDE
    assert 0 < found["contradiction_with_before"] < 1


def test_a_class_that_comes_in_later_is_measured_too(trained: Path, alcli: Alcli) -> None:
    more_labels(trained, alcli, "egg")
    assert alcli("train", "-q").code == 0 and alcli("evaluate", "-q", "--test", "test.csv").code == 0
    found = of_last(trained)
    assert found["remaining[egg]"] > 0 and found["selected_accuracy"] == 0
    # what is left of all classes is all that is unlabelled
    assert round(sum(value for name, value in found.items() if name.startswith("remaining["))) == 30 - 11


def test_a_model_whose_columns_are_gone_is_passed_over(trained: Path, alcli: Alcli) -> None:
    train_on_lang_too(trained, alcli)
    pool = trained / "pool.csv"
    rows = list(csv.reader(pool.read_text().splitlines()))
    pool.write_text("\n".join(",".join(row[:2]) for row in rows) + "\n")
    settings = trained / "alcli.toml"
    settings.write_text("\n".join(line for line in settings.read_text().splitlines() if "lang" not in line) + "\n")
    more_labels(trained, alcli)
    assert alcli("train", "-q").code == 0
    card = json.loads((trained / "model.json").read_text())
    names = {each["metric"].partition("[")[0] for each in card["stopping"]}
    assert names == {"uncertainty", "max_uncertainty", "expected_error", "confidence", "remaining"}
    # what both said of the same rows can still be compared
    assert card["agreement"]["rows"] == 30


def test_a_refused_model_is_replaced_as_if_there_was_none(trained: Path, alcli: Alcli) -> None:
    (trained / "model.joblib").write_bytes(b"no model")
    assert alcli("train", "-q").code == 0
    card = json.loads((trained / "model.json").read_text())
    assert card["agreement"] is None and card["stopping"]
