"""How far confidence is what it says: the reliability curve, and what a threshold on a probability does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.intervals import wilson
from alcli.evaluation.judged import judge
from alcli.evaluation.scores import ECE_BINS, calibration_gaps

# Where a threshold is mostly wanted: coarse in the middle, finer where a class must be sure.
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Bin:
    """Rows whose likeliest class has a probability above `above` and up to `to`.

    Attributes
    ----------
    confidence, accuracy : means over the rows, weighted when they are; `low` and `high` are Wilson's interval.
    """

    above: float
    to: float
    rows: int
    confidence: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Cut:
    """What is right and what is missed when a class is said from a probability of `threshold` on.

    Attributes
    ----------
    share : of all rows, how many reach it.
    precision, recall, f1 : None where there is nothing to take them of.
    rows : rows that reach it, unweighted.
    """

    threshold: float
    rows: int
    share: float
    precision: float | None
    recall: float | None
    f1: float | None


def reliability_curve(
    y_true: Sequence[str],
    proba: NDArray[np.floating],
    classes: Sequence[str],
    weights: NDArray[np.floating] | None = None,
) -> list[Bin]:
    """Confidence beside accuracy in the bins of the expected calibration error, those without a row left out.

    Parameters
    ----------
    y_true, proba, classes, weights : as for `measure`.

    References
    ----------
    DeGroot, Fienberg (1983). The comparison and evaluation of forecasters. Niculescu-Mizil, Caruana (2005).

    Examples
    --------
    >>> proba = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    >>> [(round(b.confidence, 2), b.accuracy, b.rows) for b in reliability_curve(["a", "b", "b"], proba, ["a", "b"])]
    [(0.6, 1.0, 1), (0.9, 0.5, 2)]
    """
    judged = judge(y_true, proba, classes, weights)
    counted = np.ones(len(judged)) if judged.weights is None else judged.weights
    bins, gap = calibration_gaps(judged)
    right = judged.truth == judged.predicted
    found = []
    for number in np.unique(bins).tolist():
        own = bins == number
        weight = counted[own]
        accuracy = float(np.average(right[own], weights=weight))
        low, high = wilson(accuracy, float(weight.sum() ** 2 / (weight**2).sum()))
        found.append(
            Bin(
                above=number / ECE_BINS,
                to=(number + 1) / ECE_BINS,
                rows=int(own.sum()),
                confidence=accuracy - float(np.average(gap[own], weights=weight)),
                accuracy=accuracy,
                low=low,
                high=high,
            )
        )
    return found


def cuts(
    y_true: Sequence[str],
    score: NDArray[np.floating],
    of: str,
    weights: NDArray[np.floating] | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
) -> list[Cut]:
    """Precision and recall of one class at each threshold of its probability.

    Parameters
    ----------
    score : (n,) probability of the class `of`.

    Examples
    --------
    >>> [(c.precision, c.recall) for c in cuts(["a", "b", "a"], np.array([0.9, 0.6, 0.3]), "a", thresholds=[0.5, 0.8])]
    [(0.5, 0.5), (1.0, 0.5)]
    """
    counted = np.ones(len(score)) if weights is None else np.asarray(weights, dtype=np.float64)
    own = np.asarray([label == of for label in y_true], dtype=bool)
    found = []
    for threshold in thresholds:
        said = score >= threshold
        hits, reached, there = (float(counted[which].sum()) for which in (said & own, said, own))
        found.append(
            Cut(
                threshold=threshold,
                rows=int(said.sum()),
                share=reached / float(counted.sum()),
                precision=hits / reached if reached else None,
                recall=hits / there if there else None,
                f1=2 * hits / (reached + there) if reached + there else None,
            )
        )
    return found
