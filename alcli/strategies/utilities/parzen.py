"""Epistemic uncertainty from labels near by: counts in a Parzen window."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points

Array = NDArray[np.float64]

# Distances at a time: 4 MB.
_CELLS = 500_000


def epistemic_parzen(space: ArrayLike, labelled: ArrayLike, labels: ArrayLike, *, width: float = 1.0) -> Array:
    """How plausible both classes are for a row, given the labels around it.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    labelled : array of shape (l, d)
    labels : array of shape (l,), class numbers 0 and 1
    width : of the window: a labelled row at distance r counts ``exp(-r^2 / (width d v))``, v being the variance of
        all coordinates of the labelled rows; at 1 as scikit-learn's ``gamma="scale"``.

    Returns
    -------
    utility : array of shape (n,)
        ``min(pi_0, pi_1)``, between 0 and 1, where n_0 and n_1 are the counts of the two classes and
        ``pi_1 = sup_q min(q^n_1 (1 - q)^n_0 / its maximum, 2 q - 1)``, pi_0 with the counts exchanged: 1 where
        nothing is labelled near by, and the smaller the more labels there are, of one class or of both. O(n l d)
        time, 4 MB besides the arrays.

    Raises
    ------
    ValueError
        If a coordinate is not finite, a label is not 0 or 1, numbers of rows or columns differ, or `width` is not
        above 0.

    References
    ----------
    Senge et al. (2014). Reliable classification. Nguyen, Destercke, Hüllermeier (2019). Epistemic uncertainty
    sampling (with a Parzen window classifier).

    Examples
    --------
    Nothing near by, one label, and ten that disagree:

    >>> at = np.array([[9.0], [0.0], [1.0]])
    >>> epistemic_parzen(at, np.array([[0.0]] + [[1.0]] * 10), np.array([0] * 6 + [1] * 5), width=0.01).round(2)
    array([1.  , 0.33, 0.41])
    """
    if not width > 0.0:
        raise ValueError(f"width must be above 0, not {width}")
    points, codes = as_points(space, "space"), np.asarray(labels)
    anchors = as_anchors(labelled, points)
    if anchors is None:
        return np.ones(len(points))
    if codes.shape != (len(anchors),) or not np.isin(codes, (0, 1)).all():
        raise ValueError(f"labels must have shape ({len(anchors)},) and be 0 or 1")
    middle = anchors.mean(axis=0, dtype=np.float64)
    centres = np.asarray(anchors, dtype=np.float64) - middle
    variance = float(centres.var())
    # Labelled rows that are all one point count only for their copies.
    scale = 1.0 / np.sqrt(width * centres.shape[1] * variance) if variance > 0.0 else 0.0
    counts = np.empty((len(points), 2))
    member = np.stack([codes == 0, codes == 1], axis=1).astype(np.float64)
    step = max(1, _CELLS // max(len(centres), centres.shape[1]))
    centres = centres * (scale or 1.0)
    norms = np.einsum("ij,ij->i", centres, centres)
    for start in range(0, len(points), step):
        here = (points[start : start + step].astype(np.float64) - middle) * (scale or 1.0)
        away = here @ centres.T
        away *= -2.0
        away += np.einsum("ij,ij->i", here, here)[:, None]
        away += norms
        near = np.exp(-np.maximum(away, 0.0)) if scale else (away <= 0.0).astype(np.float64)
        counts[start : start + step] = near @ member
    return both_plausible(counts.min(axis=1), counts.max(axis=1))


def both_plausible(few: Array, many: Array) -> Array:
    """``sup_q min(q^few (1 - q)^many / its maximum, 2 q - 1)``, the plausibility of the class with fewer counts.

    Parameters
    ----------
    few, many : arrays of shape (n,), not below 0, few <= many
        The class with more counts is at least as plausible, so this is the smaller of both.

    Returns
    -------
    plausible : array of shape (n,)
        1 where there are no counts. The first rises with ``u = 2 q - 1`` where the second falls, so they meet once.
    """
    total = np.maximum(few + many, np.finfo(np.float64).tiny)
    tiny = np.finfo(np.float64).tiny
    top = few * np.log(np.maximum(few / total, tiny)) + many * np.log(np.maximum(many / total, tiny))
    low, high = np.zeros(len(few)), np.ones(len(few))
    for _ in range(52):
        u = 0.5 * (low + high)
        # after 52 halvings u is still below 1, so that all logarithms are finite
        above = few * np.log1p(u) + many * np.log1p(-u) - (few + many) * np.log(2.0) - top > np.log(u)
        low = np.where(above, u, low)
        high = np.where(above, high, u)
    return high
