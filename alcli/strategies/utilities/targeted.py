"""How like given examples a row is: likeness (near these, far from those) and gcmi (near all of these)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points, blocks
from alcli.strategies.selectors.similarity import Ready, Similarity, check, others

#: The kernel, the liked and the unliked rows in its form, and the weight of the unliked.
Learned = tuple[Similarity, Ready, Ready, float]


def learn_examples(
    liked: ArrayLike,
    unliked: ArrayLike,
    reference: ArrayLike,
    *,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
    avoid: float = 1.0,
) -> Learned:
    """The examples, and the kernel that rows of the pool set the scale of.

    Raises
    ------
    ValueError
        If a setting is unknown or below 0, or the numbers of columns differ.
    """
    check(similarity, bandwidth)
    if avoid < 0.0:
        raise ValueError(f"avoid must be 0 or more, not {avoid}")
    pool = as_points(reference, "reference")
    near, far = others(liked, pool, "liked"), others(unliked, pool, "unliked")
    scale = next((rows for rows in (pool, near, far) if len(rows)), pool)
    kernel = Similarity(scale, similarity, bandwidth, coarse=False)
    return kernel, kernel.ready(near), kernel.ready(far), avoid


def learn_liked(
    liked: ArrayLike,
    reference: ArrayLike,
    *,
    seed: int = 0,
    similarity: str = "rbf",
    bandwidth: float = 0.0,
) -> Learned:
    """As `learn_examples`, without unliked rows."""
    return learn_examples(liked, np.empty((0, 1)), reference, similarity=similarity, bandwidth=bandwidth)


def likeness(space: ArrayLike, learned: Learned) -> NDArray[np.float64]:
    """How like its most similar liked row a row is, less how like its most similar unliked row.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    learned : what `learn_examples` found: the kernel, the examples, and the weight of the unliked ones.

    Returns
    -------
    utility : array of shape (n,)
        ``max_q s(x, q) - avoid max_p s(x, p)``, from -avoid to 1; the part that has no rows is left out.
        Memory O(n) plus blocks.

    Raises
    ------
    ValueError
        If there are neither liked nor unliked rows, `space` has another shape or width, or a coordinate is not finite.

    References
    ----------
    The parts of SIMILAR's measures that one row has by itself (Kothawade, Beck, Killamsetty, Iyer 2021):
    relevance to a query set, and distance from a private set.

    Examples
    --------
    >>> like, unlike, pool = np.array([[1.0]]), np.array([[4.0]]), np.array([[0.0], [1.0], [4.0]])
    >>> likeness(pool, learn_examples(like, unlike, pool, bandwidth=2.0)).round(3)
    array([ 0.76 ,  0.895, -0.895])
    """
    kernel, liked, unliked, avoid = learned
    rows = _rows(space, kernel)
    if len(rows) and not len(liked) and not len(unliked):
        raise ValueError("no examples of what is wanted: give `--like FILE`, `--unlike FILE` or both")
    out = np.zeros(len(rows))
    for start, stop in blocks(len(rows), max(rows.shape[1], len(liked), len(unliked))):
        here = kernel.ready(rows[start:stop])
        if len(liked):
            out[start:stop] += kernel.fine(here, liked).max(axis=1)
        if len(unliked):
            out[start:stop] -= avoid * kernel.fine(here, unliked).max(axis=1)
    return out


def gcmi(space: ArrayLike, learned: Learned) -> NDArray[np.float64]:
    """How like all liked rows together a row is.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates. Row i is candidate i, not row i of the pool.
    learned : what `learn_liked` found: the kernel and the examples.

    Returns
    -------
    utility : array of shape (n,)
        ``2 sum_q s(x, q)``, from 0 to 2 q: graph cut's mutual information with the examples is the sum of this
        over the batch, so the best batch is that of the largest values. λ changes no order and is left out.

    Raises
    ------
    ValueError
        If there are no liked rows, `space` has another shape or width, or a coordinate is not finite.

    References
    ----------
    Kothawade, Beck, Killamsetty, Iyer (2021). SIMILAR: submodular information measures based active learning
    in realistic scenarios ("GCMI").

    Examples
    --------
    >>> pool = np.array([[0.0], [1.0], [4.0]])
    >>> gcmi(pool, learn_liked(pool[:2], pool, bandwidth=1.0)).round(3)
    array([2.736, 2.736, 0.   ])
    """
    kernel, liked, _, _ = learned
    rows = _rows(space, kernel)
    if len(rows) and not len(liked):
        raise ValueError("no examples of what is wanted: give `--like FILE`")
    out = np.zeros(len(rows))
    for start, stop in blocks(len(rows), max(rows.shape[1], len(liked))):
        out[start:stop] = 2.0 * kernel.fine(kernel.ready(rows[start:stop]), liked).sum(axis=1)
    return out


def _rows(space: ArrayLike, kernel: Similarity) -> NDArray[np.floating]:
    rows = as_points(space, "space")
    if rows.shape[1] != len(kernel.middle):
        raise ValueError(f"space must have shape (n, {len(kernel.middle)}), not {rows.shape}")
    return rows
