"""libact's queries: one row a call, so the batch is the best of the scores of one call."""

from __future__ import annotations

import heapq

from libact.base.dataset import Dataset
from libact.models import LogisticRegression
from libact.query_strategies import UncertaintySampling
from timed import main


def uncertainty(method):
    def case(data):
        rows = Dataset(data.X, [*map(int, data.y), *[None] * len(data.free)])
        query = UncertaintySampling(rows, method=method, model=LogisticRegression(max_iter=1000))

        def call():
            _, scores = query.make_query(return_score=True)
            return [at for at, _ in heapq.nlargest(data.batch, scores, key=lambda pair: pair[1])]

        return call

    return case


main({"least_confident": uncertainty("lc"), "margin": uncertainty("sm"), "entropy": uncertainty("entropy")})
