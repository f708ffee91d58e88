"""Killing a command at any change of a file and running it again is the same as never killing it."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest

from alcli import evaluate, import_labels, init, query, train
from alcli.cli import main
from alcli.steps.outbox import Outbox
from alcli.tables import ledgers
from alcli.tables.ledgers import Answer, Asked, Ledger

from .faults import Play, in_place, tree

COMMANDS: dict[str, Callable[[], Any]] = {
    "import-labels": lambda: import_labels(sheets=["a.csv"]),
    "import-labels with rejects": lambda: import_labels(sheets=["spoilt.csv"]),
    "import-labels of two": lambda: import_labels(sheets=["a.csv", "b.csv"]),
    "query": lambda: query(count=5, output="new.csv"),
    "query over an answered sheet": lambda: query(count=5, output="done.csv"),
    "import-labels of a folder with a withdrawal": lambda: import_labels(sheets=["back"]),
    "query for three": lambda: query(count=5, output="split.csv", annotators=("x", "y", "z"), per_row=2),
    "query for three over answered sheets": lambda: query(
        count=5, output="old.csv", annotators=("x", "y"), gold=2, gold_from="a1"
    ),
    "query into a folder": lambda: query(count=5, output="out/"),
    "query for three into a folder": lambda: query(count=5, output="out/", annotators=("x", "y", "z"), per_row=2),
    "query into the folder of sheets": lambda: query(count=5),
    "train": lambda: train(),
    "train anew": lambda: train(force=True, estimator="naive-bayes"),
    "evaluate": lambda: evaluate(folds=3),
    "init": lambda: init(pool=["pool.csv"], id="id", classes=("neg", "pos"), ignore=("y",), force=True),
}


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763769600")
    monkeypatch.setenv("ALCLI_JOBS", "1")


def fill(source: str, target: str, *, spoil: bool = False) -> None:
    with Path(source).open(newline="") as file:
        header, *rows = csv.reader(file)
    label = header.index("label")
    for number, row in enumerate(rows):
        row[label] = "postive" if spoil and number == 2 else ("neg", "pos")[int(row[0]) % 2]
    with Path(target).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project in its third round: a model that is behind its labels, filled sheets not yet imported."""
    folder = tmp_path_factory.mktemp("campaign")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1763769600")
        patch.setenv("ALCLI_JOBS", "1")
        patch.chdir(folder)
        lines = [f"{at:03},{at % 7}.5,{(at * 37 % 11) - 20 * (at % 2)}" for at in range(120)]
        Path("pool.csv").write_text("\n".join(["id,x,y", *lines, ""]))
        Path("first.csv").write_text("id,label\n" + "".join(f"{at:03},{('neg', 'pos')[at % 2]}\n" for at in range(12)))
        init(pool=["pool.csv"], id="id", classes=("neg", "pos"))
        import_labels(sheets=["first.csv"], annotator="a1")
        train()
        query(count=5, output="done.csv")
        fill("done.csv", "done.csv")
        import_labels(sheets=["done.csv"], annotator="a1")
        evaluate()
        query(count=4, output="old.csv", annotators=("x", "y"))
        for name in ("x", "y"):
            fill(f"old-{name}.csv", f"old-{name}.csv")
        import_labels(sheets=["old-x.csv", "old-y.csv"])
        Path("back").mkdir()
        Path("back/one.csv").write_text("id,label,annotator\n003,withdraw,a1\n004,neg,a2\n")
        for name in ("a", "b"):
            query(count=5, output=f"{name}.csv")
            fill(f"{name}.csv", f"{name}.csv")
        fill("a.csv", "spoilt.csv", spoil=True)
        yield folder


@pytest.fixture
def copy(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import shutil

    folder = tmp_path / "here"
    shutil.copytree(project, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_anywhere_and_run_again_is_as_never_killed(name: str, project: Path, tmp_path: Path) -> None:
    play = Play(project, tmp_path, COMMANDS[name])
    assert play.before != play.after
    assert any(call.startswith("replace") for call in play.log)
    assert play.killed("before", "torn") == []


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_just_after_any_change_and_run_again_is_as_never_killed(
    name: str, project: Path, tmp_path: Path
) -> None:
    play = Play(project, tmp_path, COMMANDS[name])
    if name.startswith("query") and "folder" in name:
        # once the note is gone it is done, and the same again means the next batch
        play.log = play.log[: play.log.index("unlink .alcli/asking")]
    assert play.killed("after") == []


def test_killed_without_a_cache_too(project: Path, tmp_path: Path) -> None:
    def import_anew() -> None:
        import shutil

        shutil.rmtree(".alcli", ignore_errors=True)
        import_labels(sheets=["a.csv"])

    assert Play(project, tmp_path, import_anew).killed("before") == []


def test_a_ledger_written_in_place_would_be_caught(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "replacing", in_place)
    found = Play(project, tmp_path, COMMANDS["import-labels"]).killed("before", "torn")
    assert any("labels.csv is torn or lost" in trouble for trouble in found)


def test_a_ledger_committed_before_the_sheet_would_be_caught(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def ledger_first(self: Outbox, sheet: Any) -> Iterator[tuple[str, ...]]:
        yield ()
        self._write(sheet, Path(self.name(sheet.batch)))

    monkeypatch.setattr(Outbox, "delivering", ledger_first)
    found = Play(project, tmp_path, COMMANDS["query"]).killed("before")
    assert any("differs after running again" in trouble for trouble in found)


@pytest.mark.parametrize("how", ["enospc", "eio"])
@pytest.mark.parametrize(
    "line",
    [
        ["import-labels", "a.csv"],
        ["import-labels", "spoilt.csv"],
        ["query", "-n", "5", "-o", "new.csv"],
        ["train"],
        ["evaluate", "--folds", "3"],
    ],
    ids=lambda line: " ".join(line[:2]),
)
def test_a_full_or_failing_disk_is_told_and_changes_nothing(
    line: list[str], how: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play = Play(project, tmp_path, lambda: main([*line, "-q"]))
    failures = 0
    capsys.readouterr()
    for what, code, left in play.starved(how, lambda: main([*line, "-q"])):
        said = capsys.readouterr().err
        if code == 1:
            failures += 1
            assert left == play.before, what
            assert "cannot read or write" in said
            assert ("no space left" in said and "MB are free there" in said) == (how == "enospc")
            assert "Traceback" not in said
        else:
            # what only the cache, the lock's note or a folder's sync could not do is done without
            assert left == play.after, what
    assert failures


def test_what_a_full_disk_refused_is_taken_when_there_is_room(project: Path, tmp_path: Path) -> None:
    play = Play(project, tmp_path, COMMANDS["import-labels"])
    for _ in play.starved("enospc", lambda: main(["import-labels", "a.csv", "-q"])):
        with chdir(play.folder):
            import_labels(sheets=["a.csv"])
        assert tree(play.folder) == play.after


def alcli(*line: str) -> subprocess.Popen[bytes]:
    code = "import sys; from alcli.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen([sys.executable, "-c", code, *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def labelled(folder: Path) -> set[str]:
    return {row.id for row in Ledger(folder / "labels.csv", Answer).rows()}


@pytest.mark.parametrize("rounds", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_a_real_kill_at_any_moment_loses_nothing(rounds: int, copy: Path) -> None:
    before = (copy / "labels.csv").read_bytes()
    start = time.monotonic()
    alcli("import-labels", "a.csv", "-q").communicate()
    length = time.monotonic() - start
    after = (copy / "labels.csv").read_bytes()
    assert after != before
    for turn in range(rounds):
        (copy / "labels.csv").write_bytes(before)
        process = alcli("import-labels", "a.csv", "-q")
        # past the start of Python, then ever later, as fast as this machine is now
        try:
            process.wait(length * (0.5 + 0.6 * turn / rounds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        assert (copy / "labels.csv").read_bytes() in (before, after)
        import_labels(sheets=["a.csv"])
        assert (copy / "labels.csv").read_bytes() == after
        assert not list(copy.glob(".*.tmp"))


@pytest.mark.parametrize("rounds", [2, pytest.param(25, marks=pytest.mark.slow)])
def test_two_processes_importing_at_once_both_get_in(rounds: int, copy: Path) -> None:
    before = (copy / "labels.csv").read_bytes()
    for _ in range(rounds):
        (copy / "labels.csv").write_bytes(before)
        known = labelled(copy)
        both = [alcli("import-labels", name, "-q") for name in ("a.csv", "b.csv")]
        for process in both:
            _, said = process.communicate()
            assert process.returncode == 0, said
        assert len(labelled(copy) - known) == 10
        assert (copy / "labels.csv").read_bytes().startswith(before)


def test_threads_importing_at_once_all_get_in(copy: Path) -> None:
    before = (copy / "labels.csv").read_bytes()
    for _ in range(5):
        (copy / "labels.csv").write_bytes(before)
        known = labelled(copy)
        threads = [threading.Thread(target=import_labels, kwargs={"sheets": [name]}) for name in ("a.csv", "b.csv") * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(labelled(copy) - known) == 10
        assert len(Ledger(copy / "labels.csv", Answer).rows()) == len(known) + 10


def test_an_import_that_comes_while_a_query_chooses_is_not_asked_again(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alcli.steps.asking import Asking

    choose, calls = Asking.choose, []

    def slow(self: Any) -> Any:
        choice = choose(self)
        if not calls:
            calls.append([pick.id for pick in choice.picks])
            Path("late.csv").write_text("id,label\n" + "".join(f"{id_},pos\n" for id_ in calls[0]))
            import_labels(sheets=["late.csv"])
        return choice

    monkeypatch.setattr(Asking, "choose", slow)
    result = query(count=5, output="new.csv")
    assert result.asked == 5
    assert not set(result.ids) & set(calls[0])


def test_a_sheet_that_comes_while_a_query_chooses_is_not_replaced(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alcli.errors import FileTrouble
    from alcli.steps.asking import Asking

    choose = Asking.choose

    def slow(self: Any) -> Any:
        Path("new.csv").write_text("id,label\n003,pos\n099,neg\n")
        return choose(self)

    monkeypatch.setattr(Asking, "choose", slow)
    before = tree(copy)
    with pytest.raises(FileTrouble, match="may be in it"):
        query(count=5, output="new.csv")
    assert tree(copy) == before | {"new.csv": b"id,label\n003,pos\n099,neg\n"}


def test_sheets_go_again_together_when_the_ledger_cannot_be_written(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Ledger, "append", fail)
    before = tree(copy)
    for place in ("split.csv", "out/"):
        with pytest.raises(OSError, match="No space"):
            query(count=5, output=place, annotators=("x", "y", "z"), per_row=2)
        assert tree(copy) == before


def test_sheets_of_a_killed_run_for_others_are_taken_over(copy: Path) -> None:
    from .faults import Faults, Killed

    with Faults(copy, 12, "after").installed(), pytest.raises(Killed):
        COMMANDS["query for three"]()
    assert list(copy.glob("split-*.csv"))
    before = (copy / "asked.csv").read_bytes()
    # other people, other rows: the orphans are replaced, and those for nobody any more do no harm
    assert query(count=3, output="split.csv", annotators=("y", "z"), seed=1).asked == 3
    assert (copy / "asked.csv").read_bytes().startswith(before)
    if (copy / "split-x.csv").exists():
        fill("split-x.csv", "split-x.csv")
        known = labelled(copy)
        assert import_labels(sheets=["split-x.csv"], annotator="x").new >= 0
        assert known <= labelled(copy)


def test_two_queries_for_one_sheet_make_one_batch(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alcli.steps.asking import Asking

    choose, inner = Asking.choose, []

    def slow(self: Any) -> Any:
        if not inner:
            inner.append(None)
            inner.append(query(count=5, output="new.csv"))
        return choose(self)

    monkeypatch.setattr(Asking, "choose", slow)
    second = query(count=5, output="new.csv")
    first = inner[1]
    assert (first.asked, second.asked) == (5, 0)
    assert second.ids == first.ids
    assert "nobody has answered yet" in second.note


def test_labels_that_come_while_a_model_is_fitted_are_in_it(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import alcli.steps.train as step

    fit, calls = step._fit, []

    def slow(*given: Any) -> Any:
        if not calls:
            calls.append(1)
            import_labels(sheets=["a.csv"])
        return fit(*given)

    monkeypatch.setattr(step, "_fit", slow)
    assert train().labels == len(labelled(copy))
    assert train().up_to_date


def test_a_sheet_goes_again_when_the_ledger_cannot_be_written(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Ledger, "append", fail)
    before = tree(copy)
    for command in ("query", "import-labels with rejects"):
        with pytest.raises(OSError, match="No space"):
            COMMANDS[command]()
        assert tree(copy) == before


def test_a_pipe_is_no_place_for_a_sheet_and_is_not_waited_for(copy: Path) -> None:
    from alcli.errors import FileTrouble

    os.mkfifo("pipe.csv")
    for force in (False, True):
        with pytest.raises(FileTrouble, match="not an ordinary file"):
            query(count=5, output="pipe.csv", force=force)


def test_dev_stdout_is_stdout(copy: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["query", "-n", "5", "-o", "/dev/stdout", "-q"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"id,x,y,label")
    assert len(Ledger(copy / "asked.csv", Asked).rows()) == 24


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_commit_changes_nothing_and_one_after_it_is_too_late(
    number: int, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from alcli import files

    before = tree(copy)
    rename, sync = files._rename, files.sync_folder

    def signal_first(*given: Any) -> None:
        os.kill(os.getpid(), number)
        rename(*given)

    def signal_last(folder: Path) -> None:
        sync(folder)
        os.kill(os.getpid(), number)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_rename", signal_first)
        assert main(["import-labels", "a.csv", "-q"]) == 128 + number
    assert "nothing was changed" in capsys.readouterr().err
    assert tree(copy) == before
    with monkeypatch.context() as patch:
        patch.setattr(files, "sync_folder", signal_last)
        assert main(["import-labels", "a.csv", "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert len(labelled(copy)) == len(before["labels.csv"].splitlines()) - 1 + 5
