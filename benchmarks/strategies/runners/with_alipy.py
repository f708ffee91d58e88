"""ALiPy's queries."""

from __future__ import annotations

import collections
import collections.abc

import numpy as np
from alipy.query_strategy.query_labels import (
    QueryInstanceCoresetGreedy,
    QueryInstanceDensityWeighted,
    QueryInstanceGraphDensity,
    QueryInstanceQBC,
    QueryInstanceUncertainty,
)
from timed import main

collections.Iterable = collections.abc.Iterable  # gone since Python 3.10; every select() asks for it


def uncertainty(measure):
    def case(data):
        query, model = QueryInstanceUncertainty(data.X, measure=measure), data.model()
        return lambda: query.select(data.labelled, data.free, model=model, batch_size=data.batch)

    return case


def committee(measure, votes):
    # Its select() would fit a bagging of ten anew; it is given the committee's predictions, made in the call.
    def case(data):
        members, pool = data.committee(), data.X[data.free]
        query = QueryInstanceQBC(disagreement=measure)

        def call():
            told = [member.predict(pool) if votes else member.predict_proba(pool) for member in members]
            return query.select_by_prediction_mat(data.free, told, batch_size=data.batch)

        return call

    return case


def kcenter(data):
    def call():
        query = QueryInstanceCoresetGreedy(data.X, data.partly(-1), np.arange(len(data.X)))
        # It looks up every label's position in all rows, and whether each chosen row is free.
        return query.select(list(data.labelled), _All(len(data.y)), batch_size=data.batch)

    return call


class _All:
    """The free rows, for `in`: a list of a million would be searched from its beginning."""

    def __init__(self, first):
        self.first = first

    def __contains__(self, at):
        return at >= self.first


def density(data):
    query, model = QueryInstanceDensityWeighted(data.X, None, uncertainty_meansure="entropy"), data.model()
    return lambda: query.select(data.labelled, data.free, batch_size=data.batch, model=model)


def graph_density(data):
    def call():
        query = QueryInstanceGraphDensity(data.X, data.partly(-1), np.arange(len(data.X)))
        return query.select(data.labelled, data.free, batch_size=data.batch)

    return call


main(
    {
        "least_confident": uncertainty("least_confident"),
        "margin": uncertainty("margin"),
        "entropy": uncertainty("entropy"),
        "vote_entropy": committee("vote_entropy", votes=True),
        "mean_kl": committee("KL_divergence", votes=False),
        "kcenter": kcenter,
        "information_density": density,
        "graph_density": graph_density,
    }
)
