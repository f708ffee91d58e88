"""Order from numbers: rounding, the n best, ranks, and random numbers made from hashes of ids.

Everything here depends on a row's own utility and on a hash of its id, never on where the row stands,
so that any split and any order of a pool gives the same batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# 30 bits of the mantissa: neighbours are 2**-30 = 9.3e-10 apart, relative to the value.
_BITS = 30


def round_utility(utility: ArrayLike) -> NDArray[np.float64]:
    """Utilities without the digits in which two machines or two block sizes may differ.

    Parameters
    ----------
    utility : array of shape (n,)

    Returns
    -------
    rounded : array of shape (n,)
        Each value to 30 bits of its mantissa, that is within 5e-10 of itself. -0.0 becomes 0.0.

    Raises
    ------
    ValueError
        If a value is infinite or not a number; the message names the row.

    Examples
    --------
    >>> a, b = round_utility([0.1 + 0.2, 0.3])
    >>> bool(a == b)
    True
    """
    values = finite(utility)
    mantissa, exponent = np.frexp(values)
    # A value that rounding up would push over the edge of float64 stays where it is.
    with np.errstate(over="ignore"):
        rounded = np.ldexp(np.round(mantissa * 2.0**_BITS), exponent - _BITS)
    return np.where(np.isfinite(rounded), rounded, values) + 0.0


def top(utility: ArrayLike, n: int, tie: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Positions of the n largest utilities, largest first.

    Parameters
    ----------
    utility : array of shape (m,)
        Larger is better.
    n : how many; all of them when there are no more than n.
    tie : array of shape (m,), uint64
        A seeded hash of each row's id: the smaller one wins between equal utilities.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Takes O(m) time but for sorting the winners.

    Raises
    ------
    ValueError
        If a utility is not a number, or the lengths differ.

    References
    ----------
    Selection before sorting is modAL's good habit; unlike there, the winners come in order.

    Examples
    --------
    >>> top([0.2, 0.9, 0.9, 0.1], 3, np.array([7, 5, 3, 1], dtype=np.uint64))
    array([2, 1, 0])
    """
    values = np.asarray(utility, dtype=np.float64)
    hashes = np.asarray(tie, dtype=np.uint64)
    if values.shape != hashes.shape or values.ndim != 1:
        raise ValueError(f"utility {values.shape} and tie {hashes.shape} must have the same length")
    if np.isnan(values).any():
        raise ValueError(f"utility, row {int(np.isnan(values).argmax())}: not a number")
    m = len(values)
    n = max(0, min(n, m))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    kept = np.arange(m)
    if n < m:
        least = np.partition(values, m - n)[m - n]
        above, level = np.flatnonzero(values > least), np.flatnonzero(values == least)
        still = n - len(above)
        if still < len(level):
            # Among equals too, choosing comes before sorting: all rows of a pool may be equal.
            last = np.partition(hashes[level], still - 1)[still - 1]
            sure, same = level[hashes[level] < last], level[hashes[level] == last]
            level = np.concatenate([sure, same[: still - len(sure)]])
        kept = np.concatenate([above, level])
    order = np.lexsort((kept, hashes[kept], -values[kept]))
    return kept[order]


def ranks(utility: ArrayLike, tie: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The rank of each row, 1.0 for the best; equals are told apart by the smaller hash.

    >>> ranks([0.2, 0.9, 0.5], np.array([1, 2, 3], dtype=np.uint64))
    array([3., 1., 2.])
    """
    order = top(utility, np.size(np.asarray(utility)), tie)
    placed = np.empty(len(order))
    placed[order] = np.arange(1, len(order) + 1)
    return placed


def uniform_from_hash(hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Uniform random numbers in [0, 1), one a hash.

    >>> uniform_from_hash(np.array([0, 2**63], dtype=np.uint64))
    array([0. , 0.5])
    """
    high = np.asarray(hashes, dtype=np.uint64) >> np.uint64(11)
    return high.astype(np.float64) * 2.0**-53


def gumbel_from_hash(hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Standard Gumbel noise, one number a hash, always finite (between -3.6 and 36.8).

    Parameters
    ----------
    hashes : array of shape (n,), uint64
        Well mixed; from a stream of its own, not the one that breaks ties.

    Returns
    -------
    noise : array of shape (n,)
        The n largest of ``log weight + noise`` are a draw without replacement in proportion to the
        weights, one row after the other.

    References
    ----------
    Efraimidis, Spirakis (2006). Weighted random sampling with a reservoir.
    Kool, van Hoof, Welling (2019). Stochastic beams and where to find them.

    Examples
    --------
    >>> gumbel_from_hash(np.array([0, 2**64 - 1], dtype=np.uint64)).round(2)
    array([-3.6 , 36.74])
    """
    # 52 bits and the middle of each step: with 53 the last one would round to 1 and give infinity.
    u = ((np.asarray(hashes, dtype=np.uint64) >> np.uint64(12)) + 0.5) * 2.0**-52
    noise: NDArray[np.float64] = -np.log(-np.log(u))
    return noise


def finite(values: ArrayLike, what: str = "utility") -> NDArray[np.float64]:
    """`values` as finite float64 of shape (n,), or a ValueError that names the row."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{what} must have shape (n,), not {array.shape}")
    fine = np.isfinite(array)
    if not fine.all():
        row = int(fine.argmin())
        raise ValueError(f"{what}, row {row}: {array[row]} is not a finite number")
    return array
