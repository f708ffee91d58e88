"""Locale C, folders with odd names, other people's files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .playing import Alcli, fill, process, state

ODD = "my réviews [v2] #1 'ü'"


def test_a_round_in_a_folder_with_an_odd_name_and_locale_c(project: Path) -> None:
    odd = project.parent / ODD
    shutil.move(project, odd)
    (odd / "alcli.toml").unlink()
    text = (odd / "pool.csv").read_text().replace("see you", "bis spåter")
    (odd / "pööl.csv").write_text(text, encoding="utf-8")
    env = {"LC_ALL": "C", "LANG": "C"}

    def run(*argv: str) -> str:
        with process(*argv, env=env, cwd=odd, stdin=subprocess.DEVNULL) as at:
            out, err = at.communicate()
        assert at.returncode == 0, err
        return out.decode("utf-8")

    run("init", "pööl.csv", "--classes", "ham,spam", "--text", "text")
    out = run("query", "-n", "30", "-s", "random", "-o", "-")
    assert "spåter" in out
    (odd / "sheet.csv").write_text(out, encoding="utf-8")
    fill(odd / "sheet.csv")
    run("import-labels", "sheet.csv")
    assert run("labels").count("\n") == 31


def test_names_that_are_no_utf_8_are_ordinary(asked: Path, alcli: Alcli) -> None:
    odd = os.fsdecode(b"p\xf6ol.csv")
    shutil.copy(asked / "pool.csv", odd)
    run = alcli("init", odd, "--force")
    assert run.code == 2
    assert "is not UTF-8, so alcli.toml cannot hold it" in run.err
    fill(asked / "sheet.csv")
    shutil.copy(asked / "sheet.csv", odd)
    assert alcli("import-labels", odd).code == 0
    assert alcli("import-labels", "sheet.csv", "--annotator", os.fsdecode(b"J\xf6rg")).code == 2


def test_a_pattern_with_brackets_finds_files_and_folders_called_so(project: Path, alcli: Alcli) -> None:
    odd = project.parent / ODD
    shutil.move(project, odd)
    os.chdir(odd)
    assert alcli("query", "-n", "5", "-s", "random", "-o", "sheet[1].csv").code == 0
    fill(odd / "sheet[1].csv")
    assert "5 new" in alcli("import-labels", "sheet[1].csv").err
    assert "5 already known" in alcli("import-labels", str(odd / "sheet*.csv").replace("[v2]", "[[]v2]")).err


def test_another_folder_is_worked_in_from_outside(asked: Path, alcli: Alcli) -> None:
    os.chdir(asked.parent)
    assert alcli("status", "-C", "work").code == 0
    fill(asked / "sheet.csv")
    # paths in flags are relative to where the command runs, those in alcli.toml to its folder
    assert "8 new" in alcli("import-labels", "-C", "work", "work/sheet.csv").err
    assert (asked / "labels.csv").exists()


def test_users_text_is_shown_as_it_is(project: Path, alcli: Alcli) -> None:
    (project / "alcli.toml").write_text('pool = "[bold]nowhere[/bold].csv"\n')
    assert "[bold]nowhere[/bold].csv" in alcli("status").err


def test_a_parent_folder_is_not_searched(project: Path, alcli: Alcli) -> None:
    (project / "below").mkdir()
    os.chdir(project / "below")
    assert "0 rows" in alcli("status").err


def test_without_a_project_only_named_files_are_written(project: Path, alcli: Alcli) -> None:
    away = project.parent / "away"
    away.mkdir()
    shutil.copy(project / "pool.csv", away)
    os.chdir(away)
    assert alcli("query", "--pool", "pool.csv", "-s", "random", "-n", "4", "-o", "batch.csv").code == 0
    assert sorted(state(away)) == ["batch.csv", "pool.csv"]
    assert not (away / ".alcli").exists()


def test_source_date_epoch_repeats_a_run_byte_for_byte(project: Path, alcli: Alcli, monkeypatch: object) -> None:
    other = project.parent / "other"
    shutil.copytree(project, other)
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    try:
        for folder in (project, other):
            os.chdir(folder)
            assert alcli("query", "-n", "4", "-s", "random", "-o", "sheet.csv").code == 0
            fill(folder / "sheet.csv")
            assert alcli("import-labels", "sheet.csv").code == 0
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
    assert state(project) == state(other)
    assert "2023-11-14T22:13:20Z" in (project / "asked.csv").read_text()
