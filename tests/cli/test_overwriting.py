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


NEVER = {
    "pool.csv": "a file of the pool",
    "labels.csv": "the ledger of the answers",
    "asked.csv": "the ledger of the rows sent out",
    "metrics.csv": "the ledger of the measurements",
    "test.csv": "the file of labelled rows to measure on",
    "gold.csv": "the file of known answers",
    "vectors.csv": "the file of vectors",
    "alcli.toml": "the settings file",
    "model.joblib": "the model",
    "model.json": "the card of the model",
}


@pytest.fixture
def full(trained: Path, alcli: Alcli) -> Path:
    """The project with every file that nothing is written over."""
    (trained / "gold.csv").write_text("id,label\n000,spam\n")
    (trained / "vectors.csv").write_text("id,v\n000,1\n")
    settings = (trained / "alcli.toml").read_text()
    more = 'test = "test.csv"\ngold_from = "gold.csv"\n'
    (trained / "alcli.toml").write_text(
        more + settings.replace("[query]\n", '[query]\nembeddings = "vectors.csv"\n', 1)
    )
    run = alcli("evaluate", "-q")
    assert run.code == 0, run.err
    return trained


@pytest.mark.parametrize(
    "argv",
    [
        ("predict", "--format", "csv"),
        ("labels", "--format", "csv"),
        ("report", "--format", "html"),
        ("train", "--force"),
        ("query", "-n", "2", "-s", "random", "--format", "csv"),
        ("query", "-n", "2", "-s", "random", "--format", "csv", "--force"),
        ("recheck", "--format", "csv", "--force"),
        ("simulate", "test.csv", "--format", "csv", "--repeats", "1", "--rounds", "1", "--force"),
    ],
    ids=" ".join,
)
def test_no_output_takes_the_place_of_what_a_project_lives_on(argv: tuple[str, ...], full: Path, alcli: Alcli) -> None:
    before = state(full)
    for name, what in NEVER.items():
        if argv[0] == "train" and name.startswith("model"):
            continue
        run = alcli(*argv, "-o", name)
        assert run.code == 1, run.err
        assert run.out == ""
        said = " ".join(run.err.split())
        assert f"{name} is {what}, and nothing is written over it" in said
        assert "name another file: `-o FILE`" in said
        assert state(full) == before
    if argv[0] == "train":
        assert alcli(*argv, "-o", "model.joblib").code == 0


def test_nor_by_another_name_of_it(full: Path, alcli: Alcli) -> None:
    (full / "link.csv").symlink_to("pool.csv")
    (full / "other").mkdir()
    before = state(full)
    for name in ("link.csv", str(full / "pool.csv"), "other/../pool.csv"):
        run = alcli("predict", "-o", name)
        assert run.code == 1 and "a file of the pool" in run.err
    if (full / "POOL.csv").exists():  # a disk that does not tell capitals apart
        assert alcli("predict", "-o", "POOL.csv").code == 1
    assert state(full) == before


def test_nor_of_a_ledger_that_is_yet_to_come(project: Path, alcli: Alcli) -> None:
    for name in ("asked.csv", "labels.csv"):
        assert alcli("query", "-n", "2", "-s", "random", "-o", name).code == 1
    assert not (project / "asked.csv").exists() and not (project / "labels.csv").exists()


def test_nor_of_a_file_in_a_pool_of_several(trained: Path, alcli: Alcli) -> None:
    (trained / "pool").mkdir()
    (trained / "pool.csv").rename(trained / "pool" / "a.csv")
    for pool in ("pool/*.csv", "pool"):
        run = alcli("labels", "--pool", pool, "-o", "pool/a.csv")
        assert run.code == 1 and "a file of the pool" in run.err


def test_nor_of_what_a_flag_names(trained: Path, alcli: Alcli) -> None:
    before = state(trained)
    run = alcli("predict", "--test", "test.csv", "-o", "test.csv")
    assert run.code == 1 and "labelled rows to measure on" in run.err
    (trained / "guesses.csv").write_text("id,p_ham,p_spam\n" + "".join(f"{n:03d},.5,.5\n" for n in range(30)))
    run = alcli("query", "--predictions", "guesses.csv", "-s", "margin", "-o", "guesses.csv", "--force")
    assert run.code == 1 and "the file of predictions" in run.err
    run = alcli("train", "--force", "--model", "pool.csv")
    assert run.code == 1 and "a file of the pool" in run.err
    (trained / "guesses.csv").unlink()
    assert state(trained) == before


def test_what_is_made_again_is_replaced_without_a_word(trained: Path, alcli: Alcli) -> None:
    for argv in (["predict"], ["predict", "-o", "p.csv"], ["labels", "-o", "l.csv"], ["report"], ["train", "--force"]):
        for _ in range(2):
            assert alcli(*argv).code == 0


def test_a_device_is_not_renamed_over(trained: Path, alcli: Alcli) -> None:
    for argv in (["labels", "-o", "/dev/null", "--format", "csv"], ["train", "--force", "-o", "/dev/null"]):
        run = alcli(*argv)
        assert run.code == 1
        assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "-o"),
        ("labels", "-o"),
        ("report", "--format", "html", "-o"),
        ("train", "--force", "-o"),
        ("simulate", "pool.csv", "--force", "-o"),
    ],
)
@pytest.mark.parametrize("name", ["sheet.csv", "sheets/0002.csv", "sheets/0003.xlsx"])
def test_nothing_is_written_over_a_sheet(asked: Path, alcli: Alcli, command: tuple[str, ...], name: str) -> None:
    for sheet in ("sheets/0002.csv", "sheets/0003.xlsx"):
        assert alcli("query", "-n", "2", "-s", "random", "-o", sheet).code == 0
    fill(asked / "sheet.csv", only=3)
    before = state(asked)
    run = alcli(*command, name)
    assert run.code == 1 and "a labeler's work may be in it" in run.err
    assert state(asked) == before


@pytest.mark.parametrize("name", ["back.txt", "back.xlsx"])
def test_nor_over_one_that_came_back_from_a_spreadsheet(asked: Path, alcli: Alcli, name: str) -> None:
    if name == "back.txt":  # what Excel calls Unicode text
        (asked / name).write_text((asked / "sheet.csv").read_text().replace(",", "\t"), encoding="utf-16")
    else:
        assert alcli("query", "-n", "2", "-s", "random", "-o", name).code == 0
    before = state(asked)
    run = alcli("labels", "-o", name, "--format", "csv")
    assert run.code == 1 and "a labeler's work may be in it" in run.err
    assert state(asked) == before


def test_results_that_are_there_are_written_again(project: Path, alcli: Alcli) -> None:
    for _ in range(2):
        assert alcli("labels", "-o", "out.xlsx").code == 0


def test_curves_are_svg(project: Path, alcli: Alcli) -> None:
    run = alcli("simulate", "pool.csv", "--curves", "curves.png")
    assert run.code == 2 and ".svg" in run.err
    assert not (project / "curves.png").exists()
