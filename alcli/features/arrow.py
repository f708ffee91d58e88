"""Arrow arrays as numpy arrays, straight from their buffers.

`Array.to_numpy()` and `pa.array(list)` import pandas, 0.4 s that a query needn't pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def valid(array: pa.Array) -> NDArray[np.bool_] | None:
    """Which cells are filled, shape (n,), or None when all are."""
    if array.null_count == 0:
        return None
    bits = array.buffers()[0]
    if bits is None:  # the null type has no bitmap: everything is missing
        return np.zeros(len(array), dtype=bool)
    flags = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    return flags[array.offset : array.offset + len(array)].astype(bool)


def numbers(array: pa.Array) -> NDArray[np.floating[Any]]:
    """A float array as numpy, shape (n,); a view of the arrow buffer where no cell is missing.

    Missing cells are NaN.
    """
    if pa.types.is_null(array.type):
        return np.full(len(array), np.nan)
    if not (pa.types.is_float32(array.type) or pa.types.is_float64(array.type)):
        array = array.cast(pa.float64())
    kind = np.dtype(np.float32 if pa.types.is_float32(array.type) else np.float64)
    if len(array) == 0:
        return np.empty(0, dtype=kind)
    values = np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)
    filled = valid(array)
    return values if filled is None else np.where(filled, values, kind.type(np.nan))


def vectors(array: pa.Array) -> NDArray[np.floating[Any]]:
    """A fixed-size list array as a matrix, shape (n, k); missing lists are rows of NaN."""
    size = array.type.list_size
    # .values ignores the offset of a slice but keeps the slots of missing lists, which flatten() drops.
    inner = array.values.slice(array.offset * size, len(array) * size)
    matrix = numbers(inner).reshape(len(array), size)
    filled = valid(array)
    if filled is None:
        return matrix
    return np.where(filled[:, None], matrix, matrix.dtype.type(np.nan))


def integers(array: pa.Array, missing: int) -> NDArray[np.int32]:
    """An int32 array as numpy, with `missing` where there is no value."""
    if len(array) == 0:
        return np.empty(0, dtype=np.int32)
    values = np.frombuffer(array.buffers()[1], np.int32, len(array), array.offset * 4)
    filled = valid(array)
    return values if filled is None else np.where(filled, values, np.int32(missing))


def strings(texts: Sequence[str]) -> pa.Array:
    """Python strings as an arrow string array."""
    parts = [text.encode() for text in texts]
    offsets = np.zeros(len(parts) + 1, dtype=np.int32)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return pa.StringArray.from_buffers(len(parts), pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(parts)))
