"""One thread for linear algebra: sums of several threads differ in their last digits from run to run.

Finding the libraries to hold takes milliseconds, as long as a small round of a simulation. So who plays thousands
of rounds holds them once around all, and what is inside finds them held.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Held:
    """How many blocks are open, what they hold, and how many modules there were when that was found."""

    blocks: int = 0
    limits: list[Any] = field(default_factory=list)
    modules: int = 0


_lock = threading.Lock()
_held = _Held()


@contextmanager
def one_thread() -> Iterator[None]:
    """A context in which every library that is loaded uses one thread; blocks may nest and overlap.

    A library that is loaded inside a block is not held by it, but by the next block inside: import before the
    block what it will use.

    Examples
    --------
    >>> with one_thread(), one_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    with _lock:
        if not _held.blocks or len(sys.modules) != _held.modules:
            _held.limits.append(threadpool_limits(limits=1))
            _held.modules = len(sys.modules)
        _held.blocks += 1
    try:
        yield
    finally:
        with _lock:
            _held.blocks -= 1
            while _held.limits and not _held.blocks:
                _held.limits.pop().restore_original_limits()
