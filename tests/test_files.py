"""The only writer in the house: whole or not at all, modes and links kept, nothing of others removed."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from alcli import files
from alcli.errors import FileTrouble
from alcli.files import digest_bytes, digest_file, locked, replacing, sweep, write_bytes


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_bytes(path, b"old")
    with replacing(path, "w") as file:
        file.write("n\u00e9w\n")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == "n\u00e9w\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt, FileTrouble])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(trouble: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(trouble), replacing(path) as file:
        file.write(b"new")
        raise trouble("no")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_an_old_file_keeps_its_mode_and_a_new_one_gets_what_the_umask_allows(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        write_bytes(old, b"x")
        write_bytes(new, b"x")
    finally:
        os.umask(before)
    assert (mode(old), mode(new)) == (0o640, 0o640)
    old.chmod(0o666)  # more than the umask allows
    write_bytes(old, b"y")
    assert mode(old) == 0o666


def test_what_a_link_points_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "disk" / "real", tmp_path / "link"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link.symlink_to(Path("disk") / "real")
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    dangling = tmp_path / "dangling"
    dangling.symlink_to("nowhere")
    write_bytes(dangling, b"new")
    assert (tmp_path / "nowhere").read_bytes() == b"new"


def test_devices_pipes_and_folders_are_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/null"), pipe, tmp_path):
        with pytest.raises(FileTrouble, match="not an ordinary file") as caught:
            write_bytes(path, b"x")
        assert caught.value.code == "not-a-file"
    reading, writing = os.pipe()
    try:
        # a pipe that has no name of its own, as behind /dev/stdout
        with pytest.raises(FileTrouble, match="not an ordinary file"):
            write_bytes(Path(f"/dev/fd/{writing}"), b"x")
    finally:
        os.close(reading)
        os.close(writing)


def test_a_temporary_that_is_a_trap_is_not_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"dear")
    monkeypatch.setattr(files, "_NUMBERS", iter([7]))
    (tmp_path / f".file.alcli-{os.getpid()}-7.tmp").symlink_to(victim)
    write_bytes(tmp_path / "file", b"new")
    assert victim.read_bytes() == b"dear"
    assert not (tmp_path / "file").is_symlink()


def test_names_as_long_as_a_file_system_allows_can_be_written(tmp_path: Path) -> None:
    for name in ("n" * 255, "\u00fc" * 127):
        write_bytes(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_with_path_and_free_space(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileTrouble) as caught:
        write_bytes(path, b"new")
    assert caught.value.message == f"cannot read or write {path}: {os.strerror(number).lower()}"
    assert "nothing was changed" in str(caught.value.hint)
    assert "MB are free there" in str(caught.value.hint)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write everything")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FileTrouble, match="permission denied"):
        write_bytes(tmp_path / "file", b"x")


def test_the_data_is_on_the_disk_before_the_rename_and_the_rename_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def noted(name: str) -> Any:
        real = getattr(os, name)

        def call(*given: Any, **options: Any) -> Any:
            kind = "folder" if name == "fsync" and stat.S_ISDIR(os.fstat(given[0]).st_mode) else ""
            order.append(f"{name} {kind}".strip())
            return real(*given, **options)

        return call

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, noted(name))
    write_bytes(tmp_path / "file", b"x")
    assert order == ["fsync", "replace", "fsync folder"]


def test_a_sweep_removes_what_dead_processes_left_and_nothing_else(tmp_path: Path) -> None:
    dead, alive = dead_process(), os.getppid()
    gone = [f".labels.csv.alcli-{dead}-0.tmp", f".with\nline.alcli-{dead}-12.tmp"]
    stay = [
        f".labels.csv.alcli-{alive}-0.tmp",
        f".labels.csv.alcli-{os.getpid()}-0.tmp",
        f"labels.csv.alcli-{dead}-0.tmp",
        f".labels.csv.alcli-{dead}-0.tmp.bak",
        ".labels.csv.tmp",
        "labels.csv",
    ]
    for name in (*gone, *stay):
        (tmp_path / name).write_bytes(b"")
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stay)
    sweep(tmp_path / "absent")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells")
def test_a_killed_process_that_nobody_has_fetched_yet_is_dead(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    left = tmp_path / f".labels.csv.alcli-{process.pid}-0.tmp"
    left.write_bytes(b"")
    try:
        sweep(tmp_path)
        assert left.exists()
    finally:
        os.kill(process.pid, signal.SIGKILL)
    # seen as ended, and left a zombie
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    sweep(tmp_path)
    assert not left.exists()
    process.wait()


def test_writing_a_file_removes_only_its_own_leftovers(tmp_path: Path) -> None:
    dead = dead_process()
    own, other = tmp_path / f".a.csv.alcli-{dead}-0.tmp", tmp_path / f".b.csv.alcli-{dead}-0.tmp"
    own.write_bytes(b"")
    other.write_bytes(b"")
    write_bytes(tmp_path / "a.csv", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "a.csv"]


def test_threads_that_write_one_file_never_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([65 + number]) * 300_000 for number in range(4)]
    torn: list[bytes] = []

    def write(content: bytes) -> None:
        for _ in range(10):
            write_bytes(path, content)
            if path.read_bytes() not in contents:
                torn.append(content[:1])

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not torn
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_lock_that_is_held_is_told_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / ".alcli" / "lock"
    caught: list[FileTrouble] = []

    def wait() -> None:
        try:
            with locked(path, 0.05, "train"):
                pass
        except FileTrouble as trouble:
            caught.append(trouble)

    with locked(path, 1, "query"):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert caught[0].code == "locked"
    assert f"alcli query, process {os.getpid()}" in caught[0].message
    wait()
    assert len(caught) == 1  # free again


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import os, sys, signal; from pathlib import Path; from alcli.files import locked\n"
        f"with locked(Path({str(path)!r}), 1, 'query'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with locked(path, 0, "train"):
        pass


def test_the_command_counts_as_done_only_from_its_decisive_rename(tmp_path: Path) -> None:
    files.begin()
    write_bytes(tmp_path / "sheet", b"x")
    assert not files.committed()
    with pytest.raises(FileTrouble), replacing(tmp_path / "ledger", commits=True) as file:
        file.write(b"x")
        raise FileTrouble("no")
    assert not files.committed()
    write_bytes(tmp_path / "ledger", b"x", commits=True)
    assert files.committed()
    files.begin()
    assert not files.committed()


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"ab" * (1 << 20))
    assert digest_file(path) == digest_bytes(b"ab" * (1 << 20))
    with pytest.raises(FileTrouble, match="no such file"):
        digest_file(tmp_path / "absent")
