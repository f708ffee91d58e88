"""Where rows live for geometry: a few hundred numbers each, dense and float32."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.threads import one_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DIRECTIONS = 100
SPACE_SAMPLE = 3_000  # rows whose words are kept to find the directions: about 10 MB at most
FARTHEST = 1e4  # float32 squares of a few hundred such values stay finite
_fitting = threading.Lock()


class Space:
    """Points of rows; the projection of text is found when first asked for.

    Parameters
    ----------
    width : the first `width` columns of a matrix are no text, and stay as they are.
    spans : the columns of text to project.
    sample : matrix of the rows that say in which directions text differs; None without text.
    seed : for the randomized SVD.
    """

    def __init__(self, width: int, spans: Sequence[tuple[int, int]], sample: Any, seed: int) -> None:
        self.width = width
        self.spans = [list(span) for span in spans]
        self.seed = seed
        # Plain arrays: a pickled matrix would import scipy, and skops doesn't trust one.
        self.sample: dict[str, Any] | None = None if sample is None else _plain(self._text(sample))

    def points(self, X: NDArray[np.floating[Any]] | csr_matrix) -> NDArray[np.float32]:
        """Points of the rows of X, shape (n, k), C-order."""
        if self.sample is None:
            return self.plain(X, 0, self.width)
        text = self._text(X)
        axes = self._axes(self.sample)
        reduced = text.toarray() if axes is None else np.asarray(text @ axes)
        length = np.sqrt(np.einsum("ij,ij->i", reduced, reduced))
        reduced = reduced / np.where(length > 1e-12, length, 1.0)[:, None]
        points = np.empty((X.shape[0], self.width + reduced.shape[1]), dtype=np.float32)
        points[:, : self.width] = self.plain(X, 0, self.width)
        points[:, self.width :] = reduced
        return points

    def plain(self, X: NDArray[np.floating[Any]] | csr_matrix, start: int, stop: int) -> NDArray[np.float32]:
        """Columns start..stop of X as they are, shape (n, stop - start), C-order."""
        part: Any = X[:, start:stop]
        if not isinstance(part, np.ndarray):
            part = part.toarray()
        points: NDArray[np.float32] = part.astype(np.float32, order="C")
        np.clip(points, -FARTHEST, FARTHEST, out=points)
        return points

    def _text(self, X: Any) -> Any:
        from scipy.sparse import hstack

        blocks = [X[:, start:stop] for start, stop in self.spans]
        return blocks[0] if len(blocks) == 1 else hstack(blocks, format="csr")

    def _axes(self, sample: Mapping[str, Any]) -> NDArray[np.float64] | None:
        """The directions as columns, shape (terms, k); None when text has few terms anyway."""
        rows, terms = sample["shape"]
        if terms <= DIRECTIONS:
            return None
        if rows < 3:  # two rows show no direction worth the name
            return np.ones((terms, 1))
        with _fitting:
            axes: NDArray[np.float64] | None = self.__dict__.get("_found")
            if axes is None:
                from scipy.sparse import csr_matrix
                from sklearn.decomposition import TruncatedSVD

                most = min(DIRECTIONS, rows - 1)
                svd = TruncatedSVD(most, algorithm="randomized", n_iter=4, random_state=self.seed % 2**32)
                # One thread: sums in another order would move points between machines.
                arrays = (sample["data"].astype(np.float64), sample["indices"], sample["indptr"])
                with one_thread():
                    svd.fit(csr_matrix(arrays, shape=(rows, terms)))
                axes = np.ascontiguousarray(svd.components_.T)
                self._found = axes
            return axes

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_found"}


def _plain(matrix: Any) -> dict[str, Any]:
    return {
        "data": matrix.data.astype(np.float32),
        "indices": matrix.indices.astype(np.int32),
        "indptr": matrix.indptr.astype(np.int64),
        "shape": [int(size) for size in matrix.shape],
    }
