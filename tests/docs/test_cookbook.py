"""Every example of the cookbook, and of the page on labelers, does what the page says, when typed from top to bottom."""

from __future__ import annotations

import csv
import os
import shutil
from itertools import islice
from pathlib import Path

import pytest

from tests.docs.pages import BLOCK, play

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("cookbook.md", "labelers.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    if os.name != "posix" or shutil.which("make") is None:
        pytest.skip("the cookbook is for a POSIX shell with make")
    for table in (ROOT / "sample_data").glob("*.csv"):
        _cut(table, tmp_path / table.name)
    assert len(play(page, tmp_path)) > 6


def _cut(table: Path, target: Path, rows: int = 500) -> None:
    """The first rows of a table: what the page shows does not need more, and the test is quicker."""
    with table.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        csv.writer(new, lineterminator="\n").writerows(islice(csv.reader(old), rows + 1))


def test_every_shell_block_of_the_cookbook_is_run_or_a_file() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(BLOCK.findall(text)), "a block without a name is not tested"
