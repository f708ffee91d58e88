"""Hashes of ids, used as random numbers that belong to a row, and ids made of a row's content.

A random number drawn from a generator depends on where the row stands; a hash of its id does not.
So sampling, tie-breaking and every other random choice in alcli uses `hash_ids`, and the same rows
give the same batch however they are ordered or split.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

CHUNK_ROWS = 32_768  # temporaries of a chunk (some 1 MB) stay in the processor's cache
_GOLDEN = 0x9E3779B97F4A7C15  # splitmix64's constants, Steele, Lea, Flood (2014)
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB

# 26 letters of nearly equal frequency: 75 bits in 16 letters, and never a digit that a
# spreadsheet could read as a number.
_LETTERS = bytes(97 + value % 26 for value in range(256))


def hash_ids(ids: Any, seed: int = 0, purpose: str = "") -> Words:
    """64-bit hashes of texts, well mixed in all bits.

    Parameters
    ----------
    ids : pyarrow Array or ChunkedArray of string or large_string, length n
        The texts. A null hashes like an empty text.
    seed : any integer
    purpose : names the stream of random numbers: ``"tie"``, ``"sample"``, …; two purposes are
        independent of each other.

    Returns
    -------
    hashes : uint64 array of shape (n,)
        ``(hashes >> 11) * 2.0**-53`` is uniform on [0, 1). Depends on the text, the seed and the
        purpose only: not on slicing, chunking, the array's type or the machine's byte order.
    """
    import numpy as np
    import pyarrow as pa

    chunks = ids.chunks if isinstance(ids, pa.ChunkedArray) else [ids]
    key = int.from_bytes(blake2b(f"{purpose}\0{seed}".encode(), digest_size=8).digest(), "little")
    found = np.empty(sum(len(chunk) for chunk in chunks), np.uint64)
    done = 0
    for chunk in chunks:
        for start in range(0, len(chunk), CHUNK_ROWS):
            piece = chunk.slice(start, CHUNK_ROWS)
            found[done : done + len(piece)] = _hash_piece(piece, key)
            done += len(piece)
    return found


def _hash_piece(texts: Any, key: int) -> Words:
    """Eight bytes a step, over all rows that still have bytes left."""
    import numpy as np
    import pyarrow as pa

    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        raise ValueError(f"ids must be strings, not {texts.type}")
    if len(texts) == 0:
        return np.empty(0, np.uint64)
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    validity, offset_buffer, data = texts.buffers()
    offsets = np.frombuffer(offset_buffer, width)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    lengths = np.diff(offsets)
    if validity is not None and texts.null_count:
        lengths[~_valid(validity, texts.offset, len(texts))] = 0
    first, last = int(offsets[0]), int(offsets[-1])
    # Seven spare bytes: the last word of the last text may be read whole.
    content = np.zeros(last - first + 8, np.uint8)
    if data is not None and last > first:
        content[: last - first] = np.frombuffer(data, np.uint8)[first:last]
    at = offsets[:-1] - first

    with np.errstate(over="ignore"):
        hashes = lengths.astype(np.uint64) * np.uint64(_GOLDEN) ^ np.uint64(key)
        step, rows = 0, np.flatnonzero(lengths > 0)
        while rows.size:
            words = _words(content, at[rows] + step)
            left = lengths[rows] - step
            spare = ((8 - np.minimum(left, 8)) * 8).astype(np.uint64)
            words &= np.uint64(0xFFFFFFFFFFFFFFFF) >> spare
            # Each line is a bijection of the state: texts that differ in one word never meet here.
            state = (hashes[rows] ^ words) * np.uint64(_GOLDEN)
            hashes[rows] = state ^ (state >> np.uint64(29))
            step += 8
            rows = rows[left > 8]
        return avalanche(hashes + np.uint64(key))


def _words(content: NDArray[np.uint8], at: NDArray[np.int64]) -> Words:
    """The eight bytes at each position as one little-endian word."""
    import numpy as np

    # An unaligned view with a stride of one byte: one gather in place of eight.
    view: Words = np.ndarray((len(content) - 7,), "<u8", content.data, strides=(1,))
    return view[at].astype(np.uint64)


def avalanche(state: Words) -> Words:
    """splitmix64's finish: every bit of the state reaches every bit of the result."""
    import numpy as np

    state = (state ^ (state >> np.uint64(30))) * np.uint64(_MIX_1)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_MIX_2)
    return state ^ (state >> np.uint64(31))


def _valid(validity: Any, offset: int, length: int) -> NDArray[np.bool_]:
    """An arrow validity bitmap as booleans."""
    import numpy as np

    bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
    return bits[offset : offset + length].astype(np.bool_)


def content_id(cells: Sequence[str | None]) -> str:
    """An id made of a row's cells: 16 lowercase letters.

    Parameters
    ----------
    cells : the row's texts, None for a missing one. The caller puts them in one order (the pool
        sorts its columns by name), since the order counts.

    Notes
    -----
    75 bits: among a million different rows two share an id with probability 1e-11.

    Examples
    --------
    >>> content_id(["free entry", None])
    'zribfzfuyvpypslu'
    >>> content_id(["free", " entry"]) == content_id(["free ", "entry"])
    False
    """
    # The lengths stand first, so that no text can pretend to be the boundary between two cells.
    lengths = ",".join("-" if cell is None else str(len(cell.encode())) for cell in cells)
    return letters("\x1f".join((lengths, "".join(cell or "" for cell in cells))).encode())


def letters(content: bytes) -> str:
    """16 lowercase letters that stand for some bytes."""
    return blake2b(content, digest_size=16).digest().translate(_LETTERS).decode("ascii")
