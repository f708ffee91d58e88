from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies import rank

finite = st.floats(allow_nan=False, allow_infinity=False)
few = st.sampled_from([0.0, -0.0, 0.25, 1.0, -3.0])
pools = st.integers(0, 60).flatmap(
    lambda n: st.tuples(arrays(np.float64, n, elements=few | finite), arrays(np.uint64, n, elements=st.integers(0, 7)))
)


@given(pools, st.integers(0, 70))
def test_top_is_the_front_of_a_full_sort(pool, n):
    utility, tie = pool
    full = np.lexsort((np.arange(len(utility)), tie, -utility))
    assert rank.top(utility, n, tie).tolist() == full[:n].tolist()


@given(pools, st.integers(0, 70))
def test_top_never_leaves_a_better_row_behind(pool, n):
    utility, tie = pool
    chosen = rank.top(utility, n, tie)
    left = np.setdiff1d(np.arange(len(utility)), chosen)
    if len(chosen) and len(left):
        worst = min((utility[i], -int(tie[i])) for i in chosen)
        assert all((utility[i], -int(tie[i])) <= worst for i in left)


@given(pools, st.integers(1, 20), st.randoms(use_true_random=False))
def test_top_of_the_parts_holds_the_top_of_the_whole(pool, n, random):
    utility, tie = pool
    tie = np.random.default_rng(0).permutation(len(tie)).astype(np.uint64)
    cut = random.randint(0, len(utility))
    parts = [np.arange(cut), np.arange(cut, len(utility))]
    kept = np.concatenate([part[rank.top(utility[part], n, tie[part])] for part in parts])
    merged = kept[rank.top(utility[kept], n, tie[kept])]
    assert merged.tolist() == rank.top(utility, n, tie).tolist()


def test_a_million_equal_rows_are_decided_by_their_hashes():
    tie = np.random.default_rng(0).integers(0, 2**64, size=1_000_000, dtype=np.uint64)
    assert rank.top(np.zeros(1_000_000), 5, tie).tolist() == np.argsort(tie)[:5].tolist()


def test_top_refuses_what_has_no_order():
    with pytest.raises(ValueError, match="row 1: not a number"):
        rank.top([1.0, np.nan], 1, np.zeros(2, dtype=np.uint64))
    with pytest.raises(ValueError, match="same length"):
        rank.top([1.0], 1, np.zeros(2, dtype=np.uint64))


@given(arrays(np.float64, st.integers(0, 20), elements=finite))
def test_rounding_keeps_a_billionth_and_the_order(values):
    rounded = rank.round_utility(values)
    assert np.isfinite(rounded).all()
    assert (np.abs(rounded - values) <= np.maximum(1e-9 * np.abs(values), 5e-324)).all()
    assert (np.diff(rounded[np.argsort(values)]) >= 0.0).all()
    np.testing.assert_array_equal(rank.round_utility(rounded), rounded)


def test_rounding_hides_the_last_digits_and_the_sign_of_zero():
    assert len(set(rank.round_utility([0.3, 0.1 + 0.2, 0.3 + 1e-16]))) == 1
    assert not np.signbit(rank.round_utility([-0.0, 0.0])).any()
    values = np.array([1.0, 2.0])
    rank.round_utility(values)
    assert values.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rounding_names_what_is_not_finite(bad):
    with pytest.raises(ValueError, match="row 2"):
        rank.round_utility([0.0, 1.0, bad])


def test_ranks_start_at_one_and_have_no_ties():
    tie = np.array([3, 1, 2], dtype=np.uint64)
    assert rank.ranks([0.5, 0.5, 0.9], tie).tolist() == [3.0, 2.0, 1.0]
    assert rank.ranks([], tie[:0]).shape == (0,)


def test_noise_is_finite_at_both_ends_and_has_the_right_shape():
    ends = np.array([0, 1, 2**11, 2**64 - 1], dtype=np.uint64)
    assert np.isfinite(rank.gumbel_from_hash(ends)).all()
    uniform = rank.uniform_from_hash(ends)
    assert uniform.min() >= 0.0 and uniform.max() < 1.0
    many = np.random.default_rng(0).integers(0, 2**64, size=200_000, dtype=np.uint64)
    noise = rank.gumbel_from_hash(many)
    # Mean 0.5772 (Euler), variance pi^2 / 6.
    assert abs(noise.mean() - 0.5772) < 0.01 and abs(noise.var() - np.pi**2 / 6) < 0.03
    assert abs(rank.uniform_from_hash(many).mean() - 0.5) < 0.005
