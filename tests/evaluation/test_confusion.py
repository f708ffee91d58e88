from __future__ import annotations

import pytest

from alcli.evaluation.confusion import ClassScore, confusion, per_class


def test_order_is_as_given_then_what_else_was_met():
    table = confusion(["b", "b", "x"], ["a", "b", "b"], ["b", "a", "never"])
    assert table.classes == ("b", "a", "never", "x")
    assert table.counts.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]


def test_per_class_table_by_hand():
    table = confusion(["spam", "spam", "ham", "ham", "ham"], ["spam", "ham", "ham", "spam", "ham"], ["ham", "spam"])
    assert per_class(table) == [
        ClassScore("ham", 2 / 3, 2 / 3, 2 / 3, support=3, predicted=3),
        ClassScore("spam", 1 / 2, 1 / 2, 1 / 2, support=2, predicted=2),
    ]


def test_a_class_without_rows_keeps_its_line():
    assert per_class(confusion(["a"], ["a"], ["a", "b"]))[1] == ClassScore("b", None, None, None, 0, 0)
    assert confusion([], [], ["a", "b"]).counts.tolist() == [[0, 0], [0, 0]]


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="1 true and 0 predicted"):
        confusion(["a"], [], ["a"])
