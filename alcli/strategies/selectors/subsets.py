"""The best rows of a part of the pool: near labelled rows (seals), near anchors (anchors), at random (subsample)."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points, blocks
from alcli.strategies.rank import finite
from alcli.strategies.selectors.nearest_labelled import nearest_rows
from alcli.strategies.selectors.seeding import kmeans_plusplus


def seals(
    points: ArrayLike,
    n: int,
    *,
    utility: ArrayLike | None = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    neighbours: int = 100,
) -> NDArray[np.intp]:
    """The rows of most utility among the nearest neighbours of labelled rows.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : array of shape (m,), or None
    labelled : array of shape (l, d), or None
        Without it all rows are candidates.
    seed : not used: nothing is left to chance.
    neighbours : of each labelled row so many nearest rows are looked at.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, best first. When fewer than n rows are neighbours of any labelled row, all of them come
        first and then the best of the others. One product of the points with the labelled rows, in blocks.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, the numbers of columns differ, or `neighbours` is below 1.

    References
    ----------
    Coleman, Chou, Katz-Samuels, Culatana, Bailis, Berg, Nowak, Sumbaly, Zaharia, Yalniz (2022). Similarity
    search for efficient active learning and search of rare concepts.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> seals(line, 2, utility=np.array([0.1, 0.2, 0.3, 0.9]), labelled=np.array([[0.0]]), neighbours=2)
    array([1, 0])
    """
    _positive("neighbours", neighbours)
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    worth = _worth(utility, len(rows))
    if anchors is None or len(rows) == 0:
        return _best(np.arange(len(rows)), worth, n)
    near, _ = nearest_rows(rows, np.unique(anchors, axis=0), neighbours)
    return _first(np.unique(near), worth, n)


def anchors(
    points: ArrayLike,
    n: int,
    *,
    labels: ArrayLike,
    utility: ArrayLike | None = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    per_class: int = 10,
    neighbours: int = 50,
    size: int = 1000,
) -> NDArray[np.intp]:
    """The rows of most utility among those like a few labelled rows of each class.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    labels : array of shape (l,)
        Class numbers of the labelled rows.
    utility : array of shape (m,), or None
    labelled : array of shape (l, d), or None
        Without it all rows are candidates.
    seed : of the draws of anchors.
    per_class : anchors of each class, drawn by k-means++ from its labelled rows.
    neighbours : of each anchor so many rows of largest cosine similarity are looked at.
    size : of those, the so many with the largest mean similarity to the anchors that found them are kept.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, best first. When fewer than n rows are kept, they come first and then the best of the
        others. A row of zeros has similarity 0.5 to any other: it stands between like and opposite.

    Raises
    ------
    ValueError
        If a coordinate or utility is not finite, labels and labelled rows differ in number, or a setting is
        below 1.

    References
    ----------
    Lesci, Vlachos (2024). AnchorAL: computationally efficient active learning for large and imbalanced
    datasets.

    Examples
    --------
    >>> fan = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [-1.0, 0.0]])
    >>> found = anchors(
    ...     fan, 2, labels=[0, 1], labelled=np.array([[2.0, 0.0], [0.0, 3.0]]), utility=np.arange(4.0), neighbours=1
    ... )
    >>> found.tolist()
    [2, 0]
    """
    for name, value in (("per_class", per_class), ("neighbours", neighbours), ("size", size)):
        _positive(name, value)
    rows = as_points(points)
    known = as_anchors(labelled, rows)
    worth = _worth(utility, len(rows))
    if known is None or len(rows) == 0:
        return _best(np.arange(len(rows)), worth, n)
    codes = np.asarray(labels)
    if codes.shape != (len(known),):
        raise ValueError(f"labels must have shape ({len(known)},), one for each labelled row, not {codes.shape}")
    around = _unit(known)
    drawn: list[NDArray[np.intp]] = []
    for code in np.unique(codes):
        inside = np.flatnonzero(codes == code)
        drawn.append(inside[kmeans_plusplus(around[inside], per_class, seed=seed)])
    near, squared = nearest_rows(_unit(rows), around[np.concatenate(drawn)], neighbours)
    found, where, times = np.unique(near, return_inverse=True, return_counts=True)
    similarity = np.bincount(where.ravel(), weights=1.0 - squared.ravel() / 2.0) / times
    # Sums of one number taken in another order: the last digits decide nothing.
    kept = found[np.lexsort((found, -similarity.round(12)))][:size]
    return _first(np.sort(kept), worth, n)


def subsample(
    points: ArrayLike | None,
    n: int,
    *,
    utility: ArrayLike | None = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """The rows of most utility among a random part of the pool.

    Parameters
    ----------
    points : not used but for its length and its check: no distances are taken.
    n : rows to choose.
    utility : array of shape (m,), or None
        Of the candidates, which already are a random part: the first of the pool by a seeded hash, as many
        as the setting `candidates` says.
    labelled, seed : not used.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, best first; the lower position wins a tie.

    Raises
    ------
    ValueError
        If a utility is not finite, or nothing says how many candidates there are.

    References
    ----------
    Small-text's SubsamplingQueryStrategy and scikit-activeml's SubSamplingWrapper; Ertekin et al. (2007),
    who look for the row nearest to the boundary in a small random sample.

    Examples
    --------
    >>> subsample(None, 2, utility=np.array([0.3, 0.9, 0.5]))
    array([1, 2])
    """
    if points is not None:
        as_anchors(labelled, as_points(points))
    size = len(np.asarray(utility)) if utility is not None else 0 if points is None else len(cast(Points, points))
    if points is None and utility is None and n > 0:
        raise ValueError("subsample needs a utility to choose by, as in `margin+subsample`")
    return _best(np.arange(size), _worth(utility, size), n)


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")


def _worth(utility: ArrayLike | None, m: int) -> NDArray[np.float64]:
    if utility is None:
        return np.zeros(m)
    worth = finite(utility)
    if len(worth) != m:
        raise ValueError(f"utility has {len(worth)} rows and points {m}")
    return worth


def _best(rows: NDArray[np.intp], worth: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """The n of these rows of most worth, best first."""
    n = max(0, n)
    if len(rows) > n > 0:
        least = np.partition(worth[rows], len(rows) - n)[len(rows) - n]
        rows = rows[worth[rows] >= least]
    return rows[np.lexsort((rows, -worth[rows]))][:n]


def _first(inside: NDArray[np.intp], worth: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """The n best of some rows, and of the others when there are too few."""
    chosen = _best(inside, worth, n)
    if len(chosen) >= min(n, len(worth)):
        return chosen
    outside = np.setdiff1d(np.arange(len(worth)), inside)
    return np.concatenate([chosen, _best(outside, worth, n - len(chosen))])


def _unit(rows: Points) -> Points:
    """Rows brought to length 1; a row of zeros stays one."""
    out = np.empty_like(rows)
    for start, stop in blocks(*rows.shape):
        here = np.asarray(rows[start:stop], dtype=np.float64)
        largest = np.abs(here).max(axis=1, initial=0.0)
        here = here / np.where(largest > 0.0, largest, 1.0)[:, None]
        length = np.sqrt(np.einsum("ij,ij->i", here, here))
        out[start:stop] = here / np.where(length > 0.0, length, 1.0)[:, None]
    return out
