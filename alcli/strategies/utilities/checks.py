"""What every utility checks once, in one pass, before it computes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TOLERANCE = 1e-6
# Differences of entropies that should cancel leave some 1e-16 behind, which must not rank rows.
NOISE = 1e-12


def probabilities(proba: ArrayLike, what: str = "proba") -> NDArray[np.float64]:
    """`proba` as a float64 array of shape (n, c), without a copy where it already is one.

    Raises
    ------
    ValueError
        If it is not 2-D, has no column, or a row is negative, not a number, or does not sum to
        1 within 1e-6. The message names the first such row.
    """
    p = np.asarray(proba, dtype=np.float64)
    if p.ndim != 2 or p.shape[1] == 0:
        raise ValueError(f"{what} must have shape (n, c) with c >= 1, not {p.shape}")
    if len(p) == 0:
        return p
    sums = p.sum(axis=1)
    # Written so that a NaN fails it.
    if not (np.abs(sums - 1.0).max() <= TOLERANCE and p.min() >= 0.0):
        row = int(np.argmin((np.abs(sums - 1.0) <= TOLERANCE) & (p >= 0.0).all(axis=1)))
        raise ValueError(f"{what}, row {row}: {_fault(p[row])}")
    return p


def _fault(row: NDArray[np.float64]) -> str:
    if np.isnan(row).any():
        return "a probability is not a number"
    if (row < 0.0).any():
        return f"a probability is negative ({row.min():g})"
    return f"probabilities sum to {row.sum():.9g}, not 1"


def committee_of(committee: ArrayLike) -> NDArray[np.float64]:
    """`committee` as a float64 array of shape (m, n, c), each member's rows checked like `probabilities`."""
    members = np.asarray(committee, dtype=np.float64)
    if members.ndim != 3 or members.shape[0] == 0:
        raise ValueError(f"committee must have shape (m, n, c) with m >= 1, not {members.shape}")
    for number, member in enumerate(members):
        probabilities(member, f"committee, member {number}")
    return members


def settled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differences that cancel, exactly 0: what is below 1e-12 is rounding, and may be negative."""
    values[values < NOISE] = 0.0
    return values
