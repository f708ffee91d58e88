"""A Gaussian mixture of the candidates: fitted on some of them, asked about all of them block by block."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.distances import Points, blocks
from alcli.threads import one_thread

COVARIANCES = ("diag", "full", "tied", "spherical")
# Rows that a mixture is fitted on.
FITTED = 20_000


class Mixture:
    """Components with their weights, in coordinates that each have mean 0 and variance 1.

    Standardised, the mixture does not depend on the units of a column, and what scikit-learn adds to
    the variances (1e-6) is small against them.

    Parameters
    ----------
    rows : array of shape (m, d)
        Candidates in the order of a hash: the first `FITTED` are a random sample, on which it is fitted.
    components : how many; as many as there are different rows when these are fewer.
    covariance : one of `COVARIANCES`.
    seed : of the k-means that it starts from.
    bayesian : scikit-learn's BayesianGaussianMixture, which may leave components without weight.
    """

    def __init__(
        self, rows: Points, components: int, *, covariance: str = "diag", seed: int = 0, bayesian: bool = False
    ) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

        sample = rows[:FITTED].astype(np.float64)
        self._largest = float(np.abs(sample).max(initial=0.0)) or 1.0
        sample /= self._largest
        self._middle = sample.mean(axis=0)
        spread = sample.std(axis=0)
        # What is left of equal numbers after their mean is rounding and no spread.
        self._spread = np.where(spread > 1e-12 * np.abs(sample).max(axis=0, initial=0.0), spread, np.inf)
        sample = (sample - self._middle) / self._spread
        kind: Any = BayesianGaussianMixture if bayesian else GaussianMixture
        count = max(1, min(components, len(np.unique(sample, axis=0))))
        self._engine = kind(n_components=count, covariance_type=covariance, random_state=seed % 2**32)
        if len(sample) < 2:  # scikit-learn wants two rows
            sample = np.repeat(sample, 2, axis=0)
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._engine.fit(sample)
        self.weights: NDArray[np.float64] = np.asarray(self._engine.weights_, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.weights)

    def standardised(self, rows: Points) -> NDArray[np.float64]:
        """Coordinates as the mixture sees them: (m, d)."""
        place: NDArray[np.float64] = (rows.astype(np.float64) / self._largest - self._middle) / self._spread
        return place

    def describe(self, rows: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The responsibilities of the components, (m, k), and the logarithm of the density, (m,)."""
        shares, logs = np.empty((len(rows), len(self))), np.empty(len(rows))
        with one_thread():
            for start, stop in blocks(len(rows), max(rows.shape[1], len(self))):
                here = self.standardised(rows[start:stop])
                shares[start:stop] = self._engine.predict_proba(here)
                logs[start:stop] = self._engine.score_samples(here)
        return shares, logs

    def owners(self, rows: Points) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Each row's likeliest component, and the logarithm of the row's density under it alone: (m,) both."""
        owner, logs = np.empty(len(rows), dtype=np.intp), np.empty(len(rows))
        for start, stop in blocks(len(rows), max(rows.shape[1], len(self))):
            shares, density = self.describe(rows[start:stop])
            owner[start:stop] = own = shares.argmax(axis=1)
            share = shares[np.arange(len(shares)), own]
            logs[start:stop] = density + np.log(share) - np.log(self.weights[own])
        return owner, logs
