"""FALCUN: rows drawn by uncertainty and by distance among the predicted probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.rank import finite
from alcli.strategies.selectors.coverage import Worth

# Numbers that stay in the processor's cache while a block is worked on.
_CELLS = 60_000


def falcun(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    gamma: float = 10.0,
) -> NDArray[np.intp]:
    """Draw rows one by one, by a power of utility plus distance to the rows drawn before.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's; in the paper their class probabilities.
    n : rows to choose.
    utility : array of shape (m,), never below 0, or a function of points that gives one, or None
        u, between 0 and 1; divided by the largest when that is above 1. The paper takes margin.
    labelled : not used: only rows of the batch are kept apart.
    seed : of the draws.
    gamma : the power; 0 draws uniformly, and the larger it is, the surer the best row comes.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of drawing, row x with probability in proportion to ``(u + D)^gamma``. D starts
        as u; after each draw it becomes the smaller of itself and the Manhattan distance to the row drawn,
        and is then stretched to lie between 0 and 1. When only rows of no weight are left, the lower
        position comes first. n passes over the points and O(m) memory beside them.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, a utility is negative, or `gamma` is.

    References
    ----------
    Gilhuber, Beer, Ma, Seidl (2024). FALCUN: a simple and efficient deep active learning strategy.

    Examples
    --------
    >>> p = np.array([[0.5, 0.5], [1.0, 0.0], [1.0, 0.0]])
    >>> falcun(p, 1, utility=np.array([1.0, 0.0, 0.0]))
    array([0])
    """
    if not gamma >= 0.0:
        raise ValueError(f"gamma must be 0 or more, not {gamma}")
    rows = as_points(points)
    as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    worth = _between(utility, rows)
    if n == 0:
        return np.empty(0, dtype=np.intp)
    # Coordinate by coordinate: then each block of a column is read in one go.
    columns = np.ascontiguousarray(rows.T)
    random = np.random.default_rng(seed)
    apart = worth.copy()
    free = np.ones(len(rows), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < n:
        if chosen:
            _approach(columns, apart, chosen[-1])
        pick = _draw(worth + apart, free, gamma, float(random.random()))
        chosen.append(pick)
        free[pick] = False
    return np.asarray(chosen, dtype=np.intp)


def _between(utility: Worth, rows: Points) -> NDArray[np.float64]:
    if utility is None:
        return np.ones(len(rows))
    worth = finite(utility(rows) if callable(utility) else utility)
    if len(worth) != len(rows):
        raise ValueError(f"utility has {len(worth)} rows and points {len(rows)}")
    if worth.min(initial=0.0) < 0.0:
        raise ValueError(f"utility, row {int(worth.argmin())}: below 0 and cannot be a weight")
    return worth / max(1.0, float(worth.max(initial=0.0)))


def _approach(columns: Points, apart: NDArray[np.float64], row: int) -> None:
    """Lower `apart` by the distance to one more row, then stretch it to between 0 and 1."""
    width, m = columns.shape
    step = max(256, _CELLS // 4)
    lowest, highest = np.inf, -np.inf
    for start in range(0, m, step):
        stop = min(start + step, m)
        away = np.zeros(stop - start)
        for column in range(width):
            away += np.abs(columns[column, start:stop] - columns[column, row])
        here = apart[start:stop]
        np.minimum(here, away, out=here)
        lowest, highest = min(lowest, float(here.min())), max(highest, float(here.max()))
    apart -= lowest
    if highest > lowest:
        apart /= highest - lowest


def _draw(weights: NDArray[np.float64], free: NDArray[np.bool_], gamma: float, u: float) -> int:
    """A free position by weight, u uniform in [0, 1); the first free one when no weight is left."""
    weights[~free] = 0.0
    largest = float(weights.max())
    if largest <= 0.0:
        return int(free.argmax())
    weights /= largest
    steps = np.cumsum(_power(weights, gamma) * free)
    pick = int(np.searchsorted(steps, u * steps[-1], side="right"))
    return pick if pick < len(steps) and free[pick] else int(np.flatnonzero(np.diff(steps, prepend=0.0))[-1])


def _power(base: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """base ** gamma; whole powers by squaring, many times faster than by logarithms."""
    if gamma != int(gamma) or gamma > 64:
        raised: NDArray[np.float64] = base**gamma
        return raised
    out, square, left = np.ones_like(base), base.copy(), int(gamma)
    while left:
        if left & 1:
            out *= square
        left >>= 1
        if left:
            square *= square
    return out
