"""0 done, 1 trouble, 2 usage, 3 no, 130, 141, 143: a table of command lines."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from alcli.errors import Exit

from .playing import Alcli, fill, process, state

# words of the command line, fixture that makes the files, code
NOTHING = [
    ([], 0),
    (["--help"], 0),
    (["-h"], 0),
    (["help", "query"], 0),
    (["--version"], 0),
    (["-V", "-v"], 0),
    (["strategies"], 0),
    (["strategies", "margin"], 0),
    (["status"], 0),
    (["labels"], 0),
    (["check"], 3),
    (["init", "missing.csv"], 1),
    (["evaluate"], 1),
    (["predict"], 1),
    (["import-labels", "missing.csv"], 1),
    (["query", "--pool", "missing.csv", "-o", "-"], 1),
    (["query"], 2),
    (["train"], 2),
    (["qury"], 2),
    (["help", "qury"], 2),
    (["query", "--stratgy", "margin"], 2),
    (["query", "extra"], 2),
    (["query", "-n", "0"], 2),
    (["query", "-n", "-3"], 2),
    (["query", "-n", "many"], 2),
    (["query", "-o", "-", "--json"], 2),
    (["labels", "--json"], 2),
    (["init"], 2),
    (["init", "-C", "missing", "pool.csv"], 2),
    (["status", "--config", "missing.toml"], 2),
    (["strategies", "margn"], 2),
    (["strategies", "--color", "pink"], 2),
    (["--json", "status"], 2),
]
FRESH = [
    (["init", "pool.csv"], 1),
    (["train"], 1),
    (["evaluate"], 1),
    (["check"], 0),
    (["query", "-s", "margn", "-o", "x.csv"], 2),
    (["query", "-s", "margin", "-o", "x.csv"], 1),
    (["query", "--dry-run", "-s", "random", "-n", "2"], 0),
    (["query", "-o", "x.docx"], 2),
    (["query", "-s", "random", "--where", "lang=fr", "-o", "x.csv"], 3),
    (["query", "-s", "random", "--show", "nope", "-o", "x.csv"], 2),
    (["query", "--mix", "entropy:2,random", "-o", "x.csv"], 2),
    (["query", "--memory", "lots", "-o", "x.csv", "-s", "random"], 2),
    (["query", "--expire", "soon", "-o", "x.csv"], 2),
    (["query", "--seed", "5000000000", "-o", "x.csv"], 2),
    (["query", "--wait", "nan", "-o", "x.csv"], 2),
    (["import-labels", "nothing-*.csv"], 0),
    (["labels", "-o", "labels.docx"], 2),
]
TRAINED = [
    (["train"], 0),
    (["train", "-o", "-"], 2),
    (["train", "--committee", "1"], 2),
    (["train", "--estimator", "logistc"], 2),
    (["train", "--param", "C"], 2),
    (["evaluate", "--test", "test.csv"], 0),
    (["evaluate", "--test", "test.csv", "--fail-under", "accuracy=0"], 0),
    (["evaluate", "--test", "missing.csv"], 1),
    (["evaluate", "--metric", "acuracy"], 2),
    (["evaluate", "--fail-under", "accuracy"], 2),
    (["train", "--fail-under", "log_loss=0.000001"], 3),
    (["predict", "-o", "p.csv"], 0),
    (["predict", "-o", "-", "--format", "prquet"], 2),
    (["predict", "--target-precision", "0.99", "--test", "test.csv"], 3),
    (["predict", "--target-precision", "0.99", "--only-confident", "0.9"], 2),
    (["predict", "--coverage", "0.99", "--test", "test.csv"], 1),
    (["predict", "--coverage", "0.8", "--test", "test.csv"], 0),
    (["query", "-n", "100", "-s", "random", "-o", "x.csv"], 0),
    (["query", "-s", "vote_entropy", "-o", "y.csv"], 1),
    (["import-labels", "sheet.csv", "--annotator", "a1"], 0),
]


def _check(alcli: Alcli, argv: list[str], code: int) -> None:
    run = alcli(*argv)
    assert run.code == code, run.err
    if code in (1, 2):
        assert run.out == ""
        assert run.err.strip()
    assert "Traceback" not in run.err
    assert "this is a bug" not in run.err


@pytest.mark.parametrize(("argv", "code"), NOTHING)
def test_code_in_an_empty_folder(alcli: Alcli, argv: list[str], code: int) -> None:
    _check(alcli, argv, code)


@pytest.mark.parametrize(("argv", "code"), FRESH)
def test_code_in_a_fresh_project(project: Path, alcli: Alcli, argv: list[str], code: int) -> None:
    before = state(project)
    _check(alcli, argv, code)
    if code != Exit.DONE:
        assert state(project) == before


def test_codes_in_a_trained_project(trained: Path, alcli: Alcli) -> None:
    for argv, code in TRAINED:
        _check(alcli, argv, code)


def test_rejected_rows_are_no_and_strict_makes_them_trouble(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", label=lambda id_: "spm" if id_ == min_id(asked) else "ham")
    before = state(asked)
    strict = alcli("import-labels", "sheet.csv", "--strict")
    assert strict.code == Exit.TROUBLE
    assert state(asked) == before
    run = alcli("import-labels", "sheet.csv")
    assert run.code == Exit.NO
    assert "7 new" in run.err


def min_id(folder: Path) -> str:
    """The first id of the sheet."""
    return (folder / "sheet.csv").read_text().splitlines()[1].split(",")[0]


def test_nothing_left_to_ask_is_no(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "30", "-s", "random", "-o", "all.csv").code == Exit.DONE
    run = alcli("query", "-n", "5", "-s", "random", "-o", "more.csv")
    assert run.code == Exit.NO
    assert not (project / "more.csv").exists()


def test_a_bad_value_in_the_file_is_trouble_not_usage(project: Path, alcli: Alcli) -> None:
    file = project / "alcli.toml"
    file.write_text(file.read_text().replace('strategy = "auto"', 'strategy = "margn"'))
    run = alcli("query", "-o", "x.csv")
    assert run.code == Exit.TROUBLE
    assert "alcli.toml, line" in run.err
    assert "did you mean `margin`?" in run.err
    assert alcli("query", "-s", "margn", "-o", "x.csv").code == Exit.USAGE


def test_a_bug_is_trouble_and_says_so(alcli: Alcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def boom(**flags: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("alcli.steps.status.status", boom)
    run = alcli("status")
    assert run.code == Exit.TROUBLE
    assert "this is a bug in alcli" in run.err
    assert "Traceback" not in run.err
    assert "Traceback" in alcli("status", "-v").err
    assert alcli("status", "--json").json["errors"][0]["code"] == "bug"


@pytest.mark.parametrize(
    ("raised", "code", "word"), [(KeyboardInterrupt, 130, "interrupted"), (None, 143, "terminated")]
)
def test_a_stopped_command_says_that_nothing_was_changed(
    alcli: Alcli, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException] | None, code: int, word: str
) -> None:
    def stop(**flags: object) -> None:
        if raised is not None:
            raise raised
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr("alcli.steps.status.status", stop)
    run = alcli("status", "--json")
    assert run.code == code
    assert run.err == f"{word}; nothing was changed\n"
    assert (run.json["status"], run.json["exit_code"]) == ("error", code)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_leaves_everything_as_it_was(project: Path, number: signal.Signals, code: int) -> None:
    before = state(project)
    # it waits for a sheet on stdin, so that the signal always finds it at work
    with process("import-labels", "-", start_new_session=True) as run:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _is_reading(run.pid):
            time.sleep(0.05)
        run.send_signal(number)
        assert run.wait(20) == code
        assert b"nothing was changed" in run.stderr.read()
    assert state(project) == before


def _is_reading(pid: int) -> bool:
    try:
        return "pipe_read" in Path(f"/proc/{pid}/wchan").read_text() or _is_settled(pid)
    except OSError:
        return _is_settled(pid)


def _is_settled(pid: int) -> bool:
    # no /proc: two seconds are enough to get to the pipe
    time.sleep(2)
    return True


def test_two_at_once_both_get_in(asked: Path) -> None:
    fill(asked / "sheet.csv")
    rows = (asked / "sheet.csv").read_text()
    (asked / "other.csv").write_text(rows)
    runs = [
        process("import-labels", name, "--annotator", who, stdin=subprocess.DEVNULL)
        for name, who in (("sheet.csv", "a1"), ("other.csv", "a2"))
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    for run in runs:
        run.communicate()
    lines = (asked / "labels.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * 8


def test_a_locked_project_is_told_with_its_holder(asked: Path, alcli: Alcli) -> None:
    from alcli.files import locked

    fill(asked / "sheet.csv")
    with locked(asked / ".alcli" / "lock", 0, "train"):
        run = alcli("import-labels", "sheet.csv", "--wait", "0")
    assert run.code == Exit.TROUBLE
    assert "alcli train, process" in run.err
    assert "--wait" in run.err
