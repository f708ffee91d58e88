"""Every example of docs/predict.md does what the page says, and its numbers are those of the code."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest

from alcli.evaluation.conformal import rows_for_coverage, rows_for_precision
from tests.docs.pages import BLOCK, play

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "predict.md"


@pytest.mark.skipif(os.name != "posix", reason="the page is for a POSIX shell")
def test_the_page_runs_from_top_to_bottom_and_its_promises_are_kept(tmp_path: Path) -> None:
    for name in ("sms_pool.csv", "sms_test.csv", "sms_answers.csv"):
        shutil.copy(ROOT / "sample_data" / name, tmp_path / name)
    _, sets, sure = play(PAGE, tmp_path)
    assert "with a chance of at least 95%" in sets and "id,label,confidence,set" in sets
    assert "at least 97% get the right label" in sure
    with (tmp_path / "sms_answers.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["id"]: row["label"] for row in csv.DictReader(file)}
    with (tmp_path / "sets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # three standard errors of 1,000 held-out rows
    assert sum(truth[row["id"]] in row["set"].split("|") for row in rows) / len(rows) > 0.95 - 0.021
    with (tmp_path / "sure.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(truth[row["id"]] == row["label"] for row in rows) / len(rows) >= 0.97


def test_the_numbers_of_rows_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [rows_for_coverage(share) for share in (0.95, 0.9, 0.99)] == [19, 9, 99]
    assert "At least 19 held-out rows are needed for 0.95, 9 for 0.9, 99 for 0.99" in text
    assert [rows_for_precision(share) for share in (0.95, 0.97, 0.99)] == [59, 99, 299]
    assert "At least 59 held-out rows are needed for 0.95, 99 for 0.97, 299 for 0.99" in text


def test_every_block_of_the_page_is_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(BLOCK.findall(text))
