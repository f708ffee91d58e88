"""How much a label would change a linear model: the length of the gradient that it would bring, in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points, blocks
from alcli.strategies.utilities.checks import probabilities


def egl(proba: ArrayLike, space: ArrayLike) -> NDArray[np.float64]:
    """The expected length of the gradient that a row's label would bring to a linear layer.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.
    space : array of shape (n, d)
        What the layer sees of each row; a 1 for the intercept is put behind.

    Returns
    -------
    utility : array of shape (n,)
        ``sum_c p_c ||p - e_c|| ||[x; 1]||``, with Euclidean lengths. The gradient of the log loss for class c is
        ``(p - e_c) [x; 1]^T``, whose length is the product of both, so none is ever built. 0 when certain and when
        c = 1. Long rows are preferred, as the paper's formula has it.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution, or a coordinate is not finite; the message names
        the row.

    References
    ----------
    Settles, Craven, Ray (2007). Multiple-instance active learning.

    Examples
    --------
    >>> egl(np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]]), np.array([[0.0], [3.0], [3.0]])).round(3)
    array([0.707, 2.236, 0.   ])
    """
    p, points = _checked(proba, space)
    length = np.empty(len(p))
    for start, stop in blocks(*points.shape):
        piece = points[start:stop].astype(np.float64)
        length[start:stop] = np.sqrt(1.0 + np.einsum("ij,ij->i", piece, piece))
    return _surprise(p) * length


def egl_word(proba: ArrayLike, matrix: Any) -> NDArray[np.float64]:
    """The expected length of the longest gradient of any one column's weights.

    In a linear model over a bag of words, the weights of a word are one column, so this is the gradient of the word
    that would be changed most. A long text with many words of little weight gains nothing by its length.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6. Row i is candidate i, not row i of the pool.
    matrix : array or sparse matrix of shape (n, d)
        What the model sees of each row: of text its words, of numbers themselves.

    Returns
    -------
    utility : array of shape (n,)
        ``sum_c p_c ||p - e_c|| max_j |x_j|``. 0 when certain, when c = 1, and for a row of zeros.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution, or a coordinate is not finite; the message names
        the row.

    References
    ----------
    Zhang, Lease, Wallace (2017). Active discriminative text representation learning (EGL-word). There the weights of
    a word are its embedding; here they are its column.

    Examples
    --------
    >>> egl_word(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([[2.0, -2.0, 2.0], [0.0, 3.0, 0.0]])).round(3)
    array([1.414, 2.121])
    """
    if hasattr(matrix, "tocsr"):
        p = probabilities(proba)
        if matrix.ndim != 2 or matrix.shape[0] != len(p):
            raise ValueError(f"matrix must have shape ({len(p)}, d), not {matrix.shape}")
        largest = np.asarray(abs(matrix).max(axis=1).toarray(), dtype=np.float64).ravel() if len(p) else np.zeros(0)
        return _surprise(p) * largest
    p, points = _checked(proba, matrix, "matrix")
    largest = np.zeros(len(p))
    for start, stop in blocks(*points.shape):
        largest[start:stop] = np.abs(points[start:stop]).max(axis=1, initial=0.0)
    return _surprise(p) * largest


def _checked(
    proba: ArrayLike, space: ArrayLike, what: str = "space"
) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    p, points = probabilities(proba), as_points(space, what)
    if len(points) != len(p):
        raise ValueError(f"{what} must have shape ({len(p)}, d), not {points.shape}")
    return p, points


def _surprise(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """``sum_c p_c ||p - e_c||`` of each row, exactly 0 for a certain one."""
    if p.shape[1] == 1:
        return np.zeros(len(p))
    first = p.argmax(axis=1) if len(p) else np.zeros(0, dtype=np.intp)
    largest = p[np.arange(len(p)), first]
    rest = np.array(p)
    rest[np.arange(len(p)), first] = 0.0
    # All squares less one would cancel for the likeliest class; its others are added up by themselves.
    small = np.einsum("ij,ij->i", rest, rest)
    total = np.zeros(len(p))
    for label in range(p.shape[1]):
        own = p[:, label]
        others = np.where(first == label, small, np.maximum(largest * largest + small - own * own, 0.0))
        total += own * np.sqrt((1.0 - own) ** 2 + others)
    return total
