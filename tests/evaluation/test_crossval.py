from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.errors import AlcliError
from alcli.evaluation.crossval import folds, out_of_fold


def hashes(n):
    return np.random.default_rng(7).integers(0, 2**64, size=n, dtype=np.uint64)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("aaaabbc"), min_size=2, max_size=60), st.integers(2, 8), st.integers(0, 9))
def test_every_row_is_tested_once_and_classes_are_spread(y, k, seed):
    parts = folds(y, k, seed, hashes(len(y)))
    assert len(parts) == min(k, len(y))
    assert sorted(np.concatenate([test for _, test in parts])) == list(range(len(y)))
    for train, test in parts:
        assert sorted([*train, *test]) == list(range(len(y)))
    for label in {*y, None}:  # None: all rows
        counts = [sum(label in (None, y[i]) for i in test) for _, test in parts]
        assert max(counts) - min(counts) <= 1


def test_order_of_rows_changes_nothing_and_the_seed_does():
    y, ids = list("aabbabababcc"), hashes(12)
    order = np.random.default_rng(1).permutation(12)
    shuffled = folds([y[i] for i in order], 3, 0, ids[order])
    as_sets = [frozenset(test.tolist()) for _, test in folds(y, 3, 0, ids)]
    assert [frozenset(order[test].tolist()) for _, test in shuffled] == as_sets
    assert [frozenset(test.tolist()) for _, test in folds(y, 3, 1, ids)] != as_sets


def test_fewer_rows_than_folds_leave_one_out():
    assert [test.tolist() for _, test in folds(["a", "b"], 10, 0, hashes(2))] == [[0], [1]]


def test_one_label_is_too_few():
    with pytest.raises(AlcliError) as caught:
        folds(["a"], 5, 0, hashes(1))
    assert caught.value.code == "too-few-labels"
    assert caught.value.message == "cross-validation needs at least 2 labelled rows, there is 1"


@pytest.mark.parametrize(("k", "n_hashes"), [(1, 3), (2, 2)])
def test_nonsense_is_refused(k, n_hashes):
    with pytest.raises(ValueError, match="labels"):
        folds(["a", "b", "a"], k, 0, hashes(n_hashes))


def test_each_prediction_comes_from_a_model_that_did_not_see_the_row():
    y = np.array(list("aaaaabbbbbbbbbc"))
    classes = ["a", "b", "c"]

    def fit(train):
        shares = np.array([np.mean(y[train] == label) for label in classes])
        return lambda test: np.tile(shares, (len(test), 1))

    parts = folds(list(y), 5, 0, hashes(15))
    proba = out_of_fold(fit, parts, 15, 3)
    assert proba.sum(axis=1) == pytest.approx(1)
    assert proba[y == "c", 2] == 0  # its only row was held out
    for train, test in parts:
        counted = Counter(y[train])
        assert proba[test] == pytest.approx(np.array([[counted[label] / len(train) for label in classes]] * len(test)))


@pytest.mark.parametrize(
    ("parts", "shape", "words"),
    [
        ([([0], [1])], 2, "row 0 is tested 0 times"),
        ([([0], [1]), ([1], [0]), ([1], [0])], 2, "row 0 is tested 2 times"),
        ([([0, 1], [0, 1])], 2, "tests rows that it trains on"),
        ([([0], [1]), ([1], [0])], 3, "has shape"),
    ],
)
def test_folds_and_predictions_that_do_not_fit_are_refused(parts, shape, words):
    parts = [(np.array(train), np.array(test)) for train, test in parts]
    with pytest.raises(ValueError, match=words):
        out_of_fold(lambda train: lambda test: np.full((len(test), shape), 1 / shape), parts, 2, 2)
