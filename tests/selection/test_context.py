"""Signals of rows and of the whole choice: right, and the same whatever the files, order and workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.errors import ModelError
from alcli.selection.context import Context
from alcli.selection.gathering import gather
from alcli.selection.laying import Wanted
from alcli.selection.playing import plan, play
from alcli.selection.signals import DROPPED, PASSES, points, require, signals
from alcli.strategies import TABLE, Strategy
from alcli.strategies.kinds import Past
from alcli.strategies.points import Outer
from alcli.tables.pool import Request

NAMES = ("labelled", "labels", "labelled_proba", "reference", "reference_proba", "target", "mean", "liked", "costs")
ROWS = 400


def everything(material: Any) -> tuple[Any, Any]:
    """All rows of a small pool and their matrix."""
    ids = [f"r{i:04d}" for i in range(ROWS)]
    rows = material.pool.take(ids, material.maker.request)
    return rows, material.maker.transform(rows)


def test_the_context_does_not_depend_on_order_files_or_workers(material, tmp_path, table, write):
    order = np.random.default_rng(3).permutation(ROWS)
    files = [write(tmp_path / f"part{i}.csv", table, part) for i, part in enumerate(np.array_split(order, 3))]
    one = Context(material(committee=3), "features", 50).of(NAMES)
    other = Context(material(files, committee=3, jobs=2), "features", 50).of(NAMES)
    assert set(one) == set(NAMES)
    for name in NAMES:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_labelled_rows_stand_beside_their_labels(material):
    given = material()
    found = Context(given, "features").of(["labelled", "labels", "labelled_proba"])
    assert found["labelled"].shape == (40, 2) and found["labelled_proba"].shape == (40, 2)
    # the label of a row of this pool is the sign of its sum, and class 1 is "up"
    X = np.asarray(found["labelled"], float)
    mean = given.maker.vectors(everything(given)[1])
    assert np.array_equal(found["labels"], (X.sum(axis=1) > 0).astype(int)) and len(mean) == ROWS


def test_a_labelled_row_that_left_the_pool_is_left_out(material):
    given = material()
    given.labelled = {**given.labelled, "gone": "up"}
    found = Context(given, "features").of(["labelled", "labels"])
    assert len(found["labelled"]) == len(found["labels"]) == 40


def test_rows_that_stand_for_the_pool_are_distinct_and_unlabelled(material):
    given = material()
    rows, _ = Context(given, "features", 60).reference_rows()
    ids = rows.ids.to_pylist()
    assert len(set(ids)) == 60 and not set(ids) & set(given.labelled)
    rows, _ = Context(given, "features", 10_000).reference_rows()
    assert len(rows) == ROWS - 40


def test_the_mean_is_that_of_rows_of_length_one(material):
    given = material()
    rows, X = everything(given)
    free = [i for i, id_ in enumerate(rows.ids.to_pylist()) if id_ not in given.excluded]
    place = np.asarray(points(given, "features", rows, X), float)[free]
    unit = place / np.linalg.norm(place, axis=1, keepdims=True)
    np.testing.assert_allclose(Context(given, "features").of(["mean"])["mean"], unit.mean(axis=0), rtol=1e-12)


def test_examples_and_costs_have_a_shape_when_nobody_gave_any(material):
    found = Context(material(), "features").of(["liked", "unliked", "costs"])
    assert found["liked"].shape == found["unliked"].shape == (0, 2)
    assert found["costs"].tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_examples_are_points_of_the_strategys_space(material):
    given = material()
    given.liked = given.pool.take(["r0007", "r0003"], given.maker.request)
    found = Context(given, "probability").of(["liked"])["liked"]
    rows = given.pool.take(["r0007", "r0003"], given.maker.request)
    expected = given.model.predict_proba(given.maker.transform(rows))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_dropped_features_depend_on_the_row_and_the_pass_alone(material):
    given = material()
    rows, X = everything(given)
    whole = signals(given, ["dropout"], rows, X)["dropout"]
    assert whole.shape == (PASSES, ROWS, 2)
    at = np.array([17, 3, 250])
    np.testing.assert_array_equal(signals(given, ["dropout"], rows.take(at), X[at])["dropout"], whole[:, at])
    assert len({whole[number, :50].tobytes() for number in range(PASSES)}) == PASSES


def test_three_quarters_of_the_features_are_dropped_and_the_rest_scaled_up(material):
    given, seen = material(), []
    rows, X = everything(given)
    given.model.predict_proba = lambda X: seen.append(X) or np.full((len(X), 2), 0.5)
    signals(given, ["dropout"], rows, X)
    kept = [its != 0.0 for its in seen]
    assert abs(np.mean(kept) - (1 - DROPPED)) < 0.03
    for its, where in zip(seen, kept, strict=True):
        np.testing.assert_allclose(its[where], X[where] / (1 - DROPPED))


def test_gradients_are_factors_for_those_who_can_take_them(material):
    given = material()
    wanted = Wanted("gradient", ("proba",), factored=True)
    factored, dense = gather(given, wanted), gather(given, Wanted("gradient", ("proba",)))
    assert isinstance(factored.points, Outer) and dense.points.shape == (360, 2 * 3)
    np.testing.assert_array_equal(factored.points.dense(), dense.points)
    p, predicted = factored.signals["proba"], factored.signals["proba"].argmax(axis=1)
    away = p.copy()
    away[np.arange(360), predicted] -= 1.0  # p - e of the predicted class
    np.testing.assert_allclose(factored.points.left, away, atol=1e-6)
    assert (factored.points.right[:, -1] == 1.0).all()


def test_candidates_in_excess_are_left_out_and_others_are_in_the_next_batch(material):
    given = material()
    told: list[tuple[int, int]] = []
    some = gather(given, Wanted("features", most=25), lambda *counts: told.append(counts))
    whole = gather(given, Wanted("features"))
    ids, all_ = some.ids.to_pylist(), whole.ids.to_pylist()
    # a sample of all, in the same order as among all
    assert ids == [id_ for id_ in all_ if id_ in ids] and told == [(25, 360)]
    assert some.eligible == 360 and len(some) == 25
    given.batch += 1
    after = gather(given, Wanted("features", most=25)).ids.to_pylist()
    assert len(set(after) & set(ids)) < 15 and gather(given, Wanted("features")).ids.to_pylist() == all_


def test_a_strategy_that_compares_fewer_rows_says_so(material):
    choice = play(
        material(),
        plan("typicality", None, ["candidates=50"], space=None, past=Past({}, True)),
        5,
    )
    assert any("compares 50 of 360 rows" in note for note in choice.notes)


def test_the_largest_values_of_a_group_are_those_of_all_candidates_together(material):
    from alcli.strategies.utilities.density import typicality

    given = material()
    cloud = gather(given, Wanted("embedding"))
    best = np.argsort(-typicality(cloud.points), kind="stable")[:4]
    choice = play(given, plan("typicality", None, (), space=None, past=Past({}, True)), 4)
    assert [pick.id for pick in choice.picks] == [cloud.ids[int(i)].as_py() for i in best]


def test_two_classes_are_asked_for_before_anything_is_read(material, monkeypatch):
    import alcli.strategies.table as rows
    from alcli.strategies import UTILITIES

    given = material()
    given.classes = ("a", "b", "c")
    from dataclasses import replace

    monkeypatch.setitem(rows.UTILITIES, "margin", replace(UTILITIES["margin"], binary=True))
    with pytest.raises(ModelError, match="defined for two classes, and there are 3") as caught:
        require(given, Strategy("mine", None, "margin", "top", needs=("proba",)), None)
    assert caught.value.code == "two-classes"


def test_labels_are_asked_for_before_anything_is_read(material):
    given = material()
    given.labelled = {}
    with pytest.raises(ModelError, match="needs labelled rows") as caught:
        require(given, TABLE["class_balanced"], None)
    assert caught.value.code == "no-labels"
    require(given, TABLE["quire"], "embedding")  # begins without any


def test_rows_of_no_features_can_still_be_read(material):
    given = material()
    rows, X = everything(given)
    assert set(signals(given, ["proba", "labelled", "space"], rows, X)) == {"proba", "space"}
    assert Path(given.pool.files[0].path).exists() and Request().columns == ()
