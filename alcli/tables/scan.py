"""Work on all units of a pool, in parallel where there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from alcli.tables.pool import Pool
from alcli.tables.rows import Unit
from alcli.threads import one_thread

T = TypeVar("T")


def default_jobs() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def scan(pool: Pool, work: Callable[[Pool, Unit], T], jobs: int, processes: bool = False) -> list[T]:
    """Call `work` for every unit of the pool.

    Parameters
    ----------
    work : reads a unit and returns what it found; what it returns for a unit must not depend on any
        other unit. For `processes` it must be importable or picklable by cloudpickle.
    jobs : how many at a time; 1 runs in this thread.
    processes : loky workers in place of threads, for work that holds Python's lock.

    Returns
    -------
    list
        One result a unit, in the order of `Pool.units`, whatever `jobs` is. An `AlcliError` of a
        worker comes through as it is: that of the earliest unit among those that failed first.

    Notes
    -----
    While threads run, BLAS is held to one thread, so that `jobs` is what it says; in one thread
    too, because the number of BLAS threads may change the last bit of a product.
    """
    units = pool.units()
    jobs = max(1, min(jobs, len(units)))
    if jobs > 1 and processes:
        from joblib import Parallel, delayed

        # loky tells its workers itself to keep BLAS to one thread.
        found: list[T] = Parallel(n_jobs=jobs, backend="loky", inner_max_num_threads=1)(
            delayed(work)(pool, unit) for unit in units
        )
        return found
    with one_thread():
        if jobs == 1:
            return [work(pool, unit) for unit in units]
        from joblib import Parallel, delayed

        threaded: list[T] = Parallel(n_jobs=jobs, backend="threading")(delayed(work)(pool, unit) for unit in units)
    return threaded
