"""Class numbers of labelled rows, as selectors that learn from labels take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points


def numbers_of(labels: ArrayLike, anchors: Points | None) -> NDArray[np.intp]:
    """Class numbers, one a labelled row; none when there are no labelled rows.

    Raises
    ------
    ValueError
        If there are not as many as labelled rows, or one is below 0.

    Examples
    --------
    >>> numbers_of([1, 0], np.zeros((2, 3))).tolist(), numbers_of([], None).tolist()
    ([1, 0], [])
    """
    if anchors is None:
        return np.empty(0, dtype=np.intp)
    codes = np.asarray(labels).astype(np.intp)
    if codes.shape != (len(anchors),):
        raise ValueError(f"labels must have shape ({len(anchors)},), as many as labelled rows, not {codes.shape}")
    if len(codes) and codes.min() < 0:
        raise ValueError(f"labels, row {int(codes.argmin())}: {codes.min()} is no class number")
    return codes


def signs_of(codes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Labels one-vs-rest as 1 and -1: (l, t), one column a class that occurs; t is 1 for up to two classes.

    >>> signs_of(np.array([0, 2, 2])).ravel().tolist()
    [1.0, -1.0, -1.0]
    """
    seen = np.unique(codes)
    wanted = seen if len(seen) > 2 else seen[:1]
    if len(wanted) == 0:
        return np.ones((len(codes), 1))
    return np.where(codes[:, None] == wanted, 1.0, -1.0)
