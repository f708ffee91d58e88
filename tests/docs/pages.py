"""Plays the examples of a page of docs/, as a reader would type them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(?P<language>\w+) (?P<name>\S+)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


def play(page: Path, folder: Path) -> list[str]:
    """Write the page's files to `folder`, run its blocks called `run` there, and give what each printed."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ALCLI_", "MAKE", "MFLAGS"))
    }
    # the alcli and the python of this environment, and no other
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    environment |= {"COLUMNS": "80", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    blocks = list(BLOCK.finditer(page.read_text(encoding="utf-8")))
    printed = []
    for block in blocks:
        if block["name"] != "run":
            (folder / block["name"]).write_text(block["body"], encoding="utf-8")
        else:
            done = subprocess.run(
                ["sh", "-eu"],
                input=block["body"],
                cwd=folder,
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
            printed.append(done.stdout)
    return printed
