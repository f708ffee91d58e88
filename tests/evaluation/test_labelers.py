"""Consensus and agreement of several labelers, by hand and against the formulas written out."""

from __future__ import annotations

import json
from collections import defaultdict
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import cohen_kappa_score

from alcli.evaluation.consensus import dawid_skene, majority
from alcli.evaluation.reliability import fleiss_kappa, krippendorff_alpha, pairwise_kappa
from alcli.evaluation.votes import Votes
from tests.evaluation.crowds import ANSWERS, right, simulated

RECORDED = json.loads((Path(__file__).parent / "recorded" / "agreement.json").read_text())


def written_out(answers, rounds):
    """Dawid and Skene's equations (2.3) to (2.5) with dictionaries, from the shares of the votes."""
    rows, classes = sorted({a[0] for a in answers}), sorted({a[2] for a in answers})
    share = defaultdict(float)
    for row, _, label in answers:
        share[row, label] += 1
    T = {
        (row, true): share[row, true] / sum(share[row, other] for other in classes) for row in rows for true in classes
    }
    for _ in range(rounds):
        prior = {true: sum(T[row, true] for row in rows) / len(rows) for true in classes}
        said = defaultdict(float)
        for row, who, label in answers:
            for true in classes:
                said[who, true, label] += T[row, true]
        pi = {}
        for who in {a[1] for a in answers}:
            for true in classes:
                whole = sum(max(said[who, true, label], 1e-10) for label in classes)
                for label in classes:
                    pi[who, true, label] = max(said[who, true, label], 1e-10) / whole
        for row in rows:
            logs = {}
            for true in classes:
                logs[true] = log(max(prior[true], 1e-10))
                logs[true] += sum(log(pi[who, true, label]) for r, who, label in answers if r == row)
            best = max(logs.values())
            weight = {true: np.exp(logs[true] - best) for true in classes}
            for true in classes:
                T[row, true] = weight[true] / sum(weight.values())
    return np.array([[T[row, true] for true in classes] for row in rows])


@pytest.mark.parametrize("rounds", [1, 4])
def test_dawid_skene_is_the_paper_written_out(rounds):
    answers, _ = simulated(25, {"a": 0.9, "b": 0.7, "c": 0.6}, share=0.8)
    got = dawid_skene(Votes.of(answers), rounds=rounds, tolerance=-np.inf)
    np.testing.assert_allclose(got.proba, written_out(answers, rounds), atol=1e-9)


def test_dawid_skene_beats_the_majority_where_labelers_differ():
    quality = {"good": 0.95, "fair": 0.7, "p1": 0.4, "p2": 0.4, "p3": 0.4, "p4": 0.4}
    answers, truth = simulated(400, quality, seed=3)
    votes = Votes.of(answers)
    found = dawid_skene(votes)
    assert right(found.proba, votes, truth) > right(majority(votes), votes, truth) + 0.03
    diagonal = found.confusion.trace(axis1=1, axis2=2) / 3
    assert votes.labelers[int(diagonal.argmax())] == "good"
    np.testing.assert_allclose(diagonal[votes.labelers.index("good")], 0.95, atol=0.06)
    np.testing.assert_allclose(found.confusion.sum(axis=2), 1.0)


@settings(max_examples=40, deadline=None)
@given(ANSWERS)
def test_consensus_is_a_distribution_whatever_the_answers_and_their_order(answers):
    found = dawid_skene(Votes.of(answers)).proba
    assert np.isfinite(found).all() and found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert np.array_equal(dawid_skene(Votes.of(answers[::-1])).proba, found)


def test_one_answer_a_row_is_taken_as_it_is():
    votes = Votes.of([("r1", "a", "x"), ("r2", "a", "y"), ("r3", "a", "x")])
    assert dawid_skene(votes).proba.argmax(axis=1).tolist() == [0, 1, 0]


def test_a_labeler_answers_a_row_once():
    with pytest.raises(ValueError, match="'a' answers row 'r' twice"):
        Votes.of([("r", "a", "x"), ("r", "a", "y")])


def test_fleiss_kappa_of_his_own_example():
    # Fleiss (1971), as it is worked in textbooks: 10 rows, 14 raters, 5 classes; P = .378, P_e = .213
    table = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    answers = []
    for row, counts in enumerate(table):
        said = [label for label, count in enumerate(counts) for _ in range(count)]
        answers += [(f"r{row}", f"w{who:02d}", str(label)) for who, label in enumerate(said)]
    assert fleiss_kappa(Votes.of(answers)) == pytest.approx(0.2099, abs=1e-4)


def test_krippendorff_alpha_of_his_own_example():
    # Krippendorff (2011), example C: four observers, twelve units, answers missing; nominal alpha .743
    units = ["1.11", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", ".555", "..11", ".3.."]
    answers = [
        (f"u{at:02d}", who, label)
        for at, unit in enumerate(units)
        for who, label in zip("ABCD", unit, strict=True)
        if label != "."
    ]
    assert krippendorff_alpha(Votes.of(answers)) == pytest.approx(0.743, abs=5e-4)


@settings(max_examples=40, deadline=None)
@given(ANSWERS)
def test_alpha_is_one_less_the_disagreement_of_pairs_over_that_of_chance(answers):
    votes = Votes.of(answers)
    by_row = defaultdict(list)
    for row, _, label in answers:
        by_row[row].append(label)
    pairable = [labels for labels in by_row.values() if len(labels) > 1]
    values = [label for labels in pairable for label in labels]
    if not pairable:
        assert krippendorff_alpha(votes) is None and fleiss_kappa(votes) is None
        return
    observed = sum(
        sum(a != b for i, a in enumerate(labels) for j, b in enumerate(labels) if i != j) / (len(labels) - 1)
        for labels in pairable
    ) / len(values)
    chance = sum(a != b for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    chance /= len(values) * (len(values) - 1)
    expected = 1.0 if chance == 0 else 1 - observed / chance
    assert krippendorff_alpha(votes) == pytest.approx(expected)


def test_kappa_of_two_is_that_of_scikit_learn_on_their_common_rows():
    answers, _ = simulated(60, {"a": 0.9, "b": 0.6, "c": 0.5}, share=0.7)
    votes = Votes.of(answers)
    said = {(row, who): label for row, who, label in answers}
    got = pairwise_kappa(votes)
    assert list(zip(got.one.tolist(), got.other.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    for one, other, rows, kappa in zip(got.one, got.other, got.rows, got.kappa, strict=True):
        a, b = votes.labelers[one], votes.labelers[other]
        common = [row for row in votes.rows if (row, a) in said and (row, b) in said]
        assert rows == len(common)
        assert kappa == pytest.approx(cohen_kappa_score([said[r, a] for r in common], [said[r, b] for r in common]))


def test_two_without_a_common_row_have_no_kappa():
    got = pairwise_kappa(Votes.of([("r1", "a", "x"), ("r2", "b", "x"), ("r2", "c", "x")]))
    assert (got.one.tolist(), got.other.tolist(), got.kappa.tolist()) == ([1], [2], [1.0])


def test_many_labelers_have_the_same_kappas_as_few(monkeypatch):
    answers, _ = simulated(40, {"a": 0.9, "b": 0.6, "c": 0.5, "d": 0.7}, share=0.5)
    few = pairwise_kappa(Votes.of(answers))
    monkeypatch.setattr("alcli.evaluation.reliability._DENSE", 0)
    many = pairwise_kappa(Votes.of(answers))
    assert all(np.array_equal(getattr(few, name), getattr(many, name)) for name in ("one", "other", "rows", "kappa"))


@pytest.mark.parametrize("case", RECORDED["cases"])
def test_agreement_is_that_of_the_reference_libraries(case):
    """Recorded from krippendorff, statsmodels and scikit-learn; their versions stand in the file."""
    votes = Votes.of(
        (f"r{row:02d}", f"w{who}", str(code))
        for row, codes in enumerate(case["answers"])
        for who, code in enumerate(codes)
        if code is not None
    )
    assert krippendorff_alpha(votes) == pytest.approx(case["krippendorff_alpha"], abs=1e-12)
    if "fleiss_kappa" in case:
        assert fleiss_kappa(votes) == pytest.approx(case["fleiss_kappa"], abs=1e-12)
    got = pairwise_kappa(votes)
    assert len(got.one) == len(case["cohen_kappa"])
    for at, (one, other, rows, kappa) in enumerate(case["cohen_kappa"]):
        assert (got.one[at], got.other[at], got.rows[at]) == (one, other, rows)
        # scikit-learn leaves it undefined where both gave one and the same class only; they agree
        assert got.kappa[at] == pytest.approx(1.0 if kappa is None else kappa, abs=1e-12)
