"""Points that are outer products, as gradients of a linear layer are, without ever building them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.distances import blocks


class Outer:
    """Points g_i = a_i ⊗ h_i of c * d coordinates, kept as their factors.

    The gradient of the log loss of a softmax layer, for the class it predicts, is such a point:
    ``a = p - e_predicted`` and h the row's features with a 1 behind. Since
    ``<g_i, g_j> = <a_i, a_j> <h_i, h_j>``, distances cost c + d and not c * d.

    Parameters
    ----------
    left : array of shape (m, c)
    right : array of shape (m, d)

    References
    ----------
    Ash, Zhang, Krishnamurthy, Langford, Agarwal (2020). Deep batch active learning by diverse,
    uncertain gradient lower bounds.

    Examples
    --------
    >>> g = Outer(np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([[3.0, 1.0], [1.0, 1.0]]))
    >>> g.dense()[0].tolist()
    [3.0, 1.0, -3.0, -1.0]
    >>> g.to_one(1).tolist() == ((g.dense() - g.dense()[1]) ** 2).sum(axis=1).tolist()
    True
    """

    def __init__(self, left: NDArray[Any], right: NDArray[Any]) -> None:
        if left.ndim != 2 or right.ndim != 2 or len(left) != len(right):
            raise ValueError(f"factors must have as many rows: {left.shape} and {right.shape}")
        self.left = left
        self.right = right

    def __len__(self) -> int:
        return len(self.left)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and the coordinates that each would have."""
        return len(self), self.left.shape[1] * self.right.shape[1]

    def __getitem__(self, rows: Any) -> Outer:
        """Some of the points: a slice, a mask or positions."""
        return Outer(self.left[rows], self.right[rows])

    def norms(self) -> NDArray[np.float64]:
        """Squared lengths: (m,)."""
        out = np.empty(len(self))
        for start, stop in self._blocks():
            left, right = self._piece(start, stop)
            out[start:stop] = np.einsum("ij,ij->i", left, left) * np.einsum("ij,ij->i", right, right)
        return out

    def to_one(self, row: int) -> NDArray[np.float64]:
        """Squared distances of all points to one of them: (m,), never below 0, and 0 for itself."""
        left, right = np.asarray(self.left[row], np.float64), np.asarray(self.right[row], np.float64)
        own = float(left @ left) * float(right @ right)
        out = np.empty(len(self))
        for start, stop in self._blocks():
            lefts, rights = self._piece(start, stop)
            # einsum adds each row by itself: a row's sum does not depend on the block it is in
            length = np.einsum("ij,ij->i", lefts, lefts) * np.einsum("ij,ij->i", rights, rights)
            product = np.einsum("ij,j->i", lefts, left) * np.einsum("ij,j->i", rights, right)
            out[start:stop] = length + own - 2.0 * product
        # What a difference of products leaves behind of equal points is rounding, not distance.
        out[out < 1e-12 * (own + out)] = 0.0
        out[row] = 0.0
        return out

    def dense(self) -> NDArray[Any]:
        """The points themselves: (m, c * d), class by class."""
        whole: NDArray[Any] = (self.left[:, :, None] * self.right[:, None, :]).reshape(self.shape)
        return whole

    def _blocks(self) -> Iterator[tuple[int, int]]:
        return blocks(len(self), self.left.shape[1] + self.right.shape[1])

    def _piece(self, start: int, stop: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.left[start:stop].astype(np.float64), self.right[start:stop].astype(np.float64)
