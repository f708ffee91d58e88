"""What a learning curve says in one number: its area, and how many labels it took to get somewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def area(labels: ArrayLike, values: ArrayLike) -> float:
    """The normalised area under a learning curve: the mean height of the straight lines between its points.

    In the unit of the metric, so curves of different lengths can be laid beside each other. A curve of one
    point has that point's height.

    Parameters
    ----------
    labels : array of shape (k,), never falling.
    values : array of shape (k,), finite.

    Raises
    ------
    ValueError
        If there is no point, the labels fall, or something is not finite.

    Notes
    -----
    Trapezoids divided by ``labels[-1] - labels[0]``. Some papers divide their sum by the number of points k instead,
    which is lower by the factor (k - 1) / k.

    Examples
    --------
    >>> area([10, 20, 40], [0.5, 0.7, 0.9])
    0.7333333333333333
    """
    x, y = _curve(labels, values)
    if len(x) == 1 or x[-1] == x[0]:
        return float(y[-1])
    return float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum() / (x[-1] - x[0]))


def labels_to_reach(labels: ArrayLike, values: ArrayLike, target: float, *, higher: bool = True) -> float | None:
    """The labels at which a curve first is as good as the target; None when it never is.

    Parameters
    ----------
    labels, values : the points of the curve, as for `area`.
    higher : whether larger values are better.

    Notes
    -----
    Measured points only: between two of them nobody knows when the target was met. A curve that touches the
    target by luck and falls again has reached it: the number is optimistic, for every strategy alike.

    Examples
    --------
    >>> labels_to_reach([10, 20, 30], [0.5, 0.8, 0.7], 0.8), labels_to_reach([10, 20], [0.5, 0.6], 0.8)
    (20.0, None)
    """
    x, y = _curve(labels, values)
    met = np.flatnonzero(y >= target - 1e-12 if higher else y <= target + 1e-12)
    return float(x[met[0]]) if len(met) else None


def at(labels: ArrayLike, values: ArrayLike, places: ArrayLike) -> np.ndarray:
    """Heights of a curve at other numbers of labels, on the straight lines; NaN beyond its ends.

    >>> at([10, 20], [0.5, 0.7], [10, 15, 25]).round(2).tolist()
    [0.5, 0.6, nan]
    """
    x, y = _curve(labels, values)
    found: np.ndarray = np.interp(np.asarray(places, float), x, y, left=np.nan, right=np.nan)
    return found


def _curve(labels: ArrayLike, values: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(labels, float), np.asarray(values, float)
    if x.ndim != 1 or x.shape != y.shape or not len(x):
        raise ValueError(f"a curve has as many values as labels, one at least, not {y.shape} and {x.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("labels and values must be finite")
    if (np.diff(x) < 0).any():
        raise ValueError("the labels of a curve never fall")
    return x, y
