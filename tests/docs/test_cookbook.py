"""Every example of the cookbook, and of the page on labelers, does what the page says, when typed from top to bottom."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("cookbook.md", "labelers.md")]
BLOCK = re.compile(r"^```(?P<language>\w+) (?P<name>\S+)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    if os.name != "posix" or shutil.which("make") is None:
        pytest.skip("the cookbook is for a POSIX shell with make")
    for table in (ROOT / "sample_data").glob("*.csv"):
        _cut(table, tmp_path / table.name)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ALCLI_", "MAKE", "MFLAGS"))
    }
    # the alcli and the python of this environment, and no other
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    environment |= {"COLUMNS": "80", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    blocks = list(BLOCK.finditer(page.read_text(encoding="utf-8")))
    assert sum(block["name"] == "run" for block in blocks) > 6
    for block in blocks:
        if block["name"] != "run":
            (tmp_path / block["name"]).write_text(block["body"], encoding="utf-8")
            continue
        done = subprocess.run(
            ["sh", "-eu"],
            input=block["body"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=300,
        )
        assert done.returncode == 0, f"{block['body']}\nended with {done.returncode}:\n{done.stdout[-4000:]}"
        assert "Traceback" not in done.stdout and "internal error" not in done.stdout, done.stdout[-4000:]


def _cut(table: Path, target: Path, rows: int = 500) -> None:
    """The first rows of a table: what the page shows does not need more, and the test is quicker."""
    with table.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        csv.writer(new, lineterminator="\n").writerows(islice(csv.reader(old), rows + 1))


def test_every_shell_block_of_the_cookbook_is_run_or_a_file() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(BLOCK.findall(text)), "a block without a name is not tested"
