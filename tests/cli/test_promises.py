"""`predict --coverage` and `--target-precision`: promises that held-out rows keep."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .playing import Alcli

NAMES = ("red", "green|blue", "dark\\grey")


def _table(path: Path, rows: int, seed: int, begin: str) -> dict[str, str]:
    """Three classes that overlap; the id tells nothing. Returns the truth."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, rows)
    x = rng.normal(size=(rows, 2)) + np.array([[0, 0], [2, 0], [0, 2]])[codes]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "x", "y", "label"])
        for at in range(rows):
            writer.writerow([f"{begin}{at:04d}", f"{x[at, 0]:.4f}", f"{x[at, 1]:.4f}", NAMES[codes[at]]])
    return {f"{begin}{at:04d}": NAMES[codes[at]] for at in range(rows)}


@pytest.fixture
def truth(folder: Path, alcli: Alcli) -> dict[str, str]:
    """A project with 60 labels of 1,500 rows, a model, and 500 rows in test.csv; gives the truth of the pool."""
    found = _table(folder / "all.csv", 1500, 0, "p")
    _table(folder / "test.csv", 500, 1, "t")
    lines = [line.rsplit(",", 1) for line in (folder / "all.csv").read_text().splitlines()]
    (folder / "pool.csv").write_text("".join(row[0] + "\n" for row in lines))
    (folder / "answers.csv").write_text("id,label\n" + "".join(f"{id_},{found[id_]}\n" for id_ in list(found)[:60]))
    toml = 'pool = "pool.csv"\nid = "id"\nclasses = ["red", "green|blue", "dark\\\\grey"]\n'
    (folder / "alcli.toml").write_text(toml)
    assert alcli("import-labels", "answers.csv", "-q").code == 0
    assert alcli("train", "-q").code == 0
    return found


def _written(path: str = "p.csv") -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _set(text: str) -> list[str]:
    """The classes of a set, read by the rule that docs/predict.md gives."""
    parts, escaped = [""], False
    for character in text:
        if escaped or character not in "|\\":
            parts[-1] += character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append("")
    return parts if text else []


def _data(alcli: Alcli, *argv: str) -> dict[str, Any]:
    run = alcli("predict", "-o", "p.csv", "--json", "-q", *argv)
    assert run.code == 0, run.err
    return run.json["data"]


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_sets_hold_the_true_class_as_often_as_promised(truth: dict[str, str], alcli: Alcli, coverage: float) -> None:
    data = _data(alcli, "--coverage", str(coverage), "--test", "test.csv")
    rows = _written()
    sets = [_set(row["set"]) for row in rows]
    assert len(rows) == 1500 and all(set(each) <= set(NAMES) for each in sets)
    # 500 held-out and 1,500 new rows: three standard errors
    spread = 3 * (coverage * (1 - coverage) * (1 / 500 + 1 / 1500)) ** 0.5
    assert np.mean([truth[row["id"]] in each for row, each in zip(rows, sets, strict=True)]) == pytest.approx(
        coverage, abs=spread
    )
    assert all(row["label"] == each[0] for row, each in zip(rows, sets, strict=True) if each)
    sizes = np.array([len(each) for each in sets])
    assert data["mean_set_size"] == pytest.approx(sizes.mean())
    assert data["single_class_sets"] == pytest.approx((sizes == 1).mean())
    assert data["empty_sets"] == pytest.approx((sizes == 0).mean())
    assert (data["held_out"], data["held_out_how"]) == (500, "test")
    assert f"{coverage:.0%}" in data["guarantee"]


def test_more_coverage_takes_larger_sets(truth: dict[str, str], alcli: Alcli) -> None:
    sizes = [
        _data(alcli, "--coverage", c, "--test", "test.csv")["mean_set_size"] for c in ("0.7", "0.8", "0.9", "0.99")
    ]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]


def test_a_threshold_is_chosen_and_its_promise_kept(truth: dict[str, str], alcli: Alcli) -> None:
    data = _data(alcli, "--target-precision", "0.9", "--test", "test.csv")
    rows = _written()
    assert 0 < data["written"] == len(rows) < 1500
    assert min(float(row["confidence"]) for row in rows) >= data["threshold"]
    right = np.mean([truth[row["id"]] == row["label"] for row in rows])
    assert 0.9 <= data["lower_bound"] <= 1 and right >= 0.9
    assert "90%" in data["guarantee"] and "95%" in data["guarantee"]
    # the same rows as by typing the threshold
    _data(alcli, "--only-confident", repr(data["threshold"]))
    assert _written() == rows


def test_words_say_what_is_promised_and_from_what(truth: dict[str, str], alcli: Alcli) -> None:
    run = alcli("predict", "-o", "p.csv", "--target-precision", "0.9", "--test", "test.csv")
    assert "the threshold is 0." in run.err and "500 held-out rows (the test file)" in run.err
    assert "at least 90% get the right label; this is true with a chance of 95%" in run.err
    run = alcli("predict", "-o", "-", "--coverage", "0.9", "--test", "test.csv")
    assert run.out.startswith("id,label,confidence,set\n")
    assert "with a chance of at least 90%" in run.err and "classes in the mean" in run.err


def test_what_cannot_be_promised_is_not_written(truth: dict[str, str], folder: Path, alcli: Alcli) -> None:
    run = alcli("predict", "-o", "p.csv", "--target-precision", "0.999", "--test", "test.csv", "--json")
    assert run.code == 3 and not (folder / "p.csv").exists()
    data = run.json["data"]
    assert (data["written"], data["output"], data["threshold"], data["guarantee"]) == (0, None, None, "")
    assert "2,995 held-out rows" in data["missed"] and "nothing was written" in run.err
    # enough rows, and too many of them wrong
    lines = (folder / "test.csv").read_text().splitlines()
    wrong = [line.rsplit(",", 1)[0] + ",red" for line in lines[1:]]
    (folder / "wrong.csv").write_text("\n".join([lines[0], *wrong]) + "\n")
    run = alcli("predict", "-o", "p.csv", "--target-precision", "0.9", "--test", "wrong.csv", "--json")
    assert run.code == 3 and "surest" in run.json["data"]["missed"]


def test_too_few_rows_are_refused_with_how_many_are_needed(truth: dict[str, str], folder: Path, alcli: Alcli) -> None:
    lines = (folder / "test.csv").read_text().splitlines()[:9]
    (folder / "few.csv").write_text("\n".join(lines) + "\n")
    run = alcli("predict", "-o", "p.csv", "--coverage", "0.9", "--test", "few.csv", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "too-few-held-out"
    assert "needs 9 held-out rows" in run.err and "there are 8" in run.err
    assert not (folder / "p.csv").exists()


def test_classes_that_the_model_does_not_know_break_the_promise(
    truth: dict[str, str], folder: Path, alcli: Alcli
) -> None:
    lines = (folder / "test.csv").read_text().splitlines()
    for share, code in ((50, 0), (200, 1)):
        odd = [line.rsplit(",", 1)[0] + ",violet" for line in lines[1 : share + 1]]
        (folder / "odd.csv").write_text("\n".join([lines[0], *odd, *lines[share + 1 :]]) + "\n")
        run = alcli("predict", "-o", "p.csv", "--coverage", "0.8", "--test", "odd.csv", "--json")
        assert run.code == code, run.err
    assert run.json["errors"][0]["code"] == "strange-classes" and "200 of the 500" in run.err


def test_without_a_test_file_the_labels_stand_in_and_guarantee_nothing(truth: dict[str, str], alcli: Alcli) -> None:
    for wish in (("--coverage", "0.9"), ("--target-precision", "0.7")):
        run = alcli("predict", "-o", "p.csv", "--json", *wish)
        assert run.code == 0, run.err
        assert (run.json["data"]["held_out"], run.json["data"]["held_out_how"]) == (60, "folds")
        assert "not a guarantee" in run.json["data"]["guarantee"]
        assert any("no sample of the pool" in text for text in run.json["warnings"])


def test_rows_asked_for_evaluation_come_before_the_labels(truth: dict[str, str], folder: Path, alcli: Alcli) -> None:
    assert alcli("query", "-s", "random", "-n", "100", "-o", "s.csv", "-q").code == 0
    ledger = folder / "asked.csv"
    ledger.write_text(ledger.read_text().replace(",train,", ",evaluate,"))
    ids = [row["id"] for row in _written("s.csv")]
    (folder / "more.csv").write_text("id,label\n" + "".join(f"{id_},{truth[id_]}\n" for id_ in ids))
    assert alcli("import-labels", "more.csv", "-q").code == 0
    data = _data(alcli, "--coverage", "0.9")
    assert (data["held_out"], data["held_out_how"]) == (100, "evaluation")
    assert "chance of at least 90%" in data["guarantee"]
    # rows drawn with unequal chances are no sample of the pool
    rows = list(csv.reader(ledger.open(encoding="utf-8", newline="")))
    for row in rows[1:41]:
        row[rows[0].index("strategy")] = "margin"
    with ledger.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    run = alcli("predict", "-o", "p.csv", "--coverage", "0.9", "--json")
    assert run.json["data"]["held_out"] == 60 and "40 rows" in run.json["warnings"][0]


@pytest.mark.parametrize(
    "wish",
    [
        ["--only-confident", "0.9", "--target-precision", "0.9"],
        ["--coverage", "0.9", "--target-precision", "0.9"],
        ["--coverage", "1"],
        ["--coverage", "0"],
        ["--target-precision", "1.0"],
        ["--target-precision", "99"],
    ],
)
def test_what_contradicts_itself_is_a_slip_of_the_command_line(
    truth: dict[str, str], folder: Path, alcli: Alcli, wish: list[str]
) -> None:
    run = alcli("predict", "-o", "p.csv", "--test", "test.csv", *wish)
    assert run.code == 2 and ("hint" in run.err or "or less" in run.err)
    assert not (folder / "p.csv").exists()


def test_only_confident_without_a_number_leaves_the_threshold_to_target_precision(
    truth: dict[str, str], folder: Path, alcli: Alcli
) -> None:
    alone = _data(alcli, "--target-precision", "0.9", "--test", "test.csv")
    for both in (
        ["--only-confident", "--target-precision", "0.9"],
        ["--target-precision=0.9", "--only-confident"],
    ):
        assert _data(alcli, "--test", "test.csv", *both) == alone
    (folder / "p.csv").unlink()
    for argv in (["--only-confident"], ["--only-confident", "--test", "test.csv"]):
        run = alcli("predict", "-o", "p.csv", *argv)
        assert run.code == 2 and "`--target-precision 0.99` beside it" in " ".join(run.err.replace("│", " ").split())
    assert alcli("predict", "-o", "p.csv", "--only-confident", "-1").code == 2
    assert not (folder / "p.csv").exists()


def test_a_flag_takes_the_place_of_the_other_threshold_in_the_settings(
    truth: dict[str, str], folder: Path, alcli: Alcli
) -> None:
    config = folder / "alcli.toml"
    config.write_text(config.read_text() + "[predict]\nonly_confident = 0.5\n")
    assert _data(alcli, "--target-precision", "0.9", "--test", "test.csv")["lower_bound"] >= 0.9
    config.write_text(config.read_text().replace("only_confident = 0.5", "target_precision = 0.999"))
    assert _data(alcli, "--only-confident", "0.5")["threshold"] == 0.5
    config.write_text(config.read_text() + "only_confident = 0.5\n")
    assert alcli("predict", "-o", "p.csv").code == 1  # the command line was right


def test_sets_beside_a_fixed_threshold_are_promised_for_the_rows_that_reach_it(
    truth: dict[str, str], alcli: Alcli
) -> None:
    data = _data(alcli, "--coverage", "0.9", "--only-confident", "0.7", "--test", "test.csv")
    rows = _written()
    assert data["written"] == len(rows) < 1500 and data["held_out"] < 500
    covered = np.mean([truth[row["id"]] in _set(row["set"]) for row in rows])
    assert covered == pytest.approx(0.9, abs=3 * (0.09 * (1 / data["held_out"] + 1 / len(rows))) ** 0.5)
    assert "that reach a confidence of 0.7" in data["guarantee"]


def test_sets_stand_in_every_format(truth: dict[str, str], folder: Path, alcli: Alcli) -> None:
    import pyarrow.parquet as pq

    wish = ("--coverage", "0.95", "--proba", "--test", "test.csv", "-q")
    for name in ("p.csv", "p.parquet", "p.jsonl", "p.xlsx"):
        assert alcli("predict", "-o", name, *wish).code == 0
    table = pq.read_table(folder / "p.parquet")
    assert table.column_names[:4] == ["id", "label", "confidence", "set"]
    assert table["set"].to_pylist() == [row["set"] for row in _written()]
