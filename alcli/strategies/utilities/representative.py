"""How alike a row is to the whole pool: density, and density times uncertainty (information_density)."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points, blocks
from alcli.strategies.utilities.uncertainty import entropy


def density(space: ArrayLike, mean: ArrayLike) -> NDArray[np.float64]:
    """Mean similarity of a row to all rows of the pool.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    mean : array of shape (d,)
        Mean over the pool of the rows' coordinates, each row brought to length 1 first.

    Returns
    -------
    utility : array of shape (n,)
        Between 0 and 1. The similarity of two rows is ``(1 + cos) / 2``, so that opposite rows have 0 and
        not -1. It is linear in the one row and in the other, so the mean over the pool is
        ``(1 + x . mean / |x|) / 2`` exactly, and nothing of n x n is built. The cosine with a row that is
        all zeros counts as 0. O(n d) time, O(n) memory.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a coordinate is not finite; the message names the row.

    References
    ----------
    Settles, Craven (2008). An analysis of active learning strategies for sequence labeling tasks,
    section 3.4, the factor without its uncertainty. modAL calls this factor alone "information density".

    Examples
    --------
    >>> pool = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 5.0]])
    >>> unit = pool / np.linalg.norm(pool, axis=1)[:, None]
    >>> density(pool, unit.mean(axis=0)).round(3)
    array([0.833, 0.833, 0.667])
    """
    rows = as_points(space, "space")
    middle = np.asarray(mean, dtype=np.float64)
    if middle.shape != (rows.shape[1],) or not np.isfinite(middle).all():
        raise ValueError(f"mean must be finite and have shape ({rows.shape[1]},), not {middle.shape}")
    out = np.empty(len(rows))
    for start, stop in blocks(*rows.shape):
        here = rows[start:stop].astype(np.float64)
        # Squares of tiny coordinates would be 0; a row's direction does not depend on its scale.
        largest = np.abs(here).max(axis=1, initial=0.0)
        here /= np.where(largest > 0.0, largest, 1.0)[:, None]
        length = np.sqrt(np.einsum("ij,ij->i", here, here))
        # einsum adds each row by itself, so a row's value does not depend on the block it is in.
        out[start:stop] = np.einsum("ij,j->i", here, middle) / np.where(length > 0.0, length, 1.0)
    similar: NDArray[np.float64] = np.clip((1.0 + out) / 2.0, 0.0, 1.0)
    return similar


def information_density(
    proba: ArrayLike, space: ArrayLike, mean: ArrayLike, *, beta: float = 1.0
) -> NDArray[np.float64]:
    """Entropy of a row times its mean similarity to the pool: unsure rows that are no outliers.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.
    space : array of shape (n, d)
        Coordinates of the same rows.
    mean : array of shape (d,)
        Mean over the pool of the rows' coordinates, each row brought to length 1 first.
    beta : power of the similarity; 0 leaves the entropy alone.

    Returns
    -------
    utility : array of shape (n,)
        ``entropy * density^beta``, between 0 and 1; 0 for a row that the model is certain of.

    Raises
    ------
    ValueError
        If a row of `proba` is not a distribution, a coordinate is not finite, the shapes do not fit, or beta
        is negative.

    References
    ----------
    Settles, Craven (2008). An analysis of active learning strategies for sequence labeling tasks,
    section 3.4. ALiPy multiplies by the mean *distance* instead, which prefers outliers.

    Examples
    --------
    >>> sure, unsure = [0.9, 0.1], [0.5, 0.5]
    >>> pool = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    >>> information_density(np.array([sure, unsure, unsure]), pool, pool.mean(axis=0)).round(3)
    array([0.313, 0.667, 0.333])
    """
    if not (isfinite(beta) and beta >= 0.0):
        raise ValueError(f"beta must be 0 or more, not {beta:g}")
    unsure = entropy(proba)
    similar = density(space, mean)
    if len(unsure) != len(similar):
        raise ValueError(f"proba has shape ({len(unsure)}, c) and space ({len(similar)}, d)")
    return unsure * similar**beta
