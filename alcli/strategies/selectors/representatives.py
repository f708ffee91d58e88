"""Rows that stand for a part of the pool: cluster_density and gmm_representatives."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks
from alcli.strategies.rank import finite, round_utility
from alcli.strategies.selectors.clusters import cluster
from alcli.strategies.selectors.coverage import Worth, kcenter
from alcli.strategies.selectors.mixture import COVARIANCES, Mixture


def cluster_density(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    clusters: int = 5,
    beta: float = 1.0,
) -> NDArray[np.intp]:
    """The rows of largest utility times similarity to the centre of their cluster.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or a function of points that gives one, or None for the similarity alone
        Scores that go below 0 are lifted so that the lowest is 0: a product turns negative scores round.
    labelled : not used.
    seed : of the first centres.
    clusters : of k-means, over all candidates.
    beta : power of the similarity; 0 leaves the utility alone.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, the largest product first. The similarity is ``(1 + cos) / 2``, between 0 and 1, taken around
        the mean of all candidates, so that it does not depend on where the origin is. k-means is
        scikit-learn's up to 20,000 candidates, over mini-batches above. O(m) memory plus blocks.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, `clusters` is below 1 or `beta` below 0.

    References
    ----------
    libact's `DensityWeightedMeta`, after Settles, Craven (2008). There negative scores are multiplied as they
    are, which turns the preference round, and a negative cosine to a power is not a number.

    Examples
    --------
    >>> rows = np.array([[1.0, 0.0], [1.0, 0.1], [-1.0, 1.0], [-1.0, 0.0]])
    >>> cluster_density(rows, 2, utility=np.array([0.9, 0.1, 0.5, 0.6]), clusters=2)
    array([0, 3])
    """
    if clusters < 1:
        raise ValueError(f"clusters must be at least 1, not {clusters}")
    if not (isfinite(beta) and beta >= 0.0):
        raise ValueError(f"beta must be 0 or more, not {beta:g}")
    rows = as_points(points)
    as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    worth = _worth(utility, rows)
    label, centres = cluster(rows, clusters, seed=seed)
    value = round_utility(worth * _likeness(rows, label, centres) ** beta)
    return np.lexsort((np.arange(len(rows)), -value))[:n]


def _worth(utility: Worth, rows: Points) -> NDArray[np.float64]:
    if utility is None:
        return np.ones(len(rows))
    values = finite(utility(rows) if callable(utility) else utility)
    if len(values) != len(rows):
        raise ValueError(f"utility has {len(values)} rows and points {len(rows)}")
    return values - min(0.0, float(values.min(initial=0.0)))


def _likeness(rows: Points, label: NDArray[np.intp], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """(1 + cos) / 2 of each row and its centre, around the mean of the rows: (m,), in [0, 1]."""
    largest = max((float(np.abs(rows[a:b]).max()) for a, b in blocks(*rows.shape)), default=0.0) or 1.0
    middle = np.sum([(rows[a:b] / np.float64(largest)).sum(axis=0) for a, b in blocks(*rows.shape)], axis=0) / len(rows)
    heart = centres / largest - middle
    heart_length = np.sqrt(np.einsum("ij,ij->i", heart, heart))
    out = np.empty(len(rows))
    for start, stop in blocks(*rows.shape):
        here = rows[start:stop] / np.float64(largest) - middle
        own = label[start:stop]
        length = np.sqrt(np.einsum("ij,ij->i", here, here)) * heart_length[own]
        product = np.einsum("ij,ij->i", here, heart[own])
        # Equal rows are all at their mean up to rounding, where a direction is noise.
        out[start:stop] = np.where(length > 1e-24, product / np.where(length > 1e-24, length, 1.0), 0.0)
    likeness: NDArray[np.float64] = np.clip((1.0 + out) / 2.0, 0.0, 1.0)
    return likeness


def gmm_representatives(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    covariance: str = "diag",
) -> NDArray[np.intp]:
    """A Gaussian mixture with as many components as rows are wanted, and from each the densest row.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used: in a product only the best rows by utility are candidates.
    labelled : not used: the batch represents the candidates.
    seed : of the k-means that the mixture starts from.
    covariance : of each component: "diag" (one variance a column), "full", "spherical", or "tied" for one full
        matrix for all.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct; the row of the heaviest component first. A row belongs to its likeliest component, and
        the row that has the largest density under the component it belongs to is taken. Components
        without rows are made up for by the farthest rows (`kcenter`). Columns are standardised. The
        mixture is scikit-learn's, fitted on the first 20,000 candidates, a random sample of all, and then
        asked about all: O(m + n d) memory ("full": n d^2).

    Raises
    ------
    ValueError
        If a coordinate is not finite, or `covariance` is none of these.

    References
    ----------
    cardinal's `GMMSampler` (Abraham, Dreyfus-Schmidt 2021). Representatives by mixtures instead of k-means (Xu et
    al. 2003) allow clusters of different sizes and shapes.

    Examples
    --------
    >>> heaps = np.array([[0.0], [0.1], [0.2], [9.0], [9.2], [9.4], [9.2]])
    >>> gmm_representatives(heaps, 2)
    array([4, 1])
    """
    if covariance not in COVARIANCES:
        raise ValueError(f"covariance must be one of {', '.join(COVARIANCES)}, not {covariance!r}")
    rows = as_points(points)
    as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    mixture = Mixture(rows, n, covariance=covariance, seed=seed)
    owner, logs = mixture.owners(rows)
    order = np.lexsort((np.arange(len(rows)), -round_utility(logs), owner))
    filled, first = np.unique(owner[order], return_index=True)
    picks = order[first]
    chosen = picks[np.lexsort((picks, -round_utility(mixture.weights[filled])))]
    if len(chosen) == n:
        return chosen
    rest = np.setdiff1d(np.arange(len(rows)), chosen)
    return np.concatenate([chosen, rest[kcenter(rows[rest], n - len(chosen), labelled=rows[chosen])]])
