"""The utility that prefers nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def one(n: int) -> NDArray[np.float64]:
    """Every row is worth the same, so the selector alone decides.

    Parameters
    ----------
    n : how many rows.

    Returns
    -------
    utility : array of shape (n,)
        All 1.

    Examples
    --------
    >>> one(3)
    array([1., 1., 1.])
    """
    return np.ones(n)
