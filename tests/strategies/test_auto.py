from __future__ import annotations

import pytest

from alcli.strategies import SELECTORS, TABLE, resolve
from alcli.strategies.auto import choose_auto
from alcli.strategies.calls import choose
from alcli.strategies.kinds import Past


@pytest.mark.parametrize(
    ("labels", "model", "name", "word"),
    [
        ({}, False, "typiclust", "no labels yet"),
        ({"a": 0, "b": 0}, True, "typiclust", "no labels yet"),
        ({"a": 5, "b": 0}, True, "typiclust", "for: b"),
        ({"a": 5, "b": 1}, True, "typiclust", "for: b"),
        ({"a": 2, "b": 2}, False, "typiclust", "no model yet"),
        ({"a": 2, "b": 2}, True, "margin+kmeans", "every class"),
        ({"a": 900}, True, "typiclust", "only one class"),
        ({"a": 900, "b": 1}, True, "typiclust", "for: b"),
        ({"a": 30, "b": 29, "c": 0}, True, "typiclust", "for: c"),
        ({"a": 30, "b": 30, "c": 0}, True, "margin+kmeans", "60 labels, though fewer than 2 for: c"),
        ({"a": 30, "b": 30, "c": 0}, False, "typiclust", "no model yet"),
    ],
)
def test_coverage_until_classes_have_labels_then_uncertainty(labels, model, name, word):
    chosen, reason = choose(SELECTORS[TABLE["auto"].selector], Past(labels, model), {})
    assert chosen == {name: 1.0} and word in reason
    assert (chosen, reason) == choose_auto(Past(labels, model))


def test_what_auto_names_can_be_resolved_and_needs_no_model_where_there_is_none():
    assert [resolve(name).needs for name in choose_auto(Past({}, False))[0]] == [("space",)]
    product = resolve(next(iter(choose_auto(Past({"a": 2, "b": 2}, True))[0])))
    assert (product.utility, product.selector, product.prefilter) == ("margin", "kmeans", 3)
