"""Rows given as examples: by their ids, or as a table of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from alcli.errors import TableError, listing
from alcli.tables.arrays import strings
from alcli.tables.delimited import read_records
from alcli.tables.formats import file_format
from alcli.tables.hashing import hash_ids
from alcli.tables.pool import Pool, Request, Rows

MOST = 10_000


def read_examples(
    path: Path, shown: str, pool: Pool, request: Request, *, seed: int, anywhere: bool = False
) -> tuple[Rows, int]:
    """The rows that a file names, in the order of the hash of their ids, and how many it names.

    A file of one column without the name of the pool's id column holds ids, one a line. A table that has
    the columns of `request` holds the rows themselves, which need not be in the pool; any other table
    has an id column, and its rows are taken from the pool.

    Parameters
    ----------
    request : the columns from which features are made; without any, rows are known by their ids only.
    seed : for which `MOST` rows are taken when there are more.
    anywhere : ids need not be in the pool, as a file of predictions or vectors knows them.

    Raises
    ------
    TableError
        ``unknown-id``, ``missing-column``, ``no-id-column``, or whatever is wrong with the table.
    """
    ids = _plain_ids(path, shown, pool.id_column)
    if ids is None:
        table = Pool.open([path])
        known = {column.name for column in table.columns}
        own = next((name for name in (pool.id_column, "id") if name in known), None)
        if own is not None and own != table.id_column:
            table = Pool.open([path], id_column=own)
        lacking = [name for name in request.columns if name not in known]
        count = _rows_of(table, shown)
        if request.columns and not lacking:
            return table.sample(MOST, request, seed, "examples"), count
        if own is None:
            raise TableError(
                f"the table has neither the id column {pool.id_column!r} nor the columns of the features: it lacks "
                + listing([repr(name) for name in lacking], 5)
                if lacking
                else f"the table has no id column {pool.id_column!r}",
                at=shown,
                hint="give ids of rows of the pool, one a line, or a table with the pool's columns",
                code="missing-column",
            )
        found = table.sample(MOST, Request(), seed, "examples").ids.to_pylist()
    else:
        found, count = ids, len(ids)
    if anywhere and not request.columns:
        return _by_hash(Rows(strings(found)), seed), count
    return _of_pool(found, shown, pool, request, seed), count


def _rows_of(table: Pool, shown: str) -> int:
    """How many rows a table of examples has; its ids are checked on the way."""
    try:
        return table.facts().rows
    except TableError as error:
        if error.code != "empty-pool":
            raise
        raise TableError("the file names no row", at=shown, code="empty-file") from None


def _plain_ids(path: Path, shown: str, id_column: str) -> list[str] | None:
    """The lines of a file of bare ids; None for a table."""
    if file_format(path, shown) != "delimited":
        return None
    read = read_records(path, shown=shown)
    if len(read.header) > 1 or {id_column, "id"} & set(read.header):
        return None
    return list(dict.fromkeys([*read.header, *(cells[0] for _, cells in read.rows if cells[0])]))


def _of_pool(ids: list[str], shown: str, pool: Pool, request: Request, seed: int) -> Rows:
    unknown = sorted(set(ids) - pool.known(ids))
    if unknown:
        raise TableError(
            f"{len(unknown):,} id{'s are' if len(unknown) > 1 else ' is'} not in the pool: "
            + listing([repr(name) for name in unknown], 5),
            at=shown,
            hint=f"ids are those of column {pool.id_column!r}; rows that are not in the pool need the pool's columns",
            code="unknown-id",
        )
    return _by_hash(pool.take(sorted(ids), request), seed)


def _by_hash(rows: Rows, seed: int) -> Rows:
    order = np.argsort(hash_ids(rows.ids, seed, "examples"), kind="stable")[:MOST]
    return rows.take(order)
