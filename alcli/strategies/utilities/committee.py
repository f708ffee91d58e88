"""How much the members of a committee disagree about a row.

All take `committee` of shape (m, n, c): member k's probabilities for each candidate. Members may be
bootstrap copies of one estimator, different estimators, or repeated stochastic passes of one network.
A member votes for its likeliest class; between equally likely ones, for the one that comes first.
"""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import committee_of, settled
from alcli.strategies.utilities.uncertainty import _two_largest, nats


def vote_entropy(committee: ArrayLike) -> NDArray[np.float64]:
    """How evenly the members' votes spread over the classes.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        Entropy of the shares of votes, divided by ``ln min(m, c)``: 0 when all vote alike, 1 when
        votes spread as far as they can. All 0 when m = 1 or c = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Dagan, Engelson (1995). Committee-based sampling for training probabilistic classifiers.

    Examples
    --------
    >>> agree, split = [0.9, 0.1], [0.2, 0.8]
    >>> vote_entropy(np.array([[agree, agree], [agree, split]]))
    array([0., 1.])
    """
    members = committee_of(committee)
    most = min(members.shape[0], members.shape[2])
    if most == 1:
        return np.zeros(members.shape[1])
    return nats(_votes(members) / members.shape[0]) / log(most)


def consensus_entropy(committee: ArrayLike) -> NDArray[np.float64]:
    """Entropy of the members' mean probabilities (soft votes).

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``H(mean) / ln c``, in [0, 1]. High when members disagree and also when all are equally
        unsure; `bald` tells the two apart. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Argamon-Engelson, Dagan (1999). Committee-based sample selection for probabilistic classifiers.

    Examples
    --------
    >>> consensus_entropy(np.array([[[1.0, 0.0]], [[0.0, 1.0]]]))
    array([1.])
    """
    members = committee_of(committee)
    if members.shape[2] == 1:
        return np.zeros(members.shape[1])
    return nats(members.mean(axis=0)) / log(members.shape[2])


def mean_kl(committee: ArrayLike) -> NDArray[np.float64]:
    """How far the members are from their mean, on average.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        Mean over members of ``KL(member || mean)`` in nats, between 0 and ``ln min(m, c)``. Equal to
        `bald`, which reaches it by another way. All 0 when m = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    McCallum, Nigam (1998). Employing EM and pool-based active learning for text classification.

    Examples
    --------
    >>> mean_kl(np.array([[[1.0, 0.0]], [[0.0, 1.0]]])).round(4)
    array([0.6931])
    """
    members = committee_of(committee)
    mean = members.mean(axis=0)
    total = np.zeros(members.shape[1])
    for member in members:
        total += _kl(member, mean)
    return settled(total / members.shape[0])


def max_kl(committee: ArrayLike) -> NDArray[np.float64]:
    """How far the member that disagrees most is from the mean.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        Largest ``KL(member || mean)`` in nats, between 0 and ``ln m``. All 0 when m = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    modAL's `max_disagreement_sampling`, after McCallum, Nigam (1998).

    Examples
    --------
    >>> max_kl(np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 1.0]]])).round(4)
    array([1.0986])
    """
    members = committee_of(committee)
    mean = members.mean(axis=0)
    most = np.zeros(members.shape[1])
    for member in members:
        np.maximum(most, _kl(member, mean), out=most)
    return settled(most)


def variation_ratio(committee: ArrayLike) -> NDArray[np.float64]:
    """The share of members that do not vote with the majority.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``1 - max votes / m``: 0 when all vote alike. All 0 when m = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Freeman (1965). Elementary Applied Statistics. Beluch et al. (2018). The power of ensembles for
    active learning in image classification.

    Examples
    --------
    >>> one, two = [0.9, 0.1], [0.2, 0.8]
    >>> variation_ratio(np.array([[one], [one], [one], [two]]))
    array([0.25])
    """
    members = committee_of(committee)
    if members.shape[1] == 0:
        return np.zeros(0)
    minority: NDArray[np.float64] = 1.0 - _votes(members).max(axis=1) / members.shape[0]
    return minority


def min_margin(committee: ArrayLike) -> NDArray[np.float64]:
    """How close the two likeliest classes are for the member that is least sure.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``1 - min over members of (p1 - p2)``: 0 when every member is certain, 1 when one sees a
        tie. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Jiang, Gupta (2021). Bootstrapping for batch active sampling. They take the smallest margin
    first; 1 minus it here, so larger is better.

    Examples
    --------
    >>> min_margin(np.array([[[0.9, 0.1]], [[0.6, 0.4]]])).round(2)
    array([0.8])
    """
    members = committee_of(committee)
    closest = np.zeros(members.shape[1])
    if members.shape[2] == 1:
        return closest
    for member in members:
        first, second = _two_largest(member)
        np.maximum(closest, 1.0 - (first - second), out=closest)
    return settled(closest)


def bald(committee: ArrayLike) -> NDArray[np.float64]:
    """What a label would tell about which member is right: mutual information of label and member.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        Entropy of the mean minus mean entropy, in nats, between 0 and ``ln min(m, c)``; each row
        by itself. All 0 when m = 1, and exactly 0 where members agree: what is below 1e-12 is
        rounding of the subtraction and is set to 0.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Houlsby, Huszár, Ghahramani, Lengyel (2011). Bayesian active learning for classification and
    preference learning. Gal, Islam, Ghahramani (2017). Deep Bayesian active learning with image data.

    Examples
    --------
    >>> disagree, unsure = [[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]]
    >>> bald(np.stack([disagree, unsure], axis=1)).round(4)
    array([0.6931, 0.    ])
    """
    members = committee_of(committee)
    own = np.zeros(members.shape[1])
    for member in members:
        own += nats(member)
    return settled(nats(members.mean(axis=0)) - own / members.shape[0])


def _votes(members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Number of votes each class gets: (n, c)."""
    rows = np.arange(members.shape[1])
    votes = np.zeros(members.shape[1:])
    for member in members:
        if len(rows):
            votes[rows, member.argmax(axis=1)] += 1.0
    return votes


def _kl(member: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """KL(member || mean) of each row. Where the mean is 0 so is the member, and the term is 0."""
    tiny = np.finfo(np.float64).tiny
    logs = np.log(np.maximum(member, tiny)) - np.log(np.maximum(mean, tiny))
    logs *= member
    divergence: NDArray[np.float64] = logs.sum(axis=1)
    return divergence
