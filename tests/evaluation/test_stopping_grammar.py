"""What can be written is read back the same; what cannot is an error that names the place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.errors import UsageError
from alcli.evaluation.stopping.conditions import Both, Condition, Either, Tree, conditions, holds
from alcli.evaluation.stopping.grammar import parse
from alcli.evaluation.stopping.table import RULES, of_metric
from alcli.evaluation.table import METRICS, PER_CLASS, find_metric

NAME = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)


@st.composite
def condition(draw: st.DrawFn) -> Condition:
    """Any condition that can be meant."""
    name = draw(st.sampled_from([*RULES, *METRICS, *PER_CLASS]))
    of = None
    if name in RULES:
        rule = RULES[name]
        if rule.takes == "class":
            of = draw(NAME)
        elif rule.takes == "metric":
            metric = draw(st.sampled_from([*METRICS, *PER_CLASS]))
            of = f"{metric}[{draw(NAME)}]" if metric in PER_CLASS else metric
    elif name in PER_CLASS:
        of = draw(NAME)
        rule = of_metric(find_metric(f"{name}[{of}]"))
    else:
        rule = of_metric(METRICS[name])
    op = draw(st.sampled_from([">", ">="] if rule.better == "higher" else ["<", "<="]))
    if rule.unit == "time":
        threshold = float(draw(st.integers(0, 10**8)))
    else:
        threshold = draw(st.floats(max(rule.low, -1e6), min(rule.high, 1e6), allow_nan=False)) + 0.0
    return Condition(rule, of, op, threshold, draw(st.integers(1, 1000)) if rule.kind == "history" else 1)


def joined(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(Both), several.map(Either))


TREES = st.recursive(condition(), joined, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_what_is_written_out_reads_back_the_same(tree: Tree) -> None:
    assert parse(str(tree)) == tree


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [
                    "kappa",
                    "labels",
                    "found",
                    "[",
                    "]",
                    '"',
                    "(",
                    ")",
                    "and",
                    "or",
                    "for",
                    ">=",
                    "<",
                    "3",
                    "0.9",
                    "%",
                    "-",
                    "x",
                ]
            ),
            max_size=12,
        ).map(" ".join),
    )
)
def test_nonsense_is_refused_and_never_a_traceback(text: str) -> None:
    try:
        tree = parse(text, ["ham", "spam"])
    except UsageError as error:
        assert error.code == "stopping-rule" and error.message
        place = re.search(r"at character (\d+) of", error.message)
        assert place is None or 1 <= int(place[1]) <= len(text) + 1
    else:
        assert parse(str(tree), ["ham", "spam"]) == tree


@pytest.mark.parametrize(
    ("text", "says", "character"),
    [
        ("kapa >= 1", "no stopping rule is called 'kapa'", 1),
        ("labels >= 5 and kapa", "no stopping rule is called 'kapa'", 17),
        ("kappa >= abc", "a number is missing", 10),
        ("kappa >=", "a number is missing", None),
        ("kappa <= 0.9", "there is enough when it is higher", 7),
        ("kappa == 0.9", "no such comparison", 7),
        ("kappa >= 99", "never 99", 10),
        ("labels", "needs a threshold", None),
        ("labels >= 500 for 2", "has no rounds", 15),
        ("kappa for 0", "from 1 to 1,000", 11),
        ("kappa for 2.5", "from 1 to 1,000", 11),
        ("time >= 30", "not what `time` is counted in", 9),
        ("labels >= 30d", "not what `labels` is counted in", 11),
        ("(kappa", "a parenthesis is not closed", 1),
        ("kappa)", "no part of the rule", 6),
        ("(kappa) for 3", "`for` follows a condition", 9),
        ("kappa kappa", "no part of the rule", 7),
        ("and kappa", "a condition is missing before `and`", 1),
        ("kappa and or change", "a condition is missing before `or`", 11),
        ("found[sapm]", "no class of this project", 7),
        ("found[spam", "a bracket is not closed", 6),
        ("found[]", "nothing stands in the brackets", 7),
        ('found["spam]', "quotes are not closed", 7),
        ('found["spam" x]', "no `]` follows the quotes", 13),
        ("kappa[spam]", "takes nothing in brackets", 7),
        ("recall >= 0.9", "for one class at a time", 1),
        ("plateau[acuracy]", "no metric is called 'acuracy'", 9),
        ("recall[egg] >= 0.9", "not one of the 2 classes", 1),
        ("(" * 60 + "kappa" + ")" * 60, "parentheses within each other", 41),
        ("   ", "an empty stopping rule", None),
    ],
)
def test_errors_name_the_place(text: str, says: str, character: int | None) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, ["ham", "spam"])
    assert says in caught.value.message and caught.value.code == "stopping-rule"
    if character is not None:
        assert f"at character {character} of" in caught.value.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("kapa", "did you mean `kappa`?"),
        ("kappa >= 95", "did you mean `95%`?"),
        ("found[sapm]", "did you mean `spam`?"),
        ("labels", "as in `labels >= 500`"),
    ],
)
def test_errors_say_what_to_type(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, ["ham", "spam"])
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("KAPPA", "kappa >= 0.99 for 3"),
        ("kappa>=.9 for 2 rounds", "kappa >= 0.9 for 2"),
        ("overall-uncertainty <= 5%", "uncertainty <= 0.05 for 1"),
        ("exhausted", "left <= 0"),
        ("time >= 2w or time >= 36h", "time >= 14d or time >= 36h"),
        ("found", "found[spam] >= 0.95"),
        ("f1 >= 0.8", "f1_macro >= 0.8 for 1"),
        ("plateau", "plateau[accuracy] <= 0.005 for 3"),
        ("plateau[F1[spam]] < 1% for 4", "plateau[f1[spam]] < 0.01 for 4"),
        ("kappa and change or labels>1", "kappa >= 0.99 for 3 and change <= 0 for 1 or labels > 1"),
        ("kappa and (change or labels>1)", "kappa >= 0.99 for 3 and (change <= 0 for 1 or labels > 1)"),
    ],
)
def test_ways_of_writing(text: str, means: str) -> None:
    assert str(parse(text, ["ham", "spam"])) == means


def test_of_three_classes_one_must_be_named() -> None:
    with pytest.raises(UsageError, match="about one class"):
        parse("delta_f", ["a", "b", "c"])
    assert str(parse("delta_f[b]", ["a", "b", "c"])) == "delta_f[b] < 0.05 for 3"


def test_and_binds_closer_than_or() -> None:
    tree = parse("labels > 1 and labels > 2 or labels > 3")

    def answers(*met: float) -> Any:
        return holds(tree, lambda each: each.threshold in met)

    assert [each.threshold for each in conditions(tree)] == [1, 2, 3]
    assert answers(3) and answers(1, 2) and not answers(1) and not answers(2) and not answers()
