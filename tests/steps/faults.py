"""Dying, failing and starving at every change of a file, in process.

`Faults` stands between a command and the disk: it counts every call that changes something inside a
folder, and at one of them it lets the process die. Dead means dead: no later call, not even of a
`finally`, reaches the disk, as after SIGKILL. `play` does that at every call in turn, runs the
command again and tells what differs from a run that was never killed.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from alcli import files

#: Calls of `os` that change a file, and the way in which an error of a full disk can reach them.
CALLS = ("replace", "rename", "unlink", "mkdir", "rmdir", "fsync", "fchmod")
GROWING = ("open", "write", "mkdir")
DERIVED = ".alcli"


class Killed(BaseException):
    """Stands for SIGKILL."""


class Faults:
    """Counts changes under `folder`, and at change `at` (from 1) dies or fails.

    Parameters
    ----------
    how : ``before`` or ``after`` the change, ``torn`` in the middle of a write; ``enospc`` fails it
        and every later one that needs room; ``eio`` fails a write or a sync once.
    """

    def __init__(self, folder: Path, at: int = 0, how: str = "before") -> None:
        self.folder, self.at, self.how = os.path.realpath(folder), at, how
        self.count = 0
        self.log: list[str] = []
        self.dead = False
        self.fired = False

    def change(self, call: str, path: Any, do: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        if not str(path).startswith(self.folder):
            return do()
        if self.dead:
            raise Killed
        self.count += 1
        self.log.append(f"{call} {os.path.relpath(path, self.folder)}")
        here = self.count == self.at
        if self.how == "enospc" and call in GROWING and self.at and self.count >= self.at:
            self.fired = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if self.how == "eio" and here and call in ("write", "fsync"):
            self.fired = True
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        if not here or self.how in ("enospc", "eio"):
            return do()
        self.fired = True
        if self.how == "after":
            do()
        elif self.how == "torn" and half is not None:
            half()
        self.dead = True
        raise Killed

    @contextmanager
    def installed(self) -> Iterator[Faults]:
        hooked = {name: self._hooked(name, getattr(os, name)) for name in CALLS}
        with patch.multiple(os, **hooked), patch.object(files, "_born", self._born):
            yield self

    def _hooked(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(what: Any, *more: Any, **options: Any) -> Any:
            path = os.path.realpath(f"/proc/self/fd/{what}" if isinstance(what, int) else what)
            return self.change(name, path, lambda: real(what, *more, **options))

        return call

    def _born(self, temporary: Path, mode: str) -> Any:
        return self.change("open", temporary, lambda: _file(_Raw(self, temporary), mode))


class _Raw(io.FileIO):
    def __init__(self, faults: Faults, path: Path, mode: str = "xb") -> None:
        super().__init__(path, mode)
        self._faults, self._path = faults, path

    def write(self, data: Any) -> int:
        if self._faults.dead:
            return len(data)  # what a dead process still had in memory reaches no disk
        whole: int = self._faults.change(
            "write",
            self._path,
            lambda: super(_Raw, self).write(data),
            lambda: super(_Raw, self).write(bytes(data)[: len(data) // 2]),
        )
        return whole


def _file(raw: io.FileIO, mode: str) -> Any:
    file = io.BufferedWriter(raw)
    return file if "b" in mode else io.TextIOWrapper(file, encoding="utf-8", newline="")


@contextmanager
def in_place(path: Path, mode: str = "wb", *, commits: bool = False) -> Iterator[Any]:
    """A planted bug: the file is written where it stands."""
    path = path.resolve()
    path.unlink(missing_ok=True)
    with files._born(path, mode) as file:  # type: ignore[arg-type]
        yield file


def tree(folder: Path) -> dict[str, bytes]:
    """Every file that is not derived, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != DERIVED
    }


class Play:
    """One command in copies of one project.

    Parameters
    ----------
    start : the project before the command.
    work : an empty place for copies.
    command : runs in the current folder.
    """

    def __init__(self, start: Path, work: Path, command: Callable[[], Any]) -> None:
        self.start, self.folder, self.command = start, work / "copy", command
        self.before = tree(start)
        with self._copy(), Faults(self.folder).installed() as good:
            command()
        self.log = good.log
        self.after = tree(self.folder)

    @contextmanager
    def _copy(self) -> Iterator[None]:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.start, self.folder)
        with chdir(self.folder):
            yield

    def killed(self, *hows: str) -> list[str]:
        """What was wrong after dying at each change in each way, and after running again; empty when nothing was."""
        return [
            trouble
            for how in hows
            for at, call in enumerate(self.log, start=1)
            if how != "torn" or call.startswith("write")
            for trouble in self._killed(at, how)
        ]

    def _killed(self, at: int, how: str) -> Iterator[str]:
        with self._copy():
            with Faults(self.folder, at, how).installed() as faults, suppress(Killed):
                self.command()
            if not faults.dead:
                return  # a folder that was to be made was there: nothing changed, and so nothing to die after
            where = f"{how} {faults.log[-1]}"
            left = tree(self.folder)
            for name in self.before.keys() | self.after.keys():
                if left.get(name) not in (self.before.get(name), self.after.get(name)):
                    yield f"{where}: {name} is torn or lost"
            # the process that left the temporaries would be dead, but it is this one
            with patch.object(files, "_is_alive", lambda pid: False):
                try:
                    self.command()
                except Exception as error:
                    yield f"{where}: running again fails: {error}"
                    return
            again = tree(self.folder)
            for name in again.keys() | self.after.keys():
                if again.get(name) != self.after.get(name):
                    yield f"{where}: {name} differs after running again"

    def starved(self, how: str, run: Callable[[], int]) -> Iterator[tuple[str, int, dict[str, bytes]]]:
        """(what failed, exit code, files afterwards) for every change that can fail in this way."""
        for at in range(1, len(self.log) + 1):
            with self._copy(), Faults(self.folder, at, how).installed() as faults:
                code = run()
            if faults.fired:
                yield self.log[at - 1], code, tree(self.folder)
