"""The batch of most utility that a budget buys: against all subsets, and against hand-worked cases."""

from __future__ import annotations

from itertools import combinations
from math import fsum
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.selection.packing import MOST, fits, pack


def ties(m: int) -> Any:
    return np.random.default_rng(m).permutation(m).astype(np.uint64)


def best_of_all(utility: Any, price: Any, budget: float, n: int, allowed: Any = lambda rows: True) -> float:
    """Straight from the definition: every subset."""
    m = len(utility)
    return max(
        fsum(utility[i] for i in rows)
        for size in range(min(n, m) + 1)
        for rows in combinations(range(m), size)
        if fits(fsum(price[i] for i in rows), budget) and allowed(rows)
    )


def test_worked_by_hand():
    # utility per price is 2, 1.5, 1.5, 1: greedy takes a (1 for 2) and b (4 for 6), worth 8, and c no longer fits.
    # b and c cost 8 and are worth 12: the best that 8 buys.
    utility, price = np.array([2.0, 6.0, 6.0, 3.0]), np.array([1.0, 4.0, 4.0, 3.0])
    packed = pack(utility, price, 8.0, 4, ties(4))
    assert sorted(packed.chosen.tolist()) == [1, 2]
    assert (packed.worth, packed.bound, packed.exact) == (12.0, 12.0, True)


def test_one_dear_row_can_be_worth_more_than_the_best_by_ratio():
    packed = pack(np.array([1.1, 10.0]), np.array([1.0, 10.0]), 10.0, 5, ties(2))
    assert packed.chosen.tolist() == [1]


def test_the_number_of_rows_stays_a_cap():
    # six for 1 each are worth 6, but two rows at most: the two dearest fit
    utility, price = np.array([1.0] * 6 + [4.0, 3.0]), np.array([1.0] * 6 + [5.0, 5.0])
    assert sorted(pack(utility, price, 10.0, 2, ties(8)).chosen.tolist()) == [6, 7]
    assert pack(utility, price, 10.0, 1, ties(8)).chosen.tolist() == [6]


def test_a_budget_that_does_not_bind_gives_the_largest():
    utility = np.random.default_rng(0).random(50)
    packed = pack(utility, np.ones(50), 1e9, 7, ties(50))
    assert packed.chosen.tolist() == np.argsort(-utility)[:7].tolist() and packed.exact


def test_round_off_does_not_keep_a_row_out():
    assert len(pack(np.ones(3), np.full(3, 0.1), 0.3, 3, ties(3)).chosen) == 3


def test_what_is_over_by_less_than_the_solver_can_see_is_refused():
    # both together are over the budget by two parts in ten million: HiGHS would let that pass
    price = np.array([0.5 + 1e-7, 0.5 + 1e-7, 0.1])
    packed = pack(np.array([1.0, 1.0, 0.1]), price, 1.0, 3, ties(3))
    assert sorted(packed.chosen.tolist()) in ([0, 2], [1, 2]) and fits(fsum(price[packed.chosen]), 1.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 15)), min_size=1, max_size=9),
    st.integers(1, 60),
    st.integers(1, 9),
)
def test_as_good_as_the_best_of_all_subsets(rows: list[tuple[int, int]], budget: int, n: int):
    utility, price = np.array(rows, float).T / 7.0
    price = np.maximum(price, 0.1)
    packed = pack(utility, price, budget / 7.0, n, ties(len(rows)))
    chosen = packed.chosen.tolist()
    assert len(set(chosen)) == len(chosen) <= n and fits(fsum(price[chosen]), budget / 7.0)
    assert fsum(utility[chosen]) == pytest.approx(best_of_all(utility, price, budget / 7.0, n), abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_as_good_as_the_best_of_all_subsets_of_which_groups_allow(seed: int):
    random = np.random.default_rng(seed)
    utility, price, group = random.random(9), random.uniform(0.2, 2.0, 9), random.integers(0, 3, 9)

    def limits(at: Any) -> list[tuple[Any, int]]:
        found = [(np.flatnonzero(group[at] == each), 0 if each == 2 else 2) for each in range(3)]
        return [(rows, cap) for rows, cap in found if len(rows) > cap]

    def allowed(rows: Any) -> bool:
        counts = np.bincount(group[list(rows)], minlength=3) if rows else np.zeros(3)
        return counts[0] <= 2 and counts[1] <= 2 and counts[2] == 0

    packed = pack(utility, price, 3.0, 6, ties(9), limits)
    assert allowed(packed.chosen.tolist())
    assert packed.worth == pytest.approx(best_of_all(utility, price, 3.0, 6, allowed), abs=1e-5)


def test_no_worse_than_half_of_the_bound_and_mostly_exact_on_many_rows():
    for seed in range(6):
        random = np.random.default_rng(seed)
        utility, price = random.random(20_000), np.round(random.uniform(0.5, 20.0, 20_000), 2)
        packed = pack(utility, price, 60.0, 40, ties(20_000))
        assert 0.999 * packed.bound <= packed.worth <= packed.bound * (1 + 1e-9)
        assert fits(fsum(price[packed.chosen]), 60.0)


@pytest.mark.parametrize("rows", [3000, 100_000])
def test_correlated_prices_still_come_with_a_proven_bound(rows: int):
    """The hard case of knapsacks: all rows are equally good at the best price of money."""
    price = np.random.default_rng(3).integers(10, 1000, rows).astype(float)
    packed = pack(price + 100.0, price, 9_999.0, 60, ties(rows))
    assert packed.worth >= packed.bound * 0.999 and len(packed.chosen) <= 60
    assert MOST < 3000


def test_many_equals_at_the_edge():
    """Thousands of rows share the largest utility: the cheap ones among them are the answer."""
    price = np.random.default_rng(4).integers(1, 50, 5000).astype(float)
    packed = pack(np.ones(5000), price, 60.0, 40, ties(5000))
    assert packed.exact and packed.worth == 40.0


def test_order_of_rows_does_not_matter_and_the_best_comes_first():
    random = np.random.default_rng(5)
    utility, price, tie = random.random(400), random.uniform(1, 9, 400), ties(400)
    packed = pack(utility, price, 30.0, 20, tie)
    assert packed.chosen.tolist() == sorted(packed.chosen.tolist(), key=lambda row: -utility[row])
    other = random.permutation(400)
    again = pack(utility[other], price[other], 30.0, 20, tie[other])
    assert other[again.chosen].tolist() == packed.chosen.tolist()


def test_nothing_is_worth_nothing():
    assert len(pack(np.empty(0), np.empty(0), 1.0, 3, ties(0)).chosen) == 0
    assert pack(np.zeros(4), np.ones(4), 2.0, 3, ties(4)).worth == 0.0
