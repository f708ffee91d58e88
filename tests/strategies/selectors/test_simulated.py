"""A batch as if its labels came one by one."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.models.refitting import Learner
from alcli.models.training import fit
from alcli.strategies.learners import Nearest
from alcli.strategies.selectors.simulated import hallucinated


def learner_of():
    rng = np.random.default_rng(1)
    X, y = (
        rng.normal(size=(12, 2)) + np.repeat([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]], 4, axis=0),
        ["a"] * 4 + ["b"] * 4 + ["c"] * 4,
    )
    candidates = rng.normal(size=(20, 2)) + 0.7

    def again(rows, labels):
        return fit(rows, labels, ["a", "b", "c"])

    return Learner(again(X, y), again, X, y, classes=["a", "b", "c"], candidates=candidates, reference=X)


def margins(p):
    p = np.sort(p, axis=1)
    return 1.0 - (p[:, -1] - p[:, -2])


@pytest.mark.parametrize("expected", [False, True])
def test_each_row_is_the_best_of_a_model_that_got_the_labels_it_guessed(expected):
    learner = learner_of()
    first = learner.model.predict_proba(learner.candidates)
    rows, y, left, chosen = learner.X, list(learner.labels), list(range(20)), []
    p, worth = first, margins(first)
    for _ in range(5):
        best = left[int(np.argmax(worth[left]))]
        chosen.append(best)
        left.remove(best)
        after = [learner.fit(np.vstack([rows, learner.candidates[best]]), [*y, name]) for name in "abc"]
        each = [model.predict_proba(learner.candidates) for model in after]
        guess = int(p[best].argmax())
        worth = sum(p[best, c] * margins(each[c]) for c in range(3)) if expected else margins(each[guess])
        p = each[guess]
        rows, y = np.vstack([rows, learner.candidates[best]]), [*y, "abc"[guess]]
    assert hallucinated(None, 5, learner=learner, proba=first, expected=expected).tolist() == chosen


def test_the_second_row_is_not_a_copy_of_the_first():
    # 0, 1 and 2 are near-ties all alike, and so is what one label settles; 3 is less unsure, but not settled
    rows = [[5.1], [5.11], [5.12], [4.0]]
    learner = Nearest([[0.0], [10.0]], [0, 1], rows, rows)
    p = learner.after([], []).candidates()
    assert np.argsort(-margins(p))[:2].tolist() == [0, 1]
    assert hallucinated(None, 2, learner=learner, proba=p).tolist() == [0, 3]


@pytest.mark.parametrize("by", ["margin", "entropy", "least_confident"])
def test_one_row_is_the_best_by_what_is_asked_for_without_any_fit(by):
    p = np.array([[0.5, 0.5, 0.0], [0.34, 0.33, 0.33], [0.9, 0.1, 0.0]])
    assert hallucinated(None, 1, learner=None, proba=p, by=by).tolist() == [0 if by == "margin" else 1]


def test_settings_are_checked():
    with pytest.raises(ValueError, match="by must be one of margin, entropy, least_confident"):
        hallucinated(None, 0, learner=None, proba=np.empty((0, 2)), by="bald")
