from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Case = tuple[list[str], NDArray[np.float64], list[str]]


@pytest.fixture
def case() -> Callable[..., Case]:
    """Labels drawn from the very probabilities that are predicted: a perfectly calibrated model."""

    def make(n: int = 60, c: int = 3, seed: int = 0, sharp: float = 0.5) -> Case:
        random = np.random.default_rng(seed)
        # two decimals, so that there are ties
        proba = random.dirichlet(np.full(c, sharp), size=n).round(2) + 1e-3
        proba /= proba.sum(axis=1, keepdims=True)
        classes = [f"class {i}" for i in range(c)]
        drawn = (random.random((n, 1)) > proba.cumsum(axis=1)).sum(axis=1).clip(0, c - 1)
        return [classes[i] for i in drawn], proba, classes

    return make
