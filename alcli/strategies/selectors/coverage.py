"""Batches that leave no part of the pool far from a labelled row: kcenter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.rank import finite
from alcli.strategies.selectors.farthest import farthest_first

Worth = ArrayLike | Callable[[Points], NDArray[np.float64]] | None


def kcenter(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Again and again the row that is farthest from all labelled and chosen rows.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used: coverage does not ask what a row is worth.
    labelled : array of shape (l, d), or None
        What is covered already. Without it the first centre is the row nearest to the mean.
    seed : not used: nothing is left to chance.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. Exactly what a pass over the pool for each labelled and each
        chosen row gives, in one or two on most data (see `farthest_first`). Peak memory is O(m) plus blocks.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the numbers of columns differ.

    References
    ----------
    Gonzalez (1985). Clustering to minimize the maximum intercluster distance.
    Sener, Savarese (2018). Active learning for convolutional neural networks: a core-set approach.
    They start without labelled rows at a random one.

    Examples
    --------
    >>> line = np.array([[0.0], [4.0], [5.0], [9.0], [10.0]])
    >>> kcenter(line, 3, labelled=np.array([[0.0]]))
    array([4, 2, 1])
    """
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    return farthest_first(rows, n, anchors)


def disparity_min(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Rows whose two nearest ones are as far from each other as can be.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Chosen already. Without it the first row is the one farthest from the mean.
    seed : not used: nothing is left to chance.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. A greedy step is the step of `kcenter`, and cannot be
        told from it but by the first row: at the edge here, in the middle there. O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the numbers of columns differ.

    References
    ----------
    Ravi, Rosenkrantz, Tayi (1994). Heuristic and special case algorithms for dispersion problems: the
    smallest distance is at least half of the best possible. Kothawade et al. (2022) for active learning.

    Examples
    --------
    >>> disparity_min(np.array([[0.0], [4.0], [5.0], [9.0], [11.0]]), 3)
    array([0, 4, 2])
    """
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    return farthest_first(rows, n, anchors, outermost=True)


def weights_of(utility: Worth, rows: Points) -> NDArray[np.float64] | None:
    """Utilities as weights of rows: checked, never below 0; None when all are alike or all are 0."""
    if utility is None:
        return None
    weights = finite(utility(rows) if callable(utility) else utility)
    if len(weights) != len(rows):
        raise ValueError(f"utility has {len(weights)} rows and points {len(rows)}")
    if len(weights) == 0 or weights.max() == weights.min():
        return None
    if weights.min() < 0.0:
        raise ValueError(f"utility, row {int(weights.argmin())}: below 0 and cannot be a weight")
    share: NDArray[np.float64] = weights / weights.max()
    return share
