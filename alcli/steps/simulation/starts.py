"""Which rows are labelled at the start of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.steps.simulation.field import Field


def first_rows(field: Field, n: int, seed: int, stratified: bool) -> tuple[str, ...]:
    """Ids of the first n rows, by a seeded hash of the id: the same for every strategy.

    Parameters
    ----------
    stratified : each class has its share of them, and one at least as far as n reaches.
    """
    import numpy as np

    from alcli.tables.arrays import integers
    from alcli.tables.hashing import hash_ids

    order = np.argsort(hash_ids(field.pool.ids, seed, "start"), kind="stable")
    if stratified:
        wanted = shares(field.counts, n)
        codes = field.codes[order]
        rank = np.zeros(len(order), np.intp)
        for code in range(len(wanted)):
            mine = codes == code
            rank[mine] = np.arange(int(mine.sum()))
        order = order[rank < wanted[codes]]
    return tuple(field.pool.ids.take(integers(order[:n])).to_pylist())


def shares(counts: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """(c,) n rows divided among classes in proportion to their counts, by largest remainders.

    Every class has one at least, the largest classes first when n is less than the number of classes.

    >>> import numpy as np
    >>> shares(np.array([90, 9, 1]), 10).tolist(), shares(np.array([90, 9, 1]), 2).tolist()
    ([8, 1, 1], [1, 1, 0])
    """
    import numpy as np

    counts = np.asarray(counts, np.intp)
    n = min(n, int(counts.sum()))
    found = np.zeros(len(counts), np.intp)
    largest = np.argsort(-counts, kind="stable")
    found[largest[: min(n, int((counts > 0).sum()))]] = 1
    while (left := n - int(found.sum())) > 0:
        # the class that is farthest below its share, among those that have rows left
        lack = np.where(found < counts, counts * (n / counts.sum()) - found, -np.inf)
        take = np.argsort(-lack, kind="stable")[:left]
        found[take[lack[take] >= lack[take[0]] - 1e-12]] += 1
    return found
