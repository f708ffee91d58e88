"""`--cost` and `--budget` with every kind of strategy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from math import fsum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.errors import TableError, UsageError
from alcli.selection.budget import check_money
from alcli.selection.choosing import Choice
from alcli.selection.eligible import parse_conditions
from alcli.selection.playing import plan, play
from alcli.strategies.kinds import Past
from alcli.tables.pool import Pool

COUNTS = {"down": 20, "up": 20}
EVERY_KIND = [
    "margin",
    "random",
    "entropy+power",
    "entropy+softrank",
    "entropy+epsilon",
    "kcenter",
    "kmeans",
    "margin+kmeans",
    "typicality",
]


@pytest.fixture
def priced(material: Any, table: Any, write: Callable[..., Path], tmp_path: Path) -> Callable[..., Any]:
    """The pool with a column of prices, 0.5 to 4 in steps of 0.05, and a few of 50."""

    def made(budget: float, price: Any = None, rows: Any = None, parts: int = 1, **more: Any) -> Any:
        random = np.random.default_rng(11)
        column = [f"{value:.2f}" for value in random.integers(10, 81, 400) / 20]
        column[3::40] = ["50"] * 10
        whole = {**table, "minutes": column if price is None else price}
        order = np.arange(400) if rows is None else rows
        files = [write(tmp_path / f"priced-{parts}-{k}.csv", whole, order[k::parts]) for k in range(parts)]
        found = material(files, price="minutes", budget=budget, **more)
        found.prices = {id_: float(cost) for id_, cost in zip(table["id"], whole["minutes"], strict=True) if cost}
        return found

    return made


def chosen(material: Any, strategy: str = "margin", n: int = 12, per_group: int = 1, **more: Any) -> Choice:
    options = {"mix": None, "params": (), "space": None, "past": Past(COUNTS, True), **more}
    mix, params = options.pop("mix"), options.pop("params")
    return play(material, plan(strategy, mix, params, **options), n, per_group=per_group)


def ids(choice: Choice) -> list[str]:
    return [pick.id for pick in choice.picks]


@pytest.mark.parametrize("strategy", EVERY_KIND)
def test_no_strategy_spends_more_than_there_is_and_the_cost_is_said(priced: Any, strategy: str):
    m = priced(15.0, committee=3)
    choice = chosen(m, strategy)
    got = ids(choice)
    assert 0 < len(got) == len(set(got)) <= 12
    assert choice.cost == pytest.approx(fsum(m.prices[name] for name in got)) and choice.cost <= 15.0
    assert all(m.prices[name] <= 4 for name in got) and choice.eligible == 360
    assert all(0 < pick.probability <= 1 for pick in choice.picks)


@pytest.mark.parametrize("strategy", EVERY_KIND)
def test_the_number_of_rows_stays_a_cap(priced: Any, strategy: str):
    assert len(chosen(priced(10_000.0), strategy).picks) == 12


@pytest.mark.parametrize("strategy", EVERY_KIND)
def test_order_split_and_workers_do_not_change_the_batch(priced: Any, strategy: str):
    order = np.random.default_rng(1).permutation(400)
    whole = chosen(priced(15.0), strategy)
    split = chosen(priced(15.0, rows=order, parts=5, jobs=2), strategy)
    assert ids(split) == ids(whole) and split.cost == whole.cost
    assert [pick.probability for pick in split.picks] == pytest.approx([pick.probability for pick in whole.picks])


def test_a_budget_that_does_not_bind_changes_nothing_but_who_is_too_dear(priced: Any, material: Any):
    for strategy in ("margin", "random", "kcenter"):
        m = priced(1e6)
        same = chosen(m, strategy)
        m.price = m.budget = None
        assert ids(same) == ids(chosen(m, strategy)) and chosen(m, strategy).cost is None


def test_the_batch_is_worth_as_much_as_the_best_of_all_subsets(priced: Any):
    """18 rows, every subset tried."""
    keep = {f"r{i:04d}" for i in range(200, 218)}
    m = priced(9.0, excluded={f"r{i:04d}" for i in range(400)} - keep, content=None)
    names = sorted(keep)
    proba = m.model.predict_proba(m.maker.transform(m.pool.take(names, m.maker.request)))
    value = 1 - np.abs(proba[:, 0] - proba[:, 1])
    price = np.array([m.prices[name] for name in names])
    best = max(
        fsum(value[list(rows)])
        for size in range(1, 6)
        for rows in combinations(range(18), size)
        if fsum(price[list(rows)]) <= 9.0 + 1e-9
    )
    got = [names.index(name) for name in ids(chosen(m, n=5))]
    assert fsum(value[got]) == pytest.approx(best, abs=1e-6)


def test_copies_and_groups_are_kept_out_of_the_knapsack(priced: Any, table: Any):
    content = {id_: (x, y) for id_, x, y in zip(table["id"], table["x"], table["y"], strict=True)}
    shop = dict(zip(table["id"], table["shop"], strict=True))
    choice = chosen(priced(40.0, group_by="shop"), n=30, per_group=2)
    assert max(Counter(shop[name] for name in ids(choice)).values()) <= 2
    got = [content[name] for name in ids(chosen(priced(2_000.0), n=360))]
    assert len(got) == len(set(got)) > 300


def test_a_negative_utility_is_packed_by_its_rank(priced: Any, monkeypatch: Any):
    """A sum of negative numbers would be largest for no row at all."""
    from dataclasses import replace

    from alcli.strategies.table import TABLE, UTILITIES

    row = UTILITIES["margin"]
    negative = replace(row, name="negmargin", target=_negative_margin, nonnegative=False)
    monkeypatch.setitem(UTILITIES, "negmargin", negative)
    monkeypatch.setitem(TABLE, "negmargin", replace(TABLE["margin"], name="negmargin", utility="negmargin"))
    choice = chosen(priced(15.0), "negmargin")
    assert len(choice.picks) > 3 and all(pick.utility is not None and pick.utility < 0 for pick in choice.picks)


def _negative_margin(proba: Any) -> Any:
    return -np.abs(proba[:, 0] - proba[:, 1])


def test_rows_without_any_utility_fill_what_is_left(priced: Any, monkeypatch: Any):
    from dataclasses import replace

    from alcli.strategies.table import UTILITIES

    monkeypatch.setitem(UTILITIES, "margin", replace(UTILITIES["margin"], target=lambda proba: np.zeros(len(proba))))
    choice = chosen(priced(15.0))
    assert len(choice.picks) == 12 or choice.cost > 14.0


def test_a_mix_shares_the_money_and_a_combination_is_packed(priced: Any):
    mixed = chosen(priced(60.0), mix="entropy:0.5,random:0.3,kcenter:0.2", n=60)
    assert set(Counter(pick.arm for pick in mixed.picks)) == {"entropy", "random", "kcenter"} and mixed.cost <= 60.0
    both = chosen(priced(15.0), combine="margin:0.7,entropy:0.3", combine_by="zscore")
    assert {pick.arm for pick in both.picks} == {"combine margin:0.7,entropy:0.3 by zscore"} and both.cost <= 15.0


def test_a_draw_says_its_chance_among_the_rows_that_could_still_be_paid(priced: Any):
    """Worked by hand: prices 1, 2, 3, 4 and 4 to spend."""
    keep = [f"r{i:04d}" for i in range(200, 204)]
    price = ["9"] * 400
    price[200:204] = ["1", "2", "3", "4"]
    others = {f"r{i:04d}" for i in range(400)} - set(keep)
    seen = set()
    for batch in range(1, 30):
        choice = chosen(priced(4.0, price=price, excluded=others, content=None, batch=batch), "random", n=4)
        left, free = 4.0, {"r0200": 1.0, "r0201": 2.0, "r0202": 3.0, "r0203": 4.0}
        for pick in choice.picks:
            fitting = [name for name, cost in free.items() if cost <= left]
            assert pick.id in fitting and pick.probability == pytest.approx(1 / len(fitting))
            left -= free.pop(pick.id)
        assert not [name for name, cost in free.items() if cost <= left]
        seen.add(tuple(ids(choice)))
    assert len(seen) > 3


def test_weighted_draws_too(priced: Any):
    m = priced(12.0)
    choice = chosen(m, "entropy+power")
    first = choice.picks[0]
    names = [name for name in m.prices if name not in m.excluded and m.prices[name] <= 12.0]
    proba = m.model.predict_proba(m.maker.transform(m.pool.take(names, m.maker.request)))
    entropy = -(proba * np.log(proba)).sum(axis=1)
    assert first.probability == pytest.approx(entropy[names.index(first.id)] / entropy.sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("cell", "message"), [("", "has no cost"), ("0", "costs 0"), ("-2", "costs -2"), ("inf", "has no cost|costs inf")]
)
def test_a_row_without_a_price_is_named(priced: Any, cell: str, message: str):
    price = ["1"] * 400
    price[250] = price[260] = cell
    with pytest.raises(TableError, match=message) as caught:
        chosen(priced(5.0, price=price))
    error = caught.value
    assert "'r0250'" in error.message and error.code == "bad-cost" and error.at.row == 252
    assert error.at.column == "minutes" and "1 other row" in error.message and "--where" in error.hint


def test_a_row_without_a_price_does_not_matter_when_it_cannot_be_chosen(priced: Any, table: Any):
    price = ["1"] * 400
    price[110] = ""  # labelled already
    assert chosen(priced(5.0, price=price)).cost == 5.0
    price[250] = "0"
    conditions = parse_conditions(["minutes>0"], [*table, "minutes"])
    assert chosen(priced(5.0, price=price, conditions=conditions)).cost == 5.0


def test_nothing_affordable_gives_nothing(priced: Any):
    for strategy in EVERY_KIND:
        choice = chosen(priced(0.25), strategy)
        assert choice.picks == () and choice.cost == 0.0 and choice.eligible == 360


def test_one_of_the_two_flags_alone_is_refused():
    check_money(None, None)
    check_money("minutes", 3.0)
    for cost, budget in (("minutes", None), (None, 3.0), ("minutes", 0.0), ("minutes", float("nan"))):
        with pytest.raises(UsageError):
            check_money(cost, budget)


def test_prices_are_read_whatever_the_file(priced: Any, tmp_path: Path, table: Any):
    import pyarrow as pa
    import pyarrow.parquet as pq

    m = priced(15.0)
    columns = {
        name: table[name] if name in ("id", "shop") else [float(value) for value in table[name]] for name in table
    }
    columns["minutes"] = [m.prices[name] for name in table["id"]]
    pq.write_table(pa.table(columns), tmp_path / "pool.parquet", row_group_size=90)
    other = priced(15.0)
    other.pool = Pool.open([str(tmp_path / "pool.parquet")])
    assert ids(chosen(other)) == ids(chosen(m))
