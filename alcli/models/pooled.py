"""Estimators that learn from rows without a label too: self-training and label spreading.

What they suppose of those rows stays inside the fit. It is no label, and nothing here writes one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from alcli.models.coordinates import stacked

_NONE = -1  # scikit-learn's word for a row without a label
# with 1e-3, as is usual, labels do not come far: of a neighbour of a neighbour of a neighbour little is left
_SETTLED = 1e-6


class Pooled(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What both share: the unlabelled rows stay with an estimator and its clones, and out of what is saved.

    Attributes
    ----------
    unlabelled : matrix of shape (u, d), dense or CSR, with the columns of `X`. Not a parameter: a clone has the same one,
        and a copy would hold it twice.
    notes_ : what the user should hear about the fit.
    """

    unlabelled: Any = None

    def beside(self, unlabelled: Any) -> Pooled:
        """The same estimator with rows to learn from besides those of `fit`."""
        self.unlabelled = unlabelled
        return self

    def predict(self, X: Any) -> NDArray[np.int64]:
        """The likeliest class; calibration asks whether an estimator can say it."""
        best: NDArray[np.int64] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return best

    def __sklearn_clone__(self) -> Pooled:
        return type(self)(**self.get_params(deep=False)).beside(self.unlabelled)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("unlabelled", None)
        return state

    def _together(self, X: Any, y: Any) -> tuple[Any, NDArray[np.int64]]:
        """Labelled rows, then the others, none of which equals a labelled one; and their classes, -1 for the others."""
        rest = others(X, self.unlabelled)
        codes = np.concatenate([np.asarray(y, dtype=np.int64), np.full(rest.shape[0], _NONE)])
        return stacked(X, rest), codes


class SelfTraining(Pooled):
    """An estimator that also learns from what it is sure of, again and again (scikit-learn's `SelfTrainingClassifier`).

    Parameters
    ----------
    base : the name of the estimator that learns, with its defaults.
    threshold : the probability from which a prediction counts as a label.
    max_iter : how often it is fitted at most.

    References
    ----------
    Yarowsky (1995). Unsupervised word sense disambiguation rivaling supervised methods.
    """

    def __init__(
        self,
        base: str = "logistic",
        threshold: float = 0.9,
        max_iter: int = 10,
        class_weight: Any = None,
        random_state: Any = None,
    ) -> None:
        self.base = base
        self.threshold = threshold
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> SelfTraining:
        """Fit the base on labelled rows, then on those and on what it is sure of."""
        from sklearn.semi_supervised import SelfTrainingClassifier

        from alcli.models.recipes import Shape, make, nonnegative

        _check_base(self.base)
        shape = Shape(X.shape[0], X.shape[1], not isinstance(X, np.ndarray), nonnegative(X))
        recipe = make(self.base, class_weight=self.class_weight, shape=shape)
        whole, codes = self._together(X, y)
        learner = SelfTrainingClassifier(
            recipe.build(int(self.random_state or 0)), threshold=self.threshold, max_iter=self.max_iter
        )
        self.inside_ = learner.fit(whole, codes).estimator_
        self.classes_ = self.inside_.classes_
        supposed = int((learner.labeled_iter_ > 0).sum())
        self.notes_ = (
            f"{self.base} also learned from what it supposes of {supposed:,} of {len(codes) - len(y):,} rows without a "
            "label; no such label is kept",
        )
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """As the base says."""
        proba: NDArray[np.float64] = self.inside_.predict_proba(X)
        return proba


class Spreading(Pooled):
    """Labels that spread over the graph of nearest neighbours (scikit-learn's `LabelSpreading`).

    A new row is what its nearest rows are, labelled or not. Where no label arrives, all that is known is how common
    each class is.

    Parameters
    ----------
    n_neighbors : of each row in the graph.
    alpha : how much a row listens to its neighbours, between 0 and 1; labels are kept the less the larger.
    max_iter : rounds of spreading.

    References
    ----------
    Zhou, Bousquet, Lal, Weston, Schölkopf (2004). Learning with local and global consistency.
    """

    def __init__(self, n_neighbors: int = 10, alpha: float = 0.2, max_iter: int = 1000) -> None:
        self.n_neighbors = n_neighbors
        self.alpha = alpha
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Spreading:
        """Spread the labels over all rows."""
        from sklearn.semi_supervised import LabelSpreading

        whole, codes = self._together(X, y)
        near = min(self.n_neighbors, whole.shape[0] - 1)
        self.inside_ = LabelSpreading(
            kernel="knn", n_neighbors=near, alpha=self.alpha, max_iter=self.max_iter, tol=_SETTLED, n_jobs=1
        ).fit(whole, codes)
        self.classes_ = self.inside_.classes_
        reached = self.inside_.label_distributions_
        reached[~np.isfinite(reached)] = 0.0  # scikit-learn divides nothing by nothing where no label arrives
        self.shares_ = np.bincount(np.searchsorted(self.classes_, y), minlength=len(self.classes_)) / len(y)
        lonely = int((reached.sum(axis=1) == 0).sum())
        self.notes_ = (
            f"labels spread over {len(codes) - len(y):,} rows without one, and do not reach {lonely:,} of them; "
            "no such label is kept",
        )
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The mean of the nearest rows."""
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            proba: NDArray[np.float64] = self.inside_.predict_proba(X)
        lost = ~np.isfinite(proba).all(axis=1)
        proba[lost] = self.shares_
        return proba


def _check_base(name: Any) -> None:
    from alcli.errors import UsageError, did_you_mean
    from alcli.models.estimators import ESTIMATORS, UNAVERAGED

    able = [row.name for row in ESTIMATORS.values() if not row.pooled and row.name not in UNAVERAGED]
    if name not in able:
        raise UsageError(
            f"self-training has no base {name!r}",
            hint=did_you_mean(str(name), able) or f"there are {', '.join(able)}",
            code="bad-param",
        )


def others(X: Any, unlabelled: Any) -> Any:
    """The rows of a matrix that equal no row of `X`: a labelled row stands in the pool too."""
    known = set(_keys(X))
    return unlabelled[np.array([at for at, key in enumerate(_keys(unlabelled)) if key not in known], dtype=np.intp)]


def _keys(X: Any) -> list[bytes]:
    """What each row holds, as bytes."""
    if isinstance(X, np.ndarray):
        # -0.0 and 0.0 are one number and two patterns of bits
        return [row.tobytes() for row in np.ascontiguousarray(X, dtype=np.float64) + 0.0]
    # cells that are stored though they are zero would make two rows of one
    X = X.tocsr(copy=True)
    X.eliminate_zeros()
    X.sort_indices()
    ends = X.indptr
    return [
        X.indices[first:last].astype(np.int64).tobytes() + X.data[first:last].tobytes()
        for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]
