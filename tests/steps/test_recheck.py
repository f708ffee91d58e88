"""Killing `recheck`, or the import of what it sent out, and doing it again is the same as never killing it."""

from __future__ import annotations

import csv
from contextlib import chdir
from pathlib import Path

import pytest

from alcli import import_labels, init, recheck, train

from .faults import Play


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """60 labels on numbers, three of them wrong, and the sheet of a recheck of one of them, filled."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763769600")
    monkeypatch.setenv("ALCLI_JOBS", "1")
    folder = tmp_path / "project"
    folder.mkdir()
    with chdir(folder):
        rows = [f"{n},{(n % 2) * 4 + n / 100},{n % 7}" for n in range(80)]
        Path("pool.csv").write_text("\n".join(["id,a,b", *rows]) + "\n")
        labels = [f"{n},{'pos' if (n % 2 == 1) != (n in (11, 24, 39)) else 'neg'}" for n in range(60)]
        Path("given.csv").write_text("\n".join(["id,label", *labels]) + "\n")
        init(pool=["pool.csv"], id="id", classes=("neg", "pos"))
        import_labels(sheets=["given.csv"], annotator="a1")
        train()
        assert set(recheck(recheck_count=1, output="done.csv").ids) <= {"11", "24", "39"}
        with Path("done.csv").open(newline="") as file:
            header, *sheet = csv.reader(file)
        for row in sheet:
            row[header.index("label")] = ("neg", "pos")[int(row[0]) % 2]
        with Path("done.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *sheet])
    return folder


def test_recheck_killed_anywhere(project: Path, tmp_path: Path) -> None:
    play = Play(project, tmp_path, lambda: recheck(recheck_count=5, with_new=True, output="new.csv"))
    assert play.before != play.after
    assert play.killed("before", "after", "torn") == []


def test_import_of_a_recheck_killed_anywhere(project: Path, tmp_path: Path) -> None:
    play = Play(project, tmp_path, lambda: import_labels(sheets=["done.csv"], annotator="a1"))
    assert play.before != play.after
    assert play.killed("before", "after", "torn") == []


def test_recheck_for_two_killed_anywhere(project: Path, tmp_path: Path) -> None:
    for_two = {"annotators": ("a1", "b"), "per_row": 2, "output": "for.csv"}
    play = Play(project, tmp_path, lambda: recheck(recheck_count=5, **for_two))
    assert play.before != play.after
    assert play.killed("before", "after", "torn") == []
