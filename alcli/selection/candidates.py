"""The best rows seen so far: kept while a pool streams by, merged when the workers are done.

What is kept depends on utilities and hashes of ids alone, so any split, order or number of workers
gives the same rows in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.rank import top
from alcli.tables.arrays import integers

if TYPE_CHECKING:
    import pyarrow as pa

    from alcli.tables.pool import Rows


@dataclass
class Kept:
    """Some rows in no particular order; position i of every field is the same row.

    Attributes
    ----------
    ids : the ids, as an Arrow array of text.
    key : (n,) what they are ranked by: the utility, or the utility with noise.
    utility : (n,) what the strategy says a row is worth.
    log_weight : (n,) logarithm of the weight it is drawn with; zeros where nothing is drawn.
    tie : (n,) uint64, a seeded hash of the id; the smaller one wins between equal keys.
    cells : the columns that were read anyway, by name.
    matrix : the rows of the feature matrix, dense or CSR; None when nobody asked for them.
    distinct : whether it is known that no two of the rows hold the same.
    """

    ids: pa.Array
    key: NDArray[np.float64]
    utility: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    tie: NDArray[np.uint64]
    cells: dict[str, pa.Array]
    matrix: Any = None
    distinct: bool = False

    def __len__(self) -> int:
        return len(self.key)

    def take(self, at: NDArray[np.intp]) -> Kept:
        """The rows at these positions, in this order."""
        return Kept(
            ids=self.ids.take(integers(at)),
            key=self.key[at],
            utility=self.utility[at],
            log_weight=self.log_weight[at],
            tie=self.tie[at],
            cells={name: cells.take(integers(at)) for name, cells in self.cells.items()},
            matrix=None if self.matrix is None else self.matrix[at],
        )


@dataclass
class Counted:
    """What a scan learned besides the rows it kept.

    Attributes
    ----------
    eligible : rows that could have been chosen.
    log_total : logarithm of the sum of their weights; -inf when there are none.
    """

    eligible: int = 0
    log_total: float = -np.inf

    def add(self, log_weight: NDArray[np.float64] | None, rows: int) -> None:
        """Count `rows` more rows; `log_weight` of shape (rows,) is theirs."""
        self.eligible += rows
        if log_weight is not None and len(log_weight):
            self.log_total = float(np.logaddexp(self.log_total, _log_sum(log_weight)))

    @classmethod
    def sum(cls, parts: Sequence[Counted]) -> Counted:
        """Over all workers. Sorted first: a sum must not depend on who was done when."""
        logs = np.sort([part.log_total for part in parts])
        total = _log_sum(logs) if len(logs) else -np.inf
        return cls(sum(part.eligible for part in parts), float(total))


def _log_sum(logs: NDArray[np.float64]) -> float:
    most = float(logs.max())
    if not np.isfinite(most):
        return most
    return most + float(np.log(np.exp(logs - most).sum()))


class Best:
    """Keeps the `most` best rows of a stream, by key, then by the smaller hash.

    Takes O(most) memory besides the batch at hand.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.floor = -np.inf
        self.kept: Kept | None = None

    def wanted(self, key: NDArray[np.float64], mask: NDArray[np.bool_] | None) -> NDArray[np.intp]:
        """Positions that could still be among the best."""
        hopeful = key >= self.floor
        if mask is not None:
            hopeful &= mask
        return np.flatnonzero(hopeful)

    def offer(self, new: Kept) -> None:
        """Take in what is good enough of `new`."""
        if len(new) == 0:
            return
        if len(new) > self.most:
            new = new.take(top(new.key, self.most, new.tie))
        if self.kept is None:
            merged = new
        else:
            merged = concat([self.kept, new])
            if len(merged) > self.most:
                merged = merged.take(top(merged.key, self.most, merged.tie))
        self.kept = merged
        if len(merged) >= self.most:
            self.floor = float(merged.key.min())


def merge(parts: Sequence[Kept | None], most: int) -> Kept | None:
    """The `most` best of all parts, best first; None when no part has a row."""
    filled = [part for part in parts if part is not None and len(part)]
    if not filled:
        return None
    together = concat(filled)
    return together.take(top(together.key, most, together.tie))


def concat(parts: Sequence[Kept]) -> Kept:
    """All rows of all parts. Columns of one name may differ in type between files."""
    if len(parts) == 1:
        return parts[0]
    import pyarrow as pa

    names = [name for name in parts[0].cells if all(name in part.cells for part in parts)]
    return Kept(
        ids=pa.concat_arrays([part.ids for part in parts]),
        key=np.concatenate([part.key for part in parts]),
        utility=np.concatenate([part.utility for part in parts]),
        log_weight=np.concatenate([part.log_weight for part in parts]),
        tie=np.concatenate([part.tie for part in parts]),
        cells={name: _one_type([part.cells[name] for part in parts]) for name in names},
        matrix=_stack([part.matrix for part in parts]),
    )


def _one_type(arrays: Sequence[pa.Array]) -> pa.Array:
    import pyarrow as pa

    kinds = {array.type for array in arrays}
    if len(kinds) > 1:
        wide = next((array.type for array in arrays if array.type == pa.float64()), arrays[0].type)
        arrays = [array.cast(wide) for array in arrays]
    return pa.concat_arrays(arrays)


def _stack(matrices: Sequence[Any]) -> Any:
    if matrices[0] is None:
        return None
    if isinstance(matrices[0], np.ndarray):
        return np.concatenate(matrices)
    from scipy.sparse import vstack

    return vstack(matrices, format="csr")


def keep(
    rows: Rows,
    at: NDArray[np.intp],
    key: NDArray[np.float64],
    utility: NDArray[np.float64],
    log_weight: NDArray[np.float64] | None,
    tie: NDArray[np.uint64],
    matrix: Any,
) -> Kept:
    """The rows at `at` of a batch. All arrays but `tie` are over the whole batch; `tie` is over `at`."""
    where = integers(at)
    return Kept(
        ids=rows.ids.take(where),
        key=key[at],
        utility=utility[at],
        log_weight=np.zeros(len(at)) if log_weight is None else log_weight[at],
        tie=tie,
        cells={name: cells.take(where) for name, cells in rows.columns.items()},
        matrix=None if matrix is None else matrix[at],
    )
