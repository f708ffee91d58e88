from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.evaluation.agreement import agreement, kappa

LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30)


def test_kappa_worked_by_hand():
    # Cohen's 2 × 2 shape: 20 both yes, 15 both no, 5 and 10 apart: (0.7 - 0.5) / (1 - 0.5)
    before = ["yes"] * 25 + ["no"] * 25
    after = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert kappa(before, after) == pytest.approx(0.4)
    assert agreement(before, after) == 0.7


def test_one_and_the_same_class_everywhere_is_agreement():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kappa(["a"] * 5, ["a"] * 5) == 1
        assert kappa(["a"] * 5, ["b"] * 5) == 0


def test_without_rows_there_is_none():
    assert kappa([], []) is None
    assert agreement([], []) is None


def test_different_rows_are_refused():
    with pytest.raises(ValueError, match="not of the same rows"):
        kappa(["a"], ["a", "b"])


@settings(max_examples=50, deadline=None)
@given(LABELS)
def test_kappa_is_symmetric_and_one_only_for_the_same_answers(pairs):
    before, after = [list(side) for side in zip(*pairs, strict=True)]
    assert kappa(before, after) == pytest.approx(kappa(after, before))
    assert (kappa(before, after) == pytest.approx(1)) == (before == after)
    assert -1 <= kappa(before, after) <= agreement(before, after) <= 1
