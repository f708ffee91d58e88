"""LAL: what it asks the regressor, and that the table it learned from can be made again."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.utilities.lal import TABLE, forest_on, lal, learned, trees_of, whole_of
from alcli.strategies.utilities.lal_table import table


def rows(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    codes = np.arange(n) % 2
    return random.normal(size=(n, 2)) + 2.0 * codes[:, None], codes


def test_the_eight_numbers_are_those_of_the_paper():
    X, codes = rows(20)
    pool = rows(30, 1)[0]
    forest = forest_on(X, codes, 3)
    each = np.array([tree.predict_proba(pool)[:, 1] for tree in forest.estimators_])
    mean, spread = trees_of(forest, pool)
    np.testing.assert_allclose(mean, each.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(spread, each.std(axis=0), atol=1e-12)
    wanted = [
        0.5,
        forest.oob_score_,
        np.std(forest.feature_importances_),
        each.std(axis=0).mean(),
        np.mean([tree.get_depth() for tree in forest.estimators_]),
        20,
    ]
    np.testing.assert_allclose(whole_of(forest, codes, spread), wanted, atol=1e-12)


def test_the_prediction_is_the_regressors_for_each_row():
    X, codes = rows(12)
    pool = rows(300, 1)[0]
    told = learned(X, codes, pool, seed=4)
    mean, spread = trees_of(told.forest, pool)
    wanted = told.regressor.predict(np.column_stack([mean, spread, np.tile(told.whole, (300, 1))]))
    np.testing.assert_allclose(lal(pool, told), wanted, atol=1e-9)


def test_the_table_is_small_and_what_the_script_makes():
    assert TABLE.stat().st_size < 300_000
    with np.load(TABLE) as found:
        states, gains = found["states"], found["gains"]
    assert states.shape == (len(gains), 8) and len(gains) >= 1000
    assert np.isfinite(states).all() and (np.abs(gains) <= 1.0).all()
    again, more = table(sets=1)
    np.testing.assert_allclose(states[: len(again)], again, atol=1e-6)
    np.testing.assert_allclose(gains[: len(more)], more, atol=1e-6)


def test_a_row_between_the_classes_is_worth_more_than_one_inside():
    X, codes = rows(10)
    told = learned(X * 3.0, codes, rows(200, 1)[0] * 3.0)
    inside, between = lal(np.array([[6.0, 6.0], [3.0, 3.0]]), told)
    assert between > inside


def test_the_same_seed_gives_the_same_and_global_randomness_is_left_alone():
    X, codes = rows(12)
    np.random.seed(1)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (lal(X, learned(X, codes, X, seed=7)) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_one_class_only_is_no_trouble_and_a_third_is_refused():
    X, _ = rows(6)
    assert np.array_equal(lal(X, learned(X, np.zeros(6, int), X)), np.zeros(6))
    assert np.array_equal(lal(X, learned(X[:0], [], X)), np.zeros(6))
    with pytest.raises(ValueError, match="two classes"):
        learned(X, [0, 1, 2, 0, 1, 2], X)


def test_two_labels_are_enough():
    X, codes = rows(2)
    assert np.isfinite(lal(rows(9, 2)[0], learned(X, codes, X))).all()
