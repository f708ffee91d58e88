"""The choice inside `alcli query`, timed: `python -m benchmarks.strategies.runners.ours PROJECT WARM JSON`.

The clock runs while `alcli.selection.playing.play` does: the model is open, the pool's footer is read, modules
are imported (the same query was played on the small project WARM), and nothing of the pool is in memory.
Reading the pool from Parquet, leaving out labelled rows, hashing ids and finding copies are inside.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

from alcli.errors import AlcliError
from alcli.selection import playing
from alcli.steps.query import query


def main(project: str, warm: str, told: str) -> None:
    """Query a project by the flags and the limit of `told`, and print what it took."""
    flags: dict[str, Any] = json.loads(told)
    limit = flags.pop("limit")
    play, took = playing.play, {}

    def timed(*args: Any, **more: Any) -> Any:
        signal.setitimer(signal.ITIMER_REAL, limit)
        wall, cpu = time.perf_counter(), time.process_time()
        found = play(*args, **more)
        took.update(seconds=time.perf_counter() - wall, cpu=time.process_time() - cpu)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return found

    playing.play = timed
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        for folder, more in ((warm, {"count": 5}), (project, {})):
            os.chdir(folder)  # where files that flags name are looked for
            ids = query(dry_run=True, **flags | more).ids
    except AlcliError as error:
        print(json.dumps({"failed": error.message}))
        return
    print(json.dumps({**took, "chosen": [int(name.rpartition("-")[2]) for name in ids]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
