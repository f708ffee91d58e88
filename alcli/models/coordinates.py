"""Rows in few dense coordinates that keep every inner product with rows that a model may be fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Rows up to which a basis of them is found.
MOST = 2500
#: Directions of less than this share of the largest variance hold nothing but rounding.
_LEAST = 1e-12


class Coordinates:
    """Places of labelled rows and candidates.

    The weights of a linear model with a squared penalty lie in the span of the rows it was fitted on. With
    more columns than rows, as text has, an orthonormal basis of that span makes the same model out of
    fewer and dense numbers.

    Parameters
    ----------
    known : (l, d) labelled rows, dense or CSR.
    candidates : (m, d) rows that may be labelled.

    Attributes
    ----------
    known, candidates : the same rows in coordinates, (l, D) and (m, D) with D <= min(d, l + m).
    """

    def __init__(self, known: Any, candidates: Any) -> None:
        self.turn: Array | None = None
        self.basis: Any = None
        if _narrow(known, candidates):
            self.known, self.candidates = self.of(known), self.of(candidates)
            return
        self.basis = stacked(known, candidates)
        products = self.basis @ self.basis.T
        gram = products if isinstance(products, np.ndarray) else products.toarray()
        value, vector = np.linalg.eigh((gram + gram.T) / 2.0)
        large = value > _LEAST * max(float(value[-1]), np.finfo(float).tiny)
        length = np.sqrt(value[large])
        self.turn = vector[:, large] / length
        placed = vector[:, large] * length
        self.known, self.candidates = placed[: known.shape[0]], placed[known.shape[0] :]

    @staticmethod
    def fits(known: Any, candidates: Any) -> bool:
        """Whether there are few enough columns or rows."""
        return _narrow(known, candidates) or known.shape[0] + candidates.shape[0] <= MOST

    def of(self, rows: Any) -> Array:
        """Any rows in these coordinates, (n, D); None is no row."""
        if rows is None:
            width = self.known.shape[1] if hasattr(self, "known") else 0
            return np.empty((0, width))
        if self.turn is not None:
            return np.asarray(_dense(rows @ self.basis.T) @ self.turn)
        return np.ascontiguousarray(_dense(rows), dtype=np.float64)


def _narrow(known: Any, candidates: Any) -> bool:
    columns, rows = known.shape[1], known.shape[0] + candidates.shape[0]
    return bool(columns <= min(rows, MOST) or columns <= 64)


def _dense(rows: Any) -> Any:
    return rows if isinstance(rows, np.ndarray) else rows.toarray()


def stacked(first: Any, last: Any) -> Any:
    """Two matrices of the same kind, one above the other."""
    if isinstance(first, np.ndarray):
        return np.concatenate([first, last])
    from scipy.sparse import vstack

    return vstack([first, last], format="csr")
