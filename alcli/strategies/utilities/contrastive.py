"""Rows whose prediction differs from those of their labelled neighbours, and entropy with a temperature."""

from __future__ import annotations

from math import isfinite, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_points, blocks
from alcli.strategies.selectors.nearest_labelled import Rough, first_copies, nearest_anchors
from alcli.strategies.utilities.checks import probabilities, settled
from alcli.strategies.utilities.uncertainty import nats

_TINY = float(np.finfo(np.float64).tiny)


def contrastive(
    space: ArrayLike,
    labelled: ArrayLike,
    proba: ArrayLike,
    labelled_proba: ArrayLike,
    *,
    neighbours: int = 10,
) -> NDArray[np.float64]:
    """How far a row's prediction is from those of the labelled rows nearest to it.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates of the candidates.
    labelled : array of shape (l, d)
        Coordinates of the labelled rows: neighbours are looked for among these and nowhere else.
    proba : array of shape (n, c)
        Class probabilities of the candidates.
    labelled_proba : array of shape (l, c)
        Class probabilities of the labelled rows.
    neighbours : how many labelled rows are looked at; all of them when there are fewer.

    Returns
    -------
    utility : array of shape (n,)
        ``(1/k) sum KL(p_neighbour || p_row)`` in nats, 0 when all predict the same, and all 0 without
        labelled rows. A class that the row excludes and a neighbour does not is counted with the smallest
        number there is in place of 0, so it comes before all others and stays finite. Time is that of one
        product of the two sets in blocks; memory does not grow with n.

    Raises
    ------
    ValueError
        If shapes differ, a coordinate is not finite, a row of probabilities is not a distribution, or
        `neighbours` is below 1.

    References
    ----------
    Margatina, Vernikos, Barrault, Aletras (2021). Active learning by acquiring contrastive examples.
    Their neighbours are labelled rows, as here; small-text looks among unlabelled ones too.

    Examples
    --------
    >>> here, there = np.array([[0.0], [1.0]]), np.array([[0.0]])
    >>> contrastive(here, there, np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[0.5, 0.5]])).round(3)
    array([0.   , 0.511])
    """
    if neighbours < 1:
        raise ValueError(f"neighbours must be at least 1, not {neighbours}")
    points, anchors = as_points(space, "space"), as_points(labelled, "labelled")
    p, known = probabilities(proba), probabilities(labelled_proba, "labelled_proba")
    if len(points) != len(p) or len(anchors) != len(known) or p.shape[1] != known.shape[1]:
        raise ValueError(f"shapes do not fit: {points.shape}, {anchors.shape}, {p.shape}, {known.shape}")
    out = np.zeros(len(p))
    if len(anchors) == 0 or len(p) == 0:
        return out
    if anchors.shape[1] != points.shape[1]:
        raise ValueError(f"labelled has {anchors.shape[1]} columns and space {points.shape[1]}")
    k = min(neighbours, len(anchors))
    held = first_copies(anchors, k)
    anchors, known = anchors[held], known[held]
    certainty, rough = -nats(known), Rough(points, anchors)
    for start, stop in blocks(len(p), max(len(anchors), points.shape[1], k * p.shape[1])):
        near = nearest_anchors(points, anchors, k, start, stop, rough)
        logs = np.log(np.maximum(p[start:stop], _TINY))
        cross = np.einsum("ij,ij->i", known[near].mean(axis=1), logs)
        out[start:stop] = certainty[near].mean(axis=1) - cross
    return settled(out)


def tempered_entropy(proba: ArrayLike, *, temperature: float = 1.0) -> NDArray[np.float64]:
    """Entropy of the probabilities that a softmax with a temperature would give.

    Parameters
    ----------
    proba : array of shape (n, c)
        Class probabilities; each row sums to 1 within 1e-6.
    temperature : above 1 all rows look less sure, below 1 surer, and 1 changes nothing.

    Returns
    -------
    utility : array of shape (n,)
        Entropy of ``p^(1/T) / sum p^(1/T)``, which is the softmax of the logits divided by T, over ``ln c``:
        0 when certain, 1 when all classes are equally likely. All 0 when c = 1.

    Raises
    ------
    ValueError
        If `proba` is not 2-D, a row is not a distribution, or `temperature` is not above 0.

    References
    ----------
    Prabhu, Chandrasekaran, Saenko, Hoffman (2021). Active domain adaptation via clustering
    uncertainty-weighted embeddings.

    Examples
    --------
    >>> tempered_entropy(np.array([[0.8, 0.2], [1.0, 0.0]]), temperature=0.5).round(3)
    array([0.323, 0.   ])
    """
    if not (temperature > 0.0 and isfinite(temperature)):
        raise ValueError(f"temperature must be above 0, not {temperature}")
    p = probabilities(proba)
    if p.shape[1] == 1 or len(p) == 0:
        return np.zeros(len(p))
    if temperature != 1.0:
        # Relative to the likeliest class, so that the sum is never 0.
        p = (p / p.max(axis=1, keepdims=True)) ** (1.0 / temperature)
        p /= p.sum(axis=1, keepdims=True)
    return nats(p) / log(p.shape[1])
