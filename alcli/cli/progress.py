"""Progress on stderr: a bar on a terminal, one line a stage in a log, nothing for short work."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any

PATIENCE = 1.0  # seconds before anything is shown


class Quiet:
    """Without progress: only what a person must know now."""

    def begin(self, what: str, total: int | None, unit: str = "rows") -> None:
        """Not told."""

    def advance(self, done: int) -> None:
        """Not told."""

    def say(self, line: str) -> None:
        _say(line)

    def end(self) -> None:
        """Not told."""


class Lines:
    """One line when a stage has lasted `PATIENCE`, so that an hour's run does not look dead."""

    def __init__(self) -> None:
        self._timers: list[threading.Timer] = []  # one a stage: a stage may hold others

    def begin(self, what: str, total: int | None, unit: str = "rows") -> None:
        rows = f" ({total:,} {unit})" if total else ""
        self._timers.append(threading.Timer(PATIENCE, _say, [f"{what}{rows} …"]))
        self._timers[-1].daemon = True
        self._timers[-1].start()

    def advance(self, done: int) -> None:
        """A log gets no counter."""

    def say(self, line: str) -> None:
        _say(line)

    def end(self) -> None:
        if self._timers:
            self._timers.pop().cancel()


class Times:
    """With `--verbose`: one line at the end of each stage, with how long it took."""

    def __init__(self, stamped: bool) -> None:
        self._stamped = stamped
        self._stages: list[tuple[str, float]] = []

    def begin(self, what: str, total: int | None, unit: str = "rows") -> None:
        rows = f" ({total:,} {unit})" if total else ""
        self._stages.append((f"{what}{rows}", time.monotonic()))

    def advance(self, done: int) -> None:
        """The time says enough."""

    def say(self, line: str) -> None:
        _say(line)

    def end(self) -> None:
        what, begun = self._stages.pop()
        stamp = ""
        if self._stamped:
            from alcli.clock import now

            stamp = f"{now()} "
        _say(f"{stamp}{what}: {time.monotonic() - begun:.2f} s")


class Bar:
    """A bar with rows, rate and time left, drawn by rich once a stage has lasted `PATIENCE`."""

    def __init__(self, color: str = "auto") -> None:
        self._plain = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
        self._progress: Any = None
        self._task: Any = None
        self._begun = 0.0
        self._what = ""
        self._total: int | None = None
        self._done = 0

    def begin(self, what: str, total: int | None, unit: str = "rows") -> None:
        self._what, self._total, self._done, self._begun = what, total, 0, time.monotonic()

    def advance(self, done: int) -> None:
        self._done += done
        if self._progress is None and time.monotonic() - self._begun > PATIENCE:
            self._start()
        if self._progress is not None:
            self._progress.update(self._task, completed=self._done)

    def say(self, line: str) -> None:
        _say(line)

    def end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True, markup=False, highlight=False, no_color=self._plain, soft_wrap=True)
        # with NO_COLOR rich keeps bold and dim; empty styles leave nothing
        styles: dict[str, Any] = (
            {"style": "none", "complete_style": "none", "finished_style": "none", "pulse_style": "none"}
            if self._plain
            else {}
        )
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24, **styles),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task(self._what, total=self._total)
        self._progress.start()


def _say(line: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
