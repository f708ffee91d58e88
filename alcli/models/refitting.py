"""The model, fitted again with labels that are only supposed: for strategies that look one label ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.models.classifier import Model

Array = NDArray[np.float64]


class Learner:
    """What a strategy asks when it wants to know how the model would change.

    Parameters
    ----------
    model : as it is now.
    fit : makes a model like it from a matrix and labels.
    X : (l, d) matrix of the labelled rows, dense or CSR; None when there are none.
    labels : their classes.
    classes : of the project, in the order of probabilities; class numbers are positions here.
    candidates : (m, d) matrix of the candidates.
    reference : (r, d) matrix of rows that stand for the pool.
    """

    def __init__(
        self,
        model: Model,
        fit: Callable[[Any, Sequence[str]], Model],
        X: Any,
        labels: Sequence[str],
        *,
        classes: Sequence[str],
        candidates: Any,
        reference: Any,
    ) -> None:
        self.model = model
        self.fit = fit
        self.X = X
        self.labels = list(labels)
        self.classes = tuple(classes)
        self.candidates = candidates
        self.reference = reference

    def after(self, rows: Sequence[int], codes: Sequence[int]) -> Fitted:
        """The model fitted on what is labelled and on the candidates `rows` with the class numbers `codes`."""
        raise NotImplementedError


class Fitted:
    """A model after supposed labels. Each method gives probabilities, columns in the order of `classes`."""

    def reference(self) -> Array:
        """(r, c) for the rows that stand for the pool."""
        raise NotImplementedError

    def labelled(self) -> Array:
        """(l, c) for the labelled rows."""
        raise NotImplementedError

    def candidates(self, rows: Sequence[int] | None = None) -> Array:
        """(m, c) for the candidates, or for some of them."""
        raise NotImplementedError
