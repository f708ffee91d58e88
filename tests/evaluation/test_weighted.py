"""Votes that weigh as much as their labeler is right: by hand, beside the majority, and whatever the names."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.evaluation.consensus import dawid_skene, majority
from alcli.evaluation.votes import Votes
from alcli.evaluation.weighted import BEFORE, LEAST, weighted
from tests.evaluation.crowds import ANSWERS, right, simulated


def written_out(answers, truth=None, rounds=400):
    """The same model with dictionaries, one sum at a time."""
    rows, who, classes = ({a[at] for a in answers} for at in range(3))
    given = {(row, name): label for row, name, label in answers}
    P = {}
    for row in rows:
        here = [label for (r, _), label in given.items() if r == row]
        P |= {(row, label): here.count(label) / len(here) for label in classes}
    c = max(2, len(classes))
    for _ in range(rounds):
        right = dict.fromkeys(who, 0.0)
        n = dict.fromkeys(who, 0)
        for (row, name), label in given.items():
            known = (truth or {}).get(row)
            right[name] += P[row, label] if known is None else float(label == known)
            n[name] += 1
        mean = sum(right.values()) / sum(n.values())
        p = {name: (right[name] + BEFORE * mean) / (n[name] + BEFORE) for name in who}
        w = {name: max(LEAST, log(min(p[name], 1 - 1e-9) * (c - 1) / (1 - min(p[name], 1 - 1e-9)))) for name in who}
        for row in rows:
            raw = {
                label: exp(sum(w[name] for (r, name), said in given.items() if r == row and said == label))
                for label in classes
            }
            P |= {(row, label): raw[label] / sum(raw.values()) for label in classes}
    return P, p


@pytest.mark.parametrize("truth", [None, {"r0001": "x", "r0002": "y", "r0003": "nobody's"}])
def test_it_is_the_model_written_out(truth):
    answers, _ = simulated(25, {"a": 0.9, "b": 0.7, "c": 0.6, "d": 0.3}, share=0.8)
    votes = Votes.of(answers)
    got = weighted(votes, None if truth is None else votes.truth(truth))
    P, p = written_out(answers, truth)
    expected = [[P[row, label] for label in votes.classes] for row in votes.rows]
    np.testing.assert_allclose(got.proba, expected, atol=1e-6)
    np.testing.assert_allclose(got.accuracy, [p[name] for name in votes.labelers], atol=1e-6)


def test_a_lone_answer_is_as_likely_right_as_its_labeler():
    answers, _ = simulated(60, {"a": 0.9, "b": 0.7, "c": 0.8})
    votes = Votes.of([*answers, ("alone", "a", "x")])
    found = weighted(votes)
    assert found.proba[votes.rows.index("alone")].max() == pytest.approx(found.accuracy[0], abs=1e-6)


def test_the_good_are_heard_over_the_many():
    quality = {"good": 0.95, "p1": 0.55, "p2": 0.55, "p3": 0.55, "p4": 0.55}
    answers, truth = simulated(400, quality, seed=3)
    votes = Votes.of(answers)
    found = weighted(votes)
    assert right(found.proba, votes, truth) > right(majority(votes), votes, truth) + 0.03
    assert votes.labelers[int(found.weight.argmax())] == "good"


def test_few_answers_do_not_make_somebody_infallible():
    answers, truth = simulated(300, dict.fromkeys([f"w{at:03d}" for at in range(100)], 0.6), share=0.04, seed=1)
    votes = Votes.of(answers)
    assert right(weighted(votes).proba, votes, truth) > right(dawid_skene(votes).proba, votes, truth)


def test_gold_tells_two_apart_who_always_differ():
    answers = [(f"r{at}", who, "x" if (who == "a") == (at % 2 == 0) else "y") for at in range(10) for who in "ab"]
    votes = Votes.of(answers)
    tied = weighted(votes).proba
    np.testing.assert_array_equal(tied, 0.5)
    gold = {f"r{at}": "x" if at % 2 == 0 else "y" for at in range(4)}
    found = weighted(votes, votes.truth(gold))
    assert found.weight[0] > 1 > found.weight[1]
    assert votes.classes[int(found.proba[votes.rows.index("r8")].argmax())] == "x"


@settings(max_examples=60, deadline=None)
@given(ANSWERS)
def test_rows_on_which_all_agree_keep_their_label(answers):
    votes = Votes.of(answers)
    found = weighted(votes)
    np.testing.assert_allclose(found.proba.sum(axis=1), 1.0)
    alike = (votes.counts > 0).sum(axis=1) == 1
    np.testing.assert_array_equal(found.proba.argmax(axis=1)[alike], votes.counts.argmax(axis=1)[alike])


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.permutations("pqrstu"), st.permutations("abcd"), st.permutations("xyz"), st.randoms())
def test_names_and_order_change_nothing(answers, rows, who, classes, random):
    renamed = [
        (rows["pqrstu".index(row)], who["abcd".index(name)], classes["xyz".index(label)])
        for row, name, label in answers
    ]
    random.shuffle(renamed)
    one, other = Votes.of(answers), Votes.of(renamed)
    row = [other.rows.index(rows["pqrstu".index(each)]) for each in one.rows]
    label = [other.classes.index(classes["xyz".index(each)]) for each in one.classes]
    for rule in (lambda votes: weighted(votes).proba, lambda votes: dawid_skene(votes).proba, majority):
        np.testing.assert_allclose(rule(other)[np.ix_(row, label)], rule(one), atol=1e-6)
