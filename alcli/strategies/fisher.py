"""Fisher information of logistic regressions: sums of weighted outer products, and their inverse."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points
from alcli.strategies.utilities.checks import probabilities

Array = NDArray[np.float64]


Pair = tuple[NDArray[np.floating], Array]


def checked(
    what: str,
    given: tuple[ArrayLike, ArrayLike],
    known: tuple[ArrayLike | None, ArrayLike],
    pool: tuple[ArrayLike, ArrayLike],
    *,
    ridge: float,
    parameters: int,
) -> tuple[Pair, Pair, Pair]:
    """Points (n, d) and class probabilities (n, c) of candidates, labelled rows and the pool.

    Parameters
    ----------
    what : how messages call the candidates' points.
    known : its points may be None, for no labelled row.

    Raises
    ------
    ValueError
        If they don't fit together, a number is not finite, or a setting is out of range.
    """
    if not ridge > 0.0:
        raise ValueError(f"ridge must be above 0, not {ridge}")
    if parameters < 0:
        raise ValueError(f"parameters must be 0 or more, not {parameters}")
    rows, p = _pair(what, "proba", *given)
    reference = _pair("reference", "reference_proba", *pool)
    anchors = as_anchors(known[0], rows)
    anchors = rows[:0] if anchors is None else anchors
    labelled = _pair("labelled", "labelled_proba", anchors, known[1] if len(anchors) else np.empty((0, p.shape[1])))
    if reference[0].shape[1] != rows.shape[1] or not p.shape[1] == reference[1].shape[1] == labelled[1].shape[1]:
        raise ValueError("rows of one choice must have the same shape: as many columns, as many classes")
    return (rows, p), labelled, reference


def _pair(what: str, of: str, rows: ArrayLike, proba: ArrayLike) -> Pair:
    points, p = as_points(rows, what), probabilities(proba, of)
    if len(points) != len(p):
        raise ValueError(f"{what} has {len(points)} rows and its probabilities {len(p)}: not the same shape")
    return points, p


def with_ones(rows: NDArray[np.floating]) -> Array:
    """(n, d) -> (n, d + 1): the last column is that of the intercept."""
    return np.hstack([rows, np.ones((len(rows), 1))])


def weighed(rows: Array, weight: Array) -> Array:
    """``sum_i w_i x_i x_i^T`` of rows (n, d), as an array of shape (d, d)."""
    found: Array = rows.T @ (weight[:, None] * rows)
    return found


def information(rows: Array, p: Array) -> Array:
    """``sum_i (diag p_i - p_i p_i^T) (x) x_i x_i^T``: (k, d, k, d) for rows (n, d) and k columns of probabilities.

    One column is that of the second of two classes, as logistic regression has it.
    """
    k, width = p.shape[1], rows.shape[1]
    found = np.empty((k, width, k, width))
    for a in range(k):
        for b in range(a, k):
            block = weighed(rows, p[:, a] * ((a == b) - p[:, b]))
            found[a, :, b], found[b, :, a] = block, block.T
    return found


def half_of(p: Array) -> Array:
    """A matrix for each row whose product with its own transpose is ``diag p - p p^T``: (n, k, k) of (n, k).

    >>> half = half_of(np.array([[0.3, 0.7]]))[0]
    >>> (half @ half.T).round(2).tolist()
    [[0.21, -0.21], [-0.21, 0.21]]
    >>> half_of(np.array([[0.5]])).tolist()
    [[[0.5]]]
    """
    if p.shape[1] == 1:
        return np.sqrt(p * (1.0 - p))[:, :, None]
    # what is taken away projects, so the matrix is its own square but for the root on the left
    root = np.sqrt(p)
    half: Array = root[:, :, None] * (np.eye(p.shape[1]) - root[:, :, None] * root[:, None])
    return half


def inverse(matrix: Array) -> Array:
    """Of a symmetric positive definite matrix, brought to a diagonal of ones before: columns may differ in size.

    Raises
    ------
    ValueError
        If it is too nearly singular for that.
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    scale = 1.0 / np.sqrt(np.diag(matrix))
    try:
        factor = cho_factor(matrix * scale * scale[:, None])
    except (LinAlgError, ValueError):
        raise ValueError("space: coordinates differ too much in size; scale the features") from None
    found: Array = cho_solve(factor, np.diag(scale)) * scale[:, None]
    return (found + found.T) / 2.0
