"""Batches that even out the classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points
from alcli.strategies.rank import finite
from alcli.strategies.utilities.checks import probabilities


def class_balanced(
    points: ArrayLike | None,
    n: int,
    *,
    proba: ArrayLike,
    labels: ArrayLike,
    utility: ArrayLike | None = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Of the class with the fewest rows, labelled or chosen, the row of most utility predicted to be in it.

    Parameters
    ----------
    points : not used but for its length and its check: no distances are taken.
    n : rows to choose.
    proba : array of shape (m, c)
        Class probabilities of the candidates; the likeliest class of a row is its predicted one.
    labels : array of shape (l,)
        Class numbers of the labelled rows.
    utility : array of shape (m,), or None
        What decides inside a class; the lower position wins a tie.
    labelled : not used.
    seed : not used: nothing is left to chance.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. Each choice goes to the class that has the fewest labelled and
        chosen rows among those with candidates left; of classes that have as few, to the one whose best row
        is worth most. So the histogram of labels and guesses is made as flat as the predictions allow.

    Raises
    ------
    ValueError
        If a row of `proba` is not a distribution, a label is not a class number, or lengths differ.

    References
    ----------
    Schröder et al. (small-text 2.0), ClassBalancer, after the class balancing of Bengar et al. (2022).
    They decide ties between classes at random and give the batch class by class.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    >>> class_balanced(None, 3, proba=p, labels=[0, 0], utility=np.array([0.1, 0.2, 0.3, 0.4]))
    array([2, 3, 1])
    """
    p = probabilities(proba)
    if points is not None:
        as_anchors(labelled, as_points(points))
    given = np.asarray(labels)
    codes = given.astype(np.intp)
    if codes.ndim != 1 or (len(codes) and (codes.min() < 0 or codes.max() >= p.shape[1] or (codes != given).any())):
        raise ValueError(f"labels must be class numbers from 0 to {p.shape[1] - 1}, in one dimension")
    worth = np.zeros(len(p)) if utility is None else finite(utility)
    if len(worth) != len(p):
        raise ValueError(f"utility has {len(worth)} rows and proba {len(p)}")
    n = max(0, min(n, len(p)))
    guess = p.argmax(axis=1) if len(p) else np.empty(0, dtype=np.intp)
    queues = [_best(np.flatnonzero(guess == code), worth, n) for code in range(p.shape[1])]
    count = np.bincount(codes, minlength=p.shape[1])
    at = [0] * len(queues)
    chosen: list[int] = []
    while len(chosen) < n:
        open_ = [code for code, queue in enumerate(queues) if at[code] < len(queue)]
        code = min(open_, key=lambda each: (count[each], -worth[queues[each][at[each]]], each))
        chosen.append(int(queues[code][at[code]]))
        at[code] += 1
        count[code] += 1
    return np.asarray(chosen, dtype=np.intp)


def _best(rows: NDArray[np.intp], worth: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """The n rows of most worth, best first; the lower position wins a tie."""
    if len(rows) > n > 0:
        least = np.partition(worth[rows], len(rows) - n)[len(rows) - n]
        rows = rows[worth[rows] >= least]
    return rows[np.lexsort((rows, -worth[rows]))][:n]
