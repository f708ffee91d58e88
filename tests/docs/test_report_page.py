"""Every command of docs/report.md does what the page says."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import play

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name != "posix", reason="the page is for a POSIX shell")
def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    for name in ("sms_pool", "sms_test", "sms_answers"):
        shutil.copy(ROOT / "sample_data" / f"{name}.csv", tmp_path)
    play(ROOT / "docs" / "report.md", tmp_path)
    assert (tmp_path / "before.html").read_text(encoding="utf-8").count("<svg") == 2
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["data"]
    missing = [each["name"] for each in data["sections"] if not each["shown"]]
    assert missing == ["stopping", "agreement"] and "## Calibration" in (tmp_path / "report.md").read_text(
        encoding="utf-8"
    )


def test_the_page_names_every_section() -> None:
    from alcli.reporting.sections.whole import compose
    from tests.reporting.facts import plain

    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    for section in compose(plain()).sections:
        assert section.title.partition(":")[0].lower() in page.lower(), section.title
