"""Runs whole processes side by side, and tells what they took."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
BARE = HERE / "bare"
ALCLI = [str(Path(sys.executable).with_name("alcli"))]
ENOUGH = 600.0  # seconds after which a process is given up


class Failed(Exception):
    """A measured process did not end as it should; the message says which and how."""


@dataclass(frozen=True)
class Run:
    """One process: seconds of wall and processor time, peak memory in MB (10^6 bytes), what it printed."""

    wall: float
    cpu: float
    memory: float
    printed: str


@dataclass(frozen=True)
class Side:
    """A process to be run again and again.

    Attributes
    ----------
    command : program and arguments.
    before : puts things back as they were; not measured.
    codes : exit codes that are fine.
    """

    name: str
    command: Sequence[str]
    folder: Path = OUT
    before: Callable[[], None] = lambda: None
    codes: tuple[int, ...] = (0,)
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, cores: int = 1) -> Run:
        self.before()
        return run(self.command, self.folder, cores, self.codes, self.env)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without settings of alcli's, with one thread for each library that has threads."""
    # Without bytecode on disk every start would compile alcli again, which no user's does.
    unwanted = ("OPENBLAS_CORETYPE", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ALCLI_", *unwanted))}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **one, "NO_COLOR": "1", **(more or {})}


def run(
    command: Sequence[str],
    folder: Path = OUT,
    cores: int = 1,
    codes: tuple[int, ...] = (0,),
    env: Mapping[str, str] | None = None,
) -> Run:
    """Run one process on the first `cores` cores that this one may use.

    Raises
    ------
    Failed
        If it ends with a code that is not among `codes`, or does not end.
    """
    printed, said = OUT / "stdout.txt", OUT / "stderr.txt"
    some = sorted(os.sched_getaffinity(0))[:cores]
    with printed.open("wb") as out, said.open("wb") as words:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["taskset", "-c", ",".join(map(str, some)), *command],
            cwd=folder,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=words,
        )
        old = signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.setitimer(signal.ITIMER_REAL, ENOUGH)
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
        wall = time.perf_counter() - started
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        tail = said.read_text(errors="replace").strip()[-1500:]
        raise Failed(f"{' '.join(command)[:300]}\nended with {code}\n{tail}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6, printed.read_text(errors="replace"))


@dataclass(frozen=True)
class Beside:
    """Two sides measured in turn: their runs, pair by pair."""

    ours: Sequence[Run]
    bare: Sequence[Run]

    def ratios(self, what: str) -> list[float]:
        return [getattr(a, what) / getattr(b, what) for a, b in zip(self.ours, self.bare, strict=True)]

    def ratio(self, what: str) -> float:
        """Median over median."""
        return median(self.ours, what) / median(self.bare, what)


def beside(ours: Side, bare: Side, times: int) -> Beside:
    """`times` pairs of runs, in turn, after one of each that does not count (it warms the disk's cache)."""
    ours.run(), bare.run()
    pairs = []
    for number in range(times):
        # The first of a pair finds a cooler machine; each side is it in turn.
        if number % 2:
            second = bare.run()
            pairs.append((ours.run(), second))
        else:
            first = ours.run()
            pairs.append((first, bare.run()))
    return Beside([pair[0] for pair in pairs], [pair[1] for pair in pairs])


def median(runs: Sequence[Run], what: str) -> float:
    return statistics.median(getattr(run, what) for run in runs)


def most(runs: Sequence[Run], what: str) -> float:
    return max(getattr(run, what) for run in runs)
