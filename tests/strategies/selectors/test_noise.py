from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies import rank
from alcli.strategies.selectors.noise import epsilon, power, sample, softmax, softrank


def hashes(n, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, size=n, dtype=np.uint64)


def drawn(log_weight, n, seed):
    """As the engine draws: noise from one stream of hashes, ties from another."""
    keys = log_weight + rank.gumbel_from_hash(hashes(len(log_weight), seed))
    return rank.top(keys, n, hashes(len(log_weight), seed + 10**6))


SCORES = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("log_weight", "share"),
    [
        (sample(SCORES), SCORES),
        (power(SCORES, beta=2.0), SCORES**2),
        (softmax(SCORES, beta=0.5), np.exp(SCORES / 2)),
        (softrank(np.array([4.0, 3.0, 2.0, 1.0])), 1 / np.array([4.0, 3.0, 2.0, 1.0])),
        (power(SCORES, beta=0.0), np.ones(4)),
    ],
)
def test_the_first_row_is_drawn_in_proportion_to_its_weight(log_weight, share):
    first = [int(drawn(log_weight, 2, seed)[0]) for seed in range(4000)]
    np.testing.assert_allclose(np.bincount(first, minlength=4) / 4000, share / share.sum(), atol=0.03)


def test_the_second_row_is_drawn_in_proportion_among_the_rest():
    pairs = [drawn(sample(SCORES), 2, seed).tolist() for seed in range(8000)]
    second = [b for a, b in pairs if a == 3]
    np.testing.assert_allclose(np.bincount(second, minlength=4) / len(second), [1 / 6, 2 / 6, 3 / 6, 0], atol=0.03)


def test_rows_without_weight_come_last_and_by_chance():
    scores = np.array([0.0, 0.0, 1e-300, 0.0, 1.0])
    for log_weight in (sample(scores), power(scores), power(scores, beta=1e9), power(scores, beta=1e-9)):
        batches = [drawn(log_weight, 5, seed).tolist() for seed in range(60)]
        assert all({*batch[:2]} == {2, 4} for batch in batches)
        assert len({tuple(batch[2:]) for batch in batches}) == 6


def test_a_large_beta_is_top_and_a_small_one_is_random():
    scores = np.random.default_rng(0).random(1000)
    assert drawn(softmax(scores, beta=1e9), 20, 1).tolist() == np.argsort(-scores)[:20].tolist()
    assert drawn(softmax(scores, beta=0.0), 20, 1).tolist() == drawn(np.zeros(1000), 20, 1).tolist()


def test_scores_that_cannot_be_weights_are_named():
    for function in (sample, power):
        with pytest.raises(ValueError, match=r"row 1: -0.5 is below 0"):
            function(np.array([1.0, -0.5]))
        with pytest.raises(ValueError, match="row 0"):
            function(np.array([np.inf, 1.0]))
    with pytest.raises(ValueError, match="row 0: 0 is below 1"):
        softrank(np.array([0.0, 1.0]))


@pytest.mark.parametrize("beta", [-1.0, np.nan, np.inf])
def test_beta_below_zero_is_refused(beta):
    for function in (power, softmax, softrank):
        with pytest.raises(ValueError, match="beta must be 0 or more"):
            function(np.array([1.0]), beta=beta)


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        epsilon(3, seed=0, epsilon=share)
