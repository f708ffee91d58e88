"""What docs/ takes from the code is what the code says now."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh(generate: ModuleType) -> None:
    assert [path.name for path in generate.stale()] == [], "run `make docs`"


def test_pages_do_not_depend_on_the_terminal() -> None:
    odd = {**os.environ, "COLUMNS": "211", "FORCE_COLOR": "1", "TERM": "xterm-256color", "LC_ALL": "C"}
    run = [sys.executable, str(DOCS / "generate.py"), "--check"]
    done = subprocess.run(run, env=odd, capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_page_is_told(generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in DOCS.glob("*.md"):
        (tmp_path / page.name).write_bytes(page.read_bytes())
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "raised", lambda: [])  # reads the source beside DOCS
    page = tmp_path / "strategies.md"
    page.write_text(page.read_text(encoding="utf-8").replace("entropy", "entrophy"), encoding="utf-8")
    assert page in generate.stale()
    assert generate.main(["--check"]) == 1


def test_every_error_code_of_the_source_is_listed(generate: ModuleType) -> None:
    """By a plain search, which does not share the mistakes of the one that makes the table."""
    page = (DOCS / "json.md").read_text(encoding="utf-8")
    for path in (ROOT / "alcli").rglob("*.py"):
        for name in re.findall(r"\bcode ?= ?\"([a-z-]+)\"", path.read_text(encoding="utf-8")):
            assert f"| `{name}` |" in page, f"{name} of {path.name}"


def test_codes_given_by_position_are_found(generate: ModuleType) -> None:
    codes = {each.code for each in generate.raised()}
    assert {"damaged-token", "ledger-header", "sorted-apart", "unknown-strategy", "disk", "interrupted"} <= codes
    assert all(re.fullmatch("[a-z][a-z-]*", name) for name in codes), codes


def test_every_regions_name_is_known(generate: ModuleType) -> None:
    used = {
        name for page in DOCS.glob("*.md") for name in re.findall(r"<!-- generated: (\S+) -->", page.read_text("utf-8"))
    }
    assert used == set(generate.REGIONS)
