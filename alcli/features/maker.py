"""The one transformer of a project: rows in, a matrix out.

It is fitted on a sample of the pool and never on labels, so it stays the same between rounds and
the matrices of a pool can be kept (see cache.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alcli.errors import TableError
from alcli.features import arrow
from alcli.features.parts import Categories, Numbers, Vectors
from alcli.features.texts import Texts
from alcli.tables.pool import Request

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from alcli.features.space import Space
    from alcli.tables.pool import Rows

SAMPLE = 20_000  # rows a maker should be fitted on
_PIECE = 500_000  # numbers in a piece of a matrix: 4 MB
#: Categories alone give a dense matrix up to this many columns.
DENSE_WIDTH = 256


def request_for(roles: Mapping[str, str]) -> Request:
    """Which columns features need, and as what.

    Names are sorted, so that the order of columns in a file changes nothing.

    >>> request_for({"b": "numeric", "a": "numeric", "t": "text", "x": "ignore"})
    Request(text=('t',), numbers=('a', 'b'), vectors=())
    """

    def named(*wanted: str) -> tuple[str, ...]:
        return tuple(sorted(column for column, role in roles.items() if role in wanted))

    return Request(text=named("text", "categorical"), numbers=named("numeric"), vectors=named("embedding"))


class FeatureMaker:
    """Turns rows into a matrix; made by `FeatureMaker.fit`.

    Attributes
    ----------
    request : the columns it reads.
    fingerprint : digest of all that was learned, equal in every process that learned the same.
    sparse : whether `transform` gives a CSR matrix.
    width : number of columns of the matrix.
    """

    def __init__(self, roles: Mapping[str, str], sample: Rows, seed: int) -> None:
        self.roles = {column: role for column, role in sorted(roles.items()) if role in _USED}
        if not self.roles:
            raise TableError(
                "no column of the pool can be learned from",
                hint="say what a column is: `--text`, `--numeric`, `--categorical` or `--embedding` COLUMN",
                code="no-features",
            )
        if len(sample) == 0:
            raise TableError("the pool has no rows to learn from", code="empty-pool")
        self.seed = seed
        arrays = sample.columns
        numeric = self._columns("numeric")
        self.numbers = Numbers(numeric, [arrays[name] for name in numeric]) if numeric else None
        self.vector_parts = [Vectors(name, arrays[name]) for name in self._columns("embedding")]
        self.categories = [Categories(name, arrays[name]) for name in self._columns("categorical")]
        text = self._columns("text")
        self.texts = [Texts(text, [arrays[name] for name in text])] if text else []
        self.sparse = bool(self.texts) or sum(part.width for part in self.categories) > DENSE_WIDTH
        self.width = sum(part.width for part in self._parts())
        self.fingerprint = self._digest()
        self._space = self._make_space(sample)

    @classmethod
    def fit(cls, roles: Mapping[str, str], sample: Rows, *, seed: int = 0) -> FeatureMaker:
        """Learn from a sample of the pool.

        Parameters
        ----------
        roles : column -> role; columns that are neither text, numeric, categorical nor embedding are
            passed over.
        sample : rows read with `request_for(roles)`, in an order that doesn't depend on the files
            (`Pool.sample` sorts by hash); 20,000 are enough.
        seed : for the projection behind `vectors`.

        Raises
        ------
        TableError
            `no-features` when no column can be learned from, `empty-pool` when there is no row.
        """
        return cls(roles, sample, seed)

    @property
    def request(self) -> Request:
        return request_for(self.roles)

    @property
    def names(self) -> list[str]:
        """A name for each column of the matrix."""
        return [name for part in self._parts() for name in part.names()]

    @property
    def has_text(self) -> bool:
        """Whether making a matrix is expensive enough to keep it."""
        return bool(self.texts)

    def transform(self, rows: Rows) -> NDArray[np.float64] | csr_matrix:
        """The matrix of these rows, float64, shape (n, width).

        Dense matrices are column-major (the transpose is C-contiguous) unless there are only
        embeddings: that is how the columns of a pool arrive, and matrix products don't mind.
        Sparse ones are CSR with sorted indices. A row's values don't depend on the rows beside it.
        """
        if not self.sparse:
            return self._dense(self._cells(rows), 0, len(rows))
        from scipy.sparse import csr_matrix, hstack

        blocks: list[Any] = []
        if self.numbers or self.vector_parts:
            plain = self._dense(self._cells(rows, categories=False), 0, len(rows))
            blocks.append(csr_matrix(np.ascontiguousarray(plain)))
        blocks += [_one_hot(part.codes(rows.columns[part.column]), part.width) for part in self.categories]
        for part in self.texts:
            blocks += part.matrices([rows.columns[name] for name in part.columns])
        matrix = csr_matrix(hstack(blocks, format="csr", dtype=np.float64))
        matrix.sort_indices()
        return matrix

    def pieces(self, rows: Rows, kind: type[np.floating[Any]] = np.float64) -> Iterator[tuple[int, Any]]:
        """What `transform` gives, some thousand rows at a time, so that it stays in the processor's cache.

        Parameters
        ----------
        kind : np.float32 rounds the matrix, where only points are made of it: they come out the same.

        Yields
        ------
        start : the row with which a piece begins.
        X : its matrix; a sparse one comes whole, and is never rounded.
        """
        if self.sparse:
            yield 0, self.transform(rows)
            return
        cells, step = self._cells(rows), max(256, _PIECE // max(1, self.width))
        for start in range(0, len(rows), step):
            yield start, self._dense(cells, start, min(start + step, len(rows)), kind)

    def vectors(self, X: NDArray[np.floating[Any]] | csr_matrix) -> NDArray[np.float32]:
        """Points for geometry made of a matrix from `transform`, float32 C-order, shape (n, k).

        Text is projected to at most 100 directions (truncated SVD of the sample's words) and brought
        to length 1; everything else stays as it is, within ±10,000 so that squares stay finite.
        """
        return self._space.points(X)

    def points_width(self, embedding: bool = False) -> int | None:
        """Columns of `vectors`, or of `embedding_only`; None where text makes that a matter of the sample."""
        if embedding and self.vector_parts:
            return sum(part.width for part in self.vector_parts)
        return None if self.texts else self.width

    def embedding_only(self, X: NDArray[np.floating[Any]] | csr_matrix) -> NDArray[np.float32]:
        """The embedding columns as points, shape (n, k); all of `vectors` when there are none."""
        if not self.vector_parts:
            return self.vectors(X)
        start = self.numbers.width if self.numbers else 0
        return self._space.plain(X, start, start + sum(part.width for part in self.vector_parts))

    def points_of(self, rows: Rows, X: NDArray[np.float64] | csr_matrix, embedding: bool) -> NDArray[np.float32]:
        """The points of rows whose matrix is X; `embedding_only` or all of `vectors`."""
        return self.embedding_only(X) if embedding else self.vectors(X)

    def _columns(self, role: str) -> list[str]:
        return [column for column, its in self.roles.items() if its == role]

    def _parts(self) -> Iterator[Numbers | Vectors | Categories | Texts]:
        """In the order of their columns in the matrix."""
        if self.numbers:
            yield self.numbers
        yield from self.vector_parts
        yield from self.categories
        yield from self.texts

    def _cells(self, rows: Rows, categories: bool = True) -> _Cells:
        get = rows.columns.__getitem__
        return _Cells(
            [arrow.numbers(get(name)) for name in self.numbers.columns] if self.numbers else [],
            [part.raw(get(part.column)) for part in self.vector_parts],
            [part.codes(get(part.column)) for part in self.categories] if categories else [],
        )

    def _dense(
        self, cells: _Cells, first: int, last: int, kind: type[np.floating[Any]] = np.float64
    ) -> NDArray[np.floating[Any]]:
        """Rows first..last of the matrix."""
        vectors = (part.filled(raw[first:last]) for part, raw in zip(self.vector_parts, cells.vectors, strict=True))
        if self.numbers is None and len(self.vector_parts) == 1 and not cells.codes:
            return next(vectors).astype(kind, copy=False)
        start = self.numbers.width if self.numbers else 0
        widths = [part.width for part in self.vector_parts]
        widths += [part.width for part in self.categories] if cells.codes else []
        out = np.empty((start + sum(widths), last - first), dtype=kind)
        if self.numbers:
            self.numbers.fill(out[:start], [values[first:last] for values in cells.numbers])
        for matrix in vectors:
            out[start : start + matrix.shape[1]] = matrix.T
            start += matrix.shape[1]
        for part, codes in zip(self.categories, cells.codes, strict=bool(cells.codes)):
            out[start : start + part.width] = codes[first:last] == np.arange(part.width)[:, None]
            start += part.width
        return out.T

    def _digest(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr((1, self.sparse, self.roles)).encode("utf-8", "surrogatepass"))
        for part in self._parts():
            for piece in (type(part).__name__.encode(), *part.state()):
                digest.update(len(piece).to_bytes(8, "little"))
                digest.update(piece)
        return digest.hexdigest()

    def _make_space(self, sample: Rows) -> Space:
        from alcli.features.space import SPACE_SAMPLE, Space

        start, spans = 0, []
        for part in self._parts():
            if isinstance(part, Texts):
                first, last = part.span
                spans.append((start + first, start + last))
            start += part.width
        width = sum(part.width for part in self._parts() if not isinstance(part, Texts))
        head = None
        if self.texts:
            first_rows = sample.take(np.arange(min(len(sample), SPACE_SAMPLE)))
            head = self.transform(first_rows)
        return Space(width, spans, head, self.seed)


class _Cells(NamedTuple):
    """The columns of some rows as arrays: numbers and vectors as stored, NaN where missing, and codes."""

    numbers: list[NDArray[np.floating[Any]]]
    vectors: list[NDArray[np.floating[Any]]]
    codes: list[NDArray[np.int64]]


_USED = ("text", "numeric", "categorical", "embedding")


def _one_hot(codes: NDArray[np.int64], width: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    known = codes >= 0
    ends = np.concatenate([[0], np.cumsum(known)])
    return csr_matrix((np.ones(int(ends[-1])), codes[known], ends), shape=(len(codes), width))
