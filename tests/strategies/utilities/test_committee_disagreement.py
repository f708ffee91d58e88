from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import rel_entr, softmax
from scipy.stats import entropy

from alcli.strategies import UTILITIES, load
from alcli.strategies.utilities.committee import (
    bald,
    consensus_entropy,
    max_kl,
    mean_kl,
    min_margin,
    variation_ratio,
    vote_entropy,
)

DISAGREEMENT = (vote_entropy, mean_kl, max_kl, variation_ratio, bald)
# Four members, two candidates, three classes: all agree on the first; votes 2, 1, 1 on the second.
COMMITTEE = np.array(
    [
        [[0.8, 0.1, 0.1], [0.6, 0.2, 0.2]],
        [[0.8, 0.1, 0.1], [0.5, 0.3, 0.2]],
        [[0.8, 0.1, 0.1], [0.1, 0.9, 0.0]],
        [[0.8, 0.1, 0.1], [0.0, 0.2, 0.8]],
    ]
)


def some_committees():
    shapes = st.tuples(st.integers(1, 6), st.integers(1, 8), st.integers(1, 6))
    scores = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(-800, 800)))
    return scores.map(lambda values: softmax(values, axis=2))


def test_values_worked_by_hand():
    # Shares of votes 1/2, 1/4, 1/4: entropy 1.5 ln 2 = 1.039721, over ln 3 = 1.098612.
    np.testing.assert_allclose(vote_entropy(COMMITTEE), [0.0, 0.946395], atol=1e-6)
    np.testing.assert_allclose(variation_ratio(COMMITTEE), [0.0, 0.5])
    # Mean of the second: (0.3, 0.4, 0.3), entropy 1.088900; of the first: 0.639032.
    np.testing.assert_allclose(consensus_entropy(COMMITTEE), [0.581672, 0.991159], atol=1e-6)
    np.testing.assert_allclose(min_margin(COMMITTEE), [0.3, 0.8])
    # KL of members 1 to 4 to (0.3, 0.4, 0.3): 0.196166, 0.088015, 0.619976, 0.646034.
    np.testing.assert_allclose(mean_kl(COMMITTEE), [0.0, 0.387548], atol=1e-6)
    np.testing.assert_allclose(max_kl(COMMITTEE), [0.0, 0.646034], atol=1e-6)
    np.testing.assert_allclose(bald(COMMITTEE), [0.0, 0.387548], atol=1e-6)


@given(some_committees())
def test_bald_is_mean_kl(committee):
    np.testing.assert_allclose(bald(committee), mean_kl(committee), atol=1e-9)


@given(some_committees())
def test_divergences_are_those_of_scipy(committee):
    divergence = rel_entr(committee, committee.mean(axis=0)).sum(axis=2)
    np.testing.assert_allclose(mean_kl(committee), divergence.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(max_kl(committee), divergence.max(axis=0), atol=1e-9)


@given(some_committees())
def test_votes_are_those_of_a_count_by_hand(committee):
    members, _, classes = committee.shape
    votes = np.stack([(committee.argmax(axis=2) == c).sum(axis=0) for c in range(classes)], axis=1) / members
    np.testing.assert_allclose(variation_ratio(committee), 1 - votes.max(axis=1), atol=1e-12)
    most = np.log(min(members, classes))
    expected = entropy(votes, axis=1) / most if most else np.zeros(len(votes))
    np.testing.assert_allclose(vote_entropy(committee), expected, atol=1e-12)


@given(some_committees())
def test_bounds(committee):
    members, _, classes = committee.shape
    most = np.log(min(members, classes))
    for utility, bound in ((vote_entropy, 1.0), (consensus_entropy, 1.0), (mean_kl, most), (bald, most)):
        got = utility(committee)
        assert got.min() >= 0.0 and got.max() <= bound + 1e-9
    assert (max_kl(committee) >= mean_kl(committee) - 1e-12).all()
    assert max_kl(committee).max() <= np.log(members) + 1e-9


@given(some_committees(), st.integers(1, 7))
def test_members_that_are_alike_disagree_by_exactly_nothing(committee, copies):
    alike = np.repeat(committee[:1], copies, axis=0)
    for utility in DISAGREEMENT:
        np.testing.assert_array_equal(utility(alike), np.zeros(committee.shape[1]))


@given(some_committees(), st.randoms(use_true_random=False))
def test_the_order_of_the_members_does_not_matter(committee, random):
    order = list(range(len(committee)))
    random.shuffle(order)
    for name, row in UTILITIES.items():
        if row.needs == ("committee",):
            function = load(row.target)
            np.testing.assert_allclose(function(committee[order]), function(committee), atol=1e-12, err_msg=name)


def test_a_bad_member_is_named():
    committee = np.full((3, 4, 2), 0.5)
    committee[1, 2] = [0.5, 0.6]
    with pytest.raises(ValueError, match=r"committee, member 1, row 2: probabilities sum to 1\.1"):
        bald(committee)
    with pytest.raises(ValueError, match="m >= 1"):
        bald(np.empty((0, 4, 2)))
