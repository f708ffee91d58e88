"""How far a measurement may be off: Wilson's interval of a share of rows, else a percentile bootstrap over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.judged import Judged, judge
from alcli.evaluation.resampled import Resampled
from alcli.evaluation.scores import Score, Undefined, load, score, value, wanted
from alcli.evaluation.table import DEFAULT, Metric

REPLICATES = 1000
LEVEL = 0.95

# Weights held at one time: 4 million doubles are 32 MB, whatever the number of rows.
_CELLS = 4_000_000


def measure_with_intervals(
    y_true: Sequence[str],
    proba: NDArray[np.floating],
    classes: Sequence[str],
    metrics: Iterable[str] = DEFAULT,
    *,
    weights: NDArray[np.floating] | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    seed: int = 0,
) -> dict[str, Score]:
    """Each metric's value with its interval: Wilson's for a share of rows that count alike, else a percentile bootstrap.

    Test rows are drawn anew with replacement, as many as there are; the model stays as it is. So
    the interval tells how far the value may be off because the test set is small, not how much
    another training set would change it. The same rows in the same order and the same seed give
    the same interval; the metrics share their replicates, so asking for one more changes none.

    A share of rows (accuracy, precision, recall) has a closed form: of 50 rows the bootstrap's lower
    bound is .94 with 49 right and 1 with all of them, and stopping rules act on it. Precision and recall take as given how many rows are predicted as the class or are of it.
    With weights that differ it is resampled like the others.

    Where every replicate gives the same value (no error among the rows, or nothing else) the
    bootstrap would claim certainty. A weighted share then gets Wilson's interval too, other metrics none.
    The interval of the calibration error is biased upwards; it is widened to hold its value.

    Parameters
    ----------
    y_true, proba, classes, metrics, weights : as for `measure`. With weights the replicates
        are self-normalised.
    level : chance that the interval holds the value on all rows of the kind.

    Returns
    -------
    scores : by metric name; `low` and `high` are None, and `why` says so, with fewer than 2 rows
        or where most replicates leave the metric undefined.

    References
    ----------
    Efron (1979). Bootstrap methods: another look at the jackknife. Wilson (1927). Probable
    inference, the law of succession, and statistical inference.
    """
    if replicates < 1 or not 0 < level < 1:
        raise ValueError("replicates must be at least 1 and level between 0 and 1")
    judged = judge(y_true, proba, classes, weights)
    asked = wanted(judged, metrics)
    points = {metric.name: score(judged, metric) for metric in asked}
    defined = [metric for metric in asked if points[metric.name].value is not None]
    if len(judged) < 2:
        reason = "one row has no interval"
        return {name: point if point.value is None else _add(point, reason) for name, point in points.items()}
    for metric in defined:
        if _is_plain_share(judged, metric):
            points[metric.name] = _wilson(points[metric.name], metric, judged, level)
    defined = [metric for metric in defined if not _is_plain_share(judged, metric)]
    if not defined:
        return points
    drawn: dict[str, list[NDArray[np.float64]]] = {metric.name: [] for metric in defined}
    for drawings in _replicates(len(judged), judged.weights, replicates, seed):
        resampled = Resampled(judged, drawings)
        for metric in defined:
            drawn[metric.name].append(_values(resampled, metric))
    for metric in defined:
        values = np.concatenate(drawn[metric.name])
        points[metric.name] = _interval(points[metric.name], metric, values, judged, level)
    return points


def mean_with_interval(
    values: NDArray[np.floating],
    weights: NDArray[np.floating] | None = None,
    *,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    seed: int = 0,
) -> Score:
    """The mean of something known of every row, with its percentile bootstrap interval.

    Parameters
    ----------
    values : (n,), such as what each prediction costs.
    weights : (n,) how much each row counts; the replicates are self-normalised.

    Examples
    --------
    >>> mean_with_interval(np.array([0.0, 0.0, 4.0]), np.array([1.0, 1.0, 2.0])).value
    2.0
    """
    n = len(values)
    if not n:
        return Score(None, why="there are no rows to measure on")
    point = Score(float(np.average(values, weights=weights)))
    with np.errstate(invalid="ignore"):  # a replicate may hold nothing but rows of weight 0
        means = np.concatenate(
            [values @ drawings / drawings.sum(axis=0) for drawings in _replicates(n, weights, replicates, seed)]
        )
    means = means[np.isfinite(means)]
    if np.ptp(means) <= 1e-12:
        return _add(point, "no interval: all resamples of the rows give the same value")
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return replace(point, low=float(low), high=float(high))


def _replicates(
    n: int, weights: NDArray[np.floating] | None, replicates: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """What each of n rows counts in each replicate, as arrays of shape (n, r); how large r is changes none of them."""
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS // n)
    for start in range(0, replicates, step):
        r = min(step, replicates - start)
        # Counting draws beats `multinomial`, which takes a binomial for every row.
        drawn = np.empty((r, n))
        for row in drawn:
            row[:] = np.bincount(generator.integers(0, n, size=n), minlength=n)
        if weights is not None:
            drawn *= weights
        # (n, r), so that sorting and grouping move whole lines of memory
        yield np.ascontiguousarray(drawn.T)


def _values(resampled: Resampled, metric: Metric) -> NDArray[np.float64]:
    """The metric in each replicate: array of shape (r,), not-a-number where it is undefined."""
    if metric.resampled is not None:
        function = load(metric.resampled)
        judged = resampled.judged
        of = () if metric.of is None else (judged.classes.index(metric.of),)
        values: NDArray[np.float64] = function(resampled, *of)
        return values
    return np.array([_one(resampled.judged.weighted(column), metric) for column in resampled.weights.T])


def _one(judged: Judged, metric: Metric) -> float:
    try:
        return value(judged, metric)
    except Undefined:
        return np.nan


def _interval(point: Score, metric: Metric, values: NDArray[np.float64], judged: Judged, level: float) -> Score:
    kept = values[np.isfinite(values)]
    if point.value is None or 2 * len(kept) < len(values):
        return _add(point, "most resamples of the rows leave it undefined")
    if np.ptp(kept) > 1e-12:
        low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
        # Resampling adds noise to a calibration error, which is never negative, so its replicates lie too
        # high; an interval that leaves out its own value would help nobody.
        return replace(point, low=min(float(low), point.value), high=max(float(high), point.value))
    if metric.proportion:
        return _wilson(point, metric, judged, level)
    return _add(point, "no interval: all resamples of the rows give the same value")


def _is_plain_share(judged: Judged, metric: Metric) -> bool:
    """Whether the metric is a share of rows that all count alike, to rounding."""
    weights = judged.weights
    return metric.proportion and (weights is None or bool(np.ptp(weights) <= 1e-9 * weights.max()))


def _wilson(point: Score, metric: Metric, judged: Judged, level: float) -> Score:
    low, high = wilson(point.value or 0.0, _rows(judged, metric), level)
    return replace(point, low=low, high=high)


def _rows(judged: Judged, metric: Metric) -> float:
    """How many rows the share is of; with weights as many equal ones as know as much (Kish)."""
    counted = np.ones(len(judged), dtype=np.bool_)
    if metric.of is not None:
        column = judged.predicted if metric.name.startswith("precision[") else judged.truth
        counted = column == judged.classes.index(metric.of)
    weights = np.ones(len(judged)) if judged.weights is None else judged.weights
    weights = weights[counted]
    return float(weights.sum() ** 2 / (weights**2).sum())


def wilson(share: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a share seen in `n` rows; never empty, never outside [0, 1].

    >>> [round(bound, 3) for bound in wilson(1.0, 20)]
    [0.839, 1.0]
    """
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = (z2 * (share * (1 - share) / n + z2 / (4 * n * n))) ** 0.5 / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _add(point: Score, reason: str) -> Score:
    return replace(point, why=f"{point.why}; {reason}" if point.why else reason)
