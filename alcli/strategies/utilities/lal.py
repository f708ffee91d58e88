"""Learning active learning: a forest that saw many small data sets says what a label is worth."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points
from alcli.threads import one_thread

Array = NDArray[np.float64]

#: What the regressor has learned from: made by `python -m alcli.strategies.utilities.lal_table`.
TABLE = Path(__file__).with_name("lal_table.npz")
#: Trees of the forest on labelled rows, as in the paper.
TREES = 50
_TREES = 100


class Learned(NamedTuple):
    """A forest on the labelled rows, what it and the labels say as a whole, and the regressor."""

    forest: Any
    whole: Array
    regressor: Any
    width: int


def learned(labelled: ArrayLike, labels: ArrayLike, reference: ArrayLike, *, seed: int = 0) -> Learned | None:
    """What `lal` scores rows with; None while all labels are of one class.

    Parameters
    ----------
    labelled, labels : (l, d) and (l,) class numbers, 0 or 1.
    reference : (r, d) rows that stand for the pool.
    seed : of the forest on the labelled rows.

    Raises
    ------
    ValueError
        If shapes don't fit, or there is a third class.
    """
    import sklearn.ensemble  # noqa: F401 - with it come the libraries that are to be held

    pool = as_points(reference, "reference")
    known = as_anchors(labelled, pool)
    known = pool[:0] if known is None else known
    codes = np.asarray(labels, dtype=np.intp)
    if codes.shape != (len(known),):
        raise ValueError(f"labels must have shape ({len(known)},), not {codes.shape}")
    if len(codes) and not 0 <= codes.min() <= codes.max() <= 1:
        raise ValueError("lal is defined for two classes, numbered 0 and 1")
    if len(np.unique(codes)) < 2:
        return None
    with one_thread():
        forest = forest_on(known, codes, seed)
        whole = whole_of(forest, codes, trees_of(forest, pool)[1])
        return Learned(forest, whole, _regressor(), pool.shape[1])


@lru_cache(maxsize=1)
def _regressor() -> Any:
    """The forest that knows from the table what a label is worth; the same one always."""
    from sklearn.ensemble import RandomForestRegressor

    with np.load(TABLE) as table:
        states, gains = table["states"].astype(np.float64), table["gains"].astype(np.float64)
    return RandomForestRegressor(_TREES, min_samples_leaf=30, max_features=3, random_state=0, n_jobs=1).fit(
        states, gains
    )


def lal(space: ArrayLike, prepared: Learned | None) -> Array:
    """How much a label of a row would lower the error, by what was seen on many small data sets.

    Parameters
    ----------
    space : array of shape (n, d)
        Row i is candidate i.
    prepared : what `learned` returned.

    Returns
    -------
    utility : array of shape (n,)
        The predicted fall of the error rate, at times below 0. All 0 while all labels are of one class. Eight
        numbers are asked for it: mean and standard deviation of the trees' probabilities of the row; share of
        positives, out-of-bag score, standard deviation of the features' importances, mean of the trees'
        standard deviations over the pool, mean depth of the trees, and number of labels. Only the first two
        differ between rows. They come from a forest of 50 trees on the labelled rows, whatever the model of
        the project is.

    Raises
    ------
    ValueError
        If `space` has another shape or is not finite.

    References
    ----------
    Konyushkova, Sznitman, Fua (2017). Learning active learning from data. The regressor learned from mixtures
    of two Gaussian clouds with up to 50 labels (`lal_table`); beyond, it says what it says of 50.

    Examples
    --------
    >>> told = learned([[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1], [[-2.0], [-0.1], [0.1], [2.0]])
    >>> lal(np.array([[-5.0], [0.0], [5.0]]), told).shape
    (3,)
    """
    rows = as_points(space, "space")
    if prepared is None:
        return np.zeros(len(rows))
    if rows.shape[1] != prepared.width:
        raise ValueError(f"space must have shape (n, {prepared.width}), not {rows.shape}")
    if len(rows) == 0:
        return np.zeros(0)
    # Rows in the same leaves look the same to the regressor: few different ones are left to ask about.
    pairs = np.stack(trees_of(prepared.forest, rows), axis=1).round(12)
    different, back = np.unique(pairs, axis=0, return_inverse=True)
    states = np.hstack([different, np.tile(prepared.whole, (len(different), 1))])
    return np.asarray(prepared.regressor.predict(states), dtype=np.float64)[back.ravel()]


def forest_on(rows: NDArray[np.floating], codes: NDArray[np.intp], seed: int) -> Any:
    """A forest that knows how it does on the rows that a tree did not see."""
    import warnings

    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(TREES, oob_score=True, class_weight="balanced", random_state=seed % 2**32, n_jobs=1)
    with warnings.catch_warnings():
        # Of few rows, one may be in every tree's sample; its out-of-bag score is then missing.
        warnings.simplefilter("ignore")
        return forest.fit(rows, codes)


def trees_of(forest: Any, rows: NDArray[np.floating]) -> tuple[Array, Array]:
    """Mean and standard deviation over the trees of the probability of the second class, (n,) each."""
    narrow = np.ascontiguousarray(rows, dtype=np.float32)
    total, squares = np.zeros(len(rows)), np.zeros(len(rows))
    for tree in forest.estimators_:
        value = tree.tree_.predict(narrow).reshape(len(rows), -1)
        p = value[:, 1] / value.sum(axis=1)
        total += p
        squares += p * p
    mean = total / len(forest.estimators_)
    return mean, np.sqrt(np.maximum(squares / len(forest.estimators_) - mean * mean, 0.0))


def whole_of(forest: Any, codes: NDArray[np.intp], spread: Array) -> Array:
    """The six numbers that are the same for all rows: (6,)."""
    depth = float(np.mean([tree.tree_.max_depth for tree in forest.estimators_]))
    return np.array(
        [
            float(np.mean(codes == 1)),
            float(forest.oob_score_),
            float(np.std(forest.feature_importances_)),
            float(spread.mean()) if len(spread) else 0.0,
            depth,
            float(len(codes)),
        ]
    )
