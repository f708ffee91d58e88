"""A small project, a labeler, and `alcli` as a process."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

WORDS = ["apple", "berry", "cherry", "date", "elder", "fig", "grape", "hazel"]
POOL = "id,text,lang\n" + "".join(
    f"{n:03d},{'free money now' if n % 3 == 0 else 'see you there'} {WORDS[n % 8]} {n},{'en' if n % 2 else 'de'}\n"
    for n in range(30)
)


def truth(id_: str) -> str:
    """The label of a row of `POOL`."""
    return "spam" if int(id_) % 3 == 0 else "ham"


@dataclass(frozen=True)
class Run:
    """What one command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The envelope; stdout must hold it and nothing else."""
        text = self.out.strip()
        assert "\n" not in text
        return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))  # type: ignore[no-any-return]


Alcli = Callable[..., Run]


def fill(sheet: Path, label: Callable[[str], str] = truth, only: int | None = None) -> None:
    """Answer a sheet as a labeler would."""
    rows = list(csv.reader(sheet.read_text().splitlines()))
    column = rows[0].index("label")
    for number, row in enumerate(rows[1:]):
        if only is None or number < only:
            row[column] = label(row[0])
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    sheet.write_text(text.getvalue())


def state(folder: Path) -> dict[str, bytes]:
    """Every file that is not derived."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".alcli" not in path.parts
    }


def process(*argv: str, stdin: Any = subprocess.PIPE, env: dict[str, str] | None = None, **more: Any) -> Any:
    """`alcli` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from alcli.cli import entry; entry()", *argv],
        stdin=stdin,
        stdout=more.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        **more,
    )
