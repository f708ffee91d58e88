"""How unsure one model is about a row: least_confident, margin, ratio, entropy, boundary."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import probabilities, settled

# Up to here a running best and second best beat a partition of each row.
_FEW_COLUMNS = 32


def least_confident(proba: ArrayLike) -> NDArray[np.float64]:
    """How much probability the likeliest class leaves to the others.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``1 - p1``: 0 when certain, ``1 - 1/c`` when all classes are equally likely. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution; the message names the row.

    References
    ----------
    Lewis, Gale (1994). A sequential algorithm for training text classifiers.
    Culotta, McCallum (2005). Reducing labeling effort for structured prediction tasks.

    Examples
    --------
    >>> least_confident(np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]))
    array([0.5 , 0.25, 0.  ])
    """
    p = probabilities(proba)
    if p.shape[1] == 1:
        return np.zeros(len(p))
    return settled(1.0 - p.max(axis=1))


def margin(proba: ArrayLike) -> NDArray[np.float64]:
    """How close the two likeliest classes are.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``1 - (p1 - p2)``: 0 when certain, 1 at a tie. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution; the message names the row.

    References
    ----------
    Scheffer, Decomain, Wrobel (2001). Active hidden Markov models for information extraction.
    They rank by ``p1 - p2``, smallest first; flipped here so larger is better. Luo et al. (2005)
    call the same "breaking ties".

    Examples
    --------
    >>> margin(np.array([[0.5, 0.5], [0.9, 0.1]])).round(2)
    array([1. , 0.2])
    """
    p = probabilities(proba)
    if p.shape[1] == 1:
        return np.zeros(len(p))
    first, second = _two_largest(p)
    return settled(1.0 - (first - second))


def ratio(proba: ArrayLike) -> NDArray[np.float64]:
    """The second likeliest class as a share of the likeliest.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``p2 / p1``: 0 when certain, 1 at a tie. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution; the message names the row.

    References
    ----------
    Monarch (2021). Human-in-the-Loop Machine Learning, ch. 3 ("ratio of confidence").

    Examples
    --------
    >>> ratio(np.array([[0.8, 0.2], [0.4, 0.6]])).round(3)
    array([0.25 , 0.667])
    """
    p = probabilities(proba)
    if p.shape[1] == 1:
        return np.zeros(len(p))
    first, second = _two_largest(p)
    return second / first


def entropy(proba: ArrayLike) -> NDArray[np.float64]:
    """How spread out the probabilities are over all classes.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``-sum p ln p / ln c`` with ``0 ln 0 = 0``: 0 when certain, 1 when all classes are equally
        likely, whatever c. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution; the message names the row.

    References
    ----------
    Shannon (1948); Settles (2009). Active learning literature survey, section 3.1. Divided by
    ``ln c`` here, which leaves the order as it is.

    Examples
    --------
    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0], [0.75, 0.25]])).round(3)
    array([1.   , 0.   , 0.811])
    """
    p = probabilities(proba)
    if p.shape[1] == 1:
        return np.zeros(len(p))
    return nats(p) / log(p.shape[1])


def boundary(decision: ArrayLike) -> NDArray[np.float64]:
    """How near the decision boundary a row is, by the model's decision scores.

    Parameters
    ----------
    decision : array of shape (n,), (n, 1) or (n, c)
        Signed scores of a binary model, or one score a class. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        Never above 0, and 0 on the boundary. Binary: ``-abs(f)``. One score a class:
        ``-(f1 - f2)``, minus the gap between the two largest scores, because that gap is what decides.

    Raises
    ------
    ValueError
        If `decision` has another shape or a score is not finite; the message names the row.

    References
    ----------
    Tong, Koller (2001). Support vector machine active learning, "simple margin". The paper is binary.

    Examples
    --------
    >>> boundary(np.array([-2.0, 0.1]))
    array([-2. , -0.1])
    >>> boundary(np.array([[3.0, 1.0, 2.5], [0.0, 4.0, 0.0]]))
    array([-0.5, -4. ])
    """
    f = np.asarray(decision, dtype=np.float64)
    if f.ndim not in (1, 2) or (f.ndim == 2 and f.shape[1] == 0):
        raise ValueError(f"decision must have shape (n,) or (n, c) with c >= 1, not {f.shape}")
    if not np.isfinite(f).all():
        row = int(np.argmin(np.isfinite(f.reshape(len(f), -1)).all(axis=1)))
        raise ValueError(f"decision, row {row}: a score is not finite")
    if f.ndim == 1 or f.shape[1] == 1:
        return -np.abs(f.reshape(len(f)))
    first, second = _two_largest(f)
    return second - first


def nats(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy of each row in nats, of probabilities already checked. The last axis is the classes."""
    logs = np.log(np.maximum(p, np.finfo(np.float64).tiny))
    logs *= p  # 0 times the logarithm of the smallest number is exactly 0
    spread: NDArray[np.float64] = -logs.sum(axis=-1)
    return np.maximum(spread, 0.0)


def _two_largest(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Largest and second largest of each row of (n, c), c >= 2."""
    columns = values.shape[1]
    if columns > _FEW_COLUMNS:
        parted = np.partition(values, columns - 2, axis=1)
        return parted[:, -1], parted[:, -2]
    first = np.maximum(values[:, 0], values[:, 1])
    second = np.minimum(values[:, 0], values[:, 1])
    for column in range(2, columns):
        one = values[:, column]
        np.maximum(second, np.minimum(first, one), out=second)
        np.maximum(first, one, out=first)
    return first, second
