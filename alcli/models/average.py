"""The mean of several estimators' probabilities, as one estimator: `logistic+extra-trees`."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import VotingClassifier


class Average(VotingClassifier):  # type: ignore[misc]
    """Soft voting that says by its signature that it takes weights of rows, as scikit-learn's calibration asks."""

    def __init__(self, estimators: Any) -> None:
        super().__init__(estimators, voting="soft")

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Average:
        """Fit every part on all rows."""
        more = {} if sample_weight is None else {"sample_weight": sample_weight}
        fitted: Average = super().fit(X, y, **more)
        return fitted
