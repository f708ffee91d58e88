"""ActiveLab: beside cleanlab's, where cleanlab's is wrong, and what it promises."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation.activelab import activelab, fitting, scale
from alcli.evaluation.votes import Votes

from .answers import CASES, SINGLE, crowd, drawn, recorded, votes_of


@pytest.mark.parametrize("case", CASES + SINGLE)
@pytest.mark.parametrize(("name", "models"), [("", 1), ("3", 3)])
def test_scores_equal_cleanlab(case: str, name: str, models: int) -> None:
    told = recorded(case)
    counted = "_counted" if case in CASES else ""
    found = activelab(votes_of(told["answers"], told["models"].shape[2]), told["models"][:models])
    np.testing.assert_allclose(found.score, told[f"score{name}{counted}"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        found.unlabelled(told["new"][:models]), told[f"new_score{name}{counted}"], rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("case", CASES)
def test_cleanlab_fits_its_temperature_to_wrong_classes(case: str) -> None:
    """cleanlab 2.9.0 counts an answer for class 2 under class 0 when a row has one distinct answer."""
    told = recorded(case)
    votes, one = votes_of(told["answers"], told["models"].shape[2]), told["models"][0]
    mine, theirs = fitting(votes, one), float(told["temperature"])
    assert mine == pytest.approx(float(told["temperature_counted"]))
    assert mine != theirs

    def loss(temperature: float) -> float:
        shares = votes.counts / votes.counts.sum(axis=1, keepdims=True)
        return float(-(shares * np.log(scale(one, temperature))).sum(axis=1).mean())

    assert loss(mine) < loss(theirs)
    # with its temperature everything else is as theirs
    found = activelab(votes, one, temperature=[theirs])
    np.testing.assert_allclose(found.score, told["score"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.unlabelled(told["new"][0]), told["new_score"], rtol=0, atol=1e-12)


def test_a_crowd_of_164_people() -> None:
    votes, told = crowd()
    theirs = activelab(votes, told["proba"], temperature=[float(told["temperature"])])
    np.testing.assert_allclose(theirs.score, told["score"], rtol=0, atol=1e-12)
    found = activelab(votes, told["proba"])
    np.testing.assert_allclose(found.score, told["score_counted"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.unlabelled(told["proba"][:50]), told["new_score_counted"], rtol=0, atol=1e-12)


def test_cleanlab_writes_into_the_probabilities_of_an_ensemble_and_here_nothing_is_changed() -> None:
    told = recorded("several1")
    models, new = told["models"].copy(), told["new"].copy()
    activelab(votes_of(told["answers"], models.shape[2]), models).unlabelled(new)
    assert np.array_equal(models, told["models"]) and np.array_equal(new, told["new"])


def test_one_row_of_two_answers_does_not_decide_what_everybody_weighs() -> None:
    """cleanlab weighs all by a single shared row: here the model is wrong about it and is not heard at all."""
    table = np.array([[1, 1], *[[at % 2, np.nan] for at in range(1, 20)]])
    proba = np.array([[0.9, 0.1], *np.eye(2)[[at % 2 for at in range(1, 20)]] * 0.8 + 0.1])
    proba[5] = [0.95, 0.05]  # the label is 1, and the model is sure that it is wrong
    votes = votes_of(table, 2)
    assert np.argmin(activelab(votes, proba, overlap=20).score) == 5
    assert activelab(votes, proba).quality[5] > 0.9


def test_more_answers_that_agree_make_a_row_surer_and_disagreement_unsurer() -> None:
    votes, proba, _ = drawn(0, 200, [0.9, 0.85, 0.8], share=0.7)
    proba[:] = [0.5, 0.5]
    found = activelab(votes, proba)
    counts = votes.counts
    alone, three = counts.sum(axis=1) == 1, counts.max(axis=1) == 3
    split = (counts.max(axis=1) == 1) & (counts.sum(axis=1) == 2)
    assert found.score[split].mean() < found.score[alone].mean() < found.score[three].mean()


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 4), st.floats(0.2, 1.0), st.integers(1, 30))
def test_any_answers(seed: int, classes: int, people: int, share: float, overlap: int) -> None:
    votes, proba, _ = drawn(seed, 15, [0.7] * people, classes, share)
    found = activelab(votes, proba, overlap=overlap)
    again = pickle.loads(pickle.dumps(found))  # it goes to the workers of a scan
    for score in (found.score, again.unlabelled(proba)):
        assert score.shape == (15,) and ((score > 0) & (score < 1)).all()
    # a row without an answer is never surer than one with a certain label could be, and the least sure comes first
    new = found.unlabelled(np.vstack([np.full(classes, 1 / classes), np.eye(classes)[0]]))
    assert new[0] < new[1] and new[0] == pytest.approx(1 / classes)
    assert found.unlabelled(np.empty((0, classes))).shape == (0,)


def test_as_many_models_as_before_are_wanted() -> None:
    votes, proba, _ = drawn(0, 15, [0.7, 0.8])
    found = activelab(votes, np.stack([proba, proba]))
    with pytest.raises(ValueError, match="1 models, and there were 2"):
        found.unlabelled(proba)


def test_probabilities_of_zero_are_borne() -> None:
    votes = Votes.of([("r1", "a", "x"), ("r1", "b", "y"), ("r2", "a", "y"), ("r2", "b", "y")])
    found = activelab(votes, np.eye(2))
    assert np.isfinite(found.score).all()
