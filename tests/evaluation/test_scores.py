from __future__ import annotations

import warnings
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from alcli.evaluation.scores import measure
from alcli.evaluation.table import DEFAULT, METRICS, per_class_names

# Two spam messages, one found; three ham, one taken for spam.
TRUTH = ["spam", "spam", "ham", "ham", "ham"]
PROBA = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1], [0.3, 0.7], [1.0, 0.0]])
CLASSES = ["ham", "spam"]


def values(*arguments, **options):
    return {name: score.value for name, score in measure(*arguments, **options).items()}


def test_worked_by_hand():
    got = values(TRUTH, PROBA, CLASSES, [*METRICS, *per_class_names(CLASSES)])
    by_hand = {
        "accuracy": 3 / 5,
        "balanced_accuracy": (1 / 2 + 2 / 3) / 2,
        "f1_macro": (1 / 2 + 2 / 3) / 2,
        "log_loss": -(log(0.8) + log(0.4) + log(0.9) + log(0.3) + log(1.0)) / 5,
        "brier": 2 * (0.2**2 + 0.6**2 + 0.1**2 + 0.7**2 + 0) / 5,
        # confidences .8 right, .6 wrong, .9 right, .7 wrong, 1 right: each in a bin of its own
        "ece": (0.2 + 0.6 + 0.1 + 0.7 + 0.0) / 5,
        # spam .8 beats all three ham, spam .4 beats two
        "auc": 5 / 6,
        "precision[ham]": 2 / 3,
        "recall[ham]": 2 / 3,
        "f1[ham]": 2 / 3,
        "support[ham]": 3,
        "precision[spam]": 1 / 2,
        "recall[spam]": 1 / 2,
        "f1[spam]": 1 / 2,
        "support[spam]": 2,
    }
    assert got == pytest.approx(by_hand)


def test_rows_of_one_bin_share_their_calibration_error():
    proba = np.array([[0.61, 0.39], [0.65, 0.35]])  # both in (0.6, 0.667], one right
    assert values(["a", "b"], proba, ["a", "b"], ["ece"])["ece"] == pytest.approx(abs(0.5 - 0.63))


def test_bins_are_closed_above():
    # 0.6 = 9/15 belongs to the bin that ends there, 0.6001 to the next, so their errors do not cancel
    proba = np.array([[0.6, 0.4], [0.6001, 0.3999]])
    assert values(["a", "b"], proba, ["a", "b"], ["ece"])["ece"] == pytest.approx((0.4 + 0.6001) / 2)


@pytest.mark.parametrize("c", [2, 3, 7])
@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_scikit_learn(case, c, weighted):
    truth, proba, classes = case(n=200, c=c)
    weights = np.random.default_rng(1).random(200) if weighted else None
    predicted = [classes[i] for i in proba.argmax(axis=1)]
    score = proba[:, 1] if c == 2 else proba
    auc_options = {} if c == 2 else {"multi_class": "ovr", "average": "macro"}
    assert values(truth, proba, classes, METRICS, weights=weights) == pytest.approx(
        {
            "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weights),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted, sample_weight=weights),
            "f1_macro": sk.f1_score(truth, predicted, average="macro", sample_weight=weights),
            "log_loss": sk.log_loss(truth, proba, labels=classes, sample_weight=weights),
            "brier": np.average(((proba - (np.array(truth)[:, None] == classes)) ** 2).sum(axis=1), weights=weights),
            "ece": values(truth, proba, classes, ["ece"], weights=weights)["ece"],
            "auc": sk.roc_auc_score(truth, score, sample_weight=weights, **auc_options),
        }
    )


def test_a_whole_weight_is_the_same_as_repeating_the_row(case):
    truth, proba, classes = case(n=40)
    times = np.random.default_rng(2).integers(0, 4, size=40)
    names = [*METRICS, *per_class_names(classes)]
    repeated = values(list(np.repeat(truth, times)), np.repeat(proba, times, axis=0), classes, names)
    assert values(truth, proba, classes, names, weights=times) == pytest.approx(repeated)


def test_a_class_the_model_does_not_know_counts_as_wrong():
    got = measure(["a", "new"], np.array([[0.9, 0.1], [0.9, 0.1]]), ["a", "b"], METRICS)
    assert got["accuracy"].value == 0.5
    assert got["balanced_accuracy"].value == 0.5
    assert got["auc"].value == 0.5  # nothing ranks `a` above `new` or the other way round
    assert "'b'" in got["auc"].why
    assert got["log_loss"].value == pytest.approx((-log(0.9) - log(2**-52)) / 2)
    assert "in 1 of 2 rows" in got["log_loss"].why


def test_one_class_in_the_test_set_has_no_auc():
    got = measure(["ham", "ham"], PROBA[[0, 2]], CLASSES, DEFAULT)
    assert got["auc"].value is None
    assert got["auc"].why == "all test rows are of one class, 'ham'"
    assert got["balanced_accuracy"].value == 0.5
    assert got["balanced_accuracy"].why == "without 'spam': no test row is of it"


def test_a_model_of_one_class_is_measured():
    got = values(["a", "a"], np.ones((2, 1)), ["a"], METRICS)
    assert got.pop("auc") is None
    assert got == {"accuracy": 1, "balanced_accuracy": 1, "f1_macro": 1, "log_loss": 0, "brier": 0, "ece": 0}


def test_what_has_nothing_to_be_a_share_of_is_none_and_says_so():
    got = measure(["a"], np.array([[1.0, 0.0, 0.0]]), ["a", "b", "c"], per_class_names(["b"]))
    assert [got[f"{name}[b]"].value for name in ("precision", "recall", "f1", "support")] == [None] * 3 + [0]
    assert got["precision[b]"].why == "no row was predicted as 'b'"
    assert got["recall[b]"].why == "no test row is of class 'b'"


def test_no_rows_at_all():
    got = measure([], np.empty((0, 2)), CLASSES)
    assert {score.value for score in got.values()} == {None}
    assert got["accuracy"].why == "there are no rows to measure on"


def test_an_alias_is_told_by_its_proper_name_and_once():
    assert list(measure(TRUTH, PROBA, CLASSES, ["f1", "macro-f1", "f1_macro"])) == ["f1_macro"]


@pytest.mark.parametrize(
    ("truth", "proba", "classes", "weights", "words"),
    [
        (["a"], [[0.5, 0.5], [0.5, 0.5]], ["a", "b"], None, "has shape"),
        (["a", "a"], [[0.5, 0.5], [0.5, 0.6]], ["a", "b"], None, "row 1 of proba"),
        (["a", "a"], [[0.5, 0.5], [1.5, -0.5]], ["a", "b"], None, "row 1 of proba"),
        (["a", "a"], [[0.5, 0.5], [np.nan, 1.0]], ["a", "b"], None, "row 1 of proba"),
        (["a"], [[0.5, 0.5]], ["a", "a"], None, "different names"),
        (["a"], [[0.5, 0.5]], ["a", "b"], [-1.0], "not negative"),
        (["a"], [[0.5, 0.5]], ["a", "b"], [0.0], "all weights are 0"),
        (["a"], [[0.5, 0.5]], ["a", "b"], [1.0, 1.0], "weights have shape"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(truth, proba, classes, weights, words):
    with pytest.raises(ValueError, match=words):
        measure(truth, np.array(proba), classes, weights=None if weights is None else np.array(weights))


@st.composite
def cases(draw):
    c = draw(st.integers(1, 4))
    n = draw(st.integers(1, 12))
    raw = np.array(draw(st.lists(st.lists(st.integers(0, 5), min_size=c, max_size=c), min_size=n, max_size=n)))
    raw = raw.astype(float) + (raw.sum(axis=1, keepdims=True) == 0)
    classes = [f"c{i}" for i in range(c)]
    truth = draw(st.lists(st.sampled_from([*classes, "unknown"]), min_size=n, max_size=n))
    return truth, raw / raw.sum(axis=1, keepdims=True), classes


@settings(max_examples=60, deadline=None)
@given(cases())
def test_any_test_set_gives_values_in_bounds_or_a_reason(drawn):
    truth, proba, classes = drawn
    before = proba.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = measure(truth, proba, classes, [*METRICS, *per_class_names(classes)])
    assert np.array_equal(proba, before)
    for name, score in got.items():
        metric = METRICS.get(name)
        if score.value is None:
            assert score.why
        elif metric:
            assert metric.low <= score.value <= metric.high
