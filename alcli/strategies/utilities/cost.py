"""Uncertainty in money: what a wrong prediction costs, with a cost matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import probabilities, settled
from alcli.strategies.utilities.uncertainty import _two_largest


def costs_of(costs: ArrayLike, classes: int | None = None) -> NDArray[np.float64]:
    """A cost matrix as float64 of shape (c, c), checked.

    Raises
    ------
    ValueError
        If it has another shape, or a cost is negative or not finite; the message names the row.
    """
    matrix = np.asarray(costs, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or classes not in (None, len(matrix)):
        raise ValueError(f"costs must have shape (c, c), c the number of classes, not {matrix.shape}")
    fine = np.isfinite(matrix) & (matrix >= 0.0)
    if not fine.all():
        row = int(np.argmin(fine.all(axis=1)))
        raise ValueError(
            f"costs, row {row}: a cost is negative or not a number; adding one number to a row changes no decision"
        )
    return matrix


def expected_cost(proba: ArrayLike, costs: ArrayLike) -> NDArray[np.float64]:
    """What the best prediction for a row is expected to cost.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.
    costs : array of shape (c, c), never below 0
        ``costs[i, j]``: of predicting class j for a row of class i.

    Returns
    -------
    utility : array of shape (n,)
        ``min_j sum_c p_c costs[c, j]``, in the units of the costs; never below 0. With costs of 0 and 1 the same as
        `least_confident`.

    Raises
    ------
    ValueError
        If a row of `proba` is not a distribution, or `costs` has another shape or a cost below 0.

    References
    ----------
    Margineantu (2005). Active cost-sensitive learning. Elkan (2001). The foundations of cost-sensitive learning.

    Examples
    --------
    To miss the second class costs ten times a false alarm: a chance of 0.1 of it is worth more than an even tie.

    >>> expected_cost(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.0, 1.0], [10.0, 0.0]])).round(2)
    array([0.9, 0.5])
    """
    p, each = _each(proba, costs)
    return settled(each.min(axis=1, initial=np.inf)) if len(p) else np.zeros(0)


def cost_margin(proba: ArrayLike, costs: ArrayLike) -> NDArray[np.float64]:
    """How close the two cheapest predictions for a row are.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.
    costs : array of shape (c, c), never below 0
        ``costs[i, j]``: of predicting class j for a row of class i.

    Returns
    -------
    utility : array of shape (n,)
        The largest cost less the difference of the two smallest expected costs: the largest cost where two
        predictions cost the same, and 0 where the choice is as plain as can be. With costs of 0 and 1 the same as
        `margin`. All 0 when c = 1.

    Raises
    ------
    ValueError
        If a row of `proba` is not a distribution, or `costs` has another shape or a cost below 0.

    References
    ----------
    Margineantu (2005). Active cost-sensitive learning.

    Examples
    --------
    >>> cost_margin(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.0, 1.0], [9.0, 0.0]])).round(2)
    array([9., 5.])
    """
    p, each = _each(proba, costs)
    if p.shape[1] == 1 or len(p) == 0:
        return np.zeros(len(p))
    second, first = _two_largest(-each)
    return settled(float(np.max(costs)) - (second - first))


def _each(proba: ArrayLike, costs: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probabilities, and the expected cost of each prediction: (n, c)."""
    p = probabilities(proba)
    if len(p) == 0:
        return p, p
    matrix = costs_of(costs, p.shape[1])
    return p, np.einsum("ij,jk->ik", p, matrix) if len(matrix) <= 32 else p @ matrix
