"""One thread for linear algebra: sums of several threads differ in their last digits from run to run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread(uses: str = "numpy") -> AbstractContextManager[Any]:
    """A context in which the libraries that a module loads use one thread each.

    Parameters
    ----------
    uses : the module whose functions are called inside; it is imported if it is not yet.

    Examples
    --------
    >>> with one_thread():
    ...     pass
    """
    found: AbstractContextManager[Any] = _controller(uses).limit(limits=1)
    return found


@cache
def _controller(uses: str) -> ThreadpoolController:
    # Looking for the libraries takes longer than a small batch; it finds those that are loaded.
    import_module(uses)
    return ThreadpoolController()
