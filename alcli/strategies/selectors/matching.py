"""Batches that make labelled and unlabelled rows alike while they inform: BMDR, and SPAL with easy rows first."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.quadratic import minimise
from alcli.strategies.utilities.hints import kernel
from alcli.threads import one_thread

Vector = NDArray[np.float64]
# Labelled rows that are learned from; they come in the order of a hash.
_LABELLED = 1000
_ROUNDS = 10
_PASSES = 100


def bmdr(
    points: ArrayLike,
    n: int,
    *,
    labels: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    ridge: float = 0.1,
    beta: float = 1000.0,
) -> NDArray[np.intp]:
    """Rows whose worst label would cost least, and that bring the labelled rows nearest to the whole.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    labels : array of shape (l,)
        Class numbers of the labelled rows, 0 or 1.
    utility : not used.
    labelled : array of shape (l, d), or None
        The first 1,000 are learned from; without any the batch is only made like the whole.
    seed : not used: nothing is left to chance.
    ridge : weight of the model's squared norm.
    beta : weight of being like the whole.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, by falling weight a in the minimum over kernel models f and weights ``0 <= a <= 1, sum a = n``
        of ``sum_L (y - f)^2 + ridge |f|^2 + sum a (f^2 + 2 |f|) + beta (a'Ka/2 + k a)``, found by turns. The last
        part is the squared maximum mean discrepancy between the labelled rows with the batch and the rest, up
        to a factor and a constant. K is Gaussian with the mean squared distance. O((m + l)^2) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, labels and labelled rows differ in number, or a setting is not above 0.

    References
    ----------
    Wang, Ye (2013). Querying discriminative and representative samples for batch mode active learning.

    Examples
    --------
    >>> two = np.array([[0.0], [0.1], [9.0], [9.1], [9.2]])
    >>> bool(bmdr(two, 1, labels=[0, 1], labelled=np.array([[0.0], [0.1]]))[0] >= 2)
    True
    """
    _above(ridge=ridge, beta=beta)
    problem = _problem(points, n, labels, labelled, ridge, beta)
    if problem.n == 0 or problem.n == problem.m:
        return np.arange(problem.n)
    weights = problem.by_turns()
    return _largest(weights, problem.n)


def spal(
    points: ArrayLike,
    n: int,
    *,
    labels: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    ridge: float = 0.1,
    mu: float = 0.1,
    pace: float = 0.1,
) -> NDArray[np.intp]:
    """As `bmdr`, with a second weight that keeps rows out as long as the model finds them hard.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    labels : array of shape (l,)
        Class numbers of the labelled rows, 0 or 1.
    utility : not used.
    labelled : array of shape (l, d), or None
        The first 1,000 are learned from; without any the batch is only made like the whole.
    seed : not used: nothing is left to chance.
    ridge : weight of the model's squared norm.
    mu : weight of being like the whole.
    pace : a row of weighted loss above this counts as hard; the paper raises it from round to round.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, by falling ``v a``: a as in `bmdr`, with the loss of a row times v and ``sum v a = n``, and
        ``v = max(0, 1 - a loss / pace)``, found by turns.

    Raises
    ------
    ValueError
        If a coordinate is not finite, labels and labelled rows differ in number, or a setting is not above 0.

    References
    ----------
    Tang, Huang (2019). Self-paced active learning: query the right thing at the right time.

    Examples
    --------
    >>> two = np.array([[0.0], [0.1], [9.0], [9.1], [9.2]])
    >>> bool(spal(two, 1, labels=[0, 1], labelled=np.array([[0.0], [0.1]]))[0] >= 2)
    True
    """
    _above(ridge=ridge, mu=mu, pace=pace)
    problem = _problem(points, n, labels, labelled, ridge, mu)
    if problem.n == 0 or problem.n == problem.m:
        return np.arange(problem.n)
    weights = problem.by_turns(pace)
    return _largest(weights * problem.easy, problem.n)


def _above(**settings: float) -> None:
    for name, value in settings.items():
        if not value > 0.0:
            raise ValueError(f"{name} must be above 0, not {value}")


def _largest(weights: Vector, n: int) -> NDArray[np.intp]:
    # Beyond what the solver settles, the lower position decides.
    return np.lexsort((np.arange(len(weights)), -weights.round(5)))[:n]


def _problem(
    points: ArrayLike, n: int, labels: ArrayLike, labelled: ArrayLike | None, ridge: float, match: float
) -> Problem:
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    codes = np.asarray(labels)
    if anchors is None:
        anchors, codes = rows[:0], codes[:0]
    if codes.shape != (len(anchors),):
        raise ValueError(f"labels must have shape ({len(anchors)},), one for each labelled row, not {codes.shape}")
    if len(codes) and not np.isin(codes, (0, 1)).all():
        raise ValueError("labels must be 0 or 1: only two classes are defined")
    n = max(0, min(n, len(rows)))
    anchors, side = anchors[:_LABELLED], 2.0 * codes[:_LABELLED] - 1.0
    if n == 0 or n == len(rows):
        return Problem(np.empty((0, 0)), side, len(rows), n, ridge, match)
    return Problem(_gaussian(anchors, rows), side, len(rows), n, ridge, match)


def _gaussian(anchors: Points, rows: Points) -> NDArray[np.float64]:
    """The kernel of all rows, labelled ones first; its width is the mean squared distance of the candidates."""
    both = np.concatenate([np.asarray(anchors, np.float64), np.asarray(rows, np.float64)])
    both -= both[len(anchors) :].mean(axis=0)
    largest = float(np.abs(both).max(initial=0.0))
    if largest > 0.0:
        both /= largest
    spread = 2.0 * float((both[len(anchors) :] ** 2).sum(axis=1).mean())
    # Copies are as near as can be, whatever rounding makes of their distance.
    return kernel(both, both, 1.0 / spread if spread > 1e-24 else 1.0)


@dataclass
class Problem:
    """Weights of candidates, by turns with a model.

    Attributes
    ----------
    whole : (l + m, l + m) kernel, labelled rows first.
    side : (l,) -1 or 1.
    m, n : candidates, and how many of them are wanted.
    ridge, match : weight of the model's norm, and of being like the whole.
    easy : (m,) the second weight; all 1 where there is none.
    history : the value of the whole objective after each turn.
    """

    whole: NDArray[np.float64]
    side: Vector
    m: int
    n: int
    ridge: float
    match: float
    easy: Vector = field(init=False)
    history: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.easy = np.ones(self.m)
        self._norm = 0.0
        self.labelled = len(self.side)

    @property
    def square(self) -> NDArray[np.float64]:
        """The kernel among candidates."""
        return self.whole[self.labelled :, self.labelled :]

    def linear(self) -> Vector:
        """k of the discrepancy: what each candidate adds by itself."""
        known, m, n = self.labelled, self.m, self.n
        across: Vector = self.whole[:known, known:].sum(axis=0)
        out: Vector = ((m - n) * across - (known + n) * self.square.sum(axis=0)) / (known + m)
        return out

    def by_turns(self, pace: float = 0.0) -> Vector:
        """The weights a; with a pace, `easy` is a turn of its own."""
        import scipy.linalg  # noqa: F401 - with it comes a library that is to be held

        with one_thread():
            linear = self.linear()
            scores = self.model(np.zeros(self.m))
            weights = np.full(self.m, self.n / self.m)
            before: set[int] = set()
            for _ in range(_ROUNDS):
                loss = self.loss(scores)
                weights = self.weigh(loss, linear, weights)
                if pace:
                    self.easy = np.clip(1.0 - weights * loss / pace, 0.0, 1.0)
                chosen = set(_largest(weights * self.easy, self.n).tolist())
                scores = self.model(weights * self.easy)
                self.history.append(self.value(weights, scores, linear))
                if chosen == before:
                    break
                before = chosen
        return weights

    @staticmethod
    def loss(scores: Vector) -> Vector:
        """What the worse of the two labels of each candidate costs beyond 1: ``(1 + |f|)^2 - 1``."""
        here = np.abs(scores)
        return here * here + 2.0 * here

    def weigh(self, loss: Vector, linear: Vector, start: Vector) -> Vector:
        """The weights for given scores: a quadratic program."""
        total = min(float(self.n), float(self.easy.sum()))
        return minimise(
            lambda weights: self.match * (self.square @ weights),
            self.easy * loss + self.match * linear,
            np.ones(self.m),
            self.easy,
            total,
            start=start,
            steps=1000,
            tolerance=1e-5,
        )

    def model(self, weights: Vector) -> Vector:
        """Scores of the candidates by the model that is best for given weights, by alternating directions.

        z stands for the scores where a weight is; pulling the two together leaves a ridge regression
        on one side and a shrinkage of single numbers on the other.
        """
        from scipy.linalg import cho_factor, cho_solve

        known = self.labelled
        held = np.flatnonzero(weights > 1e-4)
        at = np.concatenate([np.arange(known), known + held])
        if len(at) == 0:
            self._norm = 0.0
            return np.zeros(self.m)
        pull = 1.0
        strength = np.repeat([1.0, pull / 2.0], [known, len(held)])
        system = self.whole[np.ix_(at, at)] + np.diag(self.ridge / strength)
        factor = cho_factor(system, lower=True, overwrite_a=True)
        here, z, u = weights[held], np.zeros(len(held)), np.zeros(len(held))
        for _ in range(_PASSES if len(held) else 1):
            target = np.concatenate([self.side, z - u])
            dual = cho_solve(factor, target)
            scores = (target - self.ridge / strength * dual)[known:]
            old, moved = z, pull * (scores + u)
            z = np.sign(moved) * np.maximum(np.abs(moved) - 2.0 * here, 0.0) / (2.0 * here + pull)
            u = u + scores - z
            far = float(np.abs(scores - z).max(initial=0.0) + np.abs(z - old).max(initial=0.0))
            if far <= 1e-6:
                break
        self._fit = float(((self.side - (self.whole[:known, at] @ dual)) ** 2).sum())
        self._norm = float(dual @ (self.whole[np.ix_(at, at)] @ dual))
        found: Vector = self.whole[known:, at] @ dual
        return found

    def value(self, weights: Vector, scores: Vector, linear: Vector) -> float:
        """The objective: fit, norm, loss of the weighted candidates, and discrepancy."""
        matched = 0.5 * float(weights @ (self.square @ weights)) + float(linear @ weights)
        return (
            self._fit
            + self.ridge * self._norm
            + float((self.easy * weights) @ self.loss(scores))
            + self.match * matched
        )
