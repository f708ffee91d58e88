"""Runs one process on some cores under a time limit, and tells what it took or why there is no answer.

This module and those that use it import nothing heavy: on Linux a child's peak memory is never less than
its parent's was.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import OUT, environment

ROOM = 60.0  # seconds for set-up, beside the limit of the query itself
SLOW = 6.0  # seconds after which a process is not run again


@dataclass(frozen=True)
class Took:
    """One process that answered.

    Attributes
    ----------
    seconds : of the query alone, wall time; `wall` is the whole process's, `cpu` its processor time.
    memory : its peak, in MB (10^6 bytes).
    chosen : positions of the rows, in batch order.
    """

    seconds: float
    wall: float
    cpu: float
    memory: float
    chosen: tuple[int, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class No:
    """There is no answer, and why.

    Attributes
    ----------
    seconds : the query took more than these; None when it ended otherwise.
    ran : False when nobody asked.
    """

    why: str
    seconds: float | None = None
    ran: bool = True

    def __str__(self) -> str:
        return self.why


Answer = Took | No


@dataclass(frozen=True)
class Side:
    """One of those that are compared.

    Attributes
    ----------
    command : a program that prints the runners' JSON; with `whole` any program that ends with 0.
    fresh : a folder that is made anew from its template before each run.
    """

    name: str
    command: Sequence[str]
    folder: Path
    env: Mapping[str, str] | None = None
    whole: bool = False
    fresh: tuple[Path, Path] | None = None

    def run(self, limit: float, cores: int = 1) -> Answer:
        """Run it once; `limit` in seconds is for the query, or for all of a process measured as a whole."""
        if self.fresh is not None:
            import shutil

            template, copy = self.fresh
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(template, copy)
        return run(self.command, self.folder, limit, cores, whole=self.whole, env=self.env)


def run(
    command: Sequence[str],
    folder: Path,
    limit: float,
    cores: int = 1,
    *,
    whole: bool = False,
    env: Mapping[str, str] | None = None,
) -> Answer:
    """Run a process on the first `cores` cores that this one may use."""
    # each benchmark its own: two may run side by side
    printed, said = OUT / f"stdout-{os.getpid()}.txt", OUT / f"stderr-{os.getpid()}.txt"
    some = ",".join(map(str, sorted(os.sched_getaffinity(0))[:cores]))
    with printed.open("wb") as out, said.open("wb") as words:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["taskset", "-c", some, *command],
            cwd=folder,
            env=environment(env) if cores == 1 else _threads(environment(env), cores),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=words,
        )
        old = signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.setitimer(signal.ITIMER_REAL, limit + (0 if whole else ROOM))
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
    tail = said.read_text(errors="replace").strip()
    if code == -signal.SIGALRM or (code == -signal.SIGKILL and wall >= limit):
        return No(f"over {limit:g} s", limit)
    if code == -signal.SIGKILL:
        return No("ended by the system: out of memory")
    if code:
        return No(_last(tail) or f"ended with {code}")
    text = printed.read_text(errors="replace")
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6
    if whole:
        return Took(wall, wall, cpu, memory, (), text)
    told = json.loads(text.splitlines()[-1])
    if "failed" in told:
        return No(_short(told["failed"]))
    return Took(told["seconds"], wall, told["cpu"], memory, tuple(told["chosen"]))


def _threads(env: dict[str, str], cores: int) -> dict[str, str]:
    """Several cores: as a user has it, so nothing says how many threads there may be."""
    return {key: value for key, value in env.items() if not key.endswith("_NUM_THREADS")}


def _last(text: str) -> str:
    """The line that says what went wrong: a message of alcli's, else the last one of a traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("error")]
    return _short((told or lines or [""])[-1])


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:119] + "…"


def in_turn(sides: Sequence[Side], runs: int, limit: float) -> dict[str, list[Took] | No]:
    """Run all sides `runs` times, one after the other, so that a busy machine is busy for all of them.

    A side that took more than `SLOW` seconds, or gave no answer, is not run again.
    """
    found: dict[str, list[Took] | No] = {side.name: [] for side in sides}
    for _ in range(runs):
        for side in sides:
            took = found[side.name]
            if isinstance(took, No) or (took and took[-1].wall > SLOW):
                continue
            answer = side.run(limit)
            if isinstance(answer, No):
                found[side.name] = answer
            else:
                took.append(answer)
    return found


def median(runs: Sequence[Took], what: str) -> float:
    return statistics.median(getattr(run, what) for run in runs)
