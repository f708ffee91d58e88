"""Strategies laid beside each other on the same seeds: means, paired differences, ranks.

Campaigns of one seed share their split and their first labels, so differences are taken seed by seed:
what one split makes easy or hard falls out of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over seeds with its t interval; `low` and `high` are None for fewer than two seeds."""

    value: float
    low: float | None
    high: float | None
    seeds: int

    @property
    def half(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def mean_of(values: ArrayLike, level: float = LEVEL, *, least: float = -inf, most: float = inf) -> Mean:
    """Mean and interval by Student's t.

    Parameters
    ----------
    values : array of shape (s,), one a seed, finite.
    least, most : what a value can be; the interval ends there.

    Examples
    --------
    >>> found = mean_of([1.0, 2.0, 3.0])
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    x = _finite(values)
    if len(x) < 2:
        return Mean(float(x.mean()), None, None, len(x))
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    mean = float(x.mean())
    # a value beyond the bounds by rounding stays within its interval
    return Mean(mean, min(mean, max(least, mean - half)), max(mean, min(most, mean + half)), len(x))


@dataclass(frozen=True)
class Paired:
    """One strategy less another, seed by seed.

    Attributes
    ----------
    mean : of the differences.
    p : of the paired t test, two-sided; None for fewer than three seeds, and where all differences are the same, to
        rounding: a test that knows no spread says nothing.
    wins, ties, losses : seeds in which the first is better, equal, worse.
    """

    mean: Mean
    p: float | None
    wins: int
    ties: int
    losses: int


def paired(first: ArrayLike, second: ArrayLike, *, higher: bool = True) -> Paired:
    """Compare two strategies on the same seeds.

    Parameters
    ----------
    first, second : arrays of shape (s,); position i of both is the same seed.
    higher : whether larger values are better.

    Notes
    -----
    The paired t test, because an area under a curve is a mean over thousands of predictions and its differences are
    near to normal, and because with few seeds it can answer at all: Wilcoxon's signed ranks cannot give a p
    below 0.06 with five seeds, nor, corrected for thirty strategies, below 0.05 with ten.
    It answers for these data: would other splits and first labels give the same sign? Not for other data.

    Examples
    --------
    >>> found = paired([0.9, 0.8, 0.85], [0.8, 0.8, 0.9])
    >>> round(found.mean.value, 4), found.wins, found.ties, found.losses
    (0.0167, 1, 1, 1)
    """
    one, other = _finite(first), _finite(second)
    if one.shape != other.shape:
        raise ValueError(f"pairs need as many of both, not {len(one)} and {len(other)}")
    difference = one - other
    found = mean_of(difference)
    p = None
    if len(difference) > 2:
        spread = float(difference.std(ddof=1))
        if spread > 1e-12 * max(1.0, float(np.abs(one).max())):
            from scipy.stats import t

            p = float(2 * t.sf(abs(found.value) * np.sqrt(len(difference)) / spread, len(difference) - 1))
    sign = difference if higher else -difference
    ties = np.abs(difference) <= 1e-12
    return Paired(found, p, int(((sign > 0) & ~ties).sum()), int(ties.sum()), int(((sign < 0) & ~ties).sum()))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """p values corrected for being several, by Holm's steps: the chance of one false alarm among all stays as it is.

    Values that are None are not counted.

    References
    ----------
    Holm (1979). A simple sequentially rejective multiple test procedure.

    Examples
    --------
    >>> holm([0.01, 0.04, None, 0.03])
    [0.03, 0.06, None, 0.06]
    """
    known = [(value, at) for at, value in enumerate(p) if value is not None]
    found: list[float | None] = [None] * len(p)
    least = 0.0
    for step, (value, at) in enumerate(sorted(known)):
        least = max(least, min(1.0, (len(known) - step) * value))
        found[at] = least
    return found


def average_ranks(table: ArrayLike, *, higher: bool = True) -> NDArray[np.float64]:
    """The mean rank of each strategy over blocks; 1 is best, equals share the mean of their ranks.

    Parameters
    ----------
    table : array of shape (blocks, strategies), finite.

    Examples
    --------
    >>> average_ranks([[0.9, 0.8, 0.8], [0.7, 0.9, 0.6]]).tolist()
    [1.5, 1.75, 2.75]
    """
    values = np.asarray(table, float)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError("ranks need a table of finite numbers, a block a row, a strategy a column")
    from scipy.stats import rankdata

    ranks: NDArray[np.float64] = rankdata(-values if higher else values, axis=1).mean(axis=0)
    return ranks


def signed_ranks(differences: ArrayLike) -> float | None:
    """p of Wilcoxon's signed rank test, two-sided: whether a strategy is better over many data sets.

    Parameters
    ----------
    differences : array of shape (d,): one a data set, the mean over its seeds.

    Returns
    -------
    p : None for fewer than six data sets, with which it could not be below 0.05 anyway.

    References
    ----------
    Demšar (2006). Statistical comparisons of classifiers over multiple data sets.
    """
    x = _finite(differences)
    if len(x) < 6:
        return None
    if not x.any():
        return 1.0
    from scipy.stats import wilcoxon

    return float(wilcoxon(x).pvalue)


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, float)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise ValueError("one finite number a seed is needed, one at least")
    return x
