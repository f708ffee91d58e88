"""Rows picked out of a pool by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alcli.errors import TableError, listing
from alcli.tables.arrays import integers, mask, strings, values
from alcli.tables.hashing import hash_ids
from alcli.tables.rows import Request, Rows

if TYPE_CHECKING:
    from alcli.tables.pool import Pool


def smallest(pool: Pool, n: int, seed: int, purpose: str) -> list[str]:
    """The n ids with the smallest hash, sorted by (hash, id). Holds some 2 n of them at a time."""
    import numpy as np

    kept: list[tuple[int, str]] = []
    bound: int | None = None
    for unit in pool.units():
        for rows in pool.read(unit, Request()):
            hashes = hash_ids(rows.ids, seed, purpose)
            near = np.arange(len(hashes)) if bound is None else np.flatnonzero(hashes <= np.uint64(bound))
            if not near.size:
                continue
            kept += zip(hashes[near].tolist(), rows.ids.take(integers(near)).to_pylist(), strict=True)
            if len(kept) > 2 * n + 1024:
                kept = sorted(kept)[:n]
                bound = kept[-1][0] if kept else 0
    return [name for _, name in sorted(kept)[:n]]


def gather(pool: Pool, ids: list[str], request: Request) -> Rows:
    """The rows of `ids`, in this order; see `Pool.take`."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = list(dict.fromkeys(ids))
    table = strings(wanted)
    # First where they are, by the ids alone; then the columns of those row groups only.
    hits, left = [], len(wanted)
    for unit in pool.units(1) if wanted else []:
        count = sum(int(mask(pc.is_in(rows.ids, value_set=table)).sum()) for rows in pool.read(unit, Request()))
        if count:
            hits.append(unit)
            left -= count
            if left <= 0:
                break
    places, names = [], []
    parts: dict[str, list[Any]] = {name: [] for name in request.columns}
    for unit in hits:
        for rows in pool.read(unit, request, among=table):
            places.append(values(pc.index_in(rows.ids, value_set=table)).astype(np.int64))
            names.append(rows.ids)
            for name, array in rows.columns.items():
                parts[name].append(array)
    order = np.full(len(wanted), -1, np.int64)
    where = np.concatenate(places) if places else np.zeros(0, np.int64)
    order[where] = np.arange(len(where))
    if (order < 0).any():
        missing = [wanted[position] for position in np.flatnonzero(order < 0)]
        raise TableError(
            f"{len(missing)} id{'s are' if len(missing) != 1 else ' is'} not in the pool: "
            + listing([repr(name) for name in missing], most=5),
            at=pool.files[0].shown if len(pool.files) == 1 else None,
            code="unknown-id",
        )
    rank = dict(zip(wanted, order.tolist(), strict=True))
    final = integers(np.asarray([rank[name] for name in ids], np.int64))
    empty = {**dict.fromkeys(request.text, pa.string()), **dict.fromkeys(request.numbers, pa.float64())}
    columns = {}
    for name, arrays in parts.items():
        whole = _joined(arrays) if arrays else pa.nulls(0, empty.get(name, pa.list_(pa.float64(), 0)))
        columns[name] = whole.take(final)
    return Rows((pa.concat_arrays(names) if names else pa.nulls(0, pa.string())).take(final), columns)


def _joined(arrays: list[Any]) -> Any:
    """Arrays of one column as one; float32 of one file gives way to float64 of another."""
    import pyarrow as pa

    kinds = {array.type for array in arrays}
    if len(kinds) > 1:
        lists = [kind for kind in kinds if pa.types.is_fixed_size_list(kind)]
        width = max((kind.list_size for kind in lists), default=0)
        target = pa.list_(pa.float64(), width) if lists else pa.float64()
        arrays = [
            pa.nulls(len(array), target) if array.null_count == len(array) else array.cast(target) for array in arrays
        ]
    return pa.concat_arrays(arrays)
