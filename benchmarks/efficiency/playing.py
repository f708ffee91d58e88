"""Campaigns of every strategy on one data set, by `alcli simulate`; what is finished is not played again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ALCLI = (sys.executable, "-c", "from alcli.cli import entry; entry()")
#: Signals that come from a file or a person, which a simulation does not have.
OUTSIDE = {"liked", "unliked", "sequence", "regions"}


def names() -> list[str]:
    """Every named strategy that needs nothing but a pool and a model."""
    told = subprocess.run([*ALCLI, "strategies", "--json"], capture_output=True, text=True, check=True)
    rows = json.loads(told.stdout)["data"]["strategies"]
    return [row["name"] for row in rows if not OUTSIDE & set(row["needs"].split(", "))]


def play(data: Path, out: Path, splits: Path, strategies: Sequence[str], repeats: int, flags: Sequence[str]) -> None:
    """Play the campaigns of `data` by protocol B into ``out/NAME.csv``, and go on where an earlier call was stopped.

    Raises
    ------
    subprocess.CalledProcessError
        When nothing could be played.
    """
    chosen = [text for name in strategies for text in ("-s", name)]
    argv = [*ALCLI, "simulate", str(data), "--protocol", "B", "--splits", str(splits), "--repeats", str(repeats)]
    argv += [*chosen, *flags, "-o", str(out / f"{data.stem}.csv"), "--resume", "--force", "-q", "--config", "none"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL)
    # 3: some strategies are not defined for this set, as those for two classes
    if done.returncode not in (0, 3):
        raise subprocess.CalledProcessError(done.returncode, argv)
