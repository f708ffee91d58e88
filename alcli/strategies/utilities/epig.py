"""Expected predictive information gain: what a label would tell about the labels of the rows that matter."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.utilities.checks import committee_of, settled
from alcli.strategies.utilities.uncertainty import nats

# Joint probabilities at a time: 1 MB, so that product, logarithm and sum meet in the processor's cache.
_CELLS = 128_000


def epig(committee: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """What a row's label would tell about the labels of the target rows, on average over these.

    Where `bald` asks what would tell the members apart anywhere, this asks only for what changes the predictions
    that will be used.

    Parameters
    ----------
    committee : array of shape (m, n, c)
        Each member's class probabilities. Row i is candidate i, not row i of the pool.
    target : array of shape (m, t, c)
        The same members' probabilities of the rows that the model is for.

    Returns
    -------
    utility : array of shape (n,)
        Mean over target rows of the mutual information of the two labels, in nats:
        ``H(p(y)) + H(p(y*)) - H(p(y, y*))`` with ``p(y, y*) = mean_k p^k(y) p^k(y*)``. Never below 0, at most the
        row's `bald`, and 0 when m = 1 or there are no target rows. O(n t c^2) time; memory for a few thousand
        joint probabilities besides the arrays.

    Raises
    ------
    ValueError
        If an array is not 3-D, a row is not a distribution, or members or classes differ in number.

    References
    ----------
    Bickford Smith, Kirsch, Farquhar, Gal, Foster, Rainforth (2023). Prediction-oriented Bayesian active learning.

    Examples
    --------
    Two members that differ on the target rows; the first candidate tells which is right, the second does not.

    >>> committee = np.array([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]])
    >>> epig(committee, np.array([[[1.0, 0.0]], [[0.0, 1.0]]])).round(4)
    array([0.6931, 0.    ])
    """
    members = committee_of(committee)
    others = committee_of(target)
    m, n, c = members.shape
    if others.shape[0] != m or others.shape[2] != c:
        raise ValueError(f"target has shape {others.shape}, but committee {members.shape}: members and classes differ")
    t = others.shape[1]
    if m == 1 or t == 0 or n == 0:
        return np.zeros(n)
    out = np.empty(n)
    right = np.ascontiguousarray(others.transpose(1, 0, 2)) / m  # (t, m, c)
    constant = float(nats(others.mean(axis=0)).mean())
    rows, targets = max(1, _CELLS // (c * t * c)), max(1, _CELLS // (c * c))
    room = _Room()
    for start in range(0, n, rows):
        block = members[:, start : start + rows]
        left = np.ascontiguousarray(block.transpose(1, 2, 0)).reshape(-1, m)
        spread = np.zeros(block.shape[1])
        for first in range(0, t, targets):
            piece = np.ascontiguousarray(right[first : first + targets].transpose(1, 0, 2)).reshape(m, -1)
            spread += room.spread(left, piece, len(spread))
        out[start : start + rows] = nats(block.mean(axis=0)) + constant - spread / t
    return settled(out)


class _Room:
    """Two arrays that are used again: getting fresh memory for each block would cost more than the logarithms."""

    def __init__(self) -> None:
        self.joint = self.logs = np.empty((0, 0))

    def spread(self, left: NDArray[np.float64], right: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
        """Entropies of p(y, y*), summed over target rows: (rows,), from (rows * c, m) and (m, targets * c)."""
        shape = (len(left), right.shape[1])
        if self.joint.shape != shape:
            self.joint, self.logs = np.empty(shape), np.empty(shape)
        np.matmul(left, right, out=self.joint)
        np.maximum(self.joint, np.finfo(np.float64).tiny, out=self.logs)
        np.log(self.logs, out=self.logs)
        # 0 times the logarithm of the smallest number is exactly 0
        wide = (rows, -1)
        spread: NDArray[np.float64] = -np.einsum("ij,ij->i", self.joint.reshape(wide), self.logs.reshape(wide))
        return spread
