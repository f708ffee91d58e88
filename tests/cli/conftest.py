"""The command line as a user meets it: an empty folder, no ALCLI_ variables, streams apart."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alcli.cli import main

from .playing import POOL, Alcli, Run, fill


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in."""
    for name in list(os.environ):
        if name.startswith(("ALCLI_", "_ALCLI_")) or name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    yield place


@pytest.fixture
def alcli(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Alcli:
    """Runs `alcli.cli.main` in process."""

    def run(*argv: str, stdin: bytes | None = None) -> Run:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        code = main(list(argv))
        out, err = capfdbinary.readouterr()
        return Run(int(code), out.decode(), err.decode())

    return run


@pytest.fixture
def project(folder: Path, alcli: Alcli) -> Path:
    """A project of 30 rows, nothing asked yet."""
    (folder / "pool.csv").write_text(POOL)
    assert alcli("init", "pool.csv", "--classes", "ham,spam", "--text", "text", "--ignore", "lang", "-q").code == 0
    return folder


@pytest.fixture
def asked(project: Path, alcli: Alcli) -> Path:
    """The project with one batch of 8 in sheet.csv, still blank."""
    assert alcli("query", "-n", "8", "-s", "random", "-o", "sheet.csv", "-q").code == 0
    return project


@pytest.fixture
def trained(asked: Path, alcli: Alcli) -> Path:
    """The project with 8 labels, a model and a test file."""
    fill(asked / "sheet.csv")
    assert alcli("import-labels", "sheet.csv", "--annotator", "a1", "-q").code == 0
    assert alcli("train", "-q").code == 0
    rows = [f"t{n},{'free money' if n % 2 else 'see you'} {n},{'spam' if n % 2 else 'ham'}" for n in range(10)]
    (asked / "test.csv").write_text("\n".join(["id,text,label", *rows]) + "\n")
    return asked
