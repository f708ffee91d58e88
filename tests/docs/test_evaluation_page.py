"""Every example of docs/evaluation.md does what the page says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from alcli.settings import TABLE
from tests.docs.pages import play

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "evaluation.md"


@pytest.mark.skipif(os.name != "posix", reason="the page is for a POSIX shell")
def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    for name in ("sms_pool.csv", "sms_answers.csv"):
        shutil.copy(ROOT / "sample_data" / name, tmp_path / name)
    _, measured, tables = play(PAGE, tmp_path)
    for said in ("by folds on all labels", "of the random arm, by folds", "drawn for evaluation"):
        assert f"{said}; model of 200 labels" in measured
    unwrapped = " ".join(measured.split())
    assert "rows were chosen actively" in unwrapped and "(active_testing; each row counts by its chance)" in unwrapped
    assert "'spam', said from this probability on" in tables and "cost_best" in tables
    assert "the model before, on the labels that this one learned in addition" in tables
    lines = [line for line in tables.splitlines() if not line.startswith("warning: ")]
    assert all(len(line) <= 80 for line in lines)


def test_the_page_names_every_way() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for way in TABLE["how"].choices[1:]:
        assert f"| `{way}` |" in text
