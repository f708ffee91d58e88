"""Density-weighted uncertainty: logistic regression on the clusters of the pool, times the density of a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points, blocks

_ROUNDS = 100


@dataclass(frozen=True)
class Weighted:
    """What `learn` found: a mixture of spheres of one size, and one logistic model a class on their centres.

    Attributes
    ----------
    middle, scale : (d,) columns are moved by one and divided by the other.
    centres : (k, d) of the components, in these coordinates.
    log_weight : (k,) logarithm of a component's share of the pool.
    variance : of each component in each direction.
    positive : (k, t) probability that a row of the component has class t, one-vs-rest; t is 1 for two classes.
    densest : logarithm of the largest density of a row that it learned from.
    """

    middle: NDArray[np.float64]
    scale: NDArray[np.float64]
    centres: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    variance: float
    positive: NDArray[np.float64]
    densest: float

    def standardised(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Coordinates in which the pool has mean 0 and variance 1: (n, d)."""
        return (rows - self.middle) / self.scale

    def components(self, place: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(k given x), (n, k), and ln p(x) up to a constant, (n,)."""
        return _components(place, self.centres, self.log_weight, self.variance)


def dwus(space: ArrayLike, weighted: Weighted) -> NDArray[np.float64]:
    """Density of a row times the error that its class is expected to be guessed with.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    weighted : what `learn` returned. It knows the settings: clusters and penalty.

    Returns
    -------
    utility : array of shape (n,)
        ``p(x) E[(y_guess - y)^2 given x]`` with y = -1 or 1, so the expectation is ``4 min(P, 1 - P)``, summed over
        the classes one-vs-rest. The density is a share of the largest one the learner saw. O(n k d) time.

    Raises
    ------
    ValueError
        If the shapes do not fit or a coordinate is not finite; the message names the row.

    References
    ----------
    Nguyen, Smeulders (2004). Active learning using pre-clustering. Also in Donmez, Carbonell, Bennett (2007).

    Examples
    --------
    >>> pool = np.array([[0.0], [0.1], [0.2], [0.3], [5.0], [9.8], [9.9], [10.0]])
    >>> found = learn(np.array([[0.0], [10.0]]), np.array([0, 1]), pool, seed=0, clusters=3, penalty=0.01)
    >>> int(dwus(pool, found).argmax())
    4
    """
    rows = as_points(space, "space")
    if rows.shape[1] != len(weighted.middle):
        raise ValueError(f"space must have shape (n, {len(weighted.middle)}), not {rows.shape}")
    out = np.empty(len(rows))
    for start, stop in blocks(len(rows), max(rows.shape[1], len(weighted.centres))):
        share, logs = weighted.components(weighted.standardised(rows[start:stop]))
        chance = share @ weighted.positive
        error = 4.0 * np.minimum(chance, 1.0 - chance).sum(axis=1)
        out[start:stop] = np.exp(np.minimum(logs - weighted.densest, 700.0)) * error
    return np.maximum(out, 0.0)


def learn(
    labelled: ArrayLike,
    labels: ArrayLike,
    reference: ArrayLike,
    *,
    seed: int,
    clusters: int = 20,
    penalty: float = 1.0,
) -> Weighted:
    """Learn the clusters of the pool and which class each of them has.

    Parameters
    ----------
    labelled : array of shape (l, d)
    labels : array of shape (l,)
        Class numbers. With more than two classes, one model a class against all others.
    reference : array of shape (r, d)
        Rows drawn from the pool.
    seed : of the first centres of k-means.
    clusters : of k-means over reference and labelled rows. The paper takes k-medoids; a cluster of two rows has two.
    penalty : half of this times the squared length of a model's weights and intercept is added to its loss. The
        intercept is in it so that labels that are all alike have a finite answer.

    Returns
    -------
    weighted : takes the mixture ``p(x) = sum_k P(k) N(x; c_k, s^2 I)``, its shares and its one variance
        by expectation maximisation, and ``P(y given k) = 1 / (1 + exp(-y (a . c_k + b)))`` with the a and b of
        largest likelihood of ``P(y given x) = sum_k P(y given k) P(k given x)``. Columns are standardised by
        the reference, so that no unit makes a probability 0/0, as happens in libact. O((r + l) k d) a pass.

    Raises
    ------
    ValueError
        If the shapes do not fit, a coordinate is not finite, or a setting is out of range.

    Examples
    --------
    >>> learn(np.array([[0.0], [9.0]]), np.array([0, 1]), np.arange(10.0)[:, None], seed=0, clusters=4).positive.shape
    (4, 1)
    """
    if clusters < 1:
        raise ValueError(f"clusters must be at least 1, not {clusters}")
    if not penalty > 0.0:
        raise ValueError(f"penalty must be above 0, not {penalty:g}")
    pool = as_points(reference, "reference")
    anchors = as_anchors(labelled, pool)
    codes = np.asarray(labels).astype(np.intp)
    known = np.empty((0, pool.shape[1])) if anchors is None else anchors
    if codes.shape != (len(known),):
        raise ValueError(f"labels must have shape ({len(known)},), not {codes.shape}")
    both = np.concatenate([pool, known]).astype(np.float64)
    if len(both) == 0:
        both = np.zeros((1, pool.shape[1]))
    middle = both.mean(axis=0)
    scale = both.std(axis=0)
    scale = np.where(scale > 1e-12 * np.abs(both).max(axis=0), scale, np.inf)
    place = (both - middle) / scale
    centres, log_weight, variance = _mixture(place, clusters, seed)
    share, logs = _components(place, centres, log_weight, variance)
    positive = np.column_stack(
        [
            _chances(centres, share[len(pool) :][: len(known)], np.where(codes == one, 1.0, -1.0), penalty)
            for one in _contested(codes)
        ]
    )
    return Weighted(middle, scale, centres, log_weight, variance, positive, float(logs.max()))


def _contested(codes: NDArray[np.intp]) -> list[int]:
    """The classes that have a model of their own: one is enough for two."""
    seen: list[int] = np.unique(codes).tolist()
    return seen if len(seen) > 2 else (seen or [0])[:1]


def _mixture(place: NDArray[np.float64], k: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Centres, logarithms of their weights, and the variance in each direction."""
    from alcli.strategies.selectors.clusters import cluster

    _, centres = cluster(place, min(k, len(np.unique(place, axis=0))), seed=seed)
    away = _squares(place, centres)
    columns = max(1, place.shape[1])
    # Where every row is a centre nothing says how wide they are; so narrow, each row is its own.
    least = 1e-6
    variance = max(float(away.min(axis=1).mean()) / columns, least)
    log_weight = np.full(len(centres), -np.log(len(centres)))
    for _ in range(_ROUNDS):
        share = _shares(away, log_weight, variance)[0]
        weight = share.mean(axis=0)
        wider = max(float((share * away).sum()) / (len(place) * columns), least)
        moved = abs(wider - variance) / variance + float(np.abs(weight - np.exp(log_weight)).max())
        variance, log_weight = wider, np.log(np.maximum(weight, 1e-300))
        if moved < 1e-6:
            break
    return centres, log_weight, variance


def _components(
    place: NDArray[np.float64], centres: NDArray[np.float64], log_weight: NDArray[np.float64], variance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return _shares(_squares(place, centres), log_weight, variance)


def _shares(
    away: NDArray[np.float64], log_weight: NDArray[np.float64], variance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P(k given x) and ln p(x), the largest term taken out first: far from all centres every term would be 0."""
    logs = log_weight - away / (2.0 * variance)
    most = logs.max(axis=1, keepdims=True)
    terms = np.exp(logs - most)
    total = terms.sum(axis=1, keepdims=True)
    return terms / total, (most + np.log(total))[:, 0]


def _squares(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial.distance import cdist

    found: NDArray[np.float64] = cdist(left, right, "sqeuclidean")
    return found


def _chances(
    centres: NDArray[np.float64], share: NDArray[np.float64], y: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """P(y = 1 given k) of each component, by labels y of -1 and 1 of rows with these shares: (k,)."""
    from scipy.optimize import minimize
    from scipy.special import expit

    wide = np.hstack([centres, np.ones((len(centres), 1))])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        chance = expit(wide @ weights)
        right = share @ chance
        likely = np.maximum(np.where(y > 0.0, right, 1.0 - right), 1e-300)
        pull = ((y / likely) @ share) * chance * (1.0 - chance)
        value = 0.5 * penalty * float(weights @ weights) - float(np.log(likely).sum())
        return value, penalty * weights - pull @ wide

    found = minimize(loss, np.zeros(wide.shape[1]), jac=True, method="L-BFGS-B")
    chances: NDArray[np.float64] = expit(wide @ found.x)
    return chances
