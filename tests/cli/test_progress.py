"""What a log is told of stages that take long."""

from __future__ import annotations

import time

import pytest

from alcli.cli import progress
from alcli.cli.progress import Lines


def test_a_stage_in_a_stage_leaves_no_line_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.2)
    lines = Lines()
    lines.begin("outer", None)
    lines.begin("inner", None)
    lines.end()
    lines.end()
    time.sleep(0.5)
    assert capsys.readouterr().err == ""
    lines.begin("long", 1200)
    time.sleep(0.5)
    lines.end()
    assert capsys.readouterr().err == "long (1,200 rows) …\n"
