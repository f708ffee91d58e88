"""`--combine`: utilities without a common scale become one order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.errors import ModelError, UsageError
from alcli.selection.choosing import Choice
from alcli.selection.combining import combined
from alcli.selection.playing import plan, play
from alcli.strategies.kinds import Past
from alcli.strategies.rank import round_utility

COUNTS = {"down": 20, "up": 20}


def chosen(material: Any, combine: str, n: int = 12, **more: Any) -> Choice:
    return play(material, plan("auto", None, (), space=None, past=Past(COUNTS, True), combine=combine, **more), n)


def ids(choice: Choice) -> list[str]:
    return [pick.id for pick in choice.picks]


def test_ranks_worked_by_hand():
    # shares of rows that are no better: 1/4 2/4 3/4 4/4, and 4/4 3/4 for the last two and 1.5/4 each for two equals
    utility = [[1.0, 2.0, 3.0, 4.0], [9.0, -1.0, 5.0, -1.0]]
    want = [0.75 * 0.25 + 0.25 * 1.0, 0.75 * 0.5 + 0.25 * 0.375, 0.75 * 0.75 + 0.25 * 0.75, 0.75 * 1.0 + 0.25 * 0.375]
    assert combined(utility, [3, 1]) == pytest.approx(want)


def test_zscores_worked_by_hand():
    # mean 2, deviation sqrt(2/3); the second is the same everywhere and says nothing
    want = np.array([-1.0, 0.0, 1.0]) / np.sqrt(2 / 3) * 0.5
    assert combined([[1.0, 2.0, 3.0], [7.0, 7.0, 7.0]], [1, 1], "zscore") == pytest.approx(want, abs=1e-8)


def test_products_worked_by_hand():
    # geometric mean of the shares (1/3, 2/3, 1) and (1, 2/3, 1/3)
    want = [(1 / 3) ** 0.5, 2 / 3, (1 / 3) ** 0.5]
    assert combined([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], [1, 1], "product") == pytest.approx(want)


def test_a_product_of_negative_scores_does_not_turn_the_order_round():
    """The raw product of modAL's make_product calls the row best that is worst in both respects."""
    utility = np.array([[-3.0, -2.0, -1.0], [-30.0, -20.0, -10.0]])
    assert np.argmax(utility.prod(axis=0)) == 0
    for by in ("rank", "zscore", "product"):
        assert np.argmax(combined(utility, [0.5, 0.5], by)) == 2


def test_a_scale_does_not_decide():
    """A raw sum is the utility with the larger numbers; ours is the same in any unit."""
    random = np.random.default_rng(0)
    utility = random.random((2, 50))
    scaled = utility * np.array([[1.0], [1e9]]) - 5e8
    for by in ("rank", "product"):
        assert np.array_equal(combined(utility, [1, 1], by), combined(scaled, [1, 1], by))
    assert combined(utility, [1, 1], "zscore") == pytest.approx(combined(scaled, [1, 1], "zscore"), abs=1e-6)


FLOATS = st.floats(-1e150, 1e150, allow_subnormal=False)


@settings(max_examples=80, deadline=None)
@given(
    arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=FLOATS),
    st.sampled_from(["rank", "zscore", "product"]),
)
def test_always_finite_monotone_and_the_same_for_equal_rows(utility: Any, by: str):
    utility = np.stack([round_utility(line) for line in utility])
    got = combined(utility, np.ones(len(utility)), by)
    assert np.isfinite(got).all()
    for i in range(utility.shape[1]):
        for j in range(utility.shape[1]):
            if (utility[:, i] >= utility[:, j]).all():
                assert got[i] >= got[j] - 1e-9 * abs(got[j])
            if (utility[:, i] == utility[:, j]).all():
                assert got[i] == got[j]


@pytest.mark.parametrize("by", ["rank", "zscore", "product"])
def test_the_batch_is_the_top_of_the_whole_pool(material: Any, by: str):
    m = material()
    rows = m.pool.sample(400, m.maker.request, 0)
    free = np.array([id_ not in m.excluded for id_ in rows.ids.to_pylist()])
    proba = m.model.predict_proba(m.maker.transform(rows))[free]
    names = np.array(rows.ids.to_pylist())[free]
    margin = round_utility(1 - np.abs(proba[:, 0] - proba[:, 1]))
    entropy = round_utility(-(proba * np.log(proba)).sum(axis=1))
    value = dict(zip(names, combined([margin, entropy], [0.7, 0.3], by), strict=True))
    choice = chosen(m, "margin:0.7,entropy:0.3", combine_by=by)
    got = [value[name] for name in ids(choice)]
    assert got == pytest.approx(sorted(got, reverse=True), abs=1e-7)
    assert min(got) >= sorted(value.values(), reverse=True)[14] - 1e-6  # two copies may have been passed over
    suffix = "" if by == "rank" else f" by {by}"
    assert {pick.arm for pick in choice.picks} == {f"combine margin:0.7,entropy:0.3{suffix}"}
    assert all(pick.probability == 1.0 for pick in choice.picks) and choice.eligible == 360


@pytest.mark.parametrize("combine", ["margin:1,least_confident:2", "margin:0.5,typicality:0.5", "bald:1,entropy:1"])
def test_order_of_rows_split_and_workers_do_not_change_the_batch(
    material: Any, combine: str, table: Any, write: Callable[..., Path], tmp_path: Path
):
    order = np.random.default_rng(1).permutation(400)
    parts = [write(tmp_path / f"part{k}.csv", table, order[k::7]) for k in range(7)]
    for by in ("rank", "zscore"):
        whole = chosen(material(committee=3), combine, combine_by=by)
        split = chosen(material(parts, committee=3, jobs=2), combine, combine_by=by)
        assert ids(split) == ids(whole)


def test_a_group_utility_is_compared_among_as_many_as_it_can_and_it_is_said(material: Any, monkeypatch: Any):
    from alcli.selection import scored

    seen = []
    gather = scored.gather

    def few(m: Any, wanted: Any, tell: Any) -> Any:
        seen.append(wanted.most)
        from dataclasses import replace

        return gather(m, replace(wanted, most=100), tell)

    monkeypatch.setattr(scored, "gather", few)
    choice = chosen(material(), "margin:0.5,typicality:0.5")
    assert len(seen) == 1 and len(choice.picks) == 12 and choice.eligible == 360
    assert any("100 of 360 rows" in note and "typicality" in note for note in choice.notes)


def test_one_part_alone_is_that_strategy(material: Any):
    alone = play(material(), plan("margin", None, (), space=None, past=Past(COUNTS, True)), 12)
    assert ids(chosen(material(), "margin:2")) == ids(alone)


def test_nothing_free_gives_nothing(material: Any):
    assert chosen(material(excluded={f"r{i:04d}" for i in range(400)}), "margin:1,entropy:1").picks == ()
    assert len(chosen(material(), "margin:1,entropy:1", n=1000).picks) == 350


@pytest.mark.parametrize(
    ("combine", "code"),
    [
        ("margin:0.5,random:0.5", "strategy-parts"),
        ("margin:0.5,margin+kmeans:0.5", "strategy-parts"),
        ("margin:0.5,kcenter:0.5", "strategy-parts"),
        ("margin:0.5,auto:0.5", "strategy-parts"),
        ("margin:0.5,margn:0.5", "unknown-strategy"),
        ("margin", "bad-value"),
        ("margin:-1", "bad-value"),
        ("margin:1,margin:2", "bad-value"),
    ],
)
def test_what_gives_no_number_a_row_is_refused(combine: str, code: str):
    with pytest.raises(UsageError) as caught:
        plan("auto", None, (), space=None, past=Past(COUNTS, True), combine=combine)
    assert caught.value.code == code


def test_conflicts_are_told():
    options: dict[str, Any] = {"space": None, "past": Past(COUNTS, True), "combine": "margin:1,entropy:1"}
    with pytest.raises(UsageError, match="exclude each other"):
        plan("auto", "margin:1,random:1", (), **options)
    with pytest.raises(UsageError, match="--param"):
        plan("auto", None, ("beta=1",), **options)
    with pytest.raises(UsageError, match="distances"):
        plan("auto", None, (), **{**options, "space": "features"})


def test_what_a_part_needs_is_asked_for(material: Any):
    with pytest.raises(ModelError) as caught:
        chosen(material(), "margin:1,bald:1")
    assert caught.value.code == "no-committee"
