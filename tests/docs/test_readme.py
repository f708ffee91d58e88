"""The round in the README is one that anybody can play."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest

from alcli.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def typed() -> list[tuple[str, str]]:
    """(command, what it prints) of every console block."""
    blocks = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    parts = "".join(blocks).split("$ ")[1:]
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]


def masked(text: str) -> str:
    """Without what depends on the version of scikit-learn: numbers and the width of columns."""
    return re.sub(r"[ -]+", " ", re.sub(r"\d[\d,.]*", "#", text))


def test_readme_prints_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for table in (ROOT / "sample_data").glob("*.csv"):
        shutil.copy(table, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("ALCLI_PROGRESS", "no")
    assert len(typed()) == 10
    for command, printed in typed():
        program, *argv = shlex.split(command)
        assert program == "alcli"
        if argv[0] == "import-labels":
            answer(tmp_path / argv[1])
        assert main(argv) == 0
        out = capsys.readouterr()
        assert out.out == ""
        assert masked(out.err) == masked(printed), command


def answer(sheet: Path) -> None:
    with (sheet.parent / "sms_answers.csv").open(encoding="utf-8", newline="") as file:
        answers = {row["id"]: row["label"] for row in csv.DictReader(file)}
    with sheet.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        row[header.index("label")] = answers[row[0]]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def test_readme_counts_strategies_and_estimators() -> None:
    from alcli.models.estimators import ESTIMATORS
    from alcli.strategies import TABLE

    assert f"{len(TABLE)} named strategies" in README
    assert len(ESTIMATORS) == 12 and "twelve estimators" in README
