"""Every example of docs/agreement.md does what the page says, and its tables hold every key and rule of the code."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from alcli.settings import TABLE
from alcli.steps.quality import quality
from tests.docs.pages import BLOCK, play
from tests.steps.answers import answer

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "agreement.md"


@pytest.mark.skipif(os.name != "posix", reason="the page is for a POSIX shell")
def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    for name in ("sms_pool.csv", "sms_answers.csv"):
        shutil.copy(ROOT / "sample_data" / name, tmp_path / name)
    first, then = play(PAGE, tmp_path)
    assert "Krippendorff's alpha" in first and "as the others" in first
    # the best and the worst of the four are told apart, and what each takes for an answer
    lines = {
        line.split()[0]: line.split() for line in first.splitlines() if line[:3] in ("ann", "eve") and " s " in line
    }
    assert all(float(lines["ann"][at]) > float(lines["eve"][at]) for at in (1, 3, 4))
    assert all(len(line) <= 80 for line in first[first.index("annotator  labels") :].splitlines())
    assert "labels count as much as they are sure" in then


def test_the_page_names_every_rule_and_every_key() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for rule in TABLE["aggregate"].choices:
        assert f"| `{rule}` |" in text
    keys = quality([answer("r", "x", "a"), answer("r", "x", "b")], [])["a"]
    for key in keys:
        assert f"`{key}`" in text, key


def test_every_block_of_the_page_is_run_or_a_file() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(BLOCK.findall(text))
