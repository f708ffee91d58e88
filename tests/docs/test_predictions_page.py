"""Every example of docs/predictions.md does what the page says, and its tables hold every name of the code."""

from __future__ import annotations

import csv
import os
import re
from itertools import islice
from pathlib import Path

import pytest

from alcli.predictions.layout import KNOWN, LOGIT, PASSED_OVER, PROBA
from tests.docs.pages import play

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "predictions.md"


@pytest.mark.skipif(os.name != "posix", reason="the page is for a POSIX shell")
def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    for name in ("sms_pool.csv", "sms_answers.csv"):
        # what the page shows does not need more rows
        with (
            (ROOT / "sample_data" / name).open(encoding="utf-8", newline="") as old,
            (tmp_path / name).open("w", encoding="utf-8", newline="") as new,
        ):
            csv.writer(new, lineterminator="\n").writerows(islice(csv.reader(old), 301))
    assert len(play(PAGE, tmp_path)) >= 8


def test_the_page_names_every_column() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in (*KNOWN, *PASSED_OVER, f"{PROBA}CLASS", f"{LOGIT}CLASS"):
        assert f"`{name}`" in text, name


def test_the_page_names_every_code_of_the_room() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = set(re.findall(r"`([a-z-]+)`", text[text.index("## What is refused") :]))
    # those that pools have too, and those of examples and costs, stand in json.md
    elsewhere = {"changed", "disk", "empty-file", "encoding", "float-ids", "id-type", "no-id-column", "missing-column"}
    elsewhere |= {"bad-cost-matrix", "duplicate-class"}
    for path in (ROOT / "alcli" / "predictions").glob("*.py"):
        for code in re.findall(r"\bcode=\"([a-z-]+)\"", path.read_text(encoding="utf-8")):
            assert code in table | elsewhere, f"{code} of {path.name}"
