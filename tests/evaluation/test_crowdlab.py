"""CROWDLAB: by hand, beside cleanlab's, and what it promises of any answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation.crowdlab import crowdlab, majority_class, over
from alcli.evaluation.votes import Votes

from .answers import CASES, crowd, drawn, recorded, votes_of


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("name", "models"), [("", slice(0, 1)), ("3", slice(0, 3))])
def test_everything_equals_cleanlab(case: str, name: str, models: slice) -> None:
    told = recorded(case)
    found = crowdlab(votes_of(told["answers"], told["models"].shape[2]), told["models"][models])
    assert found.consensus.tolist() == told["consensus" + name].tolist()
    for mine, theirs in (
        (found.quality, "quality"),
        (found.agreement, "agreement"),
        (found.model_weight, "model_weight"),
        (found.labeler_weight, "labeler_weight"),
        (found.labeler_quality, "labeler_quality"),
    ):
        np.testing.assert_allclose(mine, told[theirs + name], rtol=0, atol=1e-12)


def test_a_crowd_of_164_people() -> None:
    votes, told = crowd()
    found = crowdlab(votes, told["proba"])
    assert found.consensus.tolist() == told["consensus"].tolist()
    np.testing.assert_allclose(found.quality, told["quality"], rtol=0, atol=1e-12)


def test_worked_by_hand() -> None:
    # three rows of two answers and one of one; both labelers agree with each other on two of three rows
    table = np.array([[0, 0], [1, 1], [0, 1], [1, np.nan]])
    proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    found = crowdlab(votes_of(table, 2), proba)
    # the consensus is 0, 1, 0, 1: the tie goes to what the model finds likelier; naming 0 always errs on 1 of 3
    assert found.consensus.tolist() == [0, 1, 0, 1]
    assert found.agreement.tolist() == [1.0, 1.0, 0.5, 1.0]
    assert found.labeler_weight == pytest.approx([1e-6, 1e-6])  # 1 - (1/3) / (1/3), and never below 1e-6
    assert found.model_weight == pytest.approx([np.sqrt(7 / 4)])  # never wrong, 7 answers of 4 rows
    assert found.quality == pytest.approx([0.9, 0.8, 0.6, 0.7], abs=1e-5)


def test_ties_end_at_the_first_class_where_cleanlab_draws_lots() -> None:
    table = np.array([[0, 1], [1, 0]], float)
    even = np.full((2, 2), 0.5)
    assert majority_class(votes_of(table, 2), even).tolist() == [0, 0]


def test_a_tie_goes_to_the_rarer_class_then_to_who_agrees_with_the_rest() -> None:
    even = np.full((4, 3), 1 / 3)
    table = np.array([[0, 0, np.nan], [0, 0, np.nan], [2, np.nan, 2], [0, 1, np.nan]], float)
    assert majority_class(votes_of(table, 3), even)[3] == 1
    # 0 and 1 are given as often; the first labeler agreed with clear majorities and the second did not
    table = np.array([[0, 1, 0], [1, 0, 1], [0, 1, np.nan], [1, 0, 1], [0, 1, 0]], float)
    assert majority_class(votes_of(table, 2), np.full((5, 2), 0.5))[2] == 0


def test_a_labeler_who_shares_no_row_has_a_quality_all_the_same() -> None:
    # cleanlab: NaN
    table = np.array([[0, 0, np.nan], [1, 1, np.nan], [0, 1, np.nan], [np.nan, np.nan, 1]])
    proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    found = crowdlab(votes_of(table, 2), proba)
    assert found.labeler_quality[2] == pytest.approx(found.proba[3, 1])


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 6), st.floats(0.2, 1.0))
def test_any_answers_in_any_order(seed: int, classes: int, people: int, share: float) -> None:
    votes, proba, _ = drawn(seed, 12, [0.7] * people, classes, share)
    if len(votes.row) == len(votes.rows):
        with pytest.raises(ValueError, match="two answers"):
            crowdlab(votes, proba)
        return
    before = proba.copy()
    found = crowdlab(votes, proba)
    assert np.array_equal(proba, before)
    np.testing.assert_allclose(found.proba.sum(axis=1), 1.0)
    assert ((found.quality > 0) & (found.quality <= 1)).all()
    assert ((found.labeler_quality >= 0) & (found.labeler_quality <= 1)).all()
    assert (found.labeler_weight > 0).all() and (found.model_weight > 0).all()
    # rows in another order: the same for each
    order = np.random.default_rng(seed).permutation(len(votes.rows))
    place = np.argsort(order)
    shuffled = Votes(votes.rows, votes.labelers, votes.classes, place[votes.row], votes.labeler, votes.label)
    np.testing.assert_allclose(crowdlab(shuffled, proba[order]).quality, found.quality[order], atol=1e-12)


def test_bad_shapes_and_classes_are_refused() -> None:
    votes = Votes.of([("r", "a", "x"), ("r", "b", "y")])
    with pytest.raises(ValueError, match="do not fit"):
        crowdlab(votes, np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="one class"):
        crowdlab(Votes.of([("r", "a", "x"), ("r", "b", "x")]), np.ones((1, 1)))
    with pytest.raises(ValueError, match="'y' was voted for"):
        over(votes, ("x", "z"))
    assert over(votes, ("y", "z", "x")).label.tolist() == [2, 0]
