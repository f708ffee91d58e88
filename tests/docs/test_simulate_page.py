"""Every command of docs/simulate.md does what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulate.md"
BLOCK = re.compile(r"^```(?:sh run|(?P<python>python))\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(os.name != "posix", reason="the page is for a POSIX shell")
def test_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    shutil.copy(ROOT / "sample_data" / "sms_test.csv", tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALCLI_")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    environment |= {"COLUMNS": "80", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    blocks = list(BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
    assert len(blocks) == 5
    said = ""
    for block in blocks:
        command = [sys.executable, "-"] if block["python"] else ["sh", "-eu"]
        done = subprocess.run(
            command, input=block["body"], cwd=tmp_path, env=environment, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{block['body']}\nended with {done.returncode}:\n{done.stdout[-4000:]}"
        assert "Traceback" not in done.stdout and "internal error" not in done.stdout, done.stdout[-4000:]
        said += done.stdout
    shown = re.search(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    # figures move with scikit-learn's release; the names and the head of the table do not
    for line in shown[1].splitlines()[:2]:
        assert line in said
    assert (tmp_path / "curves.svg").exists() and (tmp_path / "more.csv").exists()
    assert sorted(each.name for each in (tmp_path / "logs").iterdir()) == ["entropy.csv", "margin.csv", "random.csv"]
