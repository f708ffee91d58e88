"""How much a prediction depends on features that may be missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import committee_of, probabilities


def dropout_disagreement(dropout: ArrayLike, proba: ArrayLike) -> NDArray[np.float64]:
    """The share of passes over dropped-out features that predict another class than the whole row does.

    Parameters
    ----------
    dropout : array of shape (m, n, c)
        Class probabilities of m passes, each with other features dropped.
    proba : array of shape (n, c)
        Class probabilities of the rows as they are.

    Returns
    -------
    utility : array of shape (n,)
        Between 0, when no pass changes the prediction, and 1. Between equal probabilities the first
        class is the predicted one, in a pass as in the whole.

    Raises
    ------
    ValueError
        If a shape is another, or a row is not a distribution; the message names the row.

    References
    ----------
    Gupte, Aklilu, Nirschl, Yeung-Levy (2024). Revisiting active learning in the era of vision foundation
    models (DropQuery): five passes, three quarters dropped; rows where more than half disagree are candidates.

    Examples
    --------
    >>> passes = np.array([[[0.9, 0.1]], [[0.2, 0.8]], [[0.6, 0.4]], [[0.3, 0.7]]])
    >>> dropout_disagreement(passes, np.array([[0.8, 0.2]]))
    array([0.5])
    """
    passes = committee_of(dropout)
    whole = probabilities(proba)
    if passes.shape[1:] != whole.shape:
        raise ValueError(f"dropout must have shape (m, n, c) for n, c = {whole.shape}, not {passes.shape}")
    share: NDArray[np.float64] = (passes.argmax(axis=2) != whole.argmax(axis=1)).mean(axis=0, dtype=np.float64)
    return share
