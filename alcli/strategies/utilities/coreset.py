"""Chances by which a small sample stands for the pool in k-means: lightweight_coreset."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points, blocks, mean_of, to_one

#: What the rows are scored with: the pool's mean, and the mean squared distance to it.
Learned = tuple[NDArray[np.float64], float]


def learn_mean(reference: ArrayLike, *, seed: int = 0) -> Learned:
    """The mean of rows drawn from the pool, and their mean squared distance to it."""
    rows = as_points(reference, "reference")
    middle = mean_of(rows)
    total = sum(float(to_one(rows[a:b], middle).sum()) for a, b in blocks(*rows.shape))
    spread = total / max(1, len(rows))
    # Equal rows differ from their mean by rounding, which is no distance.
    rounding = 1e-12 * float(np.abs(middle).max(initial=0.0))
    return middle, spread if spread > rounding * rounding else 0.0


def lightweight_coreset(space: ArrayLike, learned: Learned) -> NDArray[np.float64]:
    """How often a row should be drawn: half for all alike, half by squared distance to the mean.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    learned : what `learn_mean` found: the pool's mean, and the mean squared distance to it.

    Returns
    -------
    utility : array of shape (n,)
        ``|U| q(x) = 1/2 + d(x, mean)² / (2 mean d²)``: 0.5 in the middle of the pool and 1 on average. To
        be drawn in proportion (`sample`), without replacement.

    Raises
    ------
    ValueError
        If `space` has another shape or width, or a coordinate is not finite; the message names the row.

    References
    ----------
    Bachem, Lucic, Krause (2018). Scalable k-means clustering via lightweight coresets.

    Examples
    --------
    >>> pool = np.array([[0.0], [2.0], [4.0]])
    >>> lightweight_coreset(pool, learn_mean(pool))
    array([1.25, 0.5 , 1.25])
    """
    rows = as_points(space, "space")
    middle, spread = learned
    if rows.shape[1] != len(middle):
        raise ValueError(f"space must have shape (n, {len(middle)}), not {rows.shape}")
    if spread == 0.0:
        return np.ones(len(rows))
    return 0.5 + to_one(rows, middle) / spread * 0.5
