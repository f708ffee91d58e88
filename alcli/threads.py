"""One thread for linear algebra: sums of several threads differ in their last digits from run to run.

Finding the libraries to hold takes milliseconds, as long as a small round of a simulation. So who plays thousands
of rounds holds them once around all, and what is inside finds them held.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_state: dict[str, Any] = {"holders": 0, "limits": None}


@contextmanager
def one_thread() -> Iterator[None]:
    """A context in which every library that is loaded uses one thread; blocks may nest and overlap.

    A library that is loaded inside the outermost block is not held: import first what it will use.

    Examples
    --------
    >>> with one_thread(), one_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    with _lock:
        if not _state["holders"]:
            _state["limits"] = threadpool_limits(limits=1)
        _state["holders"] += 1
    try:
        yield
    finally:
        with _lock:
            _state["holders"] -= 1
            if not _state["holders"]:
                limits, _state["limits"] = _state["limits"], None
                limits.restore_original_limits()
