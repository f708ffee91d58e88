"""Batches for or against given examples: flqmi, com (like these) and flcg (unlike those)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.greedy import Covering, lazy_greedy
from alcli.strategies.selectors.similarity import Ready, Similarity, best_of, check, others, total_of

_CONCAVE = ("sqrt", "log")


def flqmi(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    liked: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    eta: float = 1.0,
) -> NDArray[np.intp]:
    """Rows that stand for the examples: each example has a row like it, and each row an example.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility, labelled : not used. Examples are often labelled rows, which would cover themselves.
    liked : array of shape (q, d)
        The examples.
    reference : array of shape (r, d), or None
        Rows of the pool that the bandwidth is taken from; the candidates when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    eta : η, the weight of a row's similarity to its nearest example. Once every example has a row like it,
        this alone decides.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. One pass over m × q similarities, then few rows a pick. O(m d) memory.

    Raises
    ------
    ValueError
        If there is no example, a coordinate is not finite, the numbers of columns differ, or a setting is
        unknown or below 0.

    References
    ----------
    Kothawade, Beck, Killamsetty, Iyer (2021). SIMILAR: submodular information measures based active learning
    in realistic scenarios. Iyer et al. (2021). The paper's name for it is FLQMI; distil's is fl2mi.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [5.0], [9.0], [9.5]])
    >>> flqmi(line, 2, liked=np.array([[0.2], [9.4]]), bandwidth=1.0)
    array([4, 0])
    """
    check(similarity, bandwidth)
    not_below_0(eta, "eta")
    rows, examples, kernel = _beside(points, labelled, liked, "liked", n, reference, similarity, bandwidth)
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    here, there = kernel.ready(rows), kernel.ready(examples)
    bonus = eta * best_of(kernel, here, there).astype(np.float64)
    return lazy_greedy(Covering(kernel, here, there, np.zeros(len(there), np.float32), bonus=bonus), n)


def com(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    liked: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    eta: float = 1.0,
    concave: str = "sqrt",
) -> NDArray[np.intp]:
    """Rows that are like the examples, each example the less the more rows are like it already.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility, labelled : not used.
    liked : array of shape (q, d)
        The examples.
    reference : array of shape (r, d), or None
        Rows of the pool that the bandwidth is taken from; the candidates when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    eta : η, the weight of what a row is to all examples by itself.
    concave : ψ: "sqrt", or "log" for ``ln(1 + x)``.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. One pass over m × q similarities, then few rows a pick. O(m d) memory.

    Raises
    ------
    ValueError
        If there is no example, a coordinate is not finite, the numbers of columns differ, or a setting is
        unknown or below 0.

    References
    ----------
    Kothawade, Kaushal, Ramakrishnan, Bilmes, Iyer (2022). PRISM: a rich class of parameterized submodular
    information measures ("concave over modular").

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [5.0], [9.0], [9.5]])
    >>> com(line, 2, liked=np.array([[0.2], [9.4]]), bandwidth=1.0)
    array([4, 0])
    """
    check(similarity, bandwidth)
    not_below_0(eta, "eta")
    if concave not in _CONCAVE:
        raise ValueError(f"concave must be one of {', '.join(_CONCAVE)}, not {concave!r}")
    rows, examples, kernel = _beside(points, labelled, liked, "liked", n, reference, similarity, bandwidth)
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    return lazy_greedy(_Concave(kernel, kernel.ready(rows), kernel.ready(examples), eta, concave), n)


class _Concave:
    """Gains of ``sum_q ψ(sum_{a in A} s_qa) + η sum_{a in A} ψ(sum_q s_qa)``."""

    def __init__(self, kernel: Similarity, here: Ready, there: Ready, eta: float, concave: str) -> None:
        self.kernel, self.here, self.there, self.concave = kernel, here, there, concave
        self.bonus = eta * self._phi(total_of(kernel, here, there))
        self.total = np.zeros(len(there))

    def first(self) -> NDArray[np.float64]:
        step = max(1, 1_000_000 // len(self.there))
        starts = range(0, len(self.here), step)
        return np.concatenate([self._gains(self.here[a : a + step]) for a in starts]) + self.bonus

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return self._gains(self.here[rows]) + self.bonus[rows]

    def take(self, row: int) -> None:
        self.total = self.total + self.kernel.between(self.here[row : row + 1], self.there)[0]

    def _gains(self, candidates: Ready) -> NDArray[np.float64]:
        more = self._phi(self.total + self.kernel.between(candidates, self.there))
        more -= self._phi(self.total)
        gains: NDArray[np.float64] = more.sum(axis=1)
        return gains

    def _phi(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sqrt(x) if self.concave == "sqrt" else np.log1p(x)


def flcg(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    unliked: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    nu: float = 1.0,
) -> NDArray[np.intp]:
    """Facility location of what the unwanted examples do not stand for.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used.
    labelled : array of shape (l, d), or None
        Chosen already: what they cover is covered.
    unliked : array of shape (q, d)
        The unwanted examples.
    reference : array of shape (r, d), or None
        Rows that stand for the pool; the candidates themselves when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    nu : ν, how strictly rows like the unwanted ones are kept away from.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. Time and memory as for `facility_location`.

    Raises
    ------
    ValueError
        If there is no example, a coordinate is not finite, the numbers of columns differ, or a setting is
        unknown or below 0.

    References
    ----------
    Kothawade, Beck, Killamsetty, Iyer (2021). SIMILAR: submodular information measures based active learning
    in realistic scenarios ("FLCG", facility location conditional gain).

    Examples
    --------
    >>> line = np.array([[0.0], [0.5], [5.0], [9.0], [9.5]])
    >>> flcg(line, 2, unliked=np.array([[0.2]]), bandwidth=1.0)
    array([3, 2])
    """
    check(similarity, bandwidth)
    not_below_0(nu, "nu")
    rows, examples, kernel = _beside(points, labelled, unliked, "unliked", n, reference, similarity, bandwidth)
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    anchors = as_anchors(labelled, rows)
    pool = others(reference, rows, "reference")
    covered = kernel.ready(pool if len(pool) else rows)
    already = np.float32(nu) * best_of(kernel, covered, kernel.ready(examples))
    if anchors is not None:
        already = np.maximum(already, best_of(kernel, covered, kernel.ready(anchors)))
    return lazy_greedy(Covering(kernel, kernel.ready(rows), covered, already), n)


def _beside(
    points: ArrayLike,
    labelled: ArrayLike | None,
    examples: ArrayLike | None,
    what: str,
    n: int,
    reference: ArrayLike | None,
    similarity: str,
    bandwidth: float,
) -> tuple[Points, Points, Similarity]:
    """Candidates and examples, checked, and the kernel between them."""
    rows = as_points(points)
    as_anchors(labelled, rows)
    given = others(examples, rows, what)
    if n > 0 and len(rows) and len(given) == 0:
        flag = "--like FILE" if what == "liked" else "--unlike FILE"
        raise ValueError(f"no examples of {'what is' if what == 'liked' else 'what is not'} wanted: give `{flag}`")
    pool = others(reference, rows, "reference")
    return rows, given, Similarity(pool if len(pool) else rows, similarity, bandwidth)


def not_below_0(value: float, what: str) -> None:
    if value < 0.0:
        raise ValueError(f"{what} must be 0 or more, not {value}")
