"""How each kind of column becomes numbers.

A part is fitted with scikit-learn on a sample and keeps only what it learned, as arrays and plain
strings. So a bundle doesn't depend on how scikit-learn pickles its objects, travels through skops,
gives the same bytes in every process, and numbers are transformed without importing scikit-learn.

Every part offers `width`, `names()` and `state()` (what its fingerprint is made of).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import TableError
from alcli.features import arrow

if TYPE_CHECKING:
    import pyarrow as pa

#: A number beyond this is taken as missing, like infinity: its square would overflow.
HUGE = 1e100
MOST_CATEGORIES = 50


class Numbers:
    """Numeric columns: the median where missing, then mean 0 and deviation 1."""

    def __init__(self, columns: Sequence[str], arrays: Sequence[pa.Array]) -> None:
        from sklearn.impute import SimpleImputer
        from sklearn.preprocessing import StandardScaler

        matrix = np.stack([_tame(arrow.numbers(array)) for array in arrays], axis=1)
        imputer = SimpleImputer(strategy="median", keep_empty_features=True)
        scaler = StandardScaler().fit(imputer.fit_transform(matrix))
        self.columns = list(columns)
        self.medians = np.nan_to_num(np.asarray(imputer.statistics_, dtype=np.float64))
        self.means = np.asarray(scaler.mean_, dtype=np.float64)
        self.scales = np.asarray(scaler.scale_, dtype=np.float64)

    @property
    def width(self) -> int:
        return len(self.columns)

    def names(self) -> list[str]:
        return list(self.columns)

    def state(self) -> Iterator[bytes]:
        yield "\0".join(self.columns).encode()
        yield from (self.medians.tobytes(), self.means.tobytes(), self.scales.tobytes())

    def fill(self, out: NDArray[np.floating[Any]], cells: Sequence[NDArray[np.floating[Any]]]) -> None:
        """Write columns, NaN where missing, into the rows of `out`, shape (width, n); float32 is rounded at the end."""
        scratch = None if out.dtype == np.float64 else np.empty(out.shape[1])
        with np.errstate(all="ignore"):  # what overflows is missing, see `_tame`
            for j, values in enumerate(cells):
                line = out[j] if scratch is None else scratch
                self._fill_one(j, line, values)
                if scratch is not None:
                    out[j] = scratch

    def _fill_one(self, j: int, line: NDArray[np.float64], values: NDArray[np.floating[Any]]) -> None:
        # Without dtype, float32 input would be subtracted in float32.
        np.subtract(values, self.means[j], out=line, dtype=np.float64)
        line /= self.scales[j]
        # One product says whether all is well: NaN, infinity or a huge value spoils it.
        if not np.dot(line, line) < 1e60:
            tamed = _tame(values)
            line[:] = np.where(np.isnan(tamed), self.medians[j], tamed)
            line -= self.means[j]
            line /= self.scales[j]


def _tame(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Values in float64, NaN where missing, infinite or huge."""
    wide = values.astype(np.float64)
    wide[~(np.abs(wide) <= HUGE)] = np.nan
    return wide


class Vectors:
    """One column of embeddings: as they are; the sample's mean where missing."""

    def __init__(self, column: str, array: pa.Array) -> None:
        matrix = _tame(arrow.vectors(array))
        filled = ~np.isnan(matrix)
        total = np.where(filled, matrix, 0.0).sum(axis=0)
        self.column = column
        self.means = total / np.maximum(filled.sum(axis=0), 1)

    @property
    def width(self) -> int:
        return len(self.means)

    def names(self) -> list[str]:
        return [f"{self.column}[{i}]" for i in range(self.width)]

    def state(self) -> Iterator[bytes]:
        yield self.column.encode()
        yield self.means.tobytes()

    def raw(self, array: pa.Array) -> NDArray[np.floating[Any]]:
        """The vectors as they are stored, shape (n, width), NaN where missing."""
        raw = arrow.vectors(array)
        if raw.shape[1] != self.width:
            raise TableError(
                f"the vectors of column {self.column!r} have {raw.shape[1]} numbers here "
                f"and {self.width} where the model was trained",
                hint="one embedding model has to serve the whole pool; `alcli train` again if it changed",
                code="vector-length",
            )
        return raw

    def filled(self, raw: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Raw vectors in float64, shape (n, width), C-order, without gaps."""
        values = raw.astype(np.float64, order="C")
        flat = values.reshape(-1)
        with np.errstate(all="ignore"):
            well = np.dot(flat, flat) < 1e60
        if not well:
            values = _tame(values)
            missing = np.isnan(values)
            values[missing] = np.broadcast_to(self.means, values.shape)[missing]
        return values


class Categories:
    """One categorical column: a column of zeros and ones per value, rare ones together.

    Missing is a value of its own. A value that the sample didn't hold counts as a rare one, or as
    none at all when nothing was rare.
    """

    def __init__(self, column: str, array: pa.Array) -> None:
        from sklearn.preprocessing import OneHotEncoder

        # A Parquet boolean reads `true` where Python and spreadsheets write `True` or `TRUE`.
        texts = array.to_pylist()
        self.folded = {text.lower() for text in texts if text is not None} <= {"true", "false"}
        if self.folded:
            texts = [None if text is None else text.lower() for text in texts]
        cells = np.empty((len(array), 1), dtype=object)
        cells[:, 0] = texts
        encoder = OneHotEncoder(
            handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
        ).fit(cells)
        values = encoder.categories_[0]
        places = encoder.transform(values.reshape(-1, 1)).argmax(axis=1)
        rare = encoder.infrequent_categories_[0]
        self.column = column
        self.width = int(places.max()) + 1
        self.values = [str(value) for value in values if value is not None]
        self.places = np.array(
            [place for place, value in zip(places, values, strict=True) if value is not None], dtype=np.int64
        )
        # -1 stands for "no column at all".
        self.unknown = self.width - 1 if rare is not None and len(rare) else -1
        self.missing = next(
            (int(place) for place, value in zip(places, values, strict=True) if value is None), self.unknown
        )

    def names(self) -> list[str]:
        names = [f"{self.column}=" for _ in range(self.width)]
        for place, value in zip(self.places, self.values, strict=True):
            names[place] = f"{self.column}={value}"
        if self.unknown >= 0:
            names[self.unknown] = f"{self.column}=…"
        return names

    def state(self) -> Iterator[bytes]:
        yield repr((self.column, self.width, self.values, self.unknown, self.missing, self.folded)).encode(
            "utf-8", "surrogatepass"
        )
        yield self.places.tobytes()

    def codes(self, array: pa.Array) -> NDArray[np.int64]:
        """The column of each cell, shape (n,), -1 for none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = np.append(self.places, self.unknown)  # position -1 is the unknown one
        texts = array.cast(pa.string())
        found = pc.index_in(pc.utf8_lower(texts) if self.folded else texts, value_set=arrow.strings(self.values))
        codes: NDArray[np.int64] = table[arrow.integers(found, -1)]
        filled = arrow.valid(array)
        return codes if filled is None else np.where(filled, codes, self.missing)
