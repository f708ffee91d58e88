"""Every strategy of alcli alone, on one large pool and two cores: what it takes, and what it says beforehand."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from alcli.strategies.catalogue import everything
from alcli.strategies.kinds import Strategy
from alcli.strategies.resolve import selector_of, utility_of
from benchmarks.measuring import ALCLI
from benchmarks.strategies import pools, table
from benchmarks.strategies.processes import No, Side, Took

HEAD = ("strategy", "seconds", "peak memory", "what it said, or why it gave no answer")
CORES = 2
BATCH = 100


def measure(rows: int, names: Sequence[str], limit: float) -> tuple[list[list[str]], int]:
    """Print a row for each strategy; gives the rows, and how many strategies gave no answer in time."""
    known = everything()
    chosen = [known.strategy(name) for name in names] if names else list(known.strategies.values())
    folder, found, failed = pools.made(rows), [], 0
    print(f"{rows:,} rows, batch {BATCH}, {CORES} cores, at most {limit:g} s\n")
    print("\n".join(table.head(HEAD)), flush=True)
    for strategy in chosen:
        if strategy is None:
            raise SystemExit("no such strategy: `alcli strategies` lists all")
        answer = _side(strategy, folder, rows).run(limit, CORES)
        failed += isinstance(answer, No)
        found.append(_cells(strategy, answer))
        print(table.line(found[-1]), flush=True)
    return found, failed


def _side(strategy: Strategy, folder: Path, rows: int) -> Side:
    two = utility_of(strategy).binary or selector_of(strategy).binary
    template = pools.two_classes(rows) if two else folder / "project"
    words = ["--strategy", strategy.name, "--count", str(BATCH), "--json", *_flags(strategy, folder, rows)]
    copy = folder / f"work-{os.getpid()}"
    return Side(strategy.name, [*ALCLI, "query", *words], copy, whole=True, fresh=(template, copy))


def _flags(strategy: Strategy, folder: Path, rows: int) -> list[str]:
    """What its signals need on the command line."""
    found = []
    if "committee" in strategy.needs or "target" in strategy.needs:
        found += ["--model", "committee.joblib"]
    for signal, flag in (("liked", "--like"), ("unliked", "--unlike")):
        if signal in strategy.needs:
            found += [flag, str(_ids(folder, signal))]
    for signal in ("sequence", "regions"):
        if signal in strategy.needs:
            found += ["--predictions", str(pools.brought(signal, rows))]
    return found


def _ids(folder: Path, signal: str) -> Path:
    """A file of ten rows: those of the first class are liked, those of the second are not."""
    path, wanted = folder / f"{signal}.csv", "class-0" if signal == "liked" else "class-1"
    if not path.exists():
        lines = [line.split(",") for line in pools.LABELS.read_text(encoding="utf-8").splitlines()[1:]]
        some = [name for name, label in lines if label == wanted][:10]
        path.write_text("\n".join(["id", *some]) + "\n", encoding="utf-8")
    return path


def _cells(strategy: Strategy, answer: Took | No) -> list[str]:
    if isinstance(answer, No):
        return [f"`{strategy.name}`", "–", "–", answer.why.upper() if answer.seconds else answer.why]
    said = "; ".join(json.loads(answer.said).get("warnings", []))
    return [f"`{strategy.name}`", f"{answer.wall:.1f}", f"{answer.memory:,.0f} MB", said]
