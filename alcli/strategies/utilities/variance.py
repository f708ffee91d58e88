"""How much a label would lower the variance of a logistic regression's probabilities: variance_reduction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import blocks, mean_of
from alcli.strategies.fisher import checked, half_of, information, inverse, weighed, with_ones

Array = NDArray[np.float64]


def variance_reduction(
    space: ArrayLike,
    proba: ArrayLike,
    labelled: ArrayLike,
    labelled_proba: ArrayLike,
    reference: ArrayLike,
    reference_proba: ArrayLike,
    *,
    ridge: float = 1.0,
    parameters: int = 2000,
) -> Array:
    """The fall of the variance of probabilities over the pool, in closed form.

    Parameters
    ----------
    space, proba : arrays of shape (n, d) and (n, c)
        Row i is candidate i.
    labelled, labelled_proba : arrays of shape (l, d) and (l, c)
    reference, reference_proba : arrays of shape (r, d) and (r, c)
        Rows that stand for the pool.
    ridge : of the squared penalty, 1 / C of scikit-learn. It holds the intercept too.
    parameters : up to so many of them (c (d + 1); d + 1 for two classes) the Fisher information is taken
        whole. With more, only its blocks on the diagonal are, as if each class were told from the rest by a
        model of its own.

    Returns
    -------
    utility : array of shape (n,)
        ``tr(A F^-1) - tr(A (F + I_x)^-1)``, never below 0. F is the Fisher information of the labelled rows and
        the ridge, ``I_x = (diag p - p p^T) (x) x x^T`` that of the candidate, whatever its label turns out to
        be, and ``A = mean_u sum_c a_c(u) a_c(u)^T`` with the gradients ``a_c = grad p_c``: so
        ``tr(A F^-1)`` is the variance, to first order. The model is not fitted again; the candidate comes in
        by Woodbury's identity. Takes (l + r + n) (c d)^2 + (c d)^3 time and some (c d)^2 memory.

    Raises
    ------
    ValueError
        If shapes don't fit, a number is not finite, or a setting is out of range.

    References
    ----------
    Zhang, Oles (2000). A probability analysis on the value of unlabeled data for classification problems.
    Schein, Ungar (2007). Active learning for logistic regression: an evaluation. Here for the multinomial
    model without a class that is left out; what that leaves undetermined has no influence.

    Examples
    --------
    >>> sure, unsure = variance_reduction(
    ...     np.array([[4.0], [1.0]]), np.array([[0.99, 0.01], [0.5, 0.5]]),
    ...     np.array([[0.0]]), np.array([[0.5, 0.5]]), np.array([[1.0], [3.0]]), np.array([[0.5, 0.5], [0.9, 0.1]]))
    >>> bool(unsure > sure > 0.0)
    True
    """
    (rows, p), (known, known_p), (pool, pool_p) = checked(
        "space",
        (space, proba),
        (labelled, labelled_proba),
        (reference, reference_proba),
        ridge=ridge,
        parameters=parameters,
    )
    if len(rows) == 0 or len(pool) == 0 or p.shape[1] == 1:
        return np.zeros(len(rows))
    centre = mean_of(pool)
    if p.shape[1] == 2:
        # one model of the second class, as logistic regression has for two
        p, pool_p, known_p = p[:, 1:], pool_p[:, 1:], known_p[:, 1:]
    width = rows.shape[1] + 1
    whole = p.shape[1] * width <= parameters or p.shape[1] == 1
    learn, score = (_whole, _score_whole) if whole and p.shape[1] > 1 else (_apart, _score_apart)
    told = learn(with_ones(known - centre), known_p, with_ones(pool - centre), pool_p, ridge)
    out = np.empty(len(rows))
    for start, stop in blocks(len(rows), 2 * width + p.shape[1] ** 2):
        out[start:stop] = score(with_ones(rows[start:stop] - centre), p[start:stop], told)
    if not np.isfinite(out).all():
        raise ValueError("space: coordinates differ too much in size; scale the features")
    return np.maximum(out, 0.0)


class _Told(NamedTuple):
    """The inverse of F, and it times A times itself; (k, D, k, D), or (k, D, D) for each class apart."""

    inverse: Array
    spread: Array


def _whole(known: Array, known_p: Array, pool: Array, pool_p: Array, ridge: float) -> _Told:
    k, width = pool_p.shape[1], pool.shape[1]
    gradients = np.empty((k, width, k, width))
    squares = (pool_p**2).sum(axis=1)
    for a in range(k):
        for b in range(k):
            same = 1.0 if a == b else 0.0
            left, right = pool_p[:, a], pool_p[:, b]
            mixed = left * right * (squares - left - right) + same * left**2
            gradients[a, :, b] = weighed(pool, mixed / len(pool))
    size = k * width
    held = information(known, known_p).reshape(size, size)
    held[np.diag_indices(size)] += ridge
    inverted = inverse(held)
    spread = inverted @ gradients.reshape(size, size) @ inverted
    return _Told(inverted.reshape(k, width, k, width), spread.reshape(k, width, k, width))


def _score_whole(rows: Array, p: Array, told: _Told) -> Array:
    n, k = p.shape
    inside, outside = np.empty((n, k, k)), np.empty((n, k, k))
    for a in range(k):
        for b in range(a, k):
            for matrix, into in ((told.inverse, inside), (told.spread, outside)):
                into[:, a, b] = into[:, b, a] = np.einsum("ij,ij->i", rows @ matrix[a, :, b], rows)
    half = half_of(p)
    turned = half.transpose(0, 2, 1)
    met = np.eye(k) + turned @ inside @ half
    fallen: Array = np.trace(np.linalg.solve(met, turned @ outside @ half), axis1=1, axis2=2)
    return fallen


def _apart(known: Array, known_p: Array, pool: Array, pool_p: Array, ridge: float) -> _Told:
    """Each class told from the rest; for one column the two classes of it."""
    k, width = pool_p.shape[1], pool.shape[1]
    inverted, spread = np.empty((k, width, width)), np.empty((k, width, width))
    squares = (pool_p**2).sum(axis=1)
    for a in range(k):
        share, own = known_p[:, a], pool_p[:, a]
        inverted[a] = inverse(weighed(known, share * (1.0 - share)) + ridge * np.eye(width))
        # of both classes where there are two
        moved = 2.0 * (own * (1.0 - own)) ** 2 if k == 1 else own**2 * (1.0 + squares - 2.0 * own)
        spread[a] = inverted[a] @ weighed(pool, moved / len(pool)) @ inverted[a]
    return _Told(inverted, spread)


def _score_apart(rows: Array, p: Array, told: _Told) -> Array:
    found = np.zeros(len(rows))
    for a in range(p.shape[1]):
        share = p[:, a] * (1.0 - p[:, a])
        inside = np.einsum("ij,ij->i", rows @ told.inverse[a], rows)
        outside = np.einsum("ij,ij->i", rows @ told.spread[a], rows)
        found += share * outside / (1.0 + share * inside)
    return found
