"""One label a row by every rule: what all of them keep to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.steps.resolving import resolved
from alcli.tables.history import aggregate
from tests.evaluation.crowds import ANSWERS
from tests.steps.answers import answer

OWN = ("majority", "newest", "weighted", "dawid-skene")


@pytest.mark.parametrize("rule", OWN)
@settings(max_examples=40, deadline=None)
@given(answers=ANSWERS, order=st.randoms())
def test_every_row_is_labelled_by_one_of_its_answers_or_tied(rule, answers, order):
    ledger = [answer(row, label, who) for row, who, label in answers]
    found = resolved(ledger, rule)
    assert {row.id for row in found.rows} | set(found.tied) == {row for row, _, _ in answers}
    assert not {row.id for row in found.rows} & set(found.tied)
    for row in found.rows:
        mine = [label for id_, _, label in answers if id_ == row.id]
        assert row.votes == len(mine)
        assert row.agreement == mine.count(row.label) / len(mine)
        assert 0.0 < row.probability <= 1.0
        if rule in ("majority", "newest"):
            assert row.probability == row.agreement
    if rule != "newest":
        order.shuffle(ledger)
        again = resolved(ledger, rule)
        assert sorted(again.pairs()) == sorted(found.pairs()) and sorted(again.tied) == sorted(found.tied)


@settings(max_examples=40, deadline=None)
@given(answers=ANSWERS)
def test_unanimous_rows_keep_their_label_when_votes_are_weighed(answers):
    found = dict(resolved([answer(row, label, who) for row, who, label in answers], "weighted").pairs())
    for row in {row for row, _, _ in answers}:
        said = {label for id_, _, label in answers if id_ == row}
        if len(said) == 1:
            assert found[row] in said


@pytest.mark.parametrize("rule", ["weighted", "dawid-skene", "mace", "glad"])
def test_where_nobody_answered_what_another_did_there_is_nothing_to_weigh(rule):
    ledger = [answer("r1", "x", "a"), answer("r2", "y", "b"), answer("r3", "x", "a")]
    assert resolved(ledger, rule) == aggregate(ledger)


def test_a_tie_of_equals_is_told_and_gold_breaks_it():
    ledger = [answer(f"r{at}", "xy"[(at + (who == "b")) % 2], who) for at in range(6) for who in "ab"]
    assert resolved(ledger, "weighted").tied == tuple(f"r{at}" for at in range(6))
    found = resolved(ledger, "weighted", {"r0": "x", "r1": "y"})
    assert found.tied == () and dict(found.pairs()) == {f"r{at}": "xy"[at % 2] for at in range(6)}


def test_withdrawn_and_skipped_answers_do_not_vote():
    ledger = [answer("r", "x", "a"), answer("r", "y", "b"), answer("r", "x", "c"), answer("s", "x", "a")]
    ledger += [answer("r", "", "c", kind="withdraw", batch="2"), answer("s", "", "b", kind="skip")]
    assert resolved(ledger, "weighted").tied == ("r",)
