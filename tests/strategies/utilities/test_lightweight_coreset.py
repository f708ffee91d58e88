from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies import SELECTORS, TABLE, UTILITIES
from alcli.strategies.calls import log_weights, prepare, score
from alcli.strategies.rank import gumbel_from_hash, top
from alcli.strategies.utilities.coreset import learn_mean, lightweight_coreset


def test_a_line_worked_by_hand():
    # Mean 3; squared distances 9, 4, 1, 36 with mean 12.5: q |U| = 1/2 + d² / 25.
    line = np.array([[0.0], [1.0], [2.0], [9.0]])
    np.testing.assert_allclose(lightweight_coreset(line, learn_mean(line)), [0.86, 0.66, 0.54, 1.94])


def test_values_are_the_paper_s_chances_times_the_pool():
    rows = np.random.default_rng(0).normal(size=(500, 4)) + 1e5
    away = ((rows - rows.mean(axis=0)) ** 2).sum(axis=1)
    chance = 1 / (2 * 500) + away / (2 * away.sum())
    got = lightweight_coreset(rows, learn_mean(rows))
    np.testing.assert_allclose(got / 500, chance, rtol=1e-6)
    assert got.sum() == pytest.approx(500)


def test_small_text_drew_n_rows_of_each_block_and_numbered_them_within_it():
    # Asked for 10 of 1,000 it gave 100 with ids below 99, 60 of them unique.
    row = TABLE["lightweight_coreset"]
    utility, selector = UTILITIES[row.utility], SELECTORS[row.selector]
    rows = np.random.default_rng(0).normal(size=(1000, 4))
    given = {"space": rows, "reference": rows}
    learned = prepare(utility, given, 0, {})
    parts = [score(utility, {"space": rows[a : a + 100]}, 100, {}, learned) for a in range(0, 1000, 100)]
    hashes = np.random.default_rng(1).integers(0, 2**64, size=1000, dtype=np.uint64)
    keys = log_weights(selector, np.concatenate(parts), {}) + gumbel_from_hash(hashes)
    got = top(keys, 10, hashes)
    assert len(set(got.tolist())) == 10 and got.max() > 500


def test_rows_are_drawn_in_proportion():
    line = np.array([[0.0], [1.0], [2.0], [9.0]])
    weight = log_weights(SELECTORS["sample"], lightweight_coreset(line, learn_mean(line)), {})
    hashes = np.random.default_rng(2).integers(0, 2**64, size=(20_000, 4), dtype=np.uint64)
    first = (weight + gumbel_from_hash(hashes.ravel()).reshape(hashes.shape)).argmax(axis=1)
    np.testing.assert_allclose(np.bincount(first) / 20_000, np.array([0.86, 0.66, 0.54, 1.94]) / 4, atol=0.012)


def test_equal_rows_are_alike():
    for value in (0.0, 0.1, 1e8 + 0.1):
        rows = np.full((7, 3), value)
        assert lightweight_coreset(rows, learn_mean(rows)).tolist() == [1.0] * 7
    tiny = np.array([[1e-30], [3e-30]])
    np.testing.assert_allclose(lightweight_coreset(tiny, learn_mean(tiny)), [1.0, 1.0])


def test_another_width_is_refused():
    with pytest.raises(ValueError, match=r"space must have shape \(n, 2\)"):
        lightweight_coreset(np.ones((3, 1)), learn_mean(np.ones((3, 2))))
