"""Distance, density, class distribution and diversity at once, by a Gaussian mixture of the pool: 4DS."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points
from alcli.strategies.rank import round_utility
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.labels import numbers_of
from alcli.strategies.selectors.mixture import COVARIANCES, Mixture

# What is added to probabilities whose ratio is taken, as in scikit-activeml; shares below it are none.
_LEAST = 1e-5


def four_ds(
    points: ArrayLike,
    n: int,
    *,
    labels: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    components: int = 10,
    covariance: str = "diag",
    spread: float = -1.0,
) -> NDArray[np.intp]:
    """The row with the largest weighted sum of nearness to the boundary, density, distribution and diversity.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    labels : array of shape (l,)
        Class numbers of the labelled rows.
    utility : not used: in a product only the best rows by utility are candidates.
    labelled : array of shape (l, d), or None
    seed : of the mixture's start.
    components : of the mixture, at most: it may leave some without weight.
    covariance : of each component: "diag", "full", "spherical", or "tied" for one full matrix for all.
    spread : weight of diversity, from 0 to 1; below 0 for ``min(0.05 (n - 1), 0.5)``.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. The four criteria of row x, S being the rows chosen so far:

        - distance: ``1 - ln(p1 / p2)``, p the class probabilities that follow from the components'
          responsibilities and the labelled rows' share in each component;
        - density: ``ln p(x)`` of the mixture;
        - distribution: ``1 - sum_k max(0, w_k - r_k)``, r_k the mean responsibility of component k for labelled
          rows, S and x. The mean is over as many as there are by then;
        - diversity: the entropy of S and x by their own kernel estimate, from the second row on.

        Distance, density and diversity are brought to 0..1 over the candidates. The weights follow from how
        far labels are from the distribution of the pool and how sure the mixture is (the paper's equations 13
        to 15). O(m n (n + d)) time after the mixture, O(m n) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, shapes do not fit, or a setting is out of range.

    References
    ----------
    Reitmaier, Sick (2013). Let us know your decision: pool-based active training of a generative classifier with
    the selection strategy 4DS. The entropy is that of Dagli, Rajaram, Huang (2006); scikit-activeml takes densities
    in its place, and divides by the size of the batch where this divides by the rows chosen so far.

    Examples
    --------
    >>> heaps = np.concatenate([np.linspace(0, 1, 20), np.linspace(9, 10, 20)])[:, None]
    >>> int(four_ds(heaps, 1, labels=[0], labelled=heaps[10:11], components=2)[0]) >= 20
    True
    """
    if components < 1:
        raise ValueError(f"components must be at least 1, not {components}")
    if covariance not in COVARIANCES:
        raise ValueError(f"covariance must be one of {', '.join(COVARIANCES)}, not {covariance!r}")
    if not spread <= 1.0:
        raise ValueError(f"spread must be 1 or less, not {spread:g}")
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    codes = numbers_of(labels, anchors)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    mixture = Mixture(rows, components, covariance=covariance, seed=seed, bayesian=True)
    shares, logs = mixture.describe(rows)
    known = np.empty((0, len(mixture))) if anchors is None else mixture.describe(anchors)[0]
    criteria = Criteria(shares, logs, mixture.weights, known, codes)
    crowd = _Crowd(mixture.standardised(rows))
    diversity = spread if spread >= 0.0 else min(0.05 * (n - 1), 0.5)
    chosen: list[int] = []
    while True:
        value = criteria.value(chosen, crowd.entropy() if chosen else None, diversity)
        value = round_utility(value)
        value[chosen] = -np.inf
        chosen.append(int(value.argmax()))
        if len(chosen) == n:
            return np.asarray(chosen, dtype=np.intp)
        crowd.add(chosen[-1])


class Criteria:
    """The four criteria of every candidate, and their weights.

    Parameters
    ----------
    shares : array of shape (m, k)
        Responsibilities of the components for the candidates.
    logs : array of shape (m,)
        Logarithm of the mixture's density.
    weights : array of shape (k,)
        Of the components.
    known : array of shape (l, k)
        Responsibilities for the labelled rows.
    codes : array of shape (l,)
        Their class numbers.
    """

    def __init__(
        self,
        shares: NDArray[np.float64],
        logs: NDArray[np.float64],
        weights: NDArray[np.float64],
        known: NDArray[np.float64],
        codes: NDArray[np.intp],
    ) -> None:
        self.shares, self.weights, self.known = shares, weights, known
        self.density = to_unit(logs)
        proba = np.sort(shares @ classes_of(known, codes), axis=1)
        self.near = 1.0 - to_unit(np.log((proba[:, -1] + _LEAST) / (proba[:, -2] + _LEAST)))
        self.doubt = 1.0 - proba[:, -1]
        mean = known.mean(axis=0) if len(known) else np.zeros(len(weights))
        self.skew = min(1.0, float(np.abs(weights - mean).sum()))

    def distribution(self, chosen: list[int]) -> NDArray[np.float64]:
        """How well labelled rows, chosen rows and each row together match the components' weights: (m,)."""
        told = self.known.sum(axis=0) + self.shares[chosen].sum(axis=0)
        mean = (self.shares + told) / (len(self.known) + len(chosen) + 1)
        missing: NDArray[np.float64] = np.maximum(self.weights - mean, 0.0).sum(axis=1)
        return 1.0 - missing

    def value(self, chosen: list[int], entropy: NDArray[np.float64] | None, spread: float) -> NDArray[np.float64]:
        """The weighted sum, for the next row after those chosen: (m,)."""
        if entropy is None:
            skew = self.skew
            alpha = (1.0 - skew) * float((self.doubt * self.density).mean())
            return alpha * self.near + (1.0 - skew - alpha) * self.density + skew * self.distribution(chosen)
        skew = min(self.skew, 1.0 - spread)
        alpha = (1.0 - skew - spread) * (1.0 - float(self.doubt.mean()))
        beta = 1.0 - skew - spread - alpha
        value = alpha * self.near + beta * self.density + skew * self.distribution(chosen)
        value += spread * to_unit(entropy)
        return value


def classes_of(known: NDArray[np.float64], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    """P(class given component): the labelled rows' shares in each: (k, c).

    A component that has no share worth the name in any labelled row says nothing: all classes alike.

    >>> classes_of(np.array([[1.0, 0.0], [0.5, 0.0]]), np.array([0, 1])).round(3).tolist()
    [[0.667, 0.333], [0.5, 0.5]]
    """
    classes = max(2, int(codes.max(initial=0)) + 1)
    counts = known.T @ np.eye(classes)[codes]
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > _LEAST, counts / np.maximum(total, _LEAST), 1.0 / classes)


def to_unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Moved and stretched to 0..1; all 0 where they are alike.

    >>> to_unit(np.array([2.0, 4.0, 3.0])).tolist()
    [0.0, 1.0, 0.5]
    """
    least, most = float(values.min()), float(values.max())
    if most - least <= 1e-12 * max(abs(least), abs(most)):
        return np.zeros(len(values))
    return (values - least) / (most - least)


class _Crowd:
    """The entropy of the chosen rows and one more, by the kernel estimate of the density they make.

    With t chosen rows: ``-1/(t+1) sum_i ln( 1/(t+1) sum_j k(i, j) )`` over these and the one more,
    ``k(i, j) = exp(-|i - j|^2 / (2 d))`` in coordinates of variance 1.
    """

    def __init__(self, place: NDArray[np.float64]) -> None:
        self.place = place
        self.likes: list[NDArray[np.float64]] = []
        self.chosen: list[int] = []

    def add(self, row: int) -> None:
        away = self.place - self.place[row]
        square = np.einsum("ij,ij->i", away, away)
        self.likes.append(np.exp(-square / (2.0 * max(1, self.place.shape[1]))))
        self.chosen.append(row)

    def entropy(self) -> NDArray[np.float64]:
        """For each row, of the chosen rows together with it: (m,)."""
        t = len(self.chosen)
        inside = np.array([like[self.chosen].sum() for like in self.likes])
        total = np.log(1.0 + np.sum(self.likes, axis=0))
        for like, own in zip(self.likes, inside, strict=True):
            total += np.log(own + like)
        spread: NDArray[np.float64] = np.log(t + 1.0) - total / (t + 1.0)
        return spread
