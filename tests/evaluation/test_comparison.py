"""Means, paired tests, corrections and ranks, against scipy and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from alcli.evaluation.comparison import average_ranks, holm, mean_of, paired, signed_ranks

VALUES = st.lists(st.floats(-10, 10).map(lambda value: round(value, 3)), min_size=2, max_size=12)


@given(VALUES)
def test_interval_is_students(values: list[float]) -> None:
    found = mean_of(values)
    assert found.low is not None and found.high is not None
    if np.std(values) > 1e-9:
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (found.low, found.high) == pytest.approx((low, high))
    assert found.low <= found.value <= found.high


def test_one_seed_has_no_interval() -> None:
    found = mean_of([0.5])
    assert (found.value, found.low, found.high, found.half) == (0.5, None, None, None)


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=12))
def test_paired_is_scipys(pairs: list[tuple[float, float]]) -> None:
    one, other = (np.round([pair[at] for pair in pairs], 3) for at in (0, 1))
    found = paired(one, other)
    assert found.wins + found.ties + found.losses == len(pairs)
    mirrored = paired(one, other, higher=False)
    assert (mirrored.wins, mirrored.losses) == (found.losses, found.wins)
    if np.std(one - other) > 1e-6:
        assert found.p == pytest.approx(stats.ttest_rel(one, other).pvalue)


def test_two_seeds_or_no_spread_have_no_p() -> None:
    assert paired([0.6], [0.5]).p is None
    for first in ([0.5, 0.6], [0.6, 0.7], [0.6, 0.9]):
        assert paired(first, [0.5, 0.6]).p is None
    # 0.1 + 0.2 - 0.2 is not 0.1: the same difference but for rounding
    assert paired([0.6, 0.7, 0.3], [0.5, 0.6, 0.2]).p is None
    assert paired([0.5, 0.6, 0.7], [0.5, 0.6, 0.7]).p is None
    assert paired([0.6, 0.7, 0.9], [0.5, 0.6, 0.7]).p is not None


def test_an_interval_ends_where_the_values_do() -> None:
    free = mean_of([0.9, 1.0, 1.0])
    held = mean_of([0.9, 1.0, 1.0], least=0.0, most=1.0)
    assert free.high is not None and free.high > 1.0
    assert (held.value, held.low, held.high) == (free.value, free.low, 1.0)
    assert mean_of([0.0, 0.01], least=0.0).low == 0.0


def test_holm_by_hand() -> None:
    # .01 * 4, then .015 * 3, .02 * 2, .4 * 1; never less than the one before
    assert holm([0.02, 0.4, 0.01, 0.015]) == pytest.approx([0.045, 0.4, 0.04, 0.045])
    assert holm([0.5, 0.9, None]) == [1.0, 1.0, None]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_lies_between_nothing_and_bonferroni(p: list[float]) -> None:
    found = np.array(holm(p), float)
    assert (found >= np.array(p) - 1e-12).all() and (found <= np.minimum(1, np.array(p) * len(p)) + 1e-12).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= -1e-12).all()


def test_ranks_by_hand() -> None:
    assert average_ranks([[0.9, 0.8, 0.8], [0.7, 0.9, 0.6]]).tolist() == [1.5, 1.75, 2.75]
    assert average_ranks([[0.9, 0.8]], higher=False).tolist() == [2, 1]
    with pytest.raises(ValueError):
        average_ranks([[0.9, np.nan]])


def test_many_data_sets_are_wilcoxons() -> None:
    gains = [0.02, 0.01, 0.03, -0.005, 0.04, 0.015, 0.007]
    assert signed_ranks(gains) == pytest.approx(stats.wilcoxon(gains).pvalue)
    assert signed_ranks(gains[:5]) is None
    assert signed_ranks([0.0] * 6) == 1.0
