"""Cross-validation: folds that keep the classes' shares, and predictions on rows not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from alcli.errors import AlcliError

Rows = NDArray[np.intp]
Predict = Callable[[Rows], NDArray[np.float64]]


def folds(y: Sequence[str], k: int, seed: int, ids_hash: NDArray[np.uint64]) -> list[tuple[Rows, Rows]]:
    """Split rows into k parts, each the test rows of one fold.

    Sizes of the parts differ by at most one, and so do the numbers of rows that a class has in
    them. A class with fewer than k rows is absent from some parts; the only row of a class is
    tested by a model that never saw the class. Which row goes where depends on its label, its hash
    and the seed, and not on the order of the rows.

    Parameters
    ----------
    y : n labels.
    k : number of folds, at least 2; with fewer rows than folds each row is a fold.
    ids_hash : array of shape (n,): a hash of each row's id.

    Returns
    -------
    folds : pairs of ascending positions, (train, test).

    Raises
    ------
    AlcliError
        ``too-few-labels`` with fewer than 2 rows.
    ValueError
        If k is less than 2 or the lengths differ.
    """
    n = len(y)
    if k < 2 or len(ids_hash) != n:
        raise ValueError(f"k is {k}, with {n} labels and {len(ids_hash)} hashes")
    if n < 2:
        raise AlcliError(
            f"cross-validation needs at least 2 labelled rows, there {'is' if n else 'are'} {n}",
            hint="label more rows, or measure on a test file with `--test FILE`",
            code="too-few-labels",
        )
    k = min(k, n)
    _, codes = np.unique(np.asarray(y, dtype=np.str_), return_inverse=True)
    # Class by class in the order of the hash, dealt like cards.
    order = np.lexsort((_mixed(ids_hash, seed), codes))
    part = np.empty(n, dtype=np.intp)
    part[order] = np.arange(n) % k
    return [(np.flatnonzero(part != fold), np.flatnonzero(part == fold)) for fold in range(k)]


def _mixed(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Another order for every seed: splitmix64 of hash and seed (Steele, Lea, Flood 2014)."""
    mixed = np.asarray(hashes, dtype=np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def out_of_fold(
    fit: Callable[[Rows], Predict], parts: Sequence[tuple[Rows, Rows]], n: int, n_classes: int
) -> NDArray[np.float64]:
    """Probabilities of every row by a model that was fitted without it.

    Parameters
    ----------
    fit : fits a model on the rows at these positions and returns what predicts others.
    parts : as `folds` gives them.

    Returns
    -------
    proba : array of shape (n, n_classes).

    Raises
    ------
    ValueError
        If a row is tested never or twice, is trained on and tested in one fold, or a prediction
        has another shape.
    """
    proba = np.empty((n, n_classes))
    tested = np.zeros(n, dtype=np.intp)
    for train, test in parts:
        if np.intersect1d(train, test).size:
            raise ValueError("a fold tests rows that it trains on")
        predicted = fit(train)(test)
        if predicted.shape != (len(test), n_classes):
            raise ValueError(f"the prediction has shape {predicted.shape}, not ({len(test)}, {n_classes})")
        proba[test] = predicted
        np.add.at(tested, test, 1)
    if not (tested == 1).all():
        raise ValueError(f"row {int((tested != 1).argmax())} is tested {tested[tested != 1][0]} times")
    return proba
