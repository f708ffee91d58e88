"""The mean of something over a whole pool, from rows that were drawn with known chances.

Rows that a strategy chose for training are no sample of the pool. Rows drawn by chance are, whatever the
chances, as long as they were written down: each is weighted so that what was likely to be drawn does not
count twice. `lure` is for draws one after the other without putting back, uniform or not; `stratified` for
uniform draws within strata whose sizes are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.evaluation.intervals import LEVEL, wilson

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Risk:
    """An estimated mean.

    Attributes
    ----------
    value : the estimate; unbiased, so with few rows it may lie outside the bounds of what is averaged.
    variance : of the estimate; 0 where all of the pool was drawn.
    rows : drawn rows.
    """

    value: float
    variance: float
    rows: int

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The interval for a share: Wilson's, for as many uniform draws as would be as certain.

        An estimate of 0 or 1 would claim certainty by its own variance; it is then taken as of `rows` draws.
        """
        share = min(max(self.value, 0.0), 1.0)
        spread = share * (1.0 - share)
        if self.variance <= 0.0 and 0.0 < share < 1.0:
            return share, share  # the whole pool was looked at
        rows = spread / self.variance if spread > 0.0 and self.variance > 0.0 else float(self.rows)
        return wilson(share, rows, level)


def lure_weights(chances: ArrayLike, pool: int) -> Values:
    """What each drawn row counts, so that the mean of weight times loss is unbiased for the pool's mean loss.

    ``v_m = 1 + (N - M) / (N - m) * (1 / ((N - m + 1) q_m) - 1)`` for the m-th of M rows out of N: 1 for uniform draws.

    Parameters
    ----------
    chances : (M,) chance q_m of the row drawn m-th, given the m - 1 before it, in the order of drawing.
    pool : N, the rows that could be drawn at first.

    Returns
    -------
    weights : (M,), larger for rows that were less likely; their mean is 1 in expectation.

    Raises
    ------
    ValueError
        If a chance is not in (0, 1] or more rows were drawn than there are.

    References
    ----------
    Farquhar, Gal, Rainforth (2021). On statistical bias in active learning: how and when to fix it.

    Examples
    --------
    >>> lure_weights([1 / 4, 1 / 3], 4).tolist()
    [1.0, 1.0]
    >>> lure_weights([1 / 2, 1 / 3], 4).round(3).tolist()
    [0.667, 1.0]
    """
    q, m = _draws(chances, pool)
    drawn = len(q)
    if drawn == pool:
        return np.ones(drawn)
    weights: Values = 1.0 + (pool - drawn) / (pool - m) * (1.0 / ((pool - m + 1) * q) - 1.0)
    return weights


def lure(losses: ArrayLike, chances: ArrayLike, pool: int) -> Risk:
    """The pool's mean loss from rows drawn one after the other, none twice, with known chances.

    The estimate is the mean of ``v_m L_m`` (`lure_weights`). It is a sum of martingale differences:
    ``a_m = L_m / (N q_m) + (sum of the losses drawn before) / N`` has the pool's mean as its expectation whatever
    was drawn before, and the estimate is the mean of ``c_m a_m`` with ``c_m = N (N - M) / ((N - m) (N - m + 1))``.
    Their squares around the estimate give its variance, with the correction for a pool that is nearly used up
    inside c. They are all 0 for one draw, and where no row is wrong or, of uniform draws, every row; a draw more is
    then counted in, as by `stratified`, lest several batches `together` take one of them for certain.

    Parameters
    ----------
    losses : (M,) loss of each row in the order of drawing, from 0 to 1; for an error rate 1 where the model is wrong.
    chances, pool : as for `lure_weights`.

    References
    ----------
    Farquhar, Gal, Rainforth (2021), theorem 4. Kossen, Farquhar, Gal, Rainforth (2021). Active testing:
    sample-efficient model evaluation.

    Examples
    --------
    >>> lure([1, 0, 1, 1], [1 / 8, 1 / 7, 1 / 6, 1 / 5], 8).value
    0.75
    """
    values = np.asarray(losses, dtype=np.float64)
    q, m = _draws(chances, pool)
    if values.shape != q.shape:
        raise ValueError(f"{len(values)} losses and {len(q)} chances")
    drawn = len(values)
    estimate = float((lure_weights(q, pool) * values).mean())
    if drawn == pool:
        return Risk(estimate, 0.0, drawn)
    before = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    terms = values / (pool * q) + before / pool
    scale = pool * (pool - drawn) / ((pool - m) * (pool - m + 1.0))
    freedom = drawn / (drawn - 1) if drawn > 1 else 1.0
    variance = float((scale**2 * (terms - estimate) ** 2).sum()) / drawn**2 * freedom
    if drawn == 1 or variance <= 1e-15:
        variance = _spread_of_alike(values, _smoothed(values)) * (1.0 - drawn / pool) / drawn
    return Risk(estimate, variance, drawn)


def stratified(losses: ArrayLike, strata: Sequence[str], sizes: dict[str, int]) -> Risk:
    """The pool's mean loss from uniform draws within strata.

    Parameters
    ----------
    losses : (M,) from 0 to 1.
    strata : the stratum of each drawn row.
    sizes : how many rows of the pool each stratum has; strata of which nothing was drawn are left out, and the
        estimate is of the others.

    Notes
    -----
    A stratum whose draws all say the same has a variance of 0 by the textbook, and one of 1 draw has none. With few
    errors and small strata that is the most of them, and where such a stratum is large, the interval is too narrow: 3 of
    60 draws in a stratum of errors, 57 without one in another, and it holds the truth in 92% of the pools. So
    one draw more is counted in, which is wrong as often as all draws are, (K + 1/2) / (M + 1); one draw alone has the
    variance of all draws. Laplace's rule, each stratum by itself, would be on the safe side too, and with ten strata
    of ten draws and 2% errors 2.7 times as wide.

    References
    ----------
    Cochran (1977). Sampling techniques, chapter 5: means and variances. The draw counted in is ours.

    Examples
    --------
    >>> stratified([1, 1, 0, 1], ["a", "a", "b", "b"], {"a": 30, "b": 10}).value
    0.875
    """
    values = np.asarray(losses, dtype=np.float64)
    if len(values) != len(strata):
        raise ValueError(f"{len(values)} losses and {len(strata)} strata")
    names = sorted(set(strata))
    where = {name: np.flatnonzero([stratum == name for stratum in strata]) for name in names}
    if any(len(where[name]) > sizes[name] for name in names):
        raise ValueError("more rows were drawn of a stratum than it has")
    total = sum(sizes[name] for name in names)
    overall = _smoothed(values)
    estimate = variance = 0.0
    for name in names:
        own, share = values[where[name]], sizes[name] / total
        left = 1.0 - len(own) / sizes[name]
        spread = float(own.var(ddof=1)) if np.ptp(own) > 0.0 else _spread_of_alike(own, overall)
        estimate += share * float(own.mean())
        variance += share**2 * left * spread / len(own)
    return Risk(estimate, variance, len(values))


def together(risks: Sequence[Risk]) -> Risk:
    """One estimate from several batches, each weighted by its rows.

    >>> together([Risk(0.8, 0.01, 10), Risk(0.9, 0.01, 30)]).value
    0.875
    """
    rows = sum(risk.rows for risk in risks)
    if not rows:
        raise ValueError("nothing was drawn")
    value = sum(risk.rows * risk.value for risk in risks) / rows
    variance = sum((risk.rows / rows) ** 2 * risk.variance for risk in risks)
    return Risk(value, variance, rows)


def _smoothed(values: Values) -> float:
    """The mean of losses, as if half an error had been seen beside: never 0 or 1."""
    return (float(values.sum()) + 0.5) / (len(values) + 1.0)


def _spread_of_alike(values: Values, overall: float) -> float:
    """The variance of losses that came out alike, with one more draw of the `overall` mean; of one draw that of `overall`."""
    share = overall if len(values) == 1 else (float(values.sum()) + overall) / (len(values) + 1.0)
    return share * (1.0 - share)


def _draws(chances: ArrayLike, pool: int) -> tuple[Values, Values]:
    q = np.asarray(chances, dtype=np.float64)
    if not len(q) or len(q) > pool:
        raise ValueError(f"{len(q)} rows cannot be drawn from {pool}")
    if not ((q > 0.0) & (q <= 1.0 + 1e-12)).all():
        raise ValueError("chances must be above 0 and at most 1")
    return q, np.arange(1, len(q) + 1, dtype=np.float64)
