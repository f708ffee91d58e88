"""A learning curve fitted to what was measured so far, and what the next labels would buy by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAST = 5  # different numbers of labels; three parameters and something to judge the fit by
REPLICATES = 1000
LEVEL = 0.95
# Exponents that are tried: from a curve that hardly bends to one that is flat after a few labels.
_EXPONENTS = np.geomspace(0.05, 4.0, 80)


@dataclass(frozen=True)
class Forecast:
    """What a fitted curve says; intervals are 95%.

    Attributes
    ----------
    labels, now : labels so far, and the curve's value there, free of the last measurement's luck.
    more, then : so many labels more, and the curve's value there, between `low` and `high`.
    gain : `then` less `now` in the metric's own direction, between `gain_low` and `gain_high`; positive is better.
    limit : where the curve ends with endless labels.
    points : different numbers of labels that it was fitted to.
    """

    labels: int
    now: float
    more: int
    then: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    limit: float
    points: int


def forecast(
    labels: Sequence[int],
    values: Sequence[float],
    more: int = 100,
    *,
    higher: bool = True,
    best: float = 1.0,
    seed: int = 0,
) -> Forecast | None:
    """Fit value = a - b n^-c and go on along it.

    Weighted least squares: for each of 80 exponents c the best a and b are found in closed form, under b >= 0
    (more labels do not hurt) and a no better than the best value the metric has. Later points weigh more: the i-th
    of m weighs i/m, as the curve's end is what is asked about. Intervals come from refitting to the curve with its
    weighted residuals drawn anew, made larger by m / (m - 3) for the three parameters. They tell how far noise may
    lead the fit astray, not whether the curve has this form.

    Parameters
    ----------
    labels, values : n measurements; of several with equal labels the mean counts.
    higher : whether larger values are better.
    best : the best value the metric can have.

    Returns
    -------
    forecast : None with fewer than 5 different numbers of labels.

    References
    ----------
    Figueroa, Zeng-Treitler, Kandula, Ngo (2012). Predicting sample size required for classification performance.
    BMC Medical Informatics and Decision Making 12.
    """
    if more < 1:
        raise ValueError("a forecast looks at least one label ahead")
    sizes = np.unique(np.asarray([n for n in labels if n > 0], dtype=np.float64))
    if len(sizes) < LEAST:
        return None
    sign = 1.0 if higher else -1.0
    given, measured = np.asarray(labels, dtype=np.float64), np.asarray(values, dtype=np.float64)
    y = sign * np.array([measured[given == n].mean() for n in sizes])
    m = len(sizes)
    weights = np.arange(1, m + 1) / m
    a, b, c = _fit(sizes, y[:, None], weights, sign * best)
    curve = a - b * sizes[:, None] ** -c
    spread = ((y[:, None] - curve) * np.sqrt(weights)[:, None] * np.sqrt(m / (m - 3)))[:, 0]
    generator = np.random.default_rng(seed)
    drawn = generator.choice(spread, size=(m, REPLICATES)) * generator.choice([-1.0, 1.0], size=(m, REPLICATES))
    A, B, C = _fit(sizes, curve + drawn / np.sqrt(weights)[:, None], weights, sign * best)
    last = sizes[-1]
    now, then = (float((a - b * n**-c)[0]) for n in (last, last + more))
    gains = B * (last**-C - (last + more) ** -C)
    ends = A - B * (last + more) ** -C
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(ends, tails)
    gain_low, gain_high = np.quantile(gains, tails)
    first, second = sorted((sign * min(low, then), sign * max(high, then)))
    return Forecast(
        labels=int(last),
        now=sign * now,
        more=more,
        then=sign * then,
        low=float(first),
        high=float(second),
        gain=then - now,
        gain_low=float(min(gain_low, then - now)),
        gain_high=float(max(gain_high, then - now)),
        limit=sign * float(a[0]),
        points=m,
    )


def _fit(sizes: Array, Y: Array, weights: Array, best: float) -> tuple[Array, Array, Array]:
    """a, b and c of each column of Y (m, r), as arrays of shape (r,); larger is better, b >= 0, a <= best."""
    x = sizes[:, None] ** -_EXPONENTS  # (m, e)
    total = weights.sum()
    mean_x, mean_y = weights @ x / total, weights @ Y / total
    spread_x = weights @ (x - mean_x) ** 2  # (e,)
    cross = ((x - mean_x) * weights[:, None]).T @ (Y - mean_y)  # (e, r)
    b = np.maximum(0.0, -cross / spread_x[:, None])
    a = mean_y + b * mean_x[:, None]
    over = a > best
    if over.any():
        held = np.maximum(0.0, (x * weights[:, None]).T @ (best - Y) / (weights @ x**2)[:, None])
        a, b = np.where(over, best, a), np.where(over, held, b)
    # the sum of squares of each exponent and column, without an (e, m, r) array
    loss = np.stack([weights @ (Y - a[e] + np.outer(x[:, e], b[e])) ** 2 for e in range(len(_EXPONENTS))])
    at = loss.argmin(axis=0)
    columns = np.arange(Y.shape[1])
    return a[at, columns], b[at, columns], _EXPONENTS[at]
