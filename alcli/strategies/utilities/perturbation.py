"""How far a row would have to move for the model to change its mind (DeepFool, in closed form for linear models)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points
from alcli.strategies.utilities.checks import probabilities

# Probabilities below this are taken for it where weights are learned: their logarithms say nothing.
_LEAST = 1e-12


class Weights(NamedTuple):
    """What is known of the model.

    Attributes
    ----------
    apart : (c, c), the length of the difference of the weights of two classes.
    scale : the median distance of the sample rows to the nearest other class.
    """

    apart: NDArray[np.float64]
    scale: float


def weights_from(reference: ArrayLike, reference_proba: ArrayLike, *, seed: int = 0) -> Weights:
    """The weights of a linear model, read off its probabilities of sample rows.

    The logarithms of a softmax model's probabilities are its scores, up to one number a row, and scores are linear
    in the coordinates: least squares over the sample rows finds the weights exactly, when there are more rows than
    coordinates. Of another model it finds the linear model that is nearest on these rows.

    Parameters
    ----------
    reference : array of shape (r, d)
    reference_proba : array of shape (r, c)
    seed : not used.

    Returns
    -------
    weights : what `adversarial` measures with.

    Raises
    ------
    ValueError
        If the arrays differ in rows, a coordinate is not finite or a row is not a distribution.

    Examples
    --------
    >>> x = np.array([[-1.0], [0.0], [2.0]])
    >>> p = 1.0 / (1.0 + np.exp(-3.0 * x))
    >>> weights_from(x, np.hstack([1.0 - p, p])).apart.round(6)[0].tolist()
    [0.0, 3.0]
    """
    points, p = as_points(reference, "reference"), probabilities(reference_proba, "reference_proba")
    if len(points) != len(p):
        raise ValueError(f"reference has {len(points)} rows and reference_proba {len(p)}")
    c = p.shape[1]
    if len(p) == 0:
        return Weights(np.zeros((c, c)), 1.0)
    centred = np.asarray(points, dtype=np.float64) - points.mean(axis=0, dtype=np.float64)
    unit = float(np.abs(centred).max(initial=0.0)) or 1.0
    scores = np.log(np.maximum(p, _LEAST))
    scores -= scores.mean(axis=1, keepdims=True)
    scores -= scores.mean(axis=0)
    slopes = np.linalg.lstsq(centred / unit, scores, rcond=1e-9)[0] / unit
    apart = np.array([np.sqrt(((slopes - slopes[:, [label]]) ** 2).sum(axis=0)) for label in range(c)])
    distance = _distance(p, apart)
    known = distance[np.isfinite(distance) & (distance > 0.0)]
    return Weights(apart, float(np.median(known)) if len(known) else 1.0)


def adversarial(proba: ArrayLike, weights: Weights) -> NDArray[np.float64]:
    """How small a step would flip the prediction for a row.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities of a linear model. Row i is candidate i, not row i of the pool.
    weights : of that model, as `weights_from` returns them.

    Returns
    -------
    utility : array of shape (n,)
        ``1 / (1 + s)``, s being the length of the shortest step in the space that leads to another class,
        ``min_l (f_k - f_l) / ||w_k - w_l||`` with k the predicted class, in units of the sample's median. 1 on a
        boundary, 0.5 at the median, 0 where no other class has any probability or no step changes anything. Two
        classes are ordered as by `margin`; with more, pairs of classes with steep scores are nearer than they seem.

    Raises
    ------
    ValueError
        If `proba` is not 2-D or a row is not a distribution; the message names the row.

    References
    ----------
    Moosavi-Dezfooli, Fawzi, Frossard (2016). DeepFool. Ducoffe, Precioso (2018). Adversarial active learning for deep
    networks: a margin based approach. Their iteration is one exact step when scores are linear.

    Examples
    --------
    >>> steep = Weights(np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 4.0], [4.0, 4.0, 0.0]]), 1.0)
    >>> adversarial(np.array([[0.5, 0.25, 0.25]]), steep).round(3)  # ln 2 / 4 away from the third class
    array([0.852])
    """
    p = probabilities(proba)
    if p.shape[1] == 1:
        return np.zeros(len(p))
    if weights.apart.shape != (p.shape[1], p.shape[1]):
        raise ValueError(f"proba has shape {p.shape}, but weights are of {len(weights.apart)} classes")
    return 1.0 / (1.0 + _distance(p, weights.apart) / weights.scale)


def _distance(p: NDArray[np.float64], apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of the shortest step to another class: (n,), infinite where there is none."""
    rows = np.arange(len(p))
    first = p.argmax(axis=1) if len(p) else np.zeros(0, dtype=np.intp)
    best = np.log(p[rows, first])
    nearest = np.full(len(p), np.inf)
    for other in range(p.shape[1]):
        there = p[:, other]
        width = apart[first, other]
        open_ = (first != other) & (there > 0.0)
        gap = np.where(open_, best - np.log(np.where(open_, there, 1.0)), np.inf)
        # Classes that are equally likely everywhere: the row is on their boundary wherever it goes.
        step = np.where(width > 0.0, gap / np.where(width > 0.0, width, 1.0), np.where(gap == 0.0, 0.0, np.inf))
        np.minimum(nearest, step, out=nearest)
    return nearest
