"""Runs somebody's command on a sheet: bounded in time, and leaves either a whole file of answers or none."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from alcli.errors import ModelError
from alcli.files import replacing, reporting_disk_trouble

_TOLD = 2000  # characters of what a failing command said


def answered_by(command: str, sheet: Path, answers: Path, timeout: float | None) -> None:
    """Have `command` answer `sheet`; when this returns, `answers` holds what it wrote.

    Parameters
    ----------
    command : for the shell. `{in}` and `{out}` stand for the files; without them the sheet is its stdin and
        the answers its stdout.
    timeout : seconds, or None.

    Raises
    ------
    ModelError
        `annotator-failed` when it fails, hangs or writes nothing; `answers` does not exist then.
    """
    with (
        reporting_disk_trouble(answers),
        tempfile.TemporaryDirectory(prefix="alcli-") as folder,
        replacing(answers) as out,
    ):
        written = Path(folder) / "answers.csv"
        filled = command.replace("{in}", shlex.quote(str(sheet))).replace("{out}", shlex.quote(str(written)))
        with sheet.open("rb") as given:
            process = subprocess.Popen(
                filled,
                shell=True,
                stdin=given if "{in}" not in command else subprocess.DEVNULL,
                stdout=out if "{out}" not in command else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # so that what it starts can be ended with it
            )
        try:
            _, said = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            raise _failed(command, f"took longer than {timeout:g} s", b"") from None
        except BaseException:
            _end(process)
            raise
        if process.returncode != 0:
            raise _failed(command, _how(process.returncode), said)
        if "{out}" in command and written.exists():
            out.write(written.read_bytes())
        out.flush()
        if os.fstat(out.fileno()).st_size == 0:
            raise _failed(command, "wrote nothing", said)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stderr is not None:
        process.stderr.close()


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _failed(command: str, how: str, said: bytes) -> ModelError:
    words = said.decode("utf-8", errors="replace").strip()[-_TOLD:]
    last = words.splitlines()[-1] if words else ""
    return ModelError(
        f"the annotator {how}" + (f": {last}" if last else ""),
        at=command,
        hint="nothing was lost: mend the command and run again",
        code="annotator-failed",
    )
