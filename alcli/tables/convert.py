"""What a cell means: arrow arrays of any type as text, as numbers or as vectors.

One rule for every format, so that a table means the same as CSV and as Parquet. A missing cell is
an empty one or a Parquet null. Read as a number, the words in `MISSING_WORDS` and infinities are
missing too; read as text, `NA` is the text NA.
"""

from __future__ import annotations

from typing import Any

from alcli.tables.arrays import bits, booleans, integers, mask, strings, values

MISSING_WORDS = ("na", "n/a", "nan", "null", "none", "-")
LONGEST_VECTOR = 65_536


class BadCell(Exception):
    """A cell that does not mean what its column should; `position` counts in the array."""

    def __init__(self, position: int, value: str, why: str) -> None:
        super().__init__(position, value, why)
        self.position, self.value, self.why = position, value, why


def kind_of(kind: Any) -> str:
    """``text``, ``integer``, ``float``, ``boolean``, ``time``, ``vector`` or ``other`` for an arrow type."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return kind_of(kind.value_type)
    if types.is_null(kind) or is_text(kind):
        return "text"
    if types.is_integer(kind):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "float"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind):
        return "time"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind.value_type
        return "vector" if types.is_integer(inner) or types.is_floating(inner) else "other"
    return "other"


def is_text(kind: Any) -> bool:
    """Whether an arrow type is a string of any layout."""
    import pyarrow as pa

    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == getattr(pa, "string_view", pa.string)()
    )


def to_text(array: Any) -> Any:
    """The cells' one text form, as `pa.string()`; null where missing.

    Integers and decimals in decimal digits, floats in the shortest form that reads back (``1.0``),
    booleans ``true`` and ``false``, dates and times in ISO 8601 (in UTC with ``+00:00`` where the
    column has a zone), vectors as JSON.

    Raises
    ------
    pyarrow.ArrowException
        If the texts are not UTF-8.
    """
    import pyarrow as pa

    types, kind = pa.types, array.type
    if types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if is_text(kind):
        array.validate(full=True)
        return blanks_to_null(array if types.is_string(kind) else array.cast(pa.string()))
    if types.is_integer(kind) or types.is_boolean(kind) or types.is_decimal(kind):
        return array.cast(pa.string())
    if types.is_floating(kind):
        return _by_value(array, lambda value: repr(value.item()) if value.dtype.itemsize == 8 else str(value))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _vector_text(array)
    suffix = ""
    if types.is_timestamp(kind):
        suffix = "+00:00" if kind.tz else ""
        array = array.cast(pa.timestamp(kind.unit))
        if kind.unit == "ms":
            array = array.cast(pa.timestamp("us"))
    elif types.is_time(kind) and kind.unit == "ms":
        array = array.cast(pa.time64("us"))
    elif types.is_date(kind):
        array = array.cast(pa.date32())
    import pyarrow.compute as pc  # here, as plain text does without it: it takes long to import

    text = pc.replace_substring(array.cast(pa.string()), pattern=" ", replacement="T", max_replacements=1)
    text = pc.replace_substring_regex(text, pattern=r"\.0+$", replacement="")
    text = pc.replace_substring_regex(text, pattern=r"(\.\d{6})000$", replacement=r"\1")
    return pc.replace_substring_regex(text, pattern="$", replacement=suffix) if suffix else text


def blanks_to_null(text: Any) -> Any:
    """A `pa.string()` array with null in place of every empty text."""
    import numpy as np
    import pyarrow as pa

    if len(text) == 0:
        return text
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    empty = offsets[1:] == offsets[:-1]
    if not empty.any() or int(empty.sum()) == text.null_count:
        return text
    import pyarrow.compute as pc

    return pc.if_else(booleans(empty), pa.nulls(len(text), pa.string()), text)


def _by_value(array: Any, write: Any) -> Any:
    """Text for each value, written once for each different one; NaN is missing."""
    import numpy as np
    import pyarrow as pa

    found = values(array)
    different, which = np.unique(found, return_inverse=True)
    texts = strings([None if value != value else write(value) for value in different])
    text = texts.take(integers(which.reshape(-1)))
    if not array.null_count:
        return text
    import pyarrow.compute as pc

    return pc.if_else(pc.is_null(array), pa.nulls(len(array), pa.string()), text)


def _vector_text(array: Any) -> Any:
    import json

    return strings([None if cell is None else json.dumps(cell) for cell in array.to_pylist()])


def to_numbers(array: Any) -> Any:
    """Cells as numbers: float32 and float64 arrays as they are, everything else as float64.

    Null where missing. A Parquet column of floats is handed on untouched, so NaN and infinities in
    it stay: they count as missing, and whoever computes with them looks anyway.

    Raises
    ------
    BadCell
        A text that is no number.
    """
    import pyarrow as pa

    types, kind = pa.types, array.type
    if types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if types.is_float32(kind) or types.is_float64(kind):
        return array
    if types.is_null(kind):
        return pa.nulls(len(array), pa.float64())
    if is_text(kind):
        return _parsed(to_text(array))
    if types.is_boolean(kind):
        return array.cast(pa.uint8()).cast(pa.float64())
    if kind_of(kind) in ("integer", "float"):
        return array.cast(pa.float64(), safe=False)
    raise BadCell(0, f"<{kind}>", "is not a number")


def _parsed(text: Any) -> Any:
    """Numbers written as text."""
    import pyarrow as pa

    try:
        return finite(text.cast(pa.float64()))
    except pa.ArrowInvalid:
        pass  # spaces, words that mean missing, or a cell that is no number
    import pyarrow.compute as pc

    trimmed = blanks_to_null(pc.utf8_trim_whitespace(text))
    missing = pc.is_in(pc.utf8_lower(trimmed), value_set=strings(MISSING_WORDS))
    trimmed = pc.if_else(missing, pa.nulls(len(text), pa.string()), trimmed)
    try:
        return finite(trimmed.cast(pa.float64()))
    except pa.ArrowInvalid:
        position = _first_failure(trimmed)
        raise BadCell(position, text[position].as_py(), "is not a number") from None


def _first_failure(text: Any) -> int:
    """The first cell that does not cast to a number, by halving."""
    import pyarrow as pa

    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            text.slice(low, middle - low).cast(pa.float64())
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def finite(numbers: Any) -> Any:
    """Null in place of NaN and infinities."""
    import pyarrow as pa
    import pyarrow.compute as pc

    good = pc.is_finite(numbers)
    if mask(good).sum() == len(numbers) - numbers.null_count:
        return numbers
    return pc.if_else(good, numbers, pa.nulls(len(numbers), numbers.type))


def to_vectors(array: Any, width: int | None = None) -> Any:
    """Cells as vectors: a fixed-size list array of float32 or float64, null where missing.

    Parameters
    ----------
    array : lists of numbers, or texts that are JSON lists of numbers.
    width : how long every vector must be; None takes the first one's length.

    Raises
    ------
    BadCell
        A vector of another length, or a text that is no list of numbers.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    types = pa.types
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if types.is_null(array.type) or is_text(array.type):
        array = _parsed_lists(to_text(array))
    lengths = pc.list_value_length(array)
    sizes = values(lengths).astype(np.int64)
    present = mask(pc.is_valid(array))
    if width is None:
        width = int(sizes[present][0]) if present.any() else 0
    wrong = np.flatnonzero(present & (sizes != width))
    if wrong.size:
        first = int(wrong[0])
        raise BadCell(first, f"{sizes[first]} numbers", f"the vectors of this column have {width}")
    inner = array.type.value_type
    if not (types.is_float32(inner) or types.is_float64(inner)):
        inner = pa.float64()
    if present.all() and width > 0:
        return pa.FixedSizeListArray.from_arrays(array.flatten().cast(inner, safe=False), width)
    flat = np.full((len(array), width), np.nan, np.dtype(inner.to_pandas_dtype()))
    filled = array.filter(booleans(present)).flatten().cast(inner, safe=False)
    flat[present] = values(filled).reshape(int(present.sum()), width)
    numbers = pa.Array.from_buffers(inner, flat.size, [None, pa.py_buffer(flat)])
    return pa.Array.from_buffers(pa.list_(inner, width), len(array), [bits(present)], children=[numbers])


def _parsed_lists(text: Any) -> Any:
    """JSON lists of numbers as a list array of float64."""
    import pyarrow as pa
    import pyarrow.compute as pc

    shape = r"^\s*\[\s*[-+.\deE]+(\s*,\s*[-+.\deE]+)*\s*\]\s*$"
    fits = pc.match_substring_regex(text, pattern=shape)
    wrong = mask(pc.invert(fits))
    if wrong.any():
        position = int(wrong.argmax())
        value = text[position].as_py()
        raise BadCell(position, value if len(value) < 60 else value[:57] + "…", "is not a list of numbers")
    bare = pc.replace_substring_regex(text, pattern=r"[\[\]\s]", replacement="")
    parts = pc.split_pattern(bare, pattern=",")
    try:
        numbers = parts.flatten().cast(pa.float64())
    except pa.ArrowInvalid:
        for position, cell in enumerate(parts):
            try:
                if cell.is_valid:
                    cell.values.cast(pa.float64())
            except pa.ArrowInvalid:
                raise BadCell(position, text[position].as_py()[:60], "is not a list of numbers") from None
        raise
    filled = [parts.buffers()[0]] if parts.null_count else [None]
    return pa.Array.from_buffers(
        pa.list_(pa.float64()),
        len(parts),
        [filled[0], parts.buffers()[1]],
        null_count=parts.null_count,
        offset=parts.offset,
        children=[numbers],
    )
