"""How crowded it is around a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points, between

# Distances of a block of rows to all rows: 2 million float64 are 16 MB.
_CELLS = 2_000_000


def typicality(space: ArrayLike, *, neighbours: int = 20) -> NDArray[np.float64]:
    """How near a row's nearest neighbours are: high in the thick of things, low for outliers.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, and neighbours are looked for among these rows only, so
        the value depends on the company a row is given in. Peak memory is O(n), never n x n.
    neighbours : how many neighbours are looked at; all others when there are fewer.

    Returns
    -------
    utility : array of shape (n,)
        ``1 / mean distance`` to the nearest neighbours, the row itself left out. A row with no
        neighbour at all gets 0; a row that coincides with all of them gets 1e150 in place of infinity.

    Raises
    ------
    ValueError
        If `space` is not 2-D or a coordinate is not finite; the message names the row. If
        `neighbours` is below 1.

    References
    ----------
    Hacohen, Dekel, Weinshall (2022). Active learning on a budget: opposite strategies suit high and
    low budgets. Their code adds 1e-5 to the distance, which changes the order on small scales; left out.

    Examples
    --------
    >>> typicality(np.array([[0.0], [1.0], [2.0], [12.0]]), neighbours=2).round(3)
    array([0.667, 1.   , 0.667, 0.095])
    """
    if neighbours < 1:
        raise ValueError(f"neighbours must be at least 1, not {neighbours}")
    points = as_points(space, "space")
    n, k = len(points), min(neighbours, len(points) - 1)
    if k < 1:
        return np.zeros(n)
    # Around the mean, what the matrix product cancels is smallest.
    centred = np.asarray(points, dtype=np.float64) - points.mean(axis=0, dtype=np.float64)
    norms = np.einsum("ij,ij->i", centred, centred)
    mean = np.empty(n)
    step = max(1, _CELLS // n)
    for start in range(0, n, step):
        rows = np.arange(start, min(start + step, n))
        rough = norms - 2.0 * (centred[rows] @ centred.T)
        rough[np.arange(len(rows)), rows] = np.inf
        near = np.argpartition(rough, k - 1, axis=1)[:, :k]
        # The product finds the neighbours; their distances are taken from differences, so copies are at 0.
        exact = between(points, np.repeat(rows, k), points, near.ravel()).reshape(len(rows), k)
        exact.sort(axis=1)
        mean[rows] = np.sqrt(exact).mean(axis=1)
    return 1.0 / np.maximum(mean, 1e-150)
