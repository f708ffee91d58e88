"""Strategies that choose among strategies: a contract for all, then each by hand and against a replay from the paper."""

from __future__ import annotations

import pickle
from dataclasses import replace
from math import exp, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.errors import AlcliError, TableError, UsageError
from alcli.strategies import SELECTORS, TABLE, known_params, parse_params, resolve, selector_of
from alcli.strategies.calls import choose
from alcli.strategies.kinds import Past, Round
from alcli.strategies.learned.albl import choose_albl, exp4p, weighted_accuracy
from alcli.strategies.learned.auto import choose_auto
from alcli.strategies.learned.bandit import choose_bandit
from alcli.strategies.learned.experts import drawn, shares
from alcli.strategies.learned.schedule import choose_schedule
from alcli.strategies.learned.testing import choose_active_testing

AUTOMATIC = [name for name, row in SELECTORS.items() if row.kind == "auto"]
WARM = {"a": 9, "b": 9}
PASTS = {
    "nothing": Past({}, False),
    "no labels": Past({"a": 0, "b": 0}, False),
    "one class": Past({"a": 7, "b": 0}, True, 2),
    "no model": Past(WARM, False, 2),
    "no round": Past(WARM, True, 3),
    "late": Past(WARM, True, 900),
}


def campaign(batches: int, size: int = 10, seed: int = 0, arms: tuple[str, ...] = ("margin", "kcenter", "random")):
    """Answered batches as they may have been."""
    random = np.random.default_rng(seed)
    found, total = [], 0
    for batch in range(1, batches + 1):
        total += size
        by = random.choice(arms, size)
        found.append(
            Round(
                batch,
                tuple(by.tolist()),
                tuple(np.where(by == "random", 1e-4, random.uniform(0.2, 0.5, size)).tolist()),
                tuple((random.random(total) < 0.6 + 0.3 * batch / batches).tolist()),
            )
        )
    return tuple(found)


def after(rounds: tuple[Round, ...]) -> Past:
    return Past(WARM, True, len(rounds) + 1, lambda: rounds)


# The contract of kind "auto".


@pytest.mark.parametrize("name", AUTOMATIC)
@pytest.mark.parametrize("past", PASTS)
def test_every_past_gives_strategies_that_can_be_played(name, past):
    weights, reason = choose(SELECTORS[name], PASTS[past], {})
    assert weights and reason and not reason.endswith(".") and "\n" not in reason
    for each, weight in weights.items():
        assert weight > 0 and resolve(each).name == each
        assert selector_of(resolve(each)).kind not in ("auto", "epsilon")
    assert sum(weights.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", AUTOMATIC)
@pytest.mark.parametrize("past", ["nothing", "no labels", "no model", "one class"])
def test_what_is_chosen_without_a_model_needs_none(name, past):
    weights, _ = choose(SELECTORS[name], PASTS[past], {})
    assert all("proba" not in resolve(each).needs for each in weights)


@pytest.mark.parametrize("name", AUTOMATIC)
def test_the_same_past_gives_the_same_and_is_not_changed(name):
    rounds = campaign(6)
    one, two = (choose(SELECTORS[name], after(rounds), {}) for _ in range(2))
    assert one == two and rounds == campaign(6)


@pytest.mark.parametrize("name", AUTOMATIC)
def test_rounds_are_asked_for_only_when_something_is_learned_from_them(name):
    def forbidden() -> tuple[Round, ...]:
        raise AssertionError("this costs fits")

    cold = replace(PASTS["no labels"], rounds=forbidden)
    choose(SELECTORS[name], cold, {})
    if name not in ("albl", "bandit"):
        choose(SELECTORS[name], replace(PASTS["no round"], rounds=forbidden), {})


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name].selector in AUTOMATIC])
def test_each_has_its_row_and_its_settings_are_typed(name):
    row = TABLE[name]
    assert row.utility == "one" and row.space is None and row.summary and row.use_when and row.formula
    for param in known_params(row).values():
        assert param.of == "selector" and param.type in ("int", "float", "bool", "str")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("albl", "experts="),
        ("albl", "experts=margin,margin"),
        ("albl", "experts=margin,breaking-ties"),
        ("albl", "experts=margin,auto"),
        ("albl", "experts=margin,entropy+epsilon"),
        ("albl", "experts=margn"),
        ("albl", "delta=0"),
        ("bandit", "gamma=0"),
        ("bandit", "gamma=1.5"),
        ("schedule", "rounds="),
        ("schedule", "rounds=typiclust,margin"),
        ("schedule", "rounds=typiclust:0,margin"),
        ("schedule", "rounds=typiclust:x,margin"),
        ("schedule", "rounds=typiclust:2,margn"),
        ("schedule", "rounds=typiclust:2,albl"),
    ],
)
def test_a_slip_is_told_before_anything_is_read(name, text):
    with pytest.raises(UsageError) as caught:
        parse_params(resolve(name), [text])
    assert caught.value.code in ("bad-param", "unknown-strategy")


# auto


@pytest.mark.parametrize(
    ("labels", "model", "name", "word"),
    [
        ({}, False, "typiclust", "no labels yet"),
        ({"a": 0, "b": 0}, True, "typiclust", "no labels yet"),
        ({"a": 5, "b": 0}, True, "typiclust", "for: b"),
        ({"a": 5, "b": 1}, True, "typiclust", "for: b"),
        ({"a": 2, "b": 2}, False, "typiclust", "no model yet"),
        ({"a": 2, "b": 2}, True, "margin+kmeans", "every class"),
        ({"a": 19}, True, "typiclust", "only one class"),
        ({"a": 900}, True, "random", "900 labels, all of one class"),
        # a rare class does not keep coverage, which asks for what is common
        ({"a": 18, "b": 1}, True, "typiclust", "for: b"),
        ({"a": 19, "b": 1}, True, "margin+kmeans", "20 labels, though fewer than 2 for: b"),
        ({"a": 900, "b": 1}, False, "random", "fewer than 2 for: b"),
        ({"a": 20, "b": 0}, True, "random", "20 labels, fewer than 2 for: b; typical rows find no other"),
        ({"a": 28, "b": 1, "c": 0}, True, "typiclust", "for: b, c"),
        ({"a": 28, "b": 1, "c": 1}, True, "margin+kmeans", "for: b, c"),
        ({"a": 30, "b": 29, "c": 0}, True, "typiclust", "for: c"),
        ({"a": 30, "b": 30, "c": 0}, True, "margin+kmeans", "60 labels, though fewer than 2 for: c"),
        ({"a": 30, "b": 30, "c": 0}, False, "typiclust", "no model yet"),
    ],
)
def test_coverage_until_classes_have_labels_then_uncertainty(labels, model, name, word):
    chosen, reason = choose(SELECTORS[TABLE["auto"].selector], Past(labels, model), {})
    assert max(chosen, key=chosen.__getitem__) == name and word in reason
    assert (chosen, reason) == choose_auto(Past(labels, model))


@pytest.mark.parametrize(
    ("wrong", "shares"),
    [
        (None, {"margin+kmeans": 0.9, "random": 0.1}),  # too few answers to tell
        ({"margin+kmeans": 0.4, "random": 0.1}, {"margin+kmeans": 0.9, "random": 0.1}),
        ({"margin+kmeans": 0.1, "random": 0.2}, {"margin+kmeans": 0.5, "random": 0.5}),
        ({"margin+kmeans": 0.2, "random": 0.2}, {"margin+kmeans": 0.5, "random": 0.5}),
        ({"margin+kmeans": 0.0, "random": 0.0}, {"margin+kmeans": 0.9, "random": 0.1}),  # nothing left to find
    ],
)
def test_doubt_that_finds_no_errors_loses_half_of_the_batch_to_chance(wrong, shares):
    looked = []

    def errors(strategies, least):
        looked.append((strategies, least))
        return wrong

    weights, reason = choose_auto(Past({"neg": 450, "pos": 50}, has_model=True, errors=errors))
    assert weights == pytest.approx(shares) and looked == [(("margin+kmeans", "random"), 30)]
    assert ("its doubt is no guide" in reason) == (shares["random"] == 0.5)


def test_nothing_is_drawn_to_watch_where_nothing_can_look_back():
    assert choose_auto(Past({"neg": 900, "pos": 90}, has_model=True))[0] == {"margin+kmeans": 1.0}


def test_auto_looks_at_nothing_before_500_labels():
    def errors(strategies, least):
        raise AssertionError("asked for")

    past = Past({"neg": 450, "pos": 49}, has_model=True, errors=errors)
    assert choose_auto(past)[0] == {"margin+kmeans": 1.0}


def test_what_auto_names_can_be_resolved_and_needs_no_model_where_there_is_none():
    assert [resolve(name).needs for name in choose_auto(Past({}, False))[0]] == [("space",)]
    product = resolve(next(iter(choose_auto(Past({"a": 2, "b": 2}, True))[0])))
    assert (product.utility, product.selector, product.prefilter) == ("margin", "kmeans", 3)


# albl


def test_albl_worked_by_hand():
    """Two experts, four rows, delta 0.5.

    Step 1: p_min = min(1/2, sqrt(ln 2 / 2)) = 1/2, so p = 1/2 each. Reward: weights 1/q are 2, 2, 2 and 100; all but
    the second are right: (2 + 2 + 100) / 106 = 0.9811. Shares of the batch are 3/4 and 1/4, so the estimates are
    1.5 and 0.5 times the reward; the bonus is sqrt(ln(2 / 0.5) / 2) = 0.8326, over p.
    """
    batch = Round(1, ("margin", "margin", "margin", "random"), (0.5, 0.5, 0.5, 0.01), (True, False, True, True))
    reward = 0.9811
    bonus = sqrt(log(4.0) / 2.0) / 0.5
    margin = exp(0.25 * (reward * 1.5 + bonus))
    random = exp(0.25 * (reward * 0.5 + bonus))
    least = sqrt(log(2.0) / 4.0)  # step 2
    want = (1 - 2 * least) * margin / (margin + random) + least
    chances, steps, accuracy = exp4p([batch], ("margin", "random"), 0.5)
    assert (steps, accuracy) == (1, reward)
    assert chances == pytest.approx({"margin": want, "random": 1 - want})
    assert choose_albl(after((batch,)), experts="margin", delta=0.5)[0] == chances


def replayed(rounds, experts, delta):
    """Exp4.P straight from Beygelzimer et al. with the identity as advice, weights multiplied and never rescaled."""
    many, weight, step = len(experts), np.ones(len(experts)), 0
    q: list[float] = []

    def chances(t: int) -> np.ndarray:
        floor = min(1 / many, sqrt(log(many) / (many * t)))
        return (1 - many * floor) * weight / weight.sum() + floor

    for each in rounds:
        q += each.probability
        inverse = 1 / np.array(q)
        reward = float((inverse * np.array(each.right)).sum() / inverse.sum())
        if not set(each.arms) & set(experts):
            continue
        step += 1
        floor, p = min(1 / many, sqrt(log(many) / (many * step))), chances(step)
        share = np.array([each.arms.count(name) for name in experts]) / sum(each.arms.count(n) for n in experts)
        estimate = reward * share / p
        variance = 1 / p
        weight = weight * np.exp(floor / 2 * (estimate + variance * sqrt(log(many / delta) / (many * step))))
    return dict(zip(experts, chances(step + 1), strict=True))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 25), st.integers(0, 10**6), st.sampled_from([0.05, 0.1, 1.0]))
def test_albl_is_exp4p_replayed_from_the_paper(batches, seed, delta):
    experts = ("margin", "kcenter", "random")
    rounds = campaign(batches, seed=seed)
    chances, steps, _ = exp4p(rounds, experts, delta)
    assert steps == batches and chances == pytest.approx(replayed(rounds, experts, delta), abs=2e-3)
    assert sum(chances.values()) == pytest.approx(1.0)
    assert min(chances.values()) >= min(1 / 3, sqrt(log(3) / (3 * (batches + 1)))) - 1e-9


def test_albl_gives_more_to_the_expert_whose_batches_help():
    """After batches of margin the accuracy is high, after those of kcenter it is low: all else is alike."""
    rounds, right = [], []
    for batch in range(1, 41):
        good = batch % 2 == 0
        arms = ("margin",) * 8 + ("kcenter",) * 2 if good else ("margin",) * 2 + ("kcenter",) * 8
        right = [good] * (10 * batch)
        rounds.append(Round(batch, arms, (0.5,) * 10, tuple(right)))
    chances, _, _ = exp4p(rounds, ("margin", "kcenter"), 0.1)
    assert chances["margin"] > chances["kcenter"] + 0.25
    weights, _ = choose_bandit(after(tuple(rounds)), experts="margin,kcenter", gamma=0.2)
    assert weights["margin"] > weights["kcenter"] + 0.3


def test_albl_needs_no_number_of_rounds_and_survives_many():
    """libact's stops at the T it was made with, cannot be pickled, and its weights can overflow."""
    rounds = campaign(2000, size=2)
    past = Past(WARM, True, 2001, lambda: rounds)
    chances, reason = choose_albl(past)
    assert all(0.01 < chance < 1 for chance in chances.values()) and "2,000 batches" in reason
    assert pickle.loads(pickle.dumps(choose_albl)) is choose_albl
    assert pickle.loads(pickle.dumps(rounds)) == rounds


def test_albl_always_has_random_beside_it():
    assert set(choose_albl(PASTS["no round"], experts="margin,entropy")[0]) == {"margin", "entropy", "random"}


def test_albl_refuses_a_ledger_without_probabilities():
    lacking = (*campaign(2), Round(3, ("margin",), (nan,), (True,) * 21))
    with pytest.raises(TableError) as caught:
        choose_albl(after(lacking))
    assert caught.value.code == "no-probability" and "batch 3" in caught.value.message
    assert "bandit" in str(caught.value.hint) and isinstance(caught.value, AlcliError)
    assert choose_bandit(after(lacking))[0]


def test_batches_that_other_strategies_chose_count_for_accuracy_only():
    other = Round(1, ("typiclust",) * 4, (1.0,) * 4, (True,) * 4)
    mine = Round(2, ("margin", "random"), (0.5, 0.5), (False,) * 6)
    assert drawn(other, ("margin", "random")) is None
    assert drawn(replace(mine, probability=(1.0, 1.0)), ("margin", "random")) is None
    _, steps, accuracy = exp4p([other, mine], ("margin", "random"), 0.1)
    assert steps == 1 and accuracy == 0.0
    assert weighted_accuracy([1.0] * 4 + [0.5, 0.5], [True] * 4 + [False] * 2) == 0.5


def test_shares_of_any_weights_sum_to_one():
    for weights in ({"a": -1e9, "b": 0.0}, {"a": 700.0, "b": 800.0, "c": -800.0}, {"a": 0.0}):
        got = shares(weights, 0.05)
        assert sum(got.values()) == pytest.approx(1.0) and min(got.values()) >= 0.05


# bandit


def test_bandit_worked_by_hand():
    """Two experts, gamma 0.4. The first batch has nothing before it. After the second the accuracy rose from 0.5 to 0.75:
    the reward is (1 + 0.25) / 2 = 0.625. Shares 1 and 0, chances 1/2: w = exp(0.4 / 2 * 0.625 * 2) = exp(0.25) and 1."""
    one = Round(1, ("margin", "random"), (0.5, 0.5), (True, False))
    two = Round(2, ("margin", "margin"), (0.5, 0.5), (True, True, True, False))
    weights, reason = choose_bandit(after((one, two)), experts="margin,random", gamma=0.4)
    want = 0.6 * exp(0.25) / (exp(0.25) + 1) + 0.2
    assert weights == pytest.approx({"margin": want, "random": 1 - want})
    assert "learned from 1 batch, accuracy now 0.750" in reason
    assert choose_bandit(after((one,)), experts="margin,random", gamma=0.4)[0] == {"margin": 0.5, "random": 0.5}


def test_bandit_survives_many_rounds():
    weights, _ = choose_bandit(after(campaign(3000, size=1)), gamma=1.0)
    assert weights == pytest.approx(dict.fromkeys(weights, 1 / 3))
    weights, _ = choose_bandit(after(campaign(3000, size=1)), gamma=0.1)
    assert min(weights.values()) >= 0.1 / 3 - 1e-9


# schedule


@pytest.mark.parametrize(
    ("batch", "name"),
    [(1, "typiclust"), (2, "typiclust"), (3, "margin+kmeans"), (7, "margin+kmeans"), (8, "entropy"), (900, "entropy")],
)
def test_a_schedule_by_the_number_of_the_batch(batch, name):
    rounds = "typiclust:2, margin+k-means:5, Entropy"
    weights, reason = choose_schedule(Past(WARM, True, batch), rounds=rounds)
    assert weights == {name: 1.0} and reason.startswith(name)


def test_the_last_of_a_schedule_may_have_a_number_too():
    assert choose_schedule(Past(WARM, True, 9), rounds="random:2,margin:1")[0] == {"margin": 1.0}
    assert choose_schedule(Past(WARM, True, 1), rounds="random")[0] == {"random": 1.0}


def test_active_testing_keeps_a_uniform_share():
    assert choose_active_testing(PASTS["no round"], defence=0.5)[0] == {"least_confident+sample": 0.5, "random": 0.5}
    # probabilities from a file need no label
    assert len(choose_active_testing(Past({"a": 0, "b": 0}, True))[0]) == 2
    for bad in (0.0, 1.0, float("nan")):
        with pytest.raises(UsageError):
            choose_active_testing(PASTS["no round"], defence=bad)
