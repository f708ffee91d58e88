"""What campaigns of one data set and seed are played on: pool, test set and their matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import TableError
from alcli.features.maker import SAMPLE, FeatureMaker, request_for
from alcli.selection.held import CONTENT, HeldMaker, HeldPool, contents
from alcli.steps.simulation.data import Data
from alcli.steps.simulation.splits import FIRST, OUT, POOL, TEST, Split
from alcli.tables.arrays import integers, strings
from alcli.tables.hashing import hash_ids
from alcli.tables.rows import Request, Rows

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Ground:
    """What decides a field, besides the data.

    Attributes
    ----------
    first : whether the rows that the split labels at the start are so; they are plain rows of the pool otherwise.
    keep : class -> share of its pool rows that are kept, for imbalance.
    price : column of what a label costs, or None.
    """

    split: Split
    seed: int
    first: bool = True
    keep: tuple[tuple[str, float], ...] = ()
    price: str | None = None


@dataclass
class Field:
    """A pool with known labels, and rows to measure on.

    Attributes
    ----------
    pool, maker : as the engine takes them.
    classes : of the data.
    codes : (n,) true classes of the pool's rows.
    first : ids of the rows that the split labels at the start; empty when the campaign chooses them.
    X_test, truth : matrix and labels of the m rows that are measured on.
    content : by which copies are known; None where the pool has none.
    """

    pool: HeldPool
    maker: HeldMaker
    classes: tuple[str, ...]
    codes: NDArray[np.int32]
    first: tuple[str, ...]
    X_test: Any
    truth: list[str]
    content: Request | None
    price: str | None = None

    def truth_of(self, ids: Sequence[str]) -> NDArray[np.int32]:
        """True classes of rows of the pool."""
        return self.codes[self.pool.places.of_texts(ids)]

    def costs_of(self, ids: Sequence[str]) -> list[float]:
        """What the labels of rows cost: 1 each without a column of costs."""
        if self.price is None:
            return [1.0] * len(ids)
        cells = self.pool.take(ids, Request(numbers=(self.price,))).columns[self.price].to_pylist()
        return [float("nan") if cell is None else float(cell) for cell in cells]

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """(c,) rows of each class in the pool."""
        return np.bincount(self.codes, minlength=len(self.classes))


def make_field(data: Data, ground: Ground, test: Data | None, folder: Path | None = None) -> Field:
    """Divide the data, fit the features on the pool, and make both matrices.

    Parameters
    ----------
    test : rows to measure on, where they are a file of their own.
    folder : where the pool's matrix is mapped from when it is large; None holds it in memory.

    Raises
    ------
    TableError
        If nothing is left to choose from or to measure on.
    """
    places = places_of(data, ground)
    if not ((places == POOL) | (places == FIRST)).any():
        raise TableError("no row is left to choose from", at=data.name, code="empty-pool")
    if test is None and not (places == TEST).any():
        raise TableError("no row is left to measure on", at=data.name, hint="`--test-share 0.4` or `--test FILE`")
    request = request_for(data.roles)
    more = (ground.price,) if ground.price else ()
    reader = _Reader(data, places)
    maker = FeatureMaker.fit(data.roles, reader.sample(request, ground.seed), seed=ground.seed)
    mine = np.flatnonzero((places == POOL) | (places == FIRST))
    ids = data.ids.take(integers(mine))
    store = _Store(len(mine), folder)
    keys, prices = [], []
    for rows in reader.batches((POOL, FIRST), request, more):
        store.add(maker.transform(rows))
        keys.append(contents([rows.columns[name] for name in request.columns]))
        prices += [rows.columns[name] for name in more]
    columns, content = _columns(keys, prices, request, ground.price)
    pool = HeldPool(ids, columns, data.pool.id_column)
    held = HeldMaker(maker, pool, store.matrix())
    measured, uses = (data, places) if test is None else (test, _apart(test, pool))
    parts = [maker.transform(rows) for rows in _Reader(measured, uses).batches((TEST,), request, ())]
    wanted = measured.codes[uses == TEST]
    return Field(
        pool=pool,
        maker=held,
        classes=data.classes,
        codes=data.codes[mine],
        first=tuple(data.ids.take(integers(np.flatnonzero(places == FIRST))).to_pylist()),
        X_test=_stacked(parts),
        truth=[measured.classes[code] for code in wanted.tolist()],
        content=content,
        price=ground.price,
    )


def places_of(data: Data, ground: Ground) -> NDArray[np.int8]:
    """(n,) what each row is for: the split, with rows of classes that are to be rare left out of the pool."""
    places = ground.split.places(data, ground.seed)
    if not ground.first:
        places[places == FIRST] = POOL
    for name, share in ground.keep:
        code = data.classes.index(name)
        rows = np.flatnonzero((data.codes == code) & (places != TEST))
        order = rows[np.argsort(hash_ids(data.ids.take(integers(rows)), ground.seed, "keep"), kind="stable")]
        places[order[max(1, round(share * len(rows))) :]] = OUT
    return places


def _apart(test: Data, pool: HeldPool) -> NDArray[np.int8]:
    """What rows of a test file are for: those that are in the pool too would be trained on, and are left out."""
    uses = np.full(len(test), TEST, np.int8)
    if not test.pool.generated_ids:
        uses[pool.places.of(test.ids) >= 0] = OUT
    if not (uses == TEST).any():
        raise TableError(
            "every row of the test file is in the data too, so nothing is left to measure on",
            at=test.name,
            hint="leave `--test` out: a share of the data is set aside then",
            code="tested-on-training",
        )
    return uses


class _Reader:
    """The labelled rows of a file that are for some use, batch by batch, in the order of the file."""

    def __init__(self, data: Data, places: NDArray[np.int8]) -> None:
        self.data, self.places = data, places

    def batches(self, uses: Sequence[int], request: Request, more: Sequence[str]) -> Iterator[Rows]:
        whole = Request(request.text, tuple(dict.fromkeys([*request.numbers, *more])), request.vectors)
        start = 0
        label = Request(text=(self.data.label,))
        for unit in self.data.pool.units():
            labels = self.data.pool.read(unit, label)
            for rows, other in zip(self.data.pool.read(unit, whole), labels, strict=True):
                cells = other.columns[self.data.label].to_pylist()
                filled = np.asarray([cell is not None and bool(cell.strip()) for cell in cells], np.bool_)
                here = np.full(len(rows), OUT, np.int8)
                stop = start + int(filled.sum())
                here[filled] = self.places[start:stop]
                start = stop
                at = np.flatnonzero(np.isin(here, uses))
                if len(at):
                    yield rows if len(at) == len(rows) else rows.take(at)

    def sample(self, request: Request, seed: int) -> Rows:
        """Rows of the pool for the features to be fitted on, as `Pool.sample` of a pool of them alone gives them."""
        mine = np.flatnonzero((self.places == POOL) | (self.places == FIRST))
        ids = self.data.ids.take(integers(mine))
        order = np.argsort(hash_ids(ids, seed, "sample"), kind="stable")[:SAMPLE]
        return self.data.pool.take(ids.take(integers(order)).to_pylist(), request)


#: A dense matrix of more cells is mapped from a file.
HELD_CELLS = 16_000_000


class _Store:
    """A matrix that grows by batches: in memory, or in a file when it is dense and large."""

    def __init__(self, rows: int, folder: Path | None) -> None:
        self.rows, self.folder = rows, folder
        self.parts: list[Any] = []
        self.whole: Any = None
        self.at = 0

    def add(self, part: Any) -> None:
        if not isinstance(part, np.ndarray):
            self.parts.append(part)
            return
        if self.whole is None:
            layout = "F" if part.flags.f_contiguous and not part.flags.c_contiguous else "C"
            shape = (self.rows, part.shape[1])
            if self.folder is not None and self.rows * part.shape[1] > HELD_CELLS:
                self.whole = np.lib.format.open_memmap(
                    self.folder / "X.npy", "w+", np.float64, shape, fortran_order=layout == "F"
                )
            else:
                self.whole = np.empty(shape, np.float64, order="F" if layout == "F" else "C")
        self.whole[self.at : self.at + len(part)] = part
        self.at += len(part)

    def matrix(self) -> Any:
        return self.whole if self.whole is not None else _stacked(self.parts)


def _stacked(parts: Sequence[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], np.ndarray):
        whole = np.concatenate(parts)
        return np.asfortranarray(whole) if parts[0].flags.f_contiguous else whole
    from scipy.sparse import vstack

    return vstack(parts, format="csr")


def _columns(
    keys: Sequence[NDArray[np.uint64]], prices: Sequence[pa.Array], request: Request, price: str | None
) -> tuple[dict[str, pa.Array], Request | None]:
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    if price is not None:
        columns[price] = pa.concat_arrays([each.cast(pa.float64()) for each in prices])
    whole = np.concatenate(keys)
    filled = whole[whole > 0]
    kinds, codes = np.unique(whole, return_inverse=True)
    if len(kinds) - (len(filled) < len(whole)) == len(filled):
        return columns, None  # no two rows hold the same
    if request.text:
        columns[CONTENT] = strings([None if key == 0 else str(code) for key, code in zip(whole, codes, strict=True)])
        return columns, Request(text=(CONTENT,))
    columns[CONTENT] = pa.array(codes.astype(np.float64), mask=whole == 0)
    return columns, Request(numbers=(CONTENT,))
