"""Nothing that a person may have typed into is overwritten without `--force`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .playing import Alcli, fill, state


def test_a_sheet_with_work_in_it_stays(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", only=3)
    before = state(asked)
    run = alcli("query", "-n", "4", "-s", "random", "-o", "sheet.csv")
    # its batch is the newest and nobody's answer is in the ledger: nothing to do
    assert run.code == 0
    assert state(asked) == before
    assert alcli("query", "-n", "4", "-s", "random", "-o", "other.csv").code == 0
    run = alcli("query", "-n", "4", "-s", "random", "-o", "sheet.csv")
    assert run.code == 1
    assert "a labeler's work may be in it" in run.err
    assert "--force" in run.err
    assert (asked / "sheet.csv").read_bytes() == before["sheet.csv"]


def test_force_replaces_it(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", only=3)
    alcli("query", "-n", "2", "-s", "random", "-o", "other.csv")
    assert alcli("query", "-n", "2", "-s", "random", "-o", "sheet.csv", "--force").code == 0
    assert len((asked / "sheet.csv").read_text().splitlines()) == 3


def test_an_imported_sheet_gives_way(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    alcli("import-labels", "sheet.csv")
    old = (asked / "sheet.csv").read_bytes()
    assert alcli("query", "-n", "4", "-s", "random", "-o", "sheet.csv").code == 0
    assert (asked / "sheet.csv").read_bytes() != old


def test_a_sheet_with_answers_that_came_in_only_partly_stays(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", only=3)
    alcli("import-labels", "sheet.csv")
    fill(asked / "sheet.csv", only=5)
    assert alcli("query", "-n", "4", "-s", "random", "-o", "sheet.csv").code == 1


def test_a_file_that_is_no_sheet_stays(project: Path, alcli: Alcli) -> None:
    (project / "notes.csv").write_text("my notes\n")
    assert alcli("query", "-n", "4", "-s", "random", "-o", "notes.csv").code == 1
    assert (project / "notes.csv").read_text() == "my notes\n"


def test_the_unanswered_newest_sheet_is_not_asked_for_twice(asked: Path, alcli: Alcli) -> None:
    before = state(asked)
    run = alcli("query", "-n", "8", "-s", "random", "-o", "sheet.csv")
    assert run.code == 0
    assert "nobody has answered yet" in run.err
    assert state(asked) == before


def test_the_sheet_of_a_killed_query_is_taken_over(asked: Path, alcli: Alcli) -> None:
    complete = state(asked)
    # killed between the sheet and the ledger: the sheet is there, no row of asked.csv mentions it
    (asked / "asked.csv").unlink()
    run = alcli("query", "-n", "8", "-s", "random", "-o", "sheet.csv")
    assert run.code == 0
    after = state(asked)
    assert after["sheet.csv"] == complete["sheet.csv"]
    assert len(after["asked.csv"].splitlines()) == 9


def test_a_folder_names_sheets_by_their_batch(project: Path, alcli: Alcli) -> None:
    for _ in range(2):
        assert alcli("query", "-n", "3", "-s", "random", "-o", "sheets/").code == 0
    assert alcli("query", "-n", "3", "-s", "random").code == 0
    assert [path.name for path in sorted((project / "sheets").iterdir())] == ["0001.csv", "0002.csv", "0003.csv"]


def test_init_refuses_and_force_keeps_the_labels(trained: Path, alcli: Alcli) -> None:
    before = state(trained)
    run = alcli("init", "pool.csv")
    assert run.code == 1
    assert "alcli.toml exists already" in run.err
    assert "--force" in run.err
    assert state(trained) == before
    assert alcli("init", "pool.csv", "--classes", "ham,spam", "--force").code == 0
    assert (trained / "labels.csv").read_bytes() == before["labels.csv"]


def test_init_force_mends_a_broken_file(project: Path, alcli: Alcli) -> None:
    (project / "alcli.toml").write_text("pool = [")
    assert alcli("status").code == 1
    assert alcli("init", "pool.csv", "--classes", "ham,spam", "--force").code == 0
    assert alcli("status").code == 0


def test_init_on_stdout_writes_nothing(folder: Path, alcli: Alcli) -> None:
    (folder / "pool.csv").write_text("id,text\n1,a\n2,b\n")
    run = alcli("init", "pool.csv", "-o", "-")
    assert run.out.startswith("# Settings of this project")
    assert [path.name for path in folder.iterdir()] == ["pool.csv"]


def test_rejects_are_never_overwritten(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", label=lambda _: "hm")
    (asked / "mine.csv").write_text("something else\n")
    run = alcli("import-labels", "sheet.csv", "--rejects", "mine.csv")
    assert run.code == 1
    assert (asked / "mine.csv").read_text() == "something else\n"
    assert not (asked / "labels.csv").exists()


def test_dry_runs_write_nothing(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    before = state(asked)
    assert "would ask 2 rows" in alcli("query", "-n", "2", "-s", "random", "--dry-run").err
    assert "dry run" in alcli("import-labels", "sheet.csv", "--dry-run").err
    assert state(asked) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_ordinary_trouble(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    asked.chmod(0o555)
    try:
        run = alcli("import-labels", "sheet.csv")
        assert run.code == 1
        assert "permission denied" in run.err
    finally:
        asked.chmod(0o755)


def test_a_place_that_cannot_be_written_is_ordinary_trouble(trained: Path, alcli: Alcli) -> None:
    # true for root, too: a file is no folder
    for argv in (
        ["predict", "-o", "pool.csv/p.csv"],
        ["labels", "-o", "pool.csv/l.csv"],
        ["query", "-o", "pool.csv/q.csv"],
    ):
        run = alcli(*argv)
        assert run.code == 1, run.err
        assert "pool.csv" in run.err
        assert "this is a bug" not in run.err


def test_a_device_is_not_renamed_over(trained: Path, alcli: Alcli) -> None:
    for argv in (["labels", "-o", "/dev/null", "--format", "csv"], ["train", "--force", "-o", "/dev/null"]):
        run = alcli(*argv)
        assert run.code == 1
        assert Path("/dev/null").is_char_device()
