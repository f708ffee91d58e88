"""Confidence beside accuracy, and classes said from a threshold on."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.evaluation.calibration import cuts, reliability_curve
from alcli.evaluation.scores import measure

CLASSES = ["ham", "spam"]


def some(n=200, seed=0):
    rng = np.random.default_rng(seed)
    spam = rng.random(n)
    truth = ["spam" if draw < share else "ham" for draw, share in zip(rng.random(n), spam**2, strict=True)]
    return truth, np.column_stack([1 - spam, spam]), rng.random(n) + 0.1


@pytest.mark.parametrize("weighted", [False, True])
def test_the_curve_is_what_the_calibration_error_sums(weighted):
    truth, proba, weights = some()
    given = weights if weighted else None
    curve = reliability_curve(truth, proba, CLASSES, given)
    assert sum(each.rows for each in curve) == 200
    if not weighted:
        error = sum(each.rows * abs(each.accuracy - each.confidence) for each in curve) / 200
        assert error == pytest.approx(measure(truth, proba, CLASSES, ["ece"])["ece"].value)
    for each in curve:
        assert each.low <= each.accuracy <= each.high
        assert each.above < each.confidence <= each.to + 1e-12


def test_cuts_by_hand():
    score = np.array([0.95, 0.7, 0.4, 0.2])
    low, high = cuts(["spam", "ham", "spam", "ham"], score, "spam", thresholds=[0.3, 0.99])
    assert (low.precision, low.recall, low.rows, low.share) == (pytest.approx(2 / 3), 1.0, 3, 0.75)
    assert (high.precision, high.recall, high.rows) == (None, 0.0, 0)


def test_cuts_agree_with_the_metrics_at_one_half():
    truth, proba, weights = some(seed=3)
    (cut,) = cuts(truth, proba[:, 1], "spam", weights, thresholds=[0.5])
    found = measure(truth, proba, CLASSES, ["precision[spam]", "recall[spam]", "f1[spam]"], weights=weights)
    assert [cut.precision, cut.recall, cut.f1] == pytest.approx([score.value for score in found.values()])
