"""scikit-activeml's queries."""

from __future__ import annotations

import numpy as np
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import (
    Badge,
    Clue,
    ContrastiveAL,
    CoreSet,
    DiscriminativeAL,
    DropQuery,
    Falcun,
    GreedyBALD,
    MaxHerding,
    MonteCarloEER,
    ProbCover,
    QueryByCommittee,
    TypiClust,
    UncertaintySampling,
)
from sklearn.linear_model import LogisticRegression
from timed import CLASSES, main

FIXED = {"random_state": 0}


def wrapped(data, weights, bias):
    model = SklearnClassifier(LogisticRegression(max_iter=1000), classes=np.arange(CLASSES), **FIXED)
    model.fit(data.X[data.labelled].astype(np.float64), data.y)
    data.give(model.estimator_, weights, bias)
    return model


def with_model(strategy, **more):
    def case(data):
        model, y = wrapped(data, data.weights, data.bias), data.partly(np.nan)
        return lambda: strategy.query(data.X, y, model, batch_size=data.batch, **more)

    return case


def with_committee(query):
    def case(data):
        members = [wrapped(data, *member) for member in zip(data.members, data.member_bias, strict=True)]
        y = data.partly(np.nan)
        return lambda: query.query(data.X, y, members, fit_ensemble=False, batch_size=data.batch)

    return case


def alone(strategy):
    def case(data):
        y = data.partly(np.nan)
        return lambda: strategy.query(data.X, y, batch_size=data.batch)

    return case


def discriminative(data):
    # One fit, and the rows most surely unlabelled. Without `greedy_selection` it fits anew for each row.
    query, y = DiscriminativeAL(greedy_selection=True, **FIXED), data.partly(np.nan)
    model = SklearnClassifier(LogisticRegression(max_iter=1000), **FIXED)
    return lambda: query.query(data.X, y, discriminator=model, batch_size=data.batch)


main(
    {
        "least_confident": with_model(UncertaintySampling("least_confident", **FIXED), fit_clf=False),
        "margin": with_model(UncertaintySampling("margin_sampling", **FIXED), fit_clf=False),
        "entropy": with_model(UncertaintySampling("entropy", **FIXED), fit_clf=False),
        "vote_entropy": with_committee(QueryByCommittee("vote_entropy", **FIXED)),
        "mean_kl": with_committee(QueryByCommittee("KL_divergence", **FIXED)),
        "bald": with_committee(GreedyBALD(**FIXED)),
        "kcenter": alone(CoreSet(**FIXED)),
        "typiclust": alone(TypiClust(**FIXED)),
        "probcover": alone(ProbCover(n_classes=CLASSES, **FIXED)),
        "maxherding": alone(MaxHerding(**FIXED)),
        "badge": with_model(Badge(**FIXED), fit_clf=False),
        "falcun": with_model(Falcun(**FIXED), fit_clf=False),
        "contrastive": with_model(ContrastiveAL(**FIXED), fit_clf=False),
        "clue": with_model(Clue(**FIXED), fit_estimator=False),
        "dropquery": with_model(DropQuery(**FIXED), fit_clf=False),
        "dal": discriminative,
        "eer_log": with_model(MonteCarloEER(method="log_loss", **FIXED)),
    }
)
