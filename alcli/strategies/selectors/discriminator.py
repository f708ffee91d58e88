"""Discriminative batches: the classifier of labelled against unlabelled rows learns anew inside the batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points, mean_of, to_one
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.utilities.discriminative import learn


def discriminator(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    repeats: int = 10,
    unlabelled: int = 5000,
    hidden: int = 0,
) -> NDArray[np.intp]:
    """A few rows at a time that are surest to be unlabelled, each few counting as labelled for the next.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Without it the batch begins with the row nearest to the mean.
    seed : of a network's first weights.
    repeats : the classifier is fitted so many times, and chooses n / repeats rows each time.
    unlabelled : it learns what is unlabelled from so many candidates, the first that are not chosen.
    hidden : units of a hidden layer; 0 for logistic regression.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. A fit and a pass over the points for each repeat; O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is out of range.

    References
    ----------
    Gissin, Shalev-Shwartz (2019). Discriminative active learning.

    Examples
    --------
    >>> line = np.array([[-9.0], [-8.0], [0.1], [8.0]])
    >>> discriminator(line, 2, labelled=np.array([[7.0], [8.0], [9.0]])).tolist()
    [0, 1]
    """
    for name, value, least in (("repeats", repeats, 1), ("unlabelled", unlabelled, 1), ("hidden", hidden, 0)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, not {value}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    free = np.ones(len(rows), dtype=bool)
    chosen = np.empty(0, dtype=np.intp)
    if anchors is None:
        chosen = np.array([to_one(rows, mean_of(rows)).argmin()], dtype=np.intp)
        free[chosen] = False
    repeats = min(repeats, max(1, n - len(chosen)))
    # as equal as can be, the larger parts first
    for size in np.diff(np.linspace(len(chosen), n, repeats + 1).round().astype(int)):
        known = rows[chosen] if anchors is None else np.concatenate([anchors, rows[chosen]])
        told = learn(known, rows[np.flatnonzero(free)[:unlabelled]], seed=seed, hidden=hidden)
        odds = np.zeros(len(rows)) if told is None else told.log_odds(rows)
        left = np.flatnonzero(free)
        # Equal rows must come by position and not by the last digit of a sum.
        more = left[np.argsort(-np.round(odds[left], 9), kind="stable")[:size]]
        chosen = np.concatenate([chosen, more])
        free[more] = False
    return chosen
