"""Rows in few dense coordinates that keep every inner product with rows that a model may be fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Rows up to which a basis of them is found.
MOST = 2500
#: What is left of a row once the others are taken out of it is rounding below this share of the longest, squared.
_LEAST = 1e-12


class Span:
    """An orthonormal basis of the span of some rows, by Cholesky's decomposition of their inner products.

    Rows are taken in the order of what each adds (complete pivoting), until nothing but rounding is left: copies and
    rows that others add up to cost no direction. O(n² D) time and O(n²) memory whatever the number of columns.

    Parameters
    ----------
    rows : (n, d) dense or CSR, finite.

    Attributes
    ----------
    placed : the rows in coordinates, (n, D) with D <= min(d, n); they keep every inner product.

    References
    ----------
    Higham (1990). Analysis of the Cholesky decomposition of a semi-definite matrix.
    """

    def __init__(self, rows: Any) -> None:
        from scipy.linalg.lapack import dpstrf

        gram = _dense(rows @ rows.T)
        longest = float(gram.diagonal().max(initial=0.0))
        factor, order, rank, _ = dpstrf(gram, lower=1, tol=_LEAST * max(longest, np.finfo(float).tiny))
        order = order - 1
        triangle = np.tril(factor)[:, :rank]
        self.placed = np.empty_like(triangle, order="C")
        self.placed[order] = triangle
        self._corner = triangle[:rank]
        self._chosen = rows[order[:rank]]

    def of(self, rows: Any) -> Array:
        """Any rows, (m, d), in these coordinates, (m, D): what of them lies outside the span is left out."""
        from scipy.linalg import solve_triangular

        products = _dense(rows @ self._chosen.T)
        return np.ascontiguousarray(solve_triangular(self._corner, products.T, lower=True, check_finite=False).T)

    def back(self, vectors: Array) -> Array:
        """Vectors given in coordinates, (k, D), as they are in columns, (k, d)."""
        from scipy.linalg import solve_triangular

        turned = solve_triangular(self._corner, vectors.T, lower=True, trans="T", check_finite=False)
        return np.ascontiguousarray((self._chosen.T @ turned).T)


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
        self.span: Span | None = None
        if _narrow(known, candidates):
            self.known, self.candidates = self.of(known), self.of(candidates)
            return
        self.span = Span(stacked(known, candidates))
        placed = self.span.placed
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
        if self.span is not None:
            return self.span.of(rows)
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
