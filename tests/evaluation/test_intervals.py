from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from alcli.evaluation import intervals, table
from alcli.evaluation.intervals import measure_with_intervals, wilson
from alcli.evaluation.judged import judge
from alcli.evaluation.resampled import Resampled
from alcli.evaluation.scores import Undefined, load, measure, value
from alcli.evaluation.table import DEFAULT, METRICS, find_metric, per_class_names


def every_metric(classes):
    return [find_metric(name, classes) for name in [*METRICS, *per_class_names(classes)]]


@pytest.mark.parametrize(("n", "c"), [(5, 2), (40, 2), (40, 3), (200, 6)])
def test_all_replicates_at_once_are_what_scikit_learn_says_of_each(case, n, c):
    """The two functions of every metric must never disagree."""
    truth, proba, classes = case(n=n, c=c)
    judged = judge([*truth[:-1], "unknown to the model"], proba, classes)
    weights = np.random.default_rng(3).integers(0, 3, size=(n, 8)).astype(float)
    weights[0] = 1  # no empty replicate
    for metric in every_metric(classes):
        of = () if metric.of is None else (judged.classes.index(metric.of),)
        at_once = load(metric.resampled)(Resampled(judged, weights), *of)
        assert at_once.shape == (8,)
        for column, got in zip(weights.T, at_once, strict=True):
            try:
                expected = value(judged.weighted(column), metric)
            except Undefined:
                assert np.isnan(got), metric.name
            else:
                assert got == pytest.approx(expected, abs=1e-12), metric.name


def test_a_metric_without_a_fast_form_gets_the_same_interval(case, monkeypatch):
    truth, proba, classes = case()
    truth[0] = "once"  # in a third of the replicates it has no row, so its recall is undefined
    names = [*METRICS, "recall[once]"]
    fast = measure_with_intervals(truth, proba, classes, names, replicates=50)
    slow_rows = {name: table.replace(row, resampled=None) for name, row in METRICS.items()}
    monkeypatch.setattr(table, "METRICS", slow_rows)
    monkeypatch.setitem(table.PER_CLASS, "recall", table.replace(table.PER_CLASS["recall"], resampled=None))
    slow = measure_with_intervals(truth, proba, classes, names, replicates=50)
    assert fast.keys() == slow.keys()
    for name, score in fast.items():
        assert (slow[name].low, slow[name].high) == pytest.approx((score.low, score.high))


def test_replicates_without_a_row_of_the_class_do_not_count():
    truth = ["a"] * 6 + ["b"] * 2
    proba = np.tile([0.6, 0.4], (8, 1))
    proba[6] = [0.4, 0.6]
    fast = measure_with_intervals(truth, proba, ["a", "b"], ["recall[b]"], weights=np.array([1.0] * 7 + [1.1]))
    assert (fast["recall[b]"].low, fast["recall[b]"].high) == (0, 1)


def test_the_value_is_that_of_measure_and_lies_within(case):
    truth, proba, classes = case()
    points = measure(truth, proba, classes)
    for name, score in measure_with_intervals(truth, proba, classes).items():
        assert score.value == points[name].value
        assert score.low <= score.value <= score.high


def test_seed_decides_and_neither_other_metrics_nor_memory_do(case, monkeypatch):
    truth, proba, classes = case()
    first = measure_with_intervals(truth, proba, classes, DEFAULT, seed=1)
    monkeypatch.setattr(intervals, "_CELLS", 700)
    assert measure_with_intervals(truth, proba, classes, ["f1"], seed=1)["f1_macro"] == first["f1_macro"]
    assert measure_with_intervals(truth, proba, classes, ["f1"], seed=2)["f1_macro"] != first["f1_macro"]


def right(n: int, of: int, weights=None):
    """Accuracy and recall of `a` on `of` rows of it, n of them right."""
    proba = np.where(np.arange(of)[:, None] < n, [0.9, 0.1], [0.1, 0.9])
    return measure_with_intervals(["a"] * of, proba, ["a", "b"], ["accuracy", "recall[a]"], weights=weights)


def test_a_share_of_rows_has_wilsons_interval():
    # by hand, z = 1.96: (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n)
    for n, low, high in ((50, 0.9287, 1.0), (49, 0.8950, 0.9965), (45, 0.7864, 0.9565), (25, 0.3664, 0.6336)):
        for score in right(n, 50).values():
            assert (score.low, score.high) == pytest.approx((low, high), abs=5e-5)
    # of ten rows five are of the class, and four of these are found
    proba = np.tile([0.9, 0.1], (10, 1))
    proba[4:] = [0.1, 0.9]
    scores = measure_with_intervals(["a"] * 5 + ["b"] * 5, proba, ["a", "b"], ["recall[a]", "precision[b]", "accuracy"])
    assert (scores["recall[a]"].low, scores["recall[a]"].high) == wilson(4 / 5, 5)
    assert (scores["precision[b]"].low, scores["precision[b]"].high) == wilson(5 / 6, 6)
    assert (scores["accuracy"].low, scores["accuracy"].high) == wilson(9 / 10, 10)


@pytest.mark.parametrize("of", [7, 50, 120])
def test_one_more_right_never_lowers_a_bound(of):
    bounds = [right(n, of)["accuracy"] for n in range(of + 1)]
    assert all(a.low < b.low and a.high <= b.high for a, b in itertools.pairwise(bounds))


def test_weights_that_are_all_the_same_are_none_and_others_are_resampled():
    same = right(45, 50, np.full(50, 0.3))["accuracy"]
    assert (same.low, same.high) == pytest.approx(wilson(45 / 50, 50))
    uneven = right(45, 50, np.linspace(1.0, 1.1, 50))["accuracy"]
    assert uneven.low != pytest.approx(wilson(uneven.value, 50)[0], abs=1e-3)


def test_accuracy_is_as_wide_as_the_normal_approximation():
    n = 400
    truth = ["a"] * n
    proba = np.tile([0.6, 0.4], (n, 1))
    proba[:100] = [0.4, 0.6]
    score = measure_with_intervals(truth, proba, ["a", "b"], ["accuracy"])["accuracy"]
    half = 1.96 * (0.75 * 0.25 / n) ** 0.5
    assert score.low == pytest.approx(0.75 - half, abs=0.01)
    assert score.high == pytest.approx(0.75 + half, abs=0.01)


def test_weights_widen_an_interval(case):
    truth, proba, classes = case(n=200)
    even = measure_with_intervals(truth, proba, classes, ["accuracy"])["accuracy"]
    weights = np.where(np.arange(200) < 20, 10.0, 0.1)
    uneven = measure_with_intervals(truth, proba, classes, ["accuracy"], weights=weights)["accuracy"]
    assert uneven.high - uneven.low > 1.5 * (even.high - even.low)


def test_no_error_is_not_certainty():
    proba = np.tile([1.0, 0.0], (20, 1))
    got = measure_with_intervals(["a"] * 20, proba, ["a", "b"], ["accuracy", "f1", "recall[a]"])
    for name in ("accuracy", "recall[a]"):
        assert (got[name].low, got[name].high) == wilson(1.0, 20)
    assert got["f1_macro"].value == 1
    assert got["f1_macro"].low is None
    assert "same value" in got["f1_macro"].why


def test_one_row_and_no_row_have_no_interval():
    one = measure_with_intervals(["a"], np.array([[0.7, 0.3]]), ["a", "b"])
    assert one["accuracy"].value == 1
    assert one["accuracy"].low is one["accuracy"].high is None
    assert one["accuracy"].why == "one row has no interval"
    none = measure_with_intervals([], np.empty((0, 2)), ["a", "b"])
    assert none["accuracy"].why == "there are no rows to measure on"


def test_a_class_that_most_resamples_miss_has_none(monkeypatch):
    proba = np.tile([0.6, 0.4], (3, 1))
    monkeypatch.setattr(intervals, "_values", lambda resampled, metric: np.full(resampled.weights.shape[1], np.nan))
    score = measure_with_intervals(["a", "a", "b"], proba, ["a", "b"], ["f1[b]"])["f1[b]"]
    assert score.value == 0
    assert score.low is None
    assert score.why == "most resamples of the rows leave it undefined"


def test_wilson_against_a_published_case():
    # Newcombe (1998), table I, method 3: 81 of 263 and 15 of 148
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_intervals_hold_the_truth_as_often_as_they_say(case):
    """95% intervals of the F1 of a known mechanism, 200 test sets; 3 standard errors are 4.6%."""
    everything = case(n=40_000, c=3, seed=99)
    true = measure(*everything, ["f1"])["f1_macro"].value
    held = 0
    for seed in range(200):
        score = measure_with_intervals(*case(n=200, seed=seed), ["f1"], replicates=300)["f1_macro"]
        held += score.low <= true <= score.high
    assert held / 200 > 0.95 - 0.046


def test_a_thousand_replicates_of_ten_thousand_rows_take_seconds(case):
    truth, proba, classes = case(n=10_000, c=2)
    start = time.perf_counter()
    measure_with_intervals(truth, proba, classes)
    # about 0.7 s on one core; a loop over replicates takes 30 s
    assert time.perf_counter() - start < 8


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="replicates"):
        measure_with_intervals(["a"], np.ones((1, 1)), ["a"], replicates=0)
