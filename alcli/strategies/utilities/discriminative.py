"""Rows that look unlabelled to a classifier that tells labelled rows from the pool (DAL, DRL)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_points, blocks
from alcli.strategies.points import Outer
from alcli.threads import one_thread

# Numbers of a training set, 400 MB: gradients of many classes have very many coordinates.
_CELLS = 50_000_000


@dataclass(frozen=True)
class Discriminator:
    """A fitted classifier of "unlabelled" against "labelled": layers of weights after standardising.

    Attributes
    ----------
    middle, spread : (d,) what is subtracted from each coordinate, and what it is then divided by.
    layers : weights and offsets; the last has one column. One layer is logistic regression.
    """

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    layers: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]

    def log_odds(self, rows: Points | Outer) -> NDArray[np.float64]:
        """Of being unlabelled: (n,)."""
        out = np.empty(len(rows))
        for start, stop in blocks(len(rows), max(1, rows.shape[1])):
            out[start:stop] = self._block(rows[start:stop])
        return out

    def _block(self, rows: Points | Outer) -> NDArray[np.float64]:
        if isinstance(rows, Outer) and len(self.layers) == 1:
            # <w, a (x) h> = a' W h: the points are never built
            weight = self.layers[0][0][:, 0] / self.spread
            inner = np.asarray(rows.left, np.float64) @ weight.reshape(rows.left.shape[1], -1)
            outer: NDArray[np.float64] = np.einsum("ij,ij->i", inner, np.asarray(rows.right, np.float64))
            return outer + float(self.layers[0][1][0] - self.middle @ weight)
        here = (np.asarray(rows.dense() if isinstance(rows, Outer) else rows, np.float64) - self.middle) / self.spread
        for weights, offset in self.layers[:-1]:
            here = np.maximum(here @ weights + offset, 0.0)
        weights, offset = self.layers[-1]
        # einsum adds each row by itself, so that equal rows come out equal
        last: NDArray[np.float64] = np.einsum("ij,j->i", here, weights[:, 0])
        return last + float(offset[0])


def learn(labelled: Points, others: Points, *, seed: int, hidden: int = 0) -> Discriminator | None:
    """Tell `others` from `labelled`; None when one of the two is empty, as nothing can be told then."""
    most = max(100, _CELLS // max(1, labelled.shape[1]))
    labelled, others = labelled[:most], others[:most]
    if len(labelled) == 0 or len(others) == 0:
        return None
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    both = np.concatenate([np.asarray(labelled, np.float64), np.asarray(others, np.float64)])
    target = np.repeat([0, 1], [len(labelled), len(others)])
    middle = both.mean(axis=0)
    both -= middle
    spread = np.sqrt((both**2).mean(axis=0))
    # A column that only rounding keeps from being constant must not be blown up.
    spread[spread <= 1e-12 * np.abs(middle)] = 0.0
    spread[spread == 0.0] = np.inf
    both /= spread
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if hidden:
            network = MLPClassifier((hidden,), learning_rate_init=0.01, random_state=seed % 2**32, max_iter=100)
            network.fit(both, target)
            return Discriminator(middle, spread, tuple(zip(network.coefs_, network.intercepts_, strict=True)))
        line = LogisticRegression(max_iter=200).fit(both, target)
    return Discriminator(middle, spread, ((line.coef_.T, line.intercept_),))


def prepare_dal(labelled: ArrayLike, reference: ArrayLike, *, seed: int, hidden: int = 0) -> Discriminator | None:
    """Fit the classifier that `dal` scores with.

    Parameters
    ----------
    labelled : array of shape (l, d)
    reference : array of shape (r, d)
        Unlabelled rows drawn from the pool.
    seed : of the network's first weights.
    hidden : units of a hidden layer; 0 for logistic regression.

    Returns
    -------
    discriminator : what tells the two apart, or None when one of them has no row.

    Examples
    --------
    >>> prepare_dal(np.empty((0, 1)), np.ones((3, 1)), seed=0) is None
    True
    """
    if hidden < 0:
        raise ValueError(f"hidden must be 0 or more, not {hidden}")
    return learn(as_points(labelled, "labelled"), as_points(reference, "reference"), seed=seed, hidden=hidden)


def dal(space: ArrayLike | Outer, prepared: Discriminator | None) -> NDArray[np.float64]:
    """How surely a row is told from the labelled ones.

    Parameters
    ----------
    space : array of shape (n, d), or an `Outer`
        Coordinates of the candidates.
    prepared : what `prepare_dal` learned from the labelled rows and a sample of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``-ln(1 - P(unlabelled))``: it orders rows as P(unlabelled) does, and goes on where that rounds to 1.
        All 0 when there are no labelled rows yet, or none that are not.

    Raises
    ------
    ValueError
        If `space` is not 2-D or a coordinate is not finite; the message names the row.

    References
    ----------
    Gissin, Shalev-Shwartz (2019). Discriminative active learning. They use a network on the learned
    representation and let it learn anew a few times inside a batch: `dal_repeated`.

    Examples
    --------
    >>> learned = prepare_dal(np.zeros((5, 1)), np.array([[0.0], [1.0], [2.0]]), seed=0)
    >>> values = dal(np.array([[0.0], [2.0]]), learned)
    >>> bool(values[1] > values[0])
    True
    """
    rows = space if isinstance(space, Outer) else as_points(space, "space")
    if prepared is None:
        return np.zeros(len(rows))
    return np.logaddexp(0.0, prepared.log_odds(rows))
