"""Runs a command until it ends or its standard input is closed, and leaves no process of it behind.

Whoever starts this holds the other end of the pipe. Its death, even by SIGKILL, closes the pipe, so that
a server never outlives its test: `python keeper.py SECONDS COMMAND …`, with the time between asking and killing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time


def _gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS refuses where only dead processes are left
        return True
    return False


def sweep(group: int, patience: float) -> None:
    """End every process of a group: asked first, killed after some seconds of patience."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, how)
        end = time.monotonic() + patience
        while not _gone(group):
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        else:
            return


def main(patience: float, command: list[str]) -> int:
    """Run the command in a process group of its own."""
    # what stops the keeper stops the group: only then is its end of the pipe seen as closed
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch() -> None:
        os.read(0, 1)  # nothing is ever sent; not sys.stdin, which Python would wait for at its end
        sweep(child.pid, patience)

    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    sweep(child.pid, patience)
    return code


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
