"""`python -m benchmarks [CASE...]`: measures, and prints a table; 1 when a target is missed."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
import time

from benchmarks.cases import CASES, Line
from benchmarks.measuring import OUT, Failed

HEAD = ("case", "alcli", "beside it", "ratio (pairs)", "CPU ratio", "target", "note")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"any of: {', '.join(CASES)}; all by default")
    chosen = parser.parse_args().case or list(CASES)
    if unknown := [name for name in chosen if name not in CASES]:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    if not hasattr(os, "sched_setaffinity"):
        print("the benchmarks need Linux: they hold each process to one core", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    started, load = time.monotonic(), os.getloadavg()[0]
    print(_where(), end="\n\n")
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD), flush=True)
    missed = failed = 0
    for name in chosen:
        try:
            for line in CASES[name]():
                print(_row(line), flush=True)
                missed += line.missed
        except (Failed, subprocess.CalledProcessError) as error:
            failed += 1
            print(f"{name}: {error}", file=sys.stderr)
    print(f"\n{time.monotonic() - started:.0f} s; load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end.")
    print("Every target is met." if not missed + failed else f"{missed} targets missed, {failed} cases failed.")
    return int(bool(missed + failed))


def _row(line: Line) -> str:
    ratio = "–" if line.ratio is None else f"{line.ratio:.2f}"
    if line.spread:
        ratio += f" ({line.spread[0]:.2f}–{line.spread[1]:.2f})"
    target = "" if line.target is None else f"≤ {line.target:g}" + (" **missed**" if line.missed else "")
    cpu = "–" if line.cpu is None else f"{line.cpu:.2f}"
    return "| " + " | ".join([line.case, line.ours, line.bare, ratio, cpu, target, line.note]) + " |"


def _where() -> str:
    names = ("numpy", "pyarrow", "pandas", "scikit-learn", "typer")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores; Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    sys.exit(main())
