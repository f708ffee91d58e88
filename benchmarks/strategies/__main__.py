"""`python -m benchmarks.strategies [CASE...]`: every strategy beside the libraries that have it; 1 when a target is missed."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from alcli.strategies.catalogue import everything
from benchmarks.measuring import ALCLI, OUT
from benchmarks.strategies import every, pools, table
from benchmarks.strategies.cases import CASES, MILLION, Case
from benchmarks.strategies.judging import Measured, Row, judged
from benchmarks.strategies.peers import PEERS, Missing
from benchmarks.strategies.processes import No, Side, in_turn

PAGE = pools.ROOT / "docs" / "benchmarks.md"
BATCH = 100


def main() -> int:
    told = _arguments()
    if not hasattr(os, "sched_setaffinity"):
        print("the benchmarks need Linux: they hold each process to one core", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    started, load = time.monotonic(), os.getloadavg()[0]
    if told.all_ours:
        rows, missed = every.measure(told.sizes[-1], told.case, told.limit)
        names, region, keys = every.HEAD, "all-ours", 1
    else:
        rows, missed = _beside(told)
        names, region, keys = table.HEAD, "strategies", 2
    end = f"{time.monotonic() - started:.0f} s; load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end."
    print(f"\n{end}\n" + ("Every target is met." if not missed else f"{missed} targets missed."))
    if told.write:
        today = f"On {datetime.datetime.now(datetime.UTC):%d %B %Y}, `{_command()}`: {_where()}. {end}"
        table.write(PAGE, region, today, names, rows, keys)
    return int(bool(missed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies", description=__doc__)
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"any of: {', '.join(CASES)}; all by default")
    parser.add_argument("--sizes", type=_sizes, default=None, help="rows of the pools (default 10k,100k,1m)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side; one where a run takes over 6 s")
    parser.add_argument("--limit", type=float, default=120, help="seconds after which a query is given up")
    parser.add_argument("--peers", default=",".join(PEERS), help="the libraries to run (default all)")
    parser.add_argument("--all-ours", action="store_true", help="each of alcli's strategies alone, on two cores")
    parser.add_argument("--write", action="store_true", help="put the rows into docs/benchmarks.md as well")
    told = parser.parse_args()
    told.sizes = told.sizes or ([MILLION] if told.all_ours else [10_000, 100_000, MILLION])
    told.peers = told.peers.split(",")
    if unknown := [name for name in told.case if name not in CASES and not told.all_ours]:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    if unknown := [name for name in told.peers if name and name not in PEERS]:
        parser.error(f"no such library: {', '.join(unknown)}; there are {', '.join(PEERS)}")
    return told


def _sizes(text: str) -> list[int]:
    """``10k,100k,1m`` as numbers, smallest first.

    >>> _sizes("1m,10k")
    [10000, 1000000]
    """
    units = {"k": 1_000, "m": MILLION}
    words = text.lower().split(",")
    return sorted(int(word[:-1]) * units[word[-1]] if word[-1:] in units else int(word) for word in words)


def _beside(told: argparse.Namespace) -> tuple[list[list[str]], int]:
    """Measure the cases, print their rows as they come, and count what was missed."""
    available = [name for name in told.peers if name and _installed(name)]
    known = everything()
    print(_where(), end="\n\n")
    print("\n".join(table.head()), flush=True)
    found, missed = [], 0
    for name in told.case or list(CASES):
        case = CASES[name]
        rows: list[Row] = []
        for size in told.sizes:
            print(f"{name}, {size:,} rows …", file=sys.stderr, flush=True)
            there = known.strategy(case.strategy) is not None
            rows.append(_row(case, size, available, rows, told.runs, told.limit, there))
        # What the largest pool showed may be said of a smaller one, so a case is printed as a whole.
        verdicts = judged(rows, told.limit)
        missed += sum(not each.met for each in verdicts)
        for row in rows:
            found.append(table.cells(row, [each for each in verdicts if each.rows == row.rows], told.limit))
            print(table.line(found[-1]), flush=True)
    return found, missed


def _row(
    case: Case, size: int, available: Sequence[str], before: Sequence[Row], runs: int, limit: float, there: bool
) -> Row:
    folder = pools.made(size)
    late = _before([(row.rows, row.query) for row in before])
    sides, skipped = [], {}
    if there and late is not None:
        skipped["query"] = skipped["whole"] = late
    elif there:
        sides = _ours(case, folder, limit)
    where = [str(folder), str(BATCH), f"{limit:g}"]
    for name in case.peers:
        late = _before([(row.rows, row.peers[name]) for row in before])
        if name not in available:
            skipped[name] = No("left out", ran=False)
        elif late is not None:
            skipped[name] = late
        else:
            sides.append(Side(name, PEERS[name].command(case.peers[name], *where), folder))
    if case.bare:
        module = "benchmarks.strategies.runners.bare"
        sides.append(Side("bare", [sys.executable, "-m", module, case.name, *where], pools.ROOT))
    took: dict[str, Measured] = {**skipped, **in_turn(sides, runs, limit)}
    no = No("not in `alcli strategies`")
    return Row(
        case,
        size,
        took.get("query", no),
        took.get("whole", no),
        {name: took[name] for name in case.peers},
        took.get("bare"),
    )


def _before(smaller: Sequence[tuple[int, Measured]]) -> No | None:
    """Why a size need not be run: a smaller one gave no answer, and more rows take no less."""
    for rows, took in smaller:
        if isinstance(took, No):
            return No(f"{took.why} at {rows:,} rows", took.seconds)
    return None


def _ours(case: Case, folder: Path, limit: float) -> list[Side]:
    """alcli's own two: the choice alone, and the command as a user types it, each in a fresh copy of the project."""
    fresh = (folder / "project", folder / f"work-{os.getpid()}")
    flags = {"strategy": case.strategy, "count": BATCH, **case.flags}
    if case.committee:
        flags["model"] = "committee.joblib"
    words = [word for key, value in flags.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    warm = pools.made(pools.WARM) / "project"
    module = "benchmarks.strategies.runners.ours"
    told = json.dumps({**flags, "limit": limit})
    timed = [sys.executable, "-m", module, str(folder / f"work-{os.getpid()}"), str(warm), told]
    return [
        Side("query", timed, pools.ROOT, fresh=fresh),
        Side("whole", [*ALCLI, "query", *words, "--json"], folder / f"work-{os.getpid()}", whole=True, fresh=fresh),
    ]


def _installed(name: str) -> bool:
    try:
        PEERS[name].interpreter()
    except Missing as why:
        print(f"{name} is left out: {why}", file=sys.stderr)
        return False
    return True


def _where() -> str:
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pyarrow", "scikit-learn")]
    python = f"Python {platform.python_version()}"
    return f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores; {python}, {', '.join(versions)}"


def _command() -> str:
    return " ".join(["python -m benchmarks.strategies", *(word for word in sys.argv[1:] if word != "--write")])


if __name__ == "__main__":
    sys.exit(main())
