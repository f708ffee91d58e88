"""No server outlives the test that started it, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .serving import running, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="servers are ended by their process group")

#: A server with a child of its own; both write down who they are, and the child does not end when asked.
SERVER = """
import os, signal, subprocess, sys, time
child = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
child += "open('child', 'w').write(str(os.getpid())); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", child])
while not os.path.exists("child") or not open("child").read():
    time.sleep(0.01)
open("server", "w").write(str(os.getpid()))
time.sleep(600)
"""
HOLDER = """
import sys, time
from pathlib import Path
from tests.servers.serving import running, surroundings
with running([sys.executable, "-c", sys.argv[1]], Path("log"), surroundings(Path(".")), Path("."), 0.5):
    time.sleep(600)
"""


def written(path: Path) -> int | None:
    return int(path.read_text()) if path.exists() and path.read_text() else None


def is_gone(number: int) -> bool | None:
    """True once there is no such process, or only its entry, which whoever started it has not read."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{number}/stat")
    return (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z") or None


def both(folder: Path) -> list[int]:
    return [until(lambda name=name: written(folder / name), name, seconds=60, alive=[]) for name in ("server", "child")]


def check_gone(numbers: list[int]) -> None:
    for number in numbers:
        assert until(lambda number=number: is_gone(number), "end", seconds=60, alive=[])


def test_a_server_ends_with_its_block_and_so_do_its_children(tmp_path: Path) -> None:
    with running([sys.executable, "-c", SERVER], tmp_path / "log", os.environ, tmp_path, 0.5):
        numbers = both(tmp_path)
    check_gone(numbers)


def test_a_server_ends_when_its_test_is_killed(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, SERVER], cwd=tmp_path, env=env)
    numbers = both(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    check_gone(numbers)


def test_a_server_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        running([sys.executable, "-c", "raise SystemExit('no such database')"], log, os.environ, tmp_path) as process,
        pytest.raises(RuntimeError, match="the server ended\nno such database"),
    ):
        until(lambda: None, "server", seconds=60, alive=[(process, log)])
    assert process.wait() == 1
