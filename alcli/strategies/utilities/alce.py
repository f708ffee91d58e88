"""Cost embedding: classes as points whose distances follow costs, and rows as points among them (ALCE)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points, blocks
from alcli.strategies.utilities.cost import costs_of

Array = NDArray[np.float64]

_PASSES = 300
# Dimensions of the embedding, where nobody says how many.
_MOST = 16


class Embedding(NamedTuple):
    """Where classes are, and how rows get there.

    Attributes
    ----------
    answers : (c, k), the points of predictions.
    middle, scale : (d,), of the labelled rows' columns.
    weights, bias : (d, k) and (k,), from a row to its point.
    """

    answers: Array
    middle: Array
    scale: Array
    weights: Array
    bias: Array


def embed_costs(
    labelled: ArrayLike,
    labels: ArrayLike,
    costs: ArrayLike,
    *,
    seed: int = 0,
    dimensions: int = 0,
    ridge: float = 1.0,
) -> Embedding:
    """Embed the classes by their costs, and learn from the labelled rows where a row belongs.

    Parameters
    ----------
    labelled : array of shape (l, d)
    labels : array of shape (l,), class numbers
    costs : array of shape (c, c), never below 0
        ``costs[i, j]``: of predicting class j for a row of class i. Need not be symmetric: a class is one point as
        what a row is and another as what is said of it.
    seed : not used: the embedding starts from the costs themselves.
    dimensions : of the embedding; 0 for as many as classes, at most 16.
    ridge : of the regression from the labelled rows, with columns brought to mean 0 and deviation 1, to the points
        of their classes.

    Returns
    -------
    embedding : for `alce`.

    Raises
    ------
    ValueError
        If a coordinate is not finite, a cost is below 0, a label is no class, or a setting is out of range.

    Examples
    --------
    >>> embedding = embed_costs(np.array([[0.0], [1.0]]), np.array([0, 1]), 1.0 - np.eye(2))
    >>> float(np.linalg.norm(embedding.answers[0] - embedding.answers[1]).round(3))
    1.414
    """
    if dimensions < 0 or not ridge >= 0.0:
        raise ValueError(f"dimensions and ridge must not be below 0, not {dimensions} and {ridge}")
    points, codes = as_points(labelled, "labelled"), np.asarray(labels)
    if codes.shape != (len(points),):
        raise ValueError(f"labels must have shape ({len(points)},), not {codes.shape}")
    d = points.shape[1]
    if len(points) == 0:
        return Embedding(np.zeros((1, 1)), np.zeros(d), np.ones(d), np.zeros((d, 1)), np.zeros(1))
    matrix = costs_of(costs)
    codes = codes.astype(np.intp)
    if codes.min() < 0 or codes.max() >= len(matrix):
        raise ValueError(f"labels must be below {len(matrix)}, the number of classes of costs")
    truths, answers = _embedded(matrix, dimensions or min(len(matrix), _MOST))
    middle = points.mean(axis=0, dtype=np.float64)
    centred = np.asarray(points, dtype=np.float64) - middle
    scale = np.sqrt(np.mean(centred**2, axis=0))
    # a column that does not vary teaches nothing, and rounding must not blow it up
    scale[scale <= 1e-9 * np.maximum(np.abs(middle), np.finfo(np.float64).tiny)] = np.inf
    wanted = truths[codes]
    bias = wanted.mean(axis=0)
    scaled = centred / scale
    if d <= len(points):
        whole = scaled.T @ scaled + max(ridge, 1e-9) * np.eye(d)
        weights = np.linalg.solve(whole, scaled.T @ (wanted - bias))
    else:
        whole = scaled @ scaled.T + max(ridge, 1e-9) * np.eye(len(points))
        weights = scaled.T @ np.linalg.solve(whole, wanted - bias)
    return Embedding(answers, middle, scale, weights, bias)


def alce(space: ArrayLike, embedding: Embedding) -> Array:
    """How far a row lies from every answer, in a space where distances are costs.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    embedding : of costs and labelled rows, as `embed_costs` returns it.

    Returns
    -------
    utility : array of shape (n,)
        Distance of the row's predicted point to the nearest point of an answer: what is said of the row will cost
        about so much, in order if not in amount. All 0 when costs are, or when nothing is labelled.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the number of columns is not that of the labelled rows.

    References
    ----------
    Huang, Lin (2016). A novel uncertainty sampling algorithm for cost-sensitive multiclass active learning.

    Examples
    --------
    Half way between the classes it is dearer than on either side.

    >>> embedding = embed_costs(np.array([[0.0]] * 9 + [[1.0]] * 9), np.repeat([0, 1], 9), 1.0 - np.eye(2))
    >>> int(alce(np.array([[0.0], [0.5], [1.0]]), embedding).argmax())
    1
    """
    points = as_points(space, "space")
    as_anchors(embedding.middle[None], points)
    nearest = np.empty(len(points))
    turn = embedding.weights / embedding.scale[:, None]
    for start, stop in blocks(len(points), points.shape[1] + len(embedding.answers)):
        place = (points[start:stop].astype(np.float64) - embedding.middle) @ turn + embedding.bias
        square = np.full(len(place), np.inf)
        for answer in embedding.answers:
            away = place - answer
            np.minimum(square, np.einsum("ij,ij->i", away, away), out=square)
        nearest[start:stop] = np.sqrt(square)
    return nearest


def _embedded(costs: Array, k: int) -> tuple[Array, Array]:
    """Points of truths and of answers, (c, k) each: distances of a truth to answers in the order of its costs.

    Non-metric scaling of 2 c points of which only truths and answers are compared (Kruskal 1964; de Leeuw 1977): in
    turn the distances that are nearest to the present ones and in the order of the costs, and the points that are
    nearest to these distances.
    """
    from sklearn.isotonic import IsotonicRegression

    c = len(costs)
    if not costs.any() or c == 1:
        return np.zeros((c, k)), np.zeros((c, k))
    start = _classical((costs + costs.T) / 2.0, k)
    points = np.concatenate([start, start])
    weights = np.zeros((2 * c, 2 * c))
    weights[:c, c:] = weights[c:, :c] = 1.0
    inverse = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    isotonic = IsotonicRegression()
    wanted = costs / np.sqrt(np.mean(costs**2))
    before = np.inf
    for turn in range(_PASSES):
        distance = _between(points[:c], points[c:])
        if turn:
            fitted = isotonic.fit_transform(costs.ravel(), distance.ravel()).reshape(c, c)
            size = float(np.sqrt(np.mean(fitted**2)))
            wanted = fitted / size if size > 0.0 else wanted
        stress = float(((distance - wanted) ** 2).sum())
        if turn > 1 and before - stress <= 1e-9 * c * c:
            break
        before = stress
        ratio = np.where(distance > 0.0, wanted / np.where(distance > 0.0, distance, 1.0), 0.0)
        pull = np.zeros_like(weights)
        pull[:c, c:], pull[c:, :c] = -ratio, -ratio.T
        pull -= np.diag(pull.sum(axis=1))
        points = inverse @ (pull @ points)
    return points[:c], points[c:]


def _classical(distance: Array, k: int) -> Array:
    """Classical scaling, with the sign of each direction settled: (c, k)."""
    centre = np.eye(len(distance)) - 1.0 / len(distance)
    values, vectors = np.linalg.eigh(-0.5 * centre @ (distance**2) @ centre)
    order = np.argsort(-values, kind="stable")[:k]
    found = vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    found *= np.where(found[np.abs(found).argmax(axis=0), np.arange(len(order))] < 0.0, -1.0, 1.0)
    return np.hstack([found, np.zeros((len(found), k - found.shape[1]))])


def _between(left: Array, right: Array) -> Array:
    return np.array([np.sqrt(((right - one) ** 2).sum(axis=1)) for one in left])
