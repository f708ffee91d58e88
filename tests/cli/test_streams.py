"""Data to stdout, words to stderr, stdin only when `-` is written."""

from __future__ import annotations

import csv
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from .playing import POOL, Alcli, fill, process, state


def test_words_go_to_stderr_and_stdout_stays_empty(trained: Path, alcli: Alcli) -> None:
    for argv in (
        ["status"],
        ["train"],
        ["evaluate", "--test", "test.csv"],
        ["predict", "-o", "p.csv"],
        ["query", "-n", "2", "-s", "random", "-o", "b.csv"],
        ["labels", "-o", "l.csv"],
        ["check"],
    ):
        run = alcli(*argv)
        assert run.out == "", argv
        assert run.err, argv


def test_a_list_that_was_asked_for_can_be_searched_and_paged(alcli: Alcli) -> None:
    for argv in (["strategies"], ["strategies", "badge"]):
        run = alcli(*argv)
        assert "badge" in run.out and run.err == "", argv


def test_quiet_success_says_nothing(trained: Path, alcli: Alcli) -> None:
    for argv in (
        ["status"],
        ["train", "--force"],
        ["evaluate", "--test", "test.csv"],
        ["predict", "-o", "p.csv"],
        ["query", "-n", "2", "-s", "random", "-o", "b.csv"],
        ["import-labels", "sheet.csv", "--annotator", "a1"],
        ["check"],
    ):
        run = alcli(*argv, "--quiet")
        assert (run.out, run.err) == ("", ""), argv


def test_quiet_silences_neither_errors_nor_rejects(asked: Path, alcli: Alcli) -> None:
    assert "error: " in alcli("train", "-q").err
    fill(asked / "sheet.csv", label=lambda _: "spm")
    assert "'spm'" in alcli("import-labels", "sheet.csv", "-q").err


def test_a_batch_on_stdout_is_the_sheet_and_nothing_else(project: Path, alcli: Alcli) -> None:
    run = alcli("query", "-n", "5", "-s", "random", "-o", "-")
    rows = list(csv.reader(io.StringIO(run.out)))
    assert rows[0] == ["id", "text", "label", "comment", "alcli_row"]
    assert len(rows) == 6
    assert "\r" not in run.out
    assert "asked 5 rows" in run.err
    assert len((project / "asked.csv").read_text().splitlines()) == 6


def test_a_sheet_comes_in_by_a_pipe(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    run = alcli("import-labels", "-", stdin=(asked / "sheet.csv").read_bytes())
    assert run.code == 0
    assert "8 new" in run.err
    assert "stdin" in (asked / "labels.csv").read_text()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_pool_comes_in_by_a_pipe_and_nothing_but_stdout_is_written(folder: Path, kind: str) -> None:
    data = POOL.encode()
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        header, *rows = csv.reader(io.StringIO(POOL))
        columns = {name: [row[at] for row in rows] for at, name in enumerate(header)}
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        data = sink.getvalue()
    with process("query", "--pool", "-", "-s", "random", "-n", "3", "-o", "-") as run:
        out, err = run.communicate(data)
    assert run.returncode == 0, err
    assert len(out.decode().splitlines()) == 4
    assert list(folder.iterdir()) == []


def test_labels_come_in_by_a_pipe(trained: Path, alcli: Alcli) -> None:
    ledger = (trained / "labels.csv").read_bytes()
    direct = alcli("labels").out
    assert alcli("labels", "--labels", "-", stdin=ledger).out == direct


def test_stdin_is_read_once(asked: Path, alcli: Alcli) -> None:
    for argv in (
        ["import-labels", "-", "-"],
        ["import-labels", "-", "--pool", "-"],
        ["query", "--pool", "-", "--labels", "-", "-o", "-"],
    ):
        run = alcli(*argv, stdin=b"")
        assert (run.code, run.err.splitlines()[0]) == (2, "error: stdin can be read once")


def test_what_is_written_cannot_be_stdin(asked: Path, alcli: Alcli) -> None:
    for argv in (["import-labels", "sheet.csv", "--labels", "-"], ["train", "--model", "-"], ["query", "--asked", "-"]):
        run = alcli(*argv, stdin=b"")
        assert run.code == 2
        assert "needs a file there" in run.err


def test_a_broken_pipe_is_141_and_nothing_is_asked(project: Path) -> None:
    before = state(project)
    read, write = os.pipe()
    os.close(read)
    with process("query", "-n", "20", "-s", "random", "-o", "-", stdout=write) as run:
        os.close(write)
        _, err = run.communicate()
    assert run.returncode == 141, err
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err
    assert state(project) == before


def test_a_reader_that_leaves_early_ends_a_long_output(trained: Path) -> None:
    command = 'yes "" | head -0; "$0" -c "from alcli.cli import entry; entry()" labels -q; echo "code $?" >&2'
    done = subprocess.run(
        ["sh", "-c", f"({command}) | head -n 1", sys.executable], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("id,label")
    assert "Traceback" not in done.stderr


def _on_a_terminal(*argv: str, stdin: bytes = b"\x04", on: str = "in") -> tuple[int, bytes, bytes]:
    """Run with stdin or stdout on a terminal; returns code, what the terminal saw, stderr."""
    master, slave = pty.openpty()
    streams = {"stdin": slave} if on == "in" else {"stdout": slave}
    run = process(*argv, **streams)
    os.close(slave)
    os.write(master, stdin)
    err = run.stderr.read()
    code = run.wait(30)
    os.set_blocking(master, False)
    try:
        seen = os.read(master, 65536)
    except OSError:
        seen = b""
    os.close(master)
    for stream in (run.stdin, run.stdout, run.stderr):
        if stream is not None:
            stream.close()
    return code, seen, err


def test_waiting_for_a_terminal_is_said(asked: Path) -> None:
    _, _, err = _on_a_terminal("import-labels", "-")
    assert b"waiting for a sheet on stdin; end it with Ctrl-D" in err


def test_nothing_binary_goes_to_a_terminal(trained: Path) -> None:
    for argv in (["labels", "--format", "parquet"], ["predict", "-o", "-", "--format", "xlsx"]):
        code, seen, err = _on_a_terminal(*argv, stdin=b"", on="out")
        assert code == 2
        assert b"does not go to a terminal" in err
        assert b"-o FILE" in err
        assert b"PAR1" not in seen
        assert b"PK" not in seen
    code, _, err = _on_a_terminal("query", "-o", "-", "--format", "xlsx", "-s", "random", stdin=b"", on="out")
    assert code == 2, err


def test_a_format_may_be_named_where_no_suffix_says_it(trained: Path, alcli: Alcli) -> None:
    assert alcli("labels", "--format", "tsv").out.startswith("id\tlabel\t")
    assert alcli("predict", "-o", "-", "--format", "jsonl").out.startswith('{"id": "')
    assert alcli("labels", "-o", "taken", "--format", "parquet").code == 0
    assert (trained / "taken").read_bytes()[:4] == b"PAR1"


def test_verbose_shows_settings_with_their_sources_and_times(trained: Path, alcli: Alcli) -> None:
    err = alcli("train", "--force", "--seed", "1", "-v").err
    assert "seed = 1  (--seed)" in err
    assert "classes = ham, spam  (alcli.toml, line" in err
    assert "fitting the model: " in err
    assert " s in all" in err
    assert "committee = " not in err
    assert "committee =   (default)" in alcli("train", "-vv").err
