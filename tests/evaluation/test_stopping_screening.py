"""The bound on recall: exact beside scipy's distribution, and right as often as it says."""

from __future__ import annotations

import time
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from alcli.evaluation.stopping.screening import _at_most, recall_bound


def granted(relevant: list[bool], rows: int, target: float) -> bool:
    """Callaghan and Müller-Hansen's test of one target: some end of the list rejects a lower recall at 5%."""
    seen = sum(relevant)
    for start in range(len(relevant) + 1):
        drawn = relevant[start:]
        before = seen - sum(drawn)
        least = floor(seen / target - before + 1)  # in the urn, if recall were below the target
        urn = rows - start
        if least > urn or hypergeom.cdf(sum(drawn), urn, least, len(drawn)) < 0.05 * (1 - 1e-9):
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 40), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_bound_is_the_largest_target_that_the_papers_test_grants(
    relevant: list[bool], unseen: int, target: float
) -> None:
    bound = recall_bound(relevant, len(relevant) + unseen)
    if bound is None:
        assert not any(relevant)
    elif abs(bound - target) > 1e-9:  # on the edge, two ways to divide may fall on two sides
        assert (bound >= target) == granted(relevant, len(relevant) + unseen, target)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.data())
def test_the_tail_is_that_of_scipy(urn: int, data: st.DataObject) -> None:
    relevant, drawn = data.draw(st.integers(0, urn)), data.draw(st.integers(0, urn))
    hits = data.draw(st.integers(0, drawn))
    ours, theirs = _at_most(hits, urn, relevant, drawn), float(hypergeom.cdf(hits, urn, relevant, drawn))
    if ours == 1.0:
        assert theirs > 0.05  # where it is not small, how large it is does not matter
    else:
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def test_worked_by_hand() -> None:
    # nothing unseen: all that there is was found
    assert recall_bound([True, False, True], 3) == 1
    assert recall_bound([False] * 5, 10) is None
    # 19 of 20 drawn without a hit after the only one: one more hides with chance 1/20, which is not below 5%
    assert recall_bound([True] + [False] * 19, 21) == 0.5
    assert recall_bound([True] + [False] * 39, 41) == 1.0


def test_right_as_often_as_it_says_when_the_end_is_a_random_sample() -> None:
    """500 screenings: 40 ranked rows, then 200 at random of the rest; one fixed point, as the paper's test wants."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(500):
        rest = np.zeros(600, dtype=bool)
        rest[: rng.integers(0, 30)] = True
        drawn = rng.permutation(rest)[:200].tolist()
        ranked = [True] * 40
        bound = recall_bound([*ranked, *drawn], 640)
        assert bound is not None
        wrong += bound > (40 + sum(drawn)) / (40 + rest.sum())
    # the best of several points is taken, so that it errs more often than 1 time in 20
    assert wrong / 500 < 0.1


def test_a_long_screening_is_judged_at_once() -> None:
    rng = np.random.default_rng(1)
    relevant = (rng.random(50_000) < np.linspace(0.4, 0.001, 50_000)).tolist()
    begun = time.perf_counter()
    bound = recall_bound(relevant, 200_000)
    assert bound is not None and 0.3 < bound < 1 and time.perf_counter() - begun < 5
