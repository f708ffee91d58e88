"""Arrow arrays to and from plain values, without waking pandas.

`pa.array(list)`, `pa.scalar` and `Array.to_numpy` import pandas where it is installed, which costs
more than most commands do. What is here goes through the buffers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def strings(values: Sequence[str | None]) -> Any:
    """A `pa.string()` array (`pa.large_string()` past 2 GiB), None for missing."""
    import numpy as np
    import pyarrow as pa

    encoded = [b"" if value is None else value.encode() for value in values]
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value) for value in encoded], out=offsets[1:])
    kind, width = (pa.string(), np.int32) if offsets[-1] < 2**31 else (pa.large_string(), np.int64)
    present = bits([value is not None for value in values]) if None in values else None
    buffers = [present, pa.py_buffer(offsets.astype(width)), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(kind, len(values), buffers)


def repeated(value: str | None, times: int) -> Any:
    """One text for every row."""
    import numpy as np
    import pyarrow as pa

    return strings([value]).take(integers(np.zeros(times, np.int64))) if times else pa.nulls(0, pa.string())


def integers(values: NDArray[Any]) -> Any:
    """An int64 array over the same memory, for `take`."""
    import numpy as np
    import pyarrow as pa

    values = np.ascontiguousarray(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def bits(flags: Iterable[bool] | NDArray[np.bool_]) -> Any:
    """A validity bitmap."""
    import numpy as np
    import pyarrow as pa

    packed = np.packbits(np.asarray(flags, np.bool_), bitorder="little")
    return pa.py_buffer(packed.tobytes())


def booleans(flags: NDArray[np.bool_]) -> Any:
    """A `pa.bool_()` array, for `filter`."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, bits(flags)])


def mask(flags: Any) -> NDArray[np.bool_]:
    """An arrow boolean array as numpy's; null counts as False."""
    import numpy as np

    if len(flags) == 0:
        return np.zeros(0, np.bool_)
    validity, data = flags.buffers()
    unpacked = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    chosen: NDArray[np.bool_] = unpacked[flags.offset : flags.offset + len(flags)].astype(np.bool_)
    if validity is not None and flags.null_count:
        filled = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
        chosen &= filled[flags.offset : flags.offset + len(flags)].astype(np.bool_)
    return chosen


def values(numbers: Any) -> NDArray[Any]:
    """The values of a number array, over the same memory; what stands at a null is arbitrary."""
    import numpy as np

    kind = np.dtype(numbers.type.to_pandas_dtype())
    if len(numbers) == 0:
        return np.zeros(0, kind)
    found: NDArray[Any] = np.frombuffer(numbers.buffers()[1], kind, count=numbers.offset + len(numbers))
    return found[numbers.offset :]


def one(array: Any) -> Any:
    """A chunked array as one array."""
    import pyarrow as pa

    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return pa.concat_arrays(array.chunks) if array.num_chunks else pa.nulls(0, array.type)
