"""Doubt that comes from too few labels, apart from doubt that no label would remove: by logistic regression.

A hypothesis is as plausible as its likelihood over the largest. A class is as plausible for a row as the most plausible
hypothesis that clearly says so. Where both classes are plausible, a label decides: epistemic uncertainty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points

Array = NDArray[np.float64]

# Numbers in the Hessians of a block of rows: 16 MB.
_CELLS = 2_000_000
# A step changes no labelled row's score by more than this: beyond it the Hessian is another.
_STEP = 1.5
_PASSES = 100
# What is less plausible than exp(-60) is not plausible.
_HOPELESS = 60.0


class Fit(NamedTuple):
    """A logistic regression of the labelled rows, and all that is needed to bend it.

    Attributes
    ----------
    middle, turn, unit : a row x has the coordinates ``(x - middle) turn / unit``.
    rows : (l, k + 1), labelled rows in these coordinates with a 1 behind, times +1 or -1 by their class.
    products : (l, (k + 1)(k + 2) / 2), products of every two coordinates of each.
    penalty : (k + 1,), of each squared weight.
    best : (k + 1,), the weights of the largest likelihood.
    loss : its logarithm, negative.
    """

    middle: Array
    turn: Array
    unit: float
    rows: Array
    products: Array
    penalty: Array
    best: Array
    loss: float


def fit_labelled(labelled: ArrayLike, labels: ArrayLike, *, seed: int = 0, c: float = 1.0, directions: int = 64) -> Fit:
    """The logistic regression of the labelled rows that is bent for each candidate.

    Parameters
    ----------
    labelled : array of shape (l, d)
    labels : array of shape (l,), class numbers 0 and 1
    seed : not used: the fit is the same however it starts.
    c : how weakly weights are held to 0, as `C` of scikit-learn's LogisticRegression. The intercept is held a hundred
        times more weakly, so that labels of one class only have a fit too.
    directions : where there are more columns, so many principal directions of the labelled rows are told apart; what
        a row has besides them is kept as one number. Nothing is lost while there are fewer labelled rows.

    Returns
    -------
    fit : for `epistemic`. O(l directions^2) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, a label is not 0 or 1, or a setting is out of range.

    Examples
    --------
    >>> fit = fit_labelled(np.array([[-1.0], [1.0]]), np.array([0, 1]))
    >>> bool(fit.best[0] > 0.0), abs(round(float(fit.best[1]), 6))
    (True, 0.0)
    """
    if not c > 0.0 or directions < 1:
        raise ValueError(f"c must be above 0 and directions at least 1, not {c} and {directions}")
    points, codes = as_points(labelled, "labelled"), np.asarray(labels)
    if codes.shape != (len(points),) or not np.isin(codes, (0, 1)).all():
        raise ValueError(f"labels must have shape ({len(points)},) and be 0 or 1")
    d = points.shape[1]
    middle = points.mean(axis=0, dtype=np.float64) if len(points) else np.zeros(d)
    centred = np.asarray(points, dtype=np.float64) - middle
    unit = float(np.sqrt(np.mean(centred**2))) if centred.size else 0.0
    unit = unit if unit > 0.0 else 1.0
    turn = np.eye(d)
    if d > directions:
        turn = np.linalg.svd(centred / unit, full_matrices=False)[2][:directions].T
    place = (centred / unit) @ turn
    rows = np.hstack([place, np.ones((len(place), 1))]) * np.where(codes == 1, 1.0, -1.0)[:, None]
    # The same penalty on the weights as they are, whatever the unit; a trace of it is needed for a finite fit.
    weight = max(1.0 / (c * unit * unit), 1e-6)
    penalty = np.append(np.full(place.shape[1], weight), 0.01 * min(weight, 1.0))
    upper = np.triu_indices(rows.shape[1])
    fit = Fit(middle, turn, unit, rows, rows[:, upper[0]] * rows[:, upper[1]], penalty, np.zeros(rows.shape[1]), 0.0)
    best = _largest_likelihood(fit)
    return fit._replace(best=best, loss=float(_loss(fit, best[None])[0]))


def epistemic(space: ArrayLike, fit: Fit) -> Array:
    """How plausible both classes are for a row, given the labelled rows and logistic regression.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i.
    fit : of the labelled rows, as `fit_labelled` returns it.

    Returns
    -------
    utility : array of shape (n,)
        ``min(pi_0, pi_1)``, between 0 and 1, with ``pi_1 = sup_theta min(L(theta) / max L, max(2 p_theta - 1, 0))``
        and pi_0 the same with ``1 - 2 p_theta``: near 1 far from all labelled rows, near 0 where they leave no doubt
        and also where they show both classes alike. For each row a penalised regression is fitted along its own
        direction, by Newton's method to rounding: O(l d^2) a row, and 16 MB besides the arrays.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or the number of columns is not that of the labelled rows.

    References
    ----------
    Senge et al. (2014). Reliable classification: learning classifiers that distinguish aleatoric and epistemic
    uncertainty. Nguyen, Shaker, Hüllermeier (2022). How to measure uncertainty in uncertainty sampling.

    Examples
    --------
    Labels at -2 and 2 settle what lies near them; at 0 both sides are as plausible as they can be.

    >>> fit = fit_labelled(np.array([[-2.0]] * 20 + [[2.0]] * 20), np.repeat([0, 1], 20))
    >>> worth = epistemic(np.array([[-2.0], [0.0]]), fit)
    >>> bool(worth[0] < 0.1 < worth[1])
    True
    """
    points = as_points(space, "space")
    as_anchors(fit.middle[None], points)
    out = np.empty(len(points))
    width = len(fit.best)
    step = max(1, _CELLS // (width * width + len(fit.rows)))
    for start in range(0, len(points), step):
        centred = (points[start : start + step].astype(np.float64) - fit.middle) / fit.unit
        place = centred @ fit.turn
        beside = np.zeros(len(place))
        if fit.turn.shape[0] > fit.turn.shape[1]:
            rest = centred - place @ fit.turn.T
            beside = np.sqrt(np.einsum("ij,ij->i", rest, rest))
        out[start : start + step] = _block(np.hstack([place, np.ones((len(place), 1))]), beside, fit)
    return out


def _block(x: Array, beside: Array, fit: Fit) -> Array:
    score = x @ fit.best
    against = np.where(score > 0.0, -1.0, 1.0)
    weak = _plausible(x * against[:, None], beside, fit)
    # tanh(s / 2) below tanh(score / 2): the other class is plausible at least as far as the fit itself goes.
    unsure = np.flatnonzero(weak > np.tanh(np.abs(score) / 2.0))
    weak[unsure] = np.minimum(weak[unsure], _plausible(-x[unsure] * against[unsure, None], beside[unsure], fit))
    return weak


def _plausible(x: Array, beside: Array, fit: Fit) -> Array:
    """How plausible it is that rows score above 0: (b,). `beside` is what they have outside the coordinates.

    At the most plausible hypothesis that says so with strength ``2 p - 1 = tanh(t / 2)``, the fall in log-likelihood
    is ``-ln tanh(t / 2)``. Each pass takes the log-likelihood for a parabola around the present weights, finds the t
    where the parabola's smallest fall is that, and moves there.
    """
    b = len(x)
    theta, extra, t = np.repeat(fit.best[None], b, axis=0), np.zeros(b), np.zeros(b)
    live = np.arange(b)
    for _ in range(_PASSES):
        here = x[live]
        fall = _loss(fit, theta[live]) - fit.loss
        hopeless = fall > _HOPELESS
        if hopeless.any():
            t[live[hopeless]] = 0.0
            live, here, fall = live[~hopeless], here[~hopeless], fall[~hopeless]
            if len(live) == 0:
                break
        gradient, hessian = _derivatives(fit, theta[live])
        both = np.linalg.solve(hessian, np.stack([gradient, here], axis=2))
        newton, along = -both[:, :, 0], both[:, :, 1]
        weight, out = fit.penalty[0], beside[live]
        spread = np.einsum("ij,ij->i", here, along) + out * out / weight
        least = fall + 0.5 * np.einsum("ij,ij->i", gradient, newton)
        middle = np.einsum("ij,ij->i", here, theta[live] + newton)
        found = _meeting(middle, spread, least)
        far = (found - middle) / spread
        step = newton + along * far[:, None]
        longest = np.abs(step @ fit.rows.T).max(axis=1, initial=0.0)
        share = np.minimum(1.0, _STEP / np.maximum(longest, 1e-300))
        theta[live] += share[:, None] * step
        extra[live] += share * (far * out / weight - extra[live])
        settled = (share == 1.0) & (np.abs(found - t[live]) <= 1e-13 * (1.0 + np.abs(found)))
        t[live] = found
        live = live[~settled]
        if len(live) == 0:
            break
    return np.tanh(t / 2.0)


def _meeting(middle: Array, spread: Array, least: Array) -> Array:
    """The t > 0 where ``least + (t - middle)^2 / (2 spread)`` equals ``-ln tanh(t / 2)``."""
    # At the foot of the parabola or at 0 it is below; at the larger of 60 and the foot the logarithm is next to 0.
    low = np.maximum(middle, 0.0)
    high = np.maximum(middle, 0.0) + 60.0
    for _ in range(70):
        t = 0.5 * (low + high)
        above = least + (t - middle) ** 2 / (2.0 * spread) + np.log(np.tanh(t / 2.0)) > 0.0
        high = np.where(above, t, high)
        low = np.where(above, low, t)
    return 0.5 * (low + high)


def _loss(fit: Fit, theta: Array) -> Array:
    """Negative logarithm of the penalised likelihood: (b,)."""
    scores = theta @ fit.rows.T
    loss: Array = np.logaddexp(0.0, -scores).sum(axis=1) + 0.5 * (theta * theta) @ fit.penalty
    return loss


def _derivatives(fit: Fit, theta: Array) -> tuple[Array, Array]:
    """Gradients (b, k + 1) and Hessians (b, k + 1, k + 1) of the loss."""
    scores = theta @ fit.rows.T
    small = np.exp(-np.abs(scores))
    wrong = np.where(scores > 0.0, small, 1.0) / (1.0 + small)  # 1 - p of the row's own class
    gradient = theta * fit.penalty - wrong @ fit.rows
    size = theta.shape[1]
    upper = np.triu_indices(size)
    hessian = np.empty((len(theta), size, size))
    flat = (wrong * (1.0 - wrong)) @ fit.products
    hessian[:, upper[0], upper[1]] = flat
    hessian[:, upper[1], upper[0]] = flat
    hessian[:, np.arange(size), np.arange(size)] += fit.penalty
    return gradient, hessian


def _largest_likelihood(fit: Fit) -> Array:
    theta = np.zeros((1, len(fit.best)))
    for _ in range(_PASSES):
        gradient, hessian = _derivatives(fit, theta)
        step = -np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        longest = float(np.abs(step @ fit.rows.T).max(initial=0.0))
        theta = theta + step * min(1.0, _STEP / max(longest, 1e-300))
        if longest <= 1e-14:
            break
    only: Array = theta[0]
    return only
