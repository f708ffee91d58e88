"""How good and how quick each annotator is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from alcli.evaluation.labelers import PAUSE, accuracy, by_the_others, seconds_per_answer
from alcli.evaluation.votes import Votes
from alcli.steps.quality import quality
from tests.evaluation.crowds import ANSWERS
from tests.steps.answers import answer


@settings(max_examples=60, deadline=None)
@given(ANSWERS)
def test_nobody_is_measured_by_their_own_answer(answers):
    expected = []
    for row, who, label in answers:
        others = [said for id_, name, said in answers if id_ == row and name != who]
        counts = {said: others.count(said) for said in others}
        top = [said for said, count in counts.items() if count == max(counts.values())]
        if len(top) == 1:
            expected.append((who, row, label, top[0]))
    assert sorted(by_the_others(Votes.of(answers))) == sorted(expected)


def test_wilsons_interval_holds_the_share():
    found = accuracy([("ann", f"r{at}", "x", "x" if at else "y") for at in range(20)])["ann"]
    assert (found.right, found.of, found.share) == (19, 20, 0.95)
    # Wilson (1927) by hand: z = 1.96, centre (.95 + .0960) / 1.1921, half width .1090
    assert (found.low, found.high) == (pytest.approx(0.764, abs=1e-3), pytest.approx(0.991, abs=1e-3))


def test_the_pace_knows_pauses_and_tools_that_write_one_moment_for_all():
    assert seconds_per_answer({"s": [0, 5, 10, 15, 15 + PAUSE + 1, 15 + PAUSE + 6]}) == 5.0
    assert seconds_per_answer({"s": [7.0] * 50}) is None
    assert seconds_per_answer({"s": [0, 5], "t": [100, 105]}) is None
    assert seconds_per_answer({}) is None


def test_it_is_all_told_of_each():
    ledger = []
    for at in range(12):
        true = "x" if at % 2 else "y"
        for who in ("ann", "bob", "eve"):
            said = "y" if who == "eve" and at in (1, 3, 5) else true
            moment = f"2026-01-01T10:00:{at * 4:02d}Z" if who == "ann" else ""
            ledger.append(answer(f"r{at:02d}", said, who, answered_at=moment))
    gold = [("eve", "r01", "y", "x"), ("eve", "r02", "y", "y")]
    found = quality(ledger, gold)
    assert found["ann"]["seconds"] == 4.0 and found["bob"]["seconds"] is None
    eve = found["eve"]
    assert (eve["others"]["right"], eve["others"]["of"]) == (9, 12)
    assert (eve["gold"]["right"], eve["gold"]["of"]) == (1, 2) and found["ann"]["gold"]["share"] is None
    assert eve["classes"] == ["x", "y"] and eve["confusion"] == [[3, 3], [0, 6]]
    assert found["ann"]["weight"] > eve["weight"] and found["ann"]["accuracy"] > eve["accuracy"]
    assert eve["error_rates"][0] == pytest.approx([0.5, 0.5], abs=0.01)
    # where ann and eve differ bob is alone with ann's others: r01, r03 and r05 are ties for ann and bob
    assert found["ann"]["others"]["of"] == 9


def test_gold_comes_before_what_the_others_say():
    ledger = [answer("r", "x", "ann"), answer("r", "y", "bob"), answer("r", "y", "cid")]
    assert quality(ledger, [("ann", "r", "x", "x")])["ann"]["confusion"] == [[1, 0], [0, 0]]
    assert quality(ledger, [])["ann"]["confusion"] == [[0, 0], [1, 0]]


def test_without_answers_there_is_nothing_to_tell():
    assert quality([], []) == {}
