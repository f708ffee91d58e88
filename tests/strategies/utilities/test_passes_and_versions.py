from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from alcli.strategies import resolve
from alcli.strategies.utilities.committee import consensus_entropy, variation_ratio
from alcli.strategies.utilities.passes import consensus_least_confident, consensus_margin, mean_std
from alcli.strategies.utilities.uncertainty import least_confident, margin
from alcli.strategies.utilities.version_space import disagreement, largest_split


def some_committees():
    shapes = st.tuples(st.integers(1, 6), st.integers(1, 8), st.integers(1, 5))
    scores = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(-800, 800)))
    return scores.map(lambda values: softmax(values, axis=2))


def test_values_worked_by_hand():
    committee = np.array([[[0.6, 0.4], [0.5, 0.5]], [[0.8, 0.2], [0.5, 0.5]], [[0.1, 0.9], [0.5, 0.5]]])
    # First class 0.6, 0.8, 0.1: mean 0.5, squares 0.01 + 0.09 + 0.16, over 3 = 0.086667, root 0.294392; so the second.
    np.testing.assert_allclose(mean_std(committee), [0.294392, 0.0], atol=1e-6)
    np.testing.assert_allclose(consensus_least_confident(committee), [0.5, 0.5])
    np.testing.assert_allclose(consensus_margin(committee), [1.0, 1.0])
    # Votes 2 and 1: of three pairs two differ.
    np.testing.assert_allclose(largest_split(committee), [2 / 3, 0.0])
    assert disagreement(committee).tolist() == [1.0, 0.0]


@given(some_committees())
def test_mean_std_is_the_mean_of_deviations(committee):
    np.testing.assert_allclose(mean_std(committee), committee.std(axis=0).mean(axis=1), atol=1e-9)


@given(some_committees())
def test_consensus_measures_are_those_of_the_mean(committee):
    mean = committee.mean(axis=0)
    np.testing.assert_allclose(consensus_least_confident(committee), least_confident(mean), atol=1e-12)
    np.testing.assert_allclose(consensus_margin(committee), margin(mean), atol=1e-12)


@given(some_committees())
def test_splits_are_those_of_a_count_of_pairs(committee):
    votes = committee.argmax(axis=2)
    pairs = list(combinations(range(len(votes)), 2))
    apart = np.array([[votes[a, row] != votes[b, row] for a, b in pairs] for row in range(votes.shape[1])])
    apart = apart.reshape(votes.shape[1], len(pairs))
    expected = apart.mean(axis=1) if pairs else np.zeros(votes.shape[1])
    np.testing.assert_allclose(largest_split(committee), expected, atol=1e-12)
    np.testing.assert_array_equal(disagreement(committee), apart.any(axis=1))


def test_the_most_even_split_is_preferred_where_the_majority_is_as_strong():
    # Votes 2, 1, 1 and 2, 2, 0: the same majority, but the first rules out more members on average.
    one, two, three = np.eye(3)
    committee = np.array([[one, one], [one, one], [two, two], [three, two]])
    assert np.ptp(variation_ratio(committee)) == 0.0
    assert largest_split(committee)[0] > largest_split(committee)[1]


def test_large_probabilities_do_not_cancel():
    # mean of squares minus square of the mean would give 0 or NaN here
    committee = np.array([[[1.0 - 1e-9, 1e-9]], [[1.0 - 3e-9, 3e-9]]])
    np.testing.assert_allclose(mean_std(committee), [1e-9], rtol=1e-6)


def test_modal_max_entropy_of_dropout_summed_the_entropies_of_passes():
    # Passes that are each sure but disagree: the sum is 0, the entropy of the mean is not.
    committee = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert consensus_entropy(committee).tolist() == [1.0]
    assert resolve("mc_dropout_max_entropy").utility == "consensus_entropy"
