"""modAL's queries."""

from __future__ import annotations

import numpy as np
from modAL.batch import uncertainty_batch_sampling
from modAL.density import information_density
from modAL.disagreement import max_disagreement_sampling, vote_entropy_sampling
from modAL.models import ActiveLearner, Committee
from modAL.uncertainty import classifier_entropy, entropy_sampling, margin_sampling, uncertainty_sampling
from modAL.utils.selection import multi_argmax
from timed import main


def one(strategy, **more):
    def case(data):
        labelled, pool = data.X[data.labelled], data.X[data.free]
        learner = ActiveLearner(data.model(), query_strategy=strategy, X_training=labelled, y_training=data.y)
        data.give(learner.estimator, data.weights, data.bias)  # the learner has fitted it again
        return lambda: data.free[learner.query(pool, n_instances=data.batch, **more)[0]]

    return case


def several(strategy):
    def case(data):
        learners = [ActiveLearner(member) for member in data.committee()]
        committee, pool = Committee(learners, query_strategy=strategy), data.X[data.free]
        return lambda: data.free[committee.query(pool, n_instances=data.batch)[0]]

    return case


def dense(classifier, X, n_instances):
    """modAL has the density and leaves the product to its user."""
    return multi_argmax(classifier_entropy(classifier, X) * information_density(X, "euclidean"), n_instances)


def error_reduction(data):
    setattr(np, "float", float)  # noqa: B010 - what follows was written for numpy before 1.24
    from modAL.expected_error import expected_error_reduction

    return one(expected_error_reduction, loss="log")(data)


main(
    {
        "least_confident": one(uncertainty_sampling),
        "margin": one(margin_sampling),
        "entropy": one(entropy_sampling),
        "vote_entropy": several(vote_entropy_sampling),
        "max_kl": several(max_disagreement_sampling),
        "ranked_batch": one(uncertainty_batch_sampling),
        "information_density": one(dense),
        "eer_log": error_reduction,
    }
)
