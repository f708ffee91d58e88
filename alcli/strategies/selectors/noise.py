"""Selectors that put chance into the order of the rows: sample, power, softmax, softrank, epsilon.

The first four return logarithms of weights. The engine adds Gumbel noise made from each row's hash and
keeps the n largest sums: a draw without replacement in proportion to the weights, in one streaming pass.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.rank import finite

# In place of the logarithm of 0: lower than any noise can lift, so that a row of no weight is drawn only
# when nothing else is left, and then by its noise alone.
_NOTHING = -1e6


def sample(utility: ArrayLike) -> NDArray[np.float64]:
    """Draw rows in proportion to their utility.

    Parameters
    ----------
    utility : array of shape (n,)
        Never below 0; larger is better. Row i is candidate i.

    Returns
    -------
    log_weight : array of shape (n,)
        ``ln s``; -1e6 where s = 0, so that those rows come after all others.

    Raises
    ------
    ValueError
        If a utility is negative or not finite; the message names the row.

    References
    ----------
    cardinal's ``strategy="weighted"``.

    Examples
    --------
    >>> sample(np.array([1.0, 0.5, 0.0])).round(3)
    array([ 0.00e+00, -6.93e-01, -1.00e+06])
    """
    return _logs(_weights(utility))


def power(utility: ArrayLike, *, beta: float = 1.0) -> NDArray[np.float64]:
    """Draw rows in proportion to a power of their utility.

    Parameters
    ----------
    utility : array of shape (n,)
        Never below 0; larger is better. Row i is candidate i.
    beta : the power: 0 is a random draw, 1 the same as `sample`, and the larger, the nearer to `top`.

    Returns
    -------
    log_weight : array of shape (n,)
        ``beta ln s``; -1e6 where s = 0 and beta > 0, so that those rows come after all others.

    Raises
    ------
    ValueError
        If a utility is negative or not finite (the message names the row), or beta is negative.

    References
    ----------
    Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron, Gal (2023). Stochastic batch acquisition.
    They add Gumbel(0, 1/beta) to ``ln s``, which is the same.

    Examples
    --------
    >>> power(np.array([1.0, 0.5]), beta=2.0).round(3)
    array([ 0.   , -1.386])
    """
    beta = _temperature(beta)
    weights = _weights(utility)
    if beta == 0.0:
        return np.zeros(len(weights))
    logs = _logs(weights)
    return np.where(weights > 0.0, np.maximum(beta * logs, _NOTHING / 2.0), logs)


def softmax(utility: ArrayLike, *, beta: float = 1.0) -> NDArray[np.float64]:
    """Draw rows in proportion to the exponential of their utility.

    Parameters
    ----------
    utility : array of shape (n,)
        Of any sign; larger is better. Row i is candidate i.
    beta : how much utility counts: 0 is a random draw, and the larger, the nearer to `top`.

    Returns
    -------
    log_weight : array of shape (n,)
        ``beta s``.

    Raises
    ------
    ValueError
        If a utility is not finite (the message names the row), or beta is negative.

    References
    ----------
    Kirsch et al. (2023). Stochastic batch acquisition. They add Gumbel(0, 1/beta) to s, which is the same.

    Examples
    --------
    >>> softmax(np.array([-1.0, 0.5]), beta=4.0)
    array([-4.,  2.])
    """
    return _temperature(beta) * finite(utility)


def softrank(rank: ArrayLike, *, beta: float = 1.0) -> NDArray[np.float64]:
    """Draw rows in proportion to a power of one over their rank.

    Parameters
    ----------
    rank : array of shape (n,)
        1.0 for the best row of the pool. Row i is candidate i.
    beta : the power: 0 is a random draw, and the larger, the nearer to `top`.

    Returns
    -------
    log_weight : array of shape (n,)
        ``-beta ln r``. Scale and sign of the utility do not matter.

    Raises
    ------
    ValueError
        If a rank is below 1 or not finite (the message names the row), or beta is negative.

    References
    ----------
    Kirsch et al. (2023). Stochastic batch acquisition. They add Gumbel(0, 1/beta) to ``-ln r``.

    Examples
    --------
    >>> softrank(np.array([1.0, 2.0, 4.0])).round(3) + 0.0
    array([ 0.   , -0.693, -1.386])
    """
    ranks = finite(rank, "rank")
    if len(ranks) and ranks.min() < 1.0:
        raise ValueError(f"rank, row {int(ranks.argmin())}: {ranks.min():g} is below 1")
    return -_temperature(beta) * np.log(ranks)


def epsilon(n: int, *, seed: int, epsilon: float = 0.1) -> NDArray[np.bool_]:
    """Which slots of a batch are filled at random.

    Parameters
    ----------
    n : slots in the batch.
    seed : for the coin.
    epsilon : probability that a slot is filled by a row drawn uniformly, between 0 and 1.

    Returns
    -------
    by_chance : array of shape (n,)
        True where the slot is to be drawn uniformly, False where it gets the best row left.

    Raises
    ------
    ValueError
        If epsilon is not between 0 and 1.

    References
    ----------
    Sutton, Barto (1998). Reinforcement Learning, section 2.2. libact's `EpsilonUncertaintySampling`.

    Examples
    --------
    >>> bool(epsilon(5, seed=0, epsilon=0.0).any()), bool(epsilon(5, seed=0, epsilon=1.0).all())
    (False, True)
    """
    if not 0.0 <= epsilon <= 1.0:
        raise ValueError(f"epsilon must be between 0 and 1, not {epsilon:g}")
    return np.random.default_rng(seed).random(max(0, n)) < epsilon


def _temperature(beta: float) -> float:
    if not (isfinite(beta) and beta >= 0.0):
        raise ValueError(f"beta must be 0 or more, not {beta:g}")
    return beta


def _weights(utility: ArrayLike) -> NDArray[np.float64]:
    weights = finite(utility)
    if len(weights) and weights.min() < 0.0:
        row = int(weights.argmin())
        raise ValueError(f"utility, row {row}: {weights[row]:g} is below 0 and cannot be a weight")
    return weights


def _logs(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    positive = weights > 0.0
    return np.where(positive, np.log(np.where(positive, weights, 1.0)), _NOTHING)
