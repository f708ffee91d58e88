"""Each stopping rule on a history that was worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation.stopping import measures
from alcli.evaluation.stopping.conditions import Condition, conditions
from alcli.evaluation.stopping.grammar import parse
from alcli.evaluation.stopping.holding import each, gain_over_best, mean_of_last, rise
from alcli.evaluation.stopping.table import ALIASES, RULES
from alcli.evaluation.table import ALIASES as METRIC_ALIASES
from alcli.evaluation.table import METRICS, PER_CLASS


def judged(text: str, values: Sequence[float | None]) -> tuple[float | None, int, bool]:
    """Value, rounds held, and whether that is enough."""
    (want,) = conditions(parse(text))
    module, _, name = want.rule.target.partition(":")
    value, held = getattr(import_module(module), name)(values, want.ok, want.rounds)
    return value, held, held >= want.rounds


@pytest.mark.parametrize(
    ("rule", "history", "value", "held", "met"),
    [
        # the mean of the last three counts, not each of them: (1 + 0.98 + 0.99) / 3 = 0.99
        ("kappa >= 0.99 for 3", [None, 0.4, 1.0, 0.98, 0.99], 0.99, 3, True),
        ("kappa >= 0.99 for 3", [None, 0.4, 1.0, 0.98, 0.98], 0.98666667, 0, False),
        ("kappa >= 0.99 for 3", [None, 1.0, 1.0], 1.0, 2, False),
        ("kappa >= 0.99 for 3", [None], None, 0, False),
        ("kappa >= 0.99 for 3", [1.0, 1.0, None, 1.0], 1.0, 1, False),
        ("change <= 0", [None, 0.1, 0.0], 0.0, 1, True),
        ("change <= 0 for 2", [None, 0.1, 0.0], 0.0, 1, False),
        ("change <= 0", [None, 0.0, 0.0005], 0.0005, 0, False),
        # strictly less, as in the paper
        ("delta_f[x]", [None, 0.2, 0.04, 0.03, 0.01], 0.01, 3, True),
        ("delta_f[x]", [None, 0.04, 0.05, 0.03, 0.01], 0.01, 2, False),
        ("delta_f[x]", [None, 0.01, None, 0.01, 0.01], 0.01, 2, False),
        ("contradiction", [None, 0.2, 0.01, 0.009, 0.008], 0.008, 3, True),
        ("uncertainty", [0.5, 0.011, 0.01], 0.01, 1, True),
        ("max_uncertainty", [0.5, 0.0011], 0.0011, 0, False),
        ("expected_error", [0.5, 0.0099], 0.0099, 1, True),
        ("selected_accuracy", [None, 0.5, 0.9], 0.9, 1, True),
        ("selected_accuracy >= 0.9 for 2", [None, 0.9, 0.5, 0.95], 0.95, 1, False),
        # three steps, none of them up
        ("confidence_gain", [0.5, 0.75, 0.75, 0.7, 0.6], -0.1, 3, True),
        ("confidence_gain", [0.5, 0.75, 0.75, 0.7], -0.05, 2, False),
        ("remaining[x]", [40.0, 0.7], 0.7, 1, True),
        ("accuracy >= 0.9 for 2", [0.8, 0.91, 0.9], 0.9, 2, True),
        ("log_loss <= 0.3", [0.8, 0.31], 0.31, 0, False),
        # 0.81 before, 0.814 since: 0.004 in three rounds together
        ("plateau[accuracy]", [0.7, 0.81, 0.80, 0.812, 0.814], 0.004, 3, True),
        # each step is small, but three of them are not
        ("plateau[accuracy]", [0.7, 0.81, 0.814, 0.818, 0.822], 0.012, 1, False),
        ("plateau[accuracy]", [0.7, 0.7, 0.7], 0.0, 2, False),
        # worse than before is no gain either
        ("plateau[accuracy]", [0.8, 0.7, 0.7, 0.7], -0.1, 3, True),
        # the metric is lower-is-better, so its history comes negated
        ("plateau[log_loss]", [-0.9, -0.5, -0.5, -0.499, -0.498], 0.002, 3, True),
    ],
)
def test_by_hand(rule: str, history: list[float | None], value: float | None, held: int, met: bool) -> None:
    got = judged(rule, history)
    assert got[0] == (value if value is None else pytest.approx(value, abs=1e-8))
    assert got[1:] == (held, met)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("labels", 6),
        ("share", 0.06),
        ("cost", 12.5),
        ("rounds", 3),
        ("time", 7200),
        ("rarest", 0),
        ("left", 90),
        ("negatives[yes]", 2),
        ("negatives[no]", 0),
        ("negatives[maybe]", None),
        ("found[maybe]", None),
        ("wss[maybe]", None),
    ],
)
def test_states_by_hand(rule: str, value: float | None) -> None:
    state = SimpleNamespace(
        order=["no", "yes", "no", "yes", "no", "no"],
        rows=100,
        left=90,
        batches=3,
        paid=12.5,
        seconds=7200.0,
        counts={"yes": 2, "no": 4, "maybe": 0},
    )
    name, _, of = rule.removesuffix("]").partition("[")
    module, _, function = RULES[name].target.partition(":")
    assert getattr(import_module(module), function)(state, of or None) == value


def test_states_of_a_project_where_nothing_has_happened() -> None:
    state: Any = SimpleNamespace(order=[], rows=0, left=0, batches=0, paid=0.0, seconds=0.0, counts={})
    for rule in RULES.values():
        if rule.kind == "state":
            module, _, function = rule.target.partition(":")
            value = getattr(import_module(module), function)(state, "yes")
            assert value in (None, 0.0), rule.name


@pytest.mark.parametrize("name", RULES)
def test_every_row_of_the_table_is_whole(name: str) -> None:
    rule = RULES[name]
    module, _, function = rule.target.partition(":")
    assert callable(getattr(import_module(module), function))
    assert rule.summary and rule.source and rule.needs and rule.example
    assert rule.kind == "history" or rule.rounds == 1
    assert (rule.kind == "history") == bool(rule.measure or rule.takes == "metric")
    tree = parse(rule.example)
    assert any(each.rule is rule for each in conditions(tree)), rule.example
    if rule.threshold is not None:
        assert rule.low <= rule.threshold <= rule.high
        (default,) = conditions(parse(f"{name}[x]" if rule.takes == "class" else name))
        assert isinstance(default, Condition)
        assert (default.op, default.threshold, default.rounds) == (rule.op, rule.threshold, rule.rounds)
    else:
        assert rule.kind == "state", "a rule over rounds has the threshold of its paper"


def test_no_name_means_two_things() -> None:
    names = {*RULES, *ALIASES}
    assert len(names) == len(RULES) + len(ALIASES)
    assert not names & {*METRICS, *METRIC_ALIASES, *PER_CLASS}
    assert set(ALIASES.values()) <= set(RULES)


HISTORY = st.lists(st.none() | st.floats(-1, 1), max_size=12)


@given(HISTORY, st.floats(-1, 1), st.integers(1, 6))
def test_what_has_held_is_never_longer_than_the_history(values: list[float | None], bar: float, rounds: int) -> None:
    for judge in (each, mean_of_last, gain_over_best, rise):
        value, held = judge(values, lambda x: x <= bar, rounds)
        assert 0 <= held <= len(values)
        assert value is not None or held == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.floats(0, 0.3), st.integers(1, 6))
def test_a_plateau_holds_exactly_when_its_value_says_so(values: list[float], bar: float, rounds: int) -> None:
    value, held = gain_over_best(values, lambda x: x <= bar, rounds)
    assert value is not None
    if len(values) > rounds:
        assert (held >= rounds) == (value <= bar)
    else:
        assert held < rounds


def test_measures_by_hand() -> None:
    sure, half = [1.0, 0.0], [0.5, 0.5]
    proba = np.array([sure, half, sure, half])
    assert measures.uncertainty(proba) == 0.5 and measures.max_uncertainty(proba) == 1
    assert measures.expected_error(proba) == 0.25 and measures.confidence(proba) == 0.75
    assert measures.remaining(proba, 40) == [30.0, 10.0]
    assert measures.contradiction(proba, proba[::-1]) == 0.5
    # of four positives of either model, two are common: F1 is 2 * 2 / (2 * 2 + 1 + 1)
    assert measures.delta_f(list("xxxooo"), list("xxoxoo"), "x") == pytest.approx(1 / 3)
    assert measures.uncertainty(np.array([[0.7, 0.2, 0.1]])) == pytest.approx(
        -(0.7 * np.log(0.7) + 0.2 * np.log(0.2) + 0.1 * np.log(0.1)) / np.log(3)
    )


def test_measures_without_rows_and_with_one_class() -> None:
    nothing = np.zeros((0, 3))
    for measure in (measures.uncertainty, measures.max_uncertainty, measures.expected_error, measures.confidence):
        assert measure(nothing) is None
        assert measure(np.ones((4, 1))) in (0.0, 1.0)
    assert measures.contradiction(nothing, nothing) is None and measures.remaining(nothing, 9) == []
    assert measures.change([], []) is None and measures.delta_f([], [], "x") is None
