"""The campaigns written with modAL, as its examples do it."""

from __future__ import annotations

import numpy as np
from loop import BATCH, main, model
from modAL.disagreement import vote_entropy_sampling
from modAL.models import ActiveLearner, Committee
from modAL.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling

FUNCTIONS = {"least_confident": uncertainty_sampling, "margin": margin_sampling, "entropy": entropy_sampling}
MEMBERS = 5


def play(name, X, y, seed):
    random = np.random.default_rng(seed)

    def step(labelled, left):
        fitted = ActiveLearner(model(seed), FUNCTIONS.get(name, uncertainty_sampling), X[labelled], y[labelled])
        if len(left) == 0:
            return fitted, []
        if name == "random":
            return fitted, random.choice(left, BATCH, replace=False)
        if name == "vote_entropy":
            members = [
                ActiveLearner(model(seed + at), X_training=X[labelled], y_training=y[labelled], bootstrap_init=True)
                for at in range(MEMBERS)
            ]
            committee = Committee(members, vote_entropy_sampling)
            return fitted, left[committee.query(X[left], n_instances=BATCH)[0]]
        return fitted, left[fitted.query(X[left], n_instances=BATCH)[0]]

    return step


main(play)
