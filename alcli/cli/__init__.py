"""The command line: one file per command, each parses, calls one step and shows its result.

`main` is the whole command line in process: tests and other programs call it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    from alcli.cli.running import run

    return run(list(sys.argv[1:] if argv is None else argv))


def entry() -> None:
    """What the console script calls."""
    import gc

    # imports make objects by the ten thousand and drop none: looking for garbage among them is idle
    gc.set_threshold(100_000, 20, 20)
    sys.exit(main())
