"""Predictions and vectors of another system, as the engine asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import Place, TableError, listing
from alcli.predictions.building import ids_at, stored
from alcli.predictions.cells import KINDS
from alcli.predictions.later import Later
from alcli.predictions.layout import Layout, id_column_of, lay_out
from alcli.predictions.opening import open_source
from alcli.predictions.source import Block, Source, TableSource
from alcli.predictions.store import Store
from alcli.predictions.summaries import coordinates, signals_of, vectors
from alcli.tables.arrays import booleans
from alcli.tables.fit import check_id_kind
from alcli.tables.rows import Rows

EXAMPLES = 5


@dataclass(frozen=True)
class Lookup:
    """Rows of a file, by id. Picklable: what it holds is where the store is.

    Attributes
    ----------
    what : what a row of the file is called in messages.
    id_column : of the file.
    """

    store: Store
    source: Source
    id_column: str
    what: str

    @property
    def shown(self) -> str:
        return self.source.shown

    @property
    def rows(self) -> int:
        return self.store.rows

    def find(self, ids: Any) -> NDArray[np.int64]:
        """The place of each of an Arrow array of ids in the file, from 0; -1 for one that is not there."""
        return self.store.find(ids)

    def names(self, places: Collection[int]) -> list[str]:
        """The ids at some places of the file. Reads it: for messages."""
        return [name for _, name in ids_at(self.source, self.id_column, set(places))]

    def taken(self, rows: Rows, names: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Some fields of some rows, (n, …) each.

        A batch straight from the pool may hold rows that cannot be chosen, and those need not be in
        the file: they come out as 0. Rows that were asked for one by one all have to be there.
        """
        places = self.find(rows.ids)
        absent = places < 0
        if absent.any() and rows.file < 0:
            raise missing(self, rows.ids.filter(booleans(absent)).to_pylist()[:EXAMPLES], int(absent.sum()))
        found = {}
        for name in names:
            values = self.store.take(name, np.maximum(places, 0))
            values[absent] = 0.0
            found[name] = values
        return found


def missing(file: Lookup, ids: Sequence[str], count: int, strange: Sequence[str] | None = None) -> TableError:
    """The refusal of rows that the file does not have.

    Parameters
    ----------
    ids, count : some of them, and how many there are.
    strange : ids of the file that the pool does not have; None where nobody looked.
    """
    hint = "labelled rows need one too where a strategy compares with them"
    if strange:
        hint = (
            f"the file has ids that the pool does not: {_named(strange, len(strange))}; did they change on their way?"
        )
    elif strange is not None:
        hint = "every row that may be chosen needs one; labelled rows and those that `--where` excludes do not"
    return TableError(
        f"{count:,} row{'s have' if count != 1 else ' has'} no {file.what}: {_named(ids, count)}",
        at=file.shown,
        hint=hint,
        code="missing-prediction",
    )


def unknown(file: Lookup, ids: Sequence[str], count: int, id_column: str) -> TableError:
    """The refusal of rows that the pool does not have."""
    return TableError(
        f"{count:,} id{'s are' if count != 1 else ' is'} not in the pool: {_named(ids, count)}",
        at=Place(file.shown, column=file.id_column),
        hint=f"ids are those of column {id_column!r} of the pool; leave other rows out of the file",
        code="unknown-id",
    )


def _named(ids: Sequence[str], count: int) -> str:
    more = f" and {count - len(ids):,} more" if count > len(ids) else ""
    return ", ".join(repr(name) for name in ids) + more


@dataclass(frozen=True)
class Predictions:
    """Signals from a predictions file: implements `selection.material.Brought`."""

    file: Lookup
    classes: tuple[str, ...]

    @property
    def has(self) -> frozenset[str]:
        return frozenset(self.file.store.fields)

    @property
    def members(self) -> int:
        """Passes of each row; 1 without a committee."""
        return self.file.store.fields["committee"][1][0] if "committee" in self.has else 1

    def signals(self, rows: Rows, names: Sequence[str]) -> dict[str, Any]:
        """The named signals: (n, c), (m, n, c) for `committee`, (n, 3) for summaries, (n, d) for gradients."""
        found = self.file.taken(rows, names)
        for name in ("proba", "committee"):
            if name in found:
                # of a row that is not in the file, and cannot be chosen, nothing is known
                empty = found[name].sum(axis=-1) == 0.0
                found[name][empty] = 1.0 / found[name].shape[-1]
        if "committee" in found:
            found["committee"] = np.ascontiguousarray(found["committee"].transpose(1, 0, 2))
        return found


@dataclass(frozen=True)
class Vectors:
    """Vectors from an embeddings file: implements `selection.material.Embeddings`."""

    file: Lookup

    def of(self, rows: Rows) -> NDArray[np.float32]:
        """(n, d)"""
        return self.file.taken(rows, ["embedding"])["embedding"]


def open_predictions(
    path: Path,
    shown: str,
    *,
    id_column: str,
    classes: Sequence[str],
    closed: bool,
    ignored: Collection[str],
) -> tuple[Source, Layout]:
    """Recognise a predictions file by its header alone; see `layout.lay_out`."""
    source = open_source(path, shown)
    lay = partial(
        lay_out,
        id_column=id_column,
        classes=tuple(classes),
        closed=closed,
        ignored=frozenset(ignored),
        shown=shown,
    )
    layout = lay(source.kinds)
    if source.open_ended:
        source.later = Later(source.kinds, lay, repr((id_column, tuple(classes), closed, sorted(ignored))))
    _check_ids(source, layout.id)
    return source, layout


def _check_ids(source: Source, id_column: str) -> None:
    if isinstance(source, TableSource):
        check_id_kind(id_column, (source.file,))


def _rules(source: Source) -> dict[str, str]:
    """What decides which columns of later rows are passed over."""
    return {} if source.later is None else {"rules": source.later.rules}


def read_predictions(source: Source, layout: Layout, cache: Path | None) -> Predictions:
    """All rows checked and stored.

    Raises
    ------
    TableError
        The first row that cannot be, with its id.
    """
    widths: dict[str, int] = {}

    def signals(block: Block) -> Mapping[str, NDArray[Any]]:
        if block.first == 0:
            widths.clear()
        return signals_of(block, layout, widths)

    note = {"classes": list(layout.classes), "layout": repr(layout)} | _rules(source)
    store = stored(
        source,
        id_column=layout.id,
        columns=layout.columns,
        member=layout.member,
        signals=signals,
        note=note,
        cache=cache,
        once="each pass of an id has one row"
        if layout.member
        else "several passes of a model are told apart by a column `member`",
    )
    return Predictions(Lookup(store, source, layout.id, "prediction"), layout.classes)


@dataclass(frozen=True)
class VectorLayout:
    """Where vectors stand: one list column, or a column a coordinate."""

    id: str
    columns: tuple[str, ...]
    listed: bool


def open_embeddings(path: Path, shown: str, *, id_column: str, ignored: Collection[str]) -> tuple[Source, VectorLayout]:
    """Recognise an embeddings file by its header alone.

    Raises
    ------
    TableError
        ``no-id-column``, ``no-vectors``.
    """
    source = open_source(path, shown)
    lay = partial(_vector_layout, id_column=id_column, ignored=frozenset(ignored), shown=shown)
    layout = lay(source.kinds)
    _check_ids(source, layout.id)
    if source.open_ended:
        source.later = Later(source.kinds, lay, repr((id_column, sorted(ignored))))
    return source, layout


def _vector_layout(kinds: Mapping[str, str], *, id_column: str, ignored: Collection[str], shown: str) -> VectorLayout:
    id_ = id_column_of(kinds, id_column, shown)
    lists = [name for name, kind in kinds.items() if kind == "list" and name != id_]
    if "embedding" in lists:
        lists = ["embedding"]
    if len(lists) == 1:
        return VectorLayout(id_, (lists[0],), True)
    if lists:
        raise TableError(
            f"{len(lists)} columns hold lists: {listing(lists)}",
            at=shown,
            hint="call the one that is meant `embedding`",
            code="no-vectors",
        )
    numbers = [name for name, kind in kinds.items() if kind == KINDS[0] and name != id_ and name not in ignored]
    if not numbers:
        raise TableError(
            "the file holds no vectors",
            at=shown,
            hint="a column `embedding` holds a list of numbers in each row, or each coordinate has a column",
            code="no-vectors",
        )
    return VectorLayout(id_, tuple(numbers), False)


def read_embeddings(source: Source, layout: VectorLayout, cache: Path | None) -> Vectors:
    """All vectors checked and stored as float32."""
    widths: dict[str, int] = {}

    def signals(block: Block) -> Mapping[str, NDArray[Any]]:
        if block.first == 0:
            widths.clear()
        if layout.listed:
            return {"embedding": vectors(block.cells(layout.columns[0], 1), layout.columns[0], widths)}
        return {"embedding": np.stack([coordinates(block.cells(name, 0), name) for name in layout.columns], axis=1)}

    store = stored(
        source,
        id_column=layout.id,
        columns=(layout.id, *layout.columns),
        member=None,
        signals=signals,
        note={"layout": repr(layout)} | _rules(source),
        cache=cache,
        once="each id has one vector",
    )
    return Vectors(Lookup(store, source, layout.id, "vector"))
