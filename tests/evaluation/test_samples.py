"""Rows drawn together: their weights, and the mean that they estimate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.evaluation.intervals import mean_with_interval
from alcli.evaluation.risk import lure, stratified
from alcli.evaluation.samples import Sample


def test_uniform_draws_count_alike():
    sample = Sample(np.ones(5), 50)
    assert sample.weights().tolist() == pytest.approx([1.0] * 5)
    assert sample.mean([1, 0, 0, 0, 0]).value == pytest.approx(0.2)


def test_what_is_written_down_gives_the_chances_back():
    chances = np.array([0.02, 0.005, 0.03])
    likelihood = chances * (100 - np.arange(3))
    assert Sample(likelihood, 100).mean([1, 0, 1]) == lure([1, 0, 1], chances, 100)


def test_strata_weigh_by_their_sizes():
    strata, sizes = ["a", "a", "b"], {"a": 30, "b": 10}
    sample = Sample(np.ones(3), 40, strata, sizes)
    assert sample.weights().tolist() == pytest.approx([30 / 2 / 40 * 3, 30 / 2 / 40 * 3, 10 / 40 * 3])
    assert sample.mean([1, 0, 1]) == stratified([1, 0, 1], strata, sizes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.05, 5.0), min_size=1, max_size=30), st.integers(0, 100))
def test_weights_sum_to_the_rows_and_are_never_negative(likelihood, more):
    weights = Sample(np.array(likelihood), len(likelihood) + 5 + more).weights()
    assert weights.sum() == pytest.approx(len(likelihood))
    assert (weights >= 0).all()


def test_likelier_rows_count_less():
    weights = Sample(np.array([4.0, 1.0, 0.25]), 1000).weights()
    assert weights[0] < weights[1] < weights[2]


def test_a_mean_has_the_interval_of_its_weighted_rows():
    values = np.array([0.0] * 30 + [1.0] * 10)
    plain, heavy = mean_with_interval(values), mean_with_interval(values, np.array([1.0] * 30 + [3.0] * 10))
    assert plain.value == 0.25
    assert heavy.value == 0.5
    assert plain.low < 0.25 < plain.high
    assert mean_with_interval(np.zeros(4)).low is None
    assert mean_with_interval(np.zeros(0)).value is None
