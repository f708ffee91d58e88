"""The campaigns written with scikit-activeml, as its examples do it."""

from __future__ import annotations

import numpy as np
from loop import BATCH, main, model
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import (
    Badge,
    CoreSet,
    DiscriminativeAL,
    Falcun,
    QueryByCommittee,
    RandomSampling,
    TypiClust,
    UncertaintySampling,
)
from sklearn.ensemble import BaggingClassifier

CLASSES = np.arange(10)


def play(name, X, y, seed):
    query = {
        "random": lambda: RandomSampling(random_state=seed),
        "least_confident": lambda: UncertaintySampling(method="least_confident", random_state=seed),
        "margin": lambda: UncertaintySampling(method="margin_sampling", random_state=seed),
        "entropy": lambda: UncertaintySampling(method="entropy", random_state=seed),
        "vote_entropy": lambda: QueryByCommittee(method="vote_entropy", random_state=seed),
        "kcenter": lambda: CoreSet(random_state=seed),
        "badge": lambda: Badge(random_state=seed),
        "typiclust": lambda: TypiClust(random_state=seed),
        "falcun": lambda: Falcun(random_state=seed),
        "dal": lambda: DiscriminativeAL(random_state=seed),
    }[name]()

    def step(labelled, left):
        known = np.full(len(X), np.nan)
        known[labelled] = y[labelled]
        fitted = SklearnClassifier(model(seed), classes=CLASSES, random_state=seed)
        fitted.fit(X[labelled], y[labelled])
        if len(left) == 0:
            return fitted, []
        if name in ("random", "kcenter", "typiclust"):
            return fitted, query.query(X, known, batch_size=BATCH)
        if name == "vote_entropy":
            members = SklearnClassifier(
                BaggingClassifier(model(seed), n_estimators=5, random_state=seed), classes=CLASSES, random_state=seed
            ).fit(X[labelled], y[labelled])
            return fitted, query.query(X, known, members, fit_ensemble=False, batch_size=BATCH)
        if name == "dal":
            discriminator = SklearnClassifier(model(seed), classes=[0, 1], random_state=seed)
            return fitted, query.query(X, known, discriminator=discriminator, batch_size=BATCH)
        return fitted, query.query(X, known, fitted, fit_clf=False, batch_size=BATCH)

    return step


main(play)
