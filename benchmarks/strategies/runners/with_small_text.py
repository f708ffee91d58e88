"""small-text's queries. Its data set takes dense rows, and vectors of the rows are their embeddings."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from small_text import (
    BreakingTies,
    ContrastiveActiveLearning,
    DiscriminativeActiveLearning,
    EmbeddingKMeans,
    GreedyCoreset,
    LeastConfidence,
    PredictionEntropy,
    SklearnClassifier,
    SklearnClassifierFactory,
    SklearnDataset,
)
from timed import CLASSES, main


class WithEmbeddings(SklearnClassifier):
    """A classifier whose embeddings are the rows themselves."""

    def embed(self, dataset, return_proba=False, pbar=None):
        return (dataset.x, self.predict_proba(dataset)) if return_proba else dataset.x


def query(strategy, **more):
    def case(data):
        model = WithEmbeddings(data.model(), CLASSES)
        y = data.partly(0).astype(int)
        rows = SklearnDataset(data.X, y, target_labels=np.arange(CLASSES))
        return lambda: strategy.query(model, rows, data.free, data.labelled, data.y, n=data.batch, **more)

    return case


factory = SklearnClassifierFactory(LogisticRegression(max_iter=1000), 2)
main(
    {
        "least_confident": query(LeastConfidence()),
        "margin": query(BreakingTies()),
        "entropy": query(PredictionEntropy()),
        "kcenter": query(GreedyCoreset(normalize=False), pbar=None),
        "kmeans": query(EmbeddingKMeans(normalize=False), pbar=None),
        "contrastive": query(ContrastiveActiveLearning(normalize=False, pbar=None)),
        "dal_repeated": query(DiscriminativeActiveLearning(factory, num_iterations=10, pbar=None)),
    }
)
