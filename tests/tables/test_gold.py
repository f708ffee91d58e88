"""Gold rows: whose answer is measured by which truth."""

from __future__ import annotations

from alcli.tables.gold import gold_answers
from alcli.tables.ledgers import Asked
from tests.steps.answers import answer


def asked(id_: str, batch: str, purpose: str = "gold") -> Asked:
    return Asked(batch, "1", id_, purpose, "random", "", "", "", "2026-01-01T00:00:00Z")


def test_the_truth_is_what_was_known_before_the_row_was_asked_as_gold() -> None:
    ledger = [
        answer("g", "x", "expert", batch="1"),
        answer("g", "x", "ann", batch="3"),
        answer("g", "y", "bob", batch="3"),
        answer("t", "y", "ann", batch="3"),
    ]
    found = gold_answers([asked("g", "3"), asked("t", "3", "train")], ledger)
    assert sorted(found) == [("ann", "g", "x", "x"), ("bob", "g", "y", "x")]


def test_a_gold_row_that_nobody_had_answered_tells_nothing() -> None:
    assert gold_answers([asked("g", "1")], [answer("g", "x", "ann", batch="1")]) == []


def test_asked_as_gold_again_the_first_truth_stays() -> None:
    ledger = [
        answer("g", "x", "expert", batch=""),
        answer("g", "y", "ann", batch="2"),
        answer("g", "y", "bob", batch="5"),
    ]
    found = gold_answers([asked("g", "2"), asked("g", "5")], ledger)
    assert sorted(found) == [("ann", "g", "y", "x"), ("bob", "g", "y", "x")]


def test_a_truth_that_was_withdrawn_is_none() -> None:
    ledger = [answer("g", "x", "expert", batch="1"), answer("g", "x", "ann", batch="3")]
    ledger.append(answer("g", "", "expert", batch="1", kind="withdraw", answered_at="2026-02-01T00:00:00Z"))
    assert gold_answers([asked("g", "3")], ledger) == []
