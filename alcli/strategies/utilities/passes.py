"""Measures of repeated predictions, as of a network with dropout left on: mean_std and the mean's own uncertainty."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import committee_of, settled
from alcli.strategies.utilities.uncertainty import _two_largest


def mean_std(committee: ArrayLike) -> NDArray[np.float64]:
    """How much the members' probabilities vary, as a deviation averaged over the classes.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Class probabilities of each member or pass. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        Mean over classes of the standard deviation over members (divided by m, not m - 1), between 0 and
        0.5. All 0 when m = 1 or c = 1; what is below 1e-12 is rounding and is set to 0.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Kampffmeyer, Salberg, Jenssen (2016). Semantic segmentation of small objects and modeling of uncertainty in
    urban remote sensing images. Gal, Islam, Ghahramani (2017). Deep Bayesian active learning with image data.

    Examples
    --------
    >>> mean_std(np.array([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]]))
    array([0.5, 0. ])
    """
    members = committee_of(committee)
    mean = members.mean(axis=0)
    square = np.zeros(members.shape[1:])
    for member in members:
        away = member - mean  # summed around the mean: mean squares minus squared means would cancel
        square += away * away
    return settled(np.asarray(np.sqrt(square / members.shape[0]).mean(axis=1), dtype=np.float64))


def consensus_least_confident(committee: ArrayLike) -> NDArray[np.float64]:
    """How much probability the members' mean leaves beside its likeliest class.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Class probabilities of each member or pass. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``1 - max_c mean_k p^k_c``: 0 when all members are certain of one class. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Lewis, Gale (1994), on the mean of dropout passes as in Gal, Islam, Ghahramani (2017).

    Examples
    --------
    >>> consensus_least_confident(np.array([[[0.9, 0.1]], [[0.5, 0.5]]])).round(2)
    array([0.3])
    """
    members = committee_of(committee)
    if members.shape[2] == 1:
        return np.zeros(members.shape[1])
    return settled(np.asarray(1.0 - members.mean(axis=0).max(axis=1), dtype=np.float64))


def consensus_margin(committee: ArrayLike) -> NDArray[np.float64]:
    """How close the two likeliest classes are in the members' mean.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Class probabilities of each member or pass. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``1 - (p1 - p2)`` of the mean: 0 when all members are certain of one class, 1 at a tie. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Scheffer, Decomain, Wrobel (2001), on the mean of dropout passes as in Gal, Islam, Ghahramani (2017).

    Examples
    --------
    >>> consensus_margin(np.array([[[0.9, 0.1]], [[0.5, 0.5]]])).round(2)
    array([0.6])
    """
    members = committee_of(committee)
    if members.shape[2] == 1:
        return np.zeros(members.shape[1])
    first, second = _two_largest(members.mean(axis=0))
    return settled(1.0 - (first - second))
