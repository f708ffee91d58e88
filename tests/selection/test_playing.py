"""A batch as `query` gets it: any strategy, whatever the files, the order of rows and the workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.errors import ModelError, UsageError
from alcli.selection.choosing import Choice
from alcli.selection.eligible import parse_conditions
from alcli.selection.playing import parse_mix, plan, play
from alcli.strategies import TABLE, names, selector_of
from alcli.strategies.kinds import Past
from alcli.tables.pool import Request

COUNTS = {"down": 20, "up": 20}
# what a predictions file alone can bring is played in tests/predictions
PLAYABLE = [
    name
    for name in names()
    if selector_of(TABLE[name]).kind != "auto" and not {"sequence", "regions"} & set(TABLE[name].needs)
]
PRODUCTS = ["entropy+kmeans", "margin+kcenter", "entropy+softrank", "ratio+sample", "bald+kmeans++", "one+per_cluster"]


def chosen(material: Any, strategy: str = "margin", n: int = 12, per_group: int = 1, **more: Any) -> Choice:
    options = {"mix": None, "params": (), "space": None, "past": Past(COUNTS, True), **more}
    mix, params = options.pop("mix"), options.pop("params")
    return play(material, plan(strategy, mix, params, **options), n, per_group=per_group)


def small(strategy: str) -> tuple[str, ...]:
    """Parameters with which a strategy that fits again, or compares many rows dearly, is quick."""
    from alcli.strategies import known_params, resolve

    known = known_params(resolve(strategy))
    told = {"candidates": 40, "sample": 50}
    dear = {"learner", "labels"} & set(resolve(strategy).needs)
    return tuple(f"{name}={value}" for name, value in told.items() if name in known and dear)


def with_examples(material: Any) -> Any:
    """Two rows to look for and two to keep away from, for the strategies that ask for them."""
    material.liked = material.pool.take(["r0001", "r0002"], material.maker.request)
    material.unliked = material.pool.take(["r0003", "r0004"], material.maker.request)
    return material


def ids(choice: Choice) -> list[str]:
    return [pick.id for pick in choice.picks]


@pytest.mark.parametrize("strategy", [*PLAYABLE, *PRODUCTS])
def test_every_strategy_gives_distinct_free_rows_with_a_probability(material: Any, strategy: str) -> None:
    choice = chosen(with_examples(material(committee=4)), strategy, params=small(strategy))
    got = ids(choice)
    assert len(got) == len(set(got)) == 12
    assert not set(got) & {f"r{i:04d}" for i in range(100, 140)}
    assert all(0 < pick.probability <= 1 for pick in choice.picks)
    assert choice.eligible == 360


@pytest.mark.parametrize("strategy", [*PLAYABLE, *PRODUCTS])
def test_order_of_rows_split_and_workers_do_not_change_the_batch(
    material: Any, strategy: str, table: Any, write: Callable[..., Path], tmp_path: Path
) -> None:
    order = np.random.default_rng(1).permutation(400)
    parts = [write(tmp_path / f"part{k}.csv", table, order[k::7]) for k in range(7)]
    whole = chosen(with_examples(material(committee=4)), strategy, params=small(strategy))
    split = chosen(with_examples(material(parts, committee=4, jobs=2)), strategy, params=small(strategy))
    assert ids(split) == ids(whole)
    assert [pick.probability for pick in split.picks] == pytest.approx([pick.probability for pick in whole.picks])


def test_margin_takes_the_true_nearest_ties(material: Any) -> None:
    m = material()
    rows = m.pool.sample(400, m.maker.request, 0)
    proba = m.model.predict_proba(m.maker.transform(rows))
    value = dict(zip(rows.ids.to_pylist(), (1 - np.abs(proba[:, 0] - proba[:, 1])).tolist(), strict=True))
    seen: set[float] = set()
    want = []
    for name in sorted(set(value) - set(m.excluded), key=lambda name: -value[name]):
        if round(value[name], 12) not in seen:  # a copy has the same value to the last digit
            seen.add(round(value[name], 12))
            want.append(value[name])
    assert [value[name] for name in ids(chosen(m))] == pytest.approx(want[:12])


def test_exact_duplicates_of_a_chosen_row_are_not_chosen(material: Any, table: Any) -> None:
    content = {id_: (x, y) for id_, x, y in zip(table["id"], table["x"], table["y"], strict=True)}
    for strategy in ("random", "margin", "kcenter", "kmeans"):
        got = [content[name] for name in ids(chosen(material(), strategy, n=360))]
        assert len(got) == len(set(got)) == 350


def test_a_copy_of_a_row_that_is_out_is_not_asked_in_a_pool_with_words(material: Any, table: Any) -> None:
    content = Request(text=("x", "y"))
    out = {f"r{i:04d}" for i in range(10)}  # their copies are the last ten rows
    copies = {f"r{i:04d}" for i in range(390, 400)}
    for strategy in ("random", "margin", "kcenter"):
        assert not copies & set(ids(chosen(material(content=content, excluded=out), strategy, n=400)))


def test_a_group_is_capped_and_the_rest_is_filled_from_others(material: Any, table: Any) -> None:
    shop = dict(zip(table["id"], table["shop"], strict=True))
    for strategy in ("margin", "random", "kcenter", "margin+kmeans"):
        got = ids(chosen(material(group_by="shop"), strategy, n=30, per_group=2))
        assert len(got) == 16
        assert set(Counter(shop[name] for name in got).values()) == {2}


def test_a_pool_smaller_than_the_batch_is_taken_whole(material: Any) -> None:
    for strategy in ("margin", "random", "kmeans", "entropy+power"):
        assert len(chosen(material(content=None), strategy, n=1000).picks) == 360


def test_nothing_free_gives_nothing(material: Any) -> None:
    everything = {f"r{i:04d}" for i in range(400)}
    for strategy in ("margin", "random", "kcenter", "margin+kmeans", "entropy+softrank"):
        assert chosen(material(excluded=everything), strategy).picks == ()


def test_where_keeps_the_rows_that_fulfil_it(material: Any, table: Any) -> None:
    conditions = parse_conditions(["shop=s3", "x>0"], list(table))
    x = dict(zip(table["id"], map(float, table["x"]), strict=True))
    got = ids(chosen(material(conditions=conditions), "margin", n=400))
    free = set(table["id"]) - {f"r{i:04d}" for i in range(100, 140)}
    want = {name for name, shop in zip(table["id"], table["shop"], strict=True) if shop == "s3" and x[name] > 0}
    assert set(got) <= want & free and len(got) >= len(want & free) - 10


@pytest.mark.parametrize("text", ["shop", "colour=red", "x>many"])
def test_a_condition_that_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_conditions([text], ["id", "x", "shop"])


def test_random_gives_one_over_what_is_left(material: Any) -> None:
    choice = chosen(material(), "random", n=5)
    assert [pick.probability for pick in choice.picks] == pytest.approx([1 / (360 - r) for r in range(5)])


def test_a_mix_shares_slots_and_says_which_arm(material: Any) -> None:
    choice = chosen(material(), mix="entropy:0.7,random:0.3", n=200)
    arms = Counter(pick.arm for pick in choice.picks)
    assert 110 < arms["entropy"] < 170
    # the head of the entropy arm is certain for that arm; random adds its share to every row
    first = next(pick for pick in choice.picks if pick.arm == "entropy")
    assert first.probability == pytest.approx(0.7 + 0.3 / 360, abs=1e-3)
    drawn = [pick for pick in choice.picks if pick.arm == "random"]
    assert all(pick.probability < 0.02 or pick.probability > 0.7 for pick in drawn)


def test_the_probabilities_of_a_mix_sum_to_one_over_the_pool(material: Any) -> None:
    """Summed over all rows that could be first, by drawing again with every other batch number."""
    counts: Counter[str] = Counter()
    said: dict[str, float] = {}
    for batch in range(1, 400):
        first = chosen(material(batch=batch, content=None), mix="margin:0.5,random:0.5", n=1).picks[0]
        counts[first.id] += 1
        said[first.id] = first.probability
    head, times = counts.most_common(1)[0]
    assert times / 399 == pytest.approx(said[head], abs=0.08)


def test_power_draws_in_proportion(material: Any) -> None:
    """The share of draws of the likelier half agrees with the probabilities that are written down."""
    total = 0.0
    for batch in range(1, 60):
        total += sum(pick.probability for pick in chosen(material(batch=batch), "entropy+power", n=5).picks)
    assert 0 < total / (59 * 5) < 0.05


def test_another_batch_draws_other_rows(material: Any) -> None:
    one, two = (ids(chosen(material(batch=batch), "entropy+softmax")) for batch in (1, 2))
    assert one != two


@pytest.mark.parametrize("strategy", ["margin", "bald", "boundary", "entropy+kmeans"])
def test_without_a_model_the_message_says_what_to_do(material: Any, strategy: str) -> None:
    with pytest.raises(ModelError) as caught:
        chosen(material(trained=False), strategy)
    assert caught.value.code == "no-model" and "alcli train" in str(caught.value.hint)


def test_without_a_committee_the_message_names_the_flag(material: Any) -> None:
    with pytest.raises(ModelError) as caught:
        chosen(material(), "vote_entropy")
    assert caught.value.code == "no-committee" and "--committee" in str(caught.value.hint)


def test_a_model_of_one_class_is_told_apart(material: Any) -> None:
    m = material()
    X = m.maker.transform(m.pool.take(["r0001"], m.maker.request))
    from alcli.models.training import fit

    m.model = fit(X, ["up"], ["down", "up"])
    with pytest.raises(ModelError) as caught:
        chosen(m, "margin")
    assert caught.value.code == "one-class"


def test_too_little_memory_compares_a_stated_sample(material: Any) -> None:
    choice = chosen(material(memory=0), "kcenter", n=5)
    assert len(choice.picks) == 5
    small = material(memory=0)
    small.pool = small.pool
    assert choice.notes == ()  # 360 rows are under the least sample of 1,000


def test_what_a_selector_looked_at_is_told_once_as_it_was_in_the_end(material: Any) -> None:
    """One row a group makes the arm look farther and farther, and in the end at all rows."""
    m = material(group_by="shop")
    assert chosen(material(), "margin+kmeans", n=6).notes == ("margin+kmeans chose among the 18 best rows by margin",)
    assert len(chosen(m, "margin+kmeans", n=6).notes) == 1
    assert chosen(m, "margin+kmeans", n=50).notes == ()


def test_auto_covers_first_and_goes_on_with_uncertainty() -> None:
    options: dict[str, Any] = {"space": None}
    cold = plan("auto", None, (), past=Past({"a": 0, "b": 0}, False), **options)
    warm = plan("auto", None, (), past=Past({"a": 9, "b": 9}, True), **options)
    assert cold.name == "typiclust" and cold.reason
    assert warm.name.startswith("margin") and warm.reason


@pytest.mark.parametrize("text", ["entropy", "entropy:x", "entropy:0", "entropy:1,entropy:2", ":1"])
def test_a_mix_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_mix(text)


def test_a_space_without_distances_is_refused() -> None:
    with pytest.raises(UsageError):
        plan("margin", None, (), space="features", past=Past(COUNTS, True))
    with pytest.raises(UsageError) as caught:
        plan("kcenter", None, (), space="featurs", past=Past(COUNTS, True))
    assert "features" in str(caught.value.hint)


def test_probability_space_takes_distances_between_predictions(material: Any) -> None:
    assert ids(chosen(material(), "kcenter", space="probability")) != ids(chosen(material(), "kcenter"))
