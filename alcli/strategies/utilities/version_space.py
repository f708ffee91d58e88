"""Where the members of a committee, as samples of what could still be true, vote apart.

All take `committee` of shape (m, n, c). The version space is the set of models that agree with all labels; the
members stand for it. Which members a label would rule out is decided by votes alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import committee_of
from alcli.strategies.utilities.committee import _votes


def disagreement(committee: ArrayLike) -> NDArray[np.float64]:
    """Whether a row lies in the region of disagreement: two members vote differently on it.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        1 where any two members vote differently, 0 where all vote alike. The theory takes rows of the region at
        random, and so does `top`, whose ties are broken by a hash. All 0 when m = 1 or c = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Cohn, Atlas, Ladner (1994). Improving generalization with active learning.

    Examples
    --------
    >>> one, two = [0.9, 0.1], [0.2, 0.8]
    >>> disagreement(np.array([[one, one], [one, two], [one, one]]))
    array([0., 1.])
    """
    members = committee_of(committee)
    return np.asarray((_votes(members) > 0.0).sum(axis=1) > 1, dtype=np.float64)


def largest_split(committee: ArrayLike) -> NDArray[np.float64]:
    """How evenly a row splits the members, so that its label rules out many, whatever it is.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        The share of pairs of members that vote differently: 0 when all vote alike, 1 when no two vote alike.
        In proportion to ``1 - sum_c (V_c/m)^2``, the share of members that a label is expected to rule out when
        each class is as likely as its votes. All 0 when m = 1.

    Raises
    ------
    ValueError
        If `committee` is not 3-D or a row is not a distribution; the message names member and row.

    References
    ----------
    Mitchell (1982). Generalization as search (halving the version space). Seung, Opper, Sompolinsky (1992).
    Query by committee. dedupe's DisagreementLearner takes the largest deviation of two-class votes, which is
    the same order.

    Examples
    --------
    >>> one, two = [0.9, 0.1], [0.2, 0.8]
    >>> largest_split(np.array([[one, one], [one, one], [one, two], [one, two]])).round(3)
    array([0.   , 0.667])
    """
    members = committee_of(committee)
    m = members.shape[0]
    if m == 1:
        return np.zeros(members.shape[1])
    votes = _votes(members)
    # Whole numbers up to the division: rows with the same split get the same value to the last digit.
    apart: NDArray[np.float64] = (m * m - (votes * votes).sum(axis=1)) / (m * (m - 1.0))
    return apart
