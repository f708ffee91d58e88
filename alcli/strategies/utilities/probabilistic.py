"""What labels in a neighbourhood would be worth, in closed form: mcpal."""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points, blocks, mean_of

Array = NDArray[np.float64]

# Ways in which labels can fall that are looked at one by one.
_MOST_WAYS = 20_000


class Neighbourhood(NamedTuple):
    """What `mcpal` learns once, of the whole choice."""

    centre: Array
    gamma: float
    labelled: Array
    codes: NDArray[np.intp]
    reference: Array
    costs: Array
    prior: float
    most: int


def neighbourhood(
    labelled: ArrayLike,
    labels: ArrayLike,
    reference: ArrayLike,
    costs: ArrayLike,
    *,
    seed: int = 0,
    most: int = 2,
    prior: float = 1.0,
    bandwidth: float = 0.0,
) -> Neighbourhood:
    """What `mcpal` scores rows with.

    Parameters
    ----------
    labelled, labels : (l, d) and (l,) class numbers.
    reference : (r, d) rows that stand for the pool.
    costs : (c, c), cost of predicting column j for a row of class i.
    seed : not used.
    most : labels that are looked ahead at once, M of the paper.
    prior : what is added to the count of every class; 1 says that all mixtures of classes are as likely.
    bandwidth : standard deviation of the kernel; 0 takes it from the rows by the mean criterion.

    Raises
    ------
    ValueError
        If shapes don't fit, a setting is out of range, or there are too many ways for the labels to fall.

    References
    ----------
    Chaudhuri, Kakde, Sadek, Gonzalez, Kong (2017). The mean and median criteria for kernel bandwidth
    selection for support vector data description.
    """
    if not 1 <= most <= 10:
        raise ValueError(f"most must be from 1 to 10, not {most}")
    if not prior > 0.0:
        raise ValueError(f"prior must be above 0, not {prior}")
    if not bandwidth >= 0.0:
        raise ValueError(f"bandwidth must be 0 (from the rows) or more, not {bandwidth}")
    price, codes = np.asarray(costs, dtype=np.float64), np.asarray(labels, dtype=np.intp)
    pool = as_points(reference, "reference")
    anchors = as_anchors(labelled, pool)
    anchors = pool[:0] if anchors is None else anchors
    if price.ndim != 2 or price.shape[0] != price.shape[1] or not np.isfinite(price).all():
        raise ValueError(f"costs must be finite and have shape (c, c), not {price.shape}")
    if codes.shape != (len(anchors),):
        raise ValueError(f"labels must have shape ({len(anchors)},), not {codes.shape}")
    ways = _ways(len(price), most)
    if (most > 2 or not _plain(price)) and ways > _MOST_WAYS:
        raise ValueError(
            f"{most} labels of {len(price)} classes can fall in {ways:,} ways, more than {_MOST_WAYS:,}: give a smaller `most`"
        )
    everything = np.concatenate([pool, anchors]).astype(np.float64)
    centre = mean_of(everything)
    if bandwidth > 0.0:
        gamma = 0.5 / bandwidth**2
    else:
        gamma = _gamma(everything - centre)
    return Neighbourhood(centre, gamma, anchors - centre, codes, pool - centre, price, prior, most)


def mcpal(space: ArrayLike, prepared: Neighbourhood) -> Array:
    """How much better the answer would be around a row with a few labels more, times how many rows are there.

    Parameters
    ----------
    space : array of shape (n, d)
        Row i is candidate i.
    prepared : what `neighbourhood` returned. Its settings are: `most`, labels that are looked ahead at once
        (2); `prior`, added to the count of every class (1); `bandwidth` of the kernel (0: from the rows).

    Returns
    -------
    utility : array of shape (n,)
        ``density * max_{m <= most} gain_m / m``, never below 0. The density is the mean of the kernel over
        rows drawn from the pool; the gain is the expected fall of the cost of the answer that is best for the
        neighbourhood, over all ways for m labels to fall, given the kernel-weighted counts of labels there.
        Exact; with costs of 0 and 1 and `most` up to 2 in O(c log c) a row. O(n (l + r) d) time, and O(n)
        memory plus blocks.

    Raises
    ------
    ValueError
        If `space` has another shape or is not finite.

    References
    ----------
    Kottke, Krempl, Lang, Teschner, Spiliopoulou (2016). Multi-class probabilistic active learning.
    Krempl, Kottke, Lemaire (2015). Optimised probabilistic active learning (OPAL), the same for two classes.
    Costs other than 0 and 1, and the prior in the answer, are the natural extension.

    Examples
    --------
    >>> told = neighbourhood([[0.0]], [0], [[0.0], [0.1], [4.0], [4.1]], 1 - np.eye(2), bandwidth=1.0)
    >>> near, far = mcpal(np.array([[0.05], [4.05]]), told)
    >>> bool(far > near)
    True
    """
    rows = as_points(space, "space")
    if rows.shape[1] != len(prepared.centre):
        raise ValueError(f"space must have shape (n, {len(prepared.centre)}), not {rows.shape}")
    classes = len(prepared.costs)
    out = np.empty(len(rows))
    if classes == 1:
        return np.zeros(len(rows))
    member = np.eye(classes)[prepared.codes]
    for start, stop in blocks(len(rows), max(rows.shape[1], len(prepared.labelled), len(prepared.reference))):
        here = rows[start:stop] - prepared.centre
        counts = _kernel(here, prepared.labelled, prepared.gamma) @ member
        density = _kernel(here, prepared.reference, prepared.gamma).mean(axis=1) if len(prepared.reference) else 1.0
        out[start:stop] = density * gain(counts + prepared.prior, prepared.costs, prepared.most)
    return out


def gain(alpha: ArrayLike, costs: ArrayLike, most: int) -> Array:
    """The largest expected fall of cost a label, over 1 to `most` labels.

    Parameters
    ----------
    alpha : array of shape (n, c)
        Counts of labels with the prior: the class probabilities of the place are Dirichlet distributed so.
    costs : array of shape (c, c)
    most : labels at once.

    Returns
    -------
    gain : array of shape (n,)
        ``max_m (cost now - E cost after m labels) / m``, 0 where labels cannot change the answer.

    Examples
    --------
    >>> gain(np.array([[1.0, 1.0], [9.0, 1.0]]), 1 - np.eye(2), 1).round(3)
    array([0.167, 0.   ])
    """
    a, price = np.asarray(alpha, dtype=np.float64), np.asarray(costs, dtype=np.float64)
    total = a.sum(axis=1)
    now = (a @ price).min(axis=1) / total
    best = np.zeros(len(a))
    for m in range(1, most + 1):
        after = _after_few(a, m) if m <= 2 and _plain(price) else _after(a, price, m)
        best = np.maximum(best, (now - after) / m)
    # What cancels leaves some 1e-16 behind.
    best[best < 1e-14] = 0.0
    return best


def _after_few(a: Array, m: int) -> Array:
    """Expected cost after one or two labels, errors costing 1, by sums over the sorted counts."""
    a = -np.sort(-a, axis=1)
    total, largest = a.sum(axis=1), a[:, :1]
    if m == 1:
        right = (a * np.maximum(a + 1.0, largest)).sum(axis=1) / (total * (total + 1.0))
    else:
        twice = (a * (a + 1.0) * np.maximum(a + 2.0, largest)).sum(axis=1)
        # of two different classes the one with more decides, and each is with those that have less
        less = np.cumsum(a[:, ::-1], axis=1)[:, ::-1] - a
        once = 2.0 * (a * less * np.maximum(a + 1.0, largest)).sum(axis=1)
        right = (twice + once) / (total * (total + 1.0) * (total + 2.0))
    after: Array = 1.0 - right
    return after


def _after(a: Array, price: Array, m: int) -> Array:
    """Expected cost after m labels, over every way for them to fall."""
    total = a.sum(axis=1)
    out = np.zeros(len(a))
    for fallen in combinations_with_replacement(range(a.shape[1]), m):
        classes, times = np.unique(fallen, return_counts=True)
        chance = np.ones(len(a))
        ways = factorial(m)
        for code, count in zip(classes.tolist(), times.tolist(), strict=True):
            ways //= factorial(count)
            for step in range(count):
                chance *= a[:, code] + step
        labels = np.bincount(fallen, minlength=a.shape[1])
        out += ways * chance * ((a + labels) @ price).min(axis=1)
    for step in range(m):
        out /= total + step
    after: Array = out / (total + m)
    return after


def _ways(classes: int, m: int) -> int:
    found = 1
    for step in range(m):
        found = found * (classes + step) // (step + 1)
    return found


def _plain(price: Array) -> bool:
    return bool(np.array_equal(price, 1.0 - np.eye(len(price))))


def _kernel(rows: Array, centres: Array, gamma: float) -> Array:
    distance = np.einsum("ij,ij->i", rows, rows)[:, None] - 2.0 * (rows @ centres.T)
    distance += np.einsum("ij,ij->i", centres, centres)
    np.maximum(distance, 0.0, out=distance)
    distance *= -gamma
    near: Array = np.exp(distance, out=distance)
    return near


def _gamma(around: Array) -> float:
    """1 / (2 s^2) by the mean criterion, from rows around their mean."""
    n, variance = len(around), float((around**2).mean(axis=0).sum()) if len(around) else 0.0
    if n < 2 or variance <= 0.0 or not np.isfinite(variance):
        return 1.0
    return 0.5 * (n - 1) * float(np.log((n - 1) / (np.sqrt(2.0) * 1e-6) ** 2)) / (2.0 * n * variance)
