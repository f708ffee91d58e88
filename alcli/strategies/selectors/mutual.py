"""Batches by what they have in common with examples: flvmi and flcmi over the pool, logdetmi by determinants."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.diversity import ANCHORS, JITTER, pulled, through
from alcli.strategies.selectors.greedy import Covering, lazy_greedy
from alcli.strategies.selectors.similarity import Similarity, best_of, check, others
from alcli.strategies.selectors.targeted import not_below_0

# Gains of determinants that differ by less are equal: logarithms of numbers that are right to some 1e-8.
_EQUAL = 1e-6


def flvmi(
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
    """Rows that cover the pool as far as the examples do: the part of the pool that is like them.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility, labelled : not used. Examples are often labelled rows, which would cover themselves.
    liked : array of shape (q, d)
        The examples.
    reference : array of shape (r, d), or None
        Rows that stand for the pool; the candidates themselves when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    eta : η, how far beyond the examples' own likeness a row of the pool may be covered.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. When every row is covered as far as the examples cover it, the
        others come in their order. Time and memory as for `facility_location`.

    Raises
    ------
    ValueError
        If there is no example, a coordinate is not finite, the numbers of columns differ, or a setting is
        unknown or below 0.

    References
    ----------
    Kothawade, Beck, Killamsetty, Iyer (2021). SIMILAR: submodular information measures based active learning
    in realistic scenarios ("FLVMI"; distil calls it fl1mi).

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [5.0], [9.0], [9.5]])
    >>> flvmi(line, 2, liked=np.array([[0.2], [9.4]]), bandwidth=1.0)
    array([4, 0])
    """
    return flcmi(
        points,
        n,
        labelled=labelled,
        liked=liked,
        reference=reference,
        similarity=similarity,
        bandwidth=bandwidth,
        eta=eta,
    )


def flcmi(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    liked: ArrayLike | None = None,
    unliked: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    eta: float = 1.0,
    nu: float = 1.0,
) -> NDArray[np.intp]:
    """As `flvmi`, of the pool without what the unwanted examples cover.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility, labelled : not used.
    liked : array of shape (q, d), or None
        The examples; without any all of the pool is wanted, and this is `flcg` with nothing chosen before.
    unliked : array of shape (p, d), or None
        Examples of what is not wanted; without any this is `flvmi`.
    reference : array of shape (r, d), or None
        Rows that stand for the pool; the candidates themselves when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.
    eta : η, how far beyond the examples' own likeness a row of the pool may be covered.
    nu : ν, how strictly rows like the unwanted ones are kept away from.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. Time and memory as for `facility_location`.

    Raises
    ------
    ValueError
        If there is no example at all, a coordinate is not finite, the numbers of columns differ, or a setting is
        unknown or below 0.

    References
    ----------
    Kothawade, Beck, Killamsetty, Iyer (2021). SIMILAR: submodular information measures based active learning
    in realistic scenarios ("FLCMI").

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [5.0], [9.0], [9.5]])
    >>> flcmi(line, 1, liked=np.array([[0.2], [9.4]]), unliked=np.array([[9.0]]), bandwidth=1.0)
    array([0])
    """
    check(similarity, bandwidth)
    not_below_0(eta, "eta")
    not_below_0(nu, "nu")
    rows, examples, against = _examples(points, n, labelled, liked, unliked)
    if n <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    pool = others(reference, rows, "reference")
    pool = pool if len(pool) else rows
    kernel = Similarity(pool, similarity, bandwidth)
    covered = kernel.ready(pool)
    most = np.float32(eta) * best_of(kernel, covered, kernel.ready(examples)) if len(examples) else None
    already = np.float32(nu) * best_of(kernel, covered, kernel.ready(against))
    # Covered beyond `most` is no gain, so what is covered already beyond it is none either.
    return lazy_greedy(Covering(kernel, kernel.ready(rows), covered, already, most=most), n)


def logdetmi(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    liked: ArrayLike | None = None,
    unliked: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
) -> NDArray[np.intp]:
    """Rows that tell most of the examples, were similarities covariances: like them, and unlike each other.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility, labelled : not used.
    liked : array of shape (q, d), or None
        The examples Q; without any the function is ``ln det S(A | P)``, the paper's LogDetCG.
    unliked : array of shape (p, d), or None
        Examples P of what is not wanted: what they tell already counts no more.
    reference : array of shape (r, d), or None
        Rows of the pool that the bandwidth is taken from; the candidates when there are none.
    seed : not used: nothing is left to chance.
    similarity : "rbf", ``exp(-d² / bandwidth²)``, or "cosine", ``(1 + cos) / 2``.
    bandwidth : of "rbf"; 0 for the root of the mean squared distance of the pool's rows to their mean.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of greedy choice. The function is the mutual information of Gaussian variables,
        ``ln det S(A | P) - ln det S(A | P, Q)``, S being conditional similarities; 1e-8 is added to the diagonal.
        The first 2,000 examples of each kind count. O(m (p + q + n) (p + q + n + d)) time and 16 m (p + q + n) bytes.

    Raises
    ------
    ValueError
        If there is no example at all, a coordinate is not finite, the numbers of columns differ, or a setting is
        unknown.

    References
    ----------
    Kothawade, Beck, Killamsetty, Iyer (2021). SIMILAR: submodular information measures based active learning
    in realistic scenarios ("LogDetMI", and with P "LogDetCMI"), with η = ν = 1.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [5.0], [9.0], [9.5]])
    >>> logdetmi(line, 2, liked=np.array([[0.2], [9.4]]), bandwidth=1.0)
    array([4, 0])
    """
    check(similarity, bandwidth)
    rows, *given = _examples(points, n, labelled, liked, unliked)
    examples, against = (some[:ANCHORS] for some in given)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    pool = others(reference, rows, "reference")
    kernel = Similarity(pool if len(pool) else rows, similarity, bandwidth, coarse=False)
    here = kernel.ready(rows)
    free = through(kernel, here, kernel.ready(against), n)
    told = through(kernel, here, kernel.ready(np.concatenate([against, examples])), n)
    left = [1.0 + JITTER - np.einsum("ij,ij->i", factor, factor) for factor in (free, told)]
    open_ = np.ones(len(rows), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < n:
        known = [np.log(np.maximum(residual, JITTER)) for residual in left]
        gain = np.where(open_, known[0] - known[1] if len(examples) else known[0], -np.inf)
        row = int((gain >= gain.max() - _EQUAL).argmax())
        similar = kernel.fine(here, here[row : row + 1])[:, 0]
        for factor, residual in zip((free, told), left, strict=True):
            column = factor.shape[1] - n + len(chosen)
            factor[:, column] = pulled(factor[:, :column], residual, row, similar)
            residual -= factor[:, column] ** 2
        chosen.append(row)
        open_[row] = False
    return np.asarray(chosen, dtype=np.intp)


def _examples(
    points: ArrayLike, n: int, labelled: ArrayLike | None, liked: ArrayLike | None, unliked: ArrayLike | None
) -> tuple[Points, Points, Points]:
    """Candidates, wanted and unwanted examples, checked; one kind of examples at least."""
    rows = as_points(points)
    as_anchors(labelled, rows)
    wanted, against = others(liked, rows, "liked"), others(unliked, rows, "unliked")
    if n > 0 and len(rows) and not len(wanted) and not len(against):
        raise ValueError("no examples are given: `--like FILE`, `--unlike FILE` or both")
    return rows, wanted, against
