from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.selectors.falcun import _power, falcun


def chances(proba, unsure, chosen, gamma=10.0):
    """The chance of each row to come next, from Gilhuber et al. 2024, equations 2 to 6."""
    apart = unsure.copy()
    for row in chosen:
        apart = np.minimum(apart, np.abs(proba - proba[row]).sum(axis=1))
        apart = apart - apart.min()
        if apart.max() > 0:
            apart = apart / apart.max()
    weight = (unsure + apart) ** gamma
    weight[chosen] = 0.0
    return weight / weight.sum()


def unsure_of(proba):
    two = np.sort(proba, axis=1)
    return 1.0 - (two[:, -1] - two[:, -2])


def test_two_draws_worked_by_hand():
    # u = 1, .5, 0. First weights (2, 1, 0)^1: chances 2/3, 1/3, 0.
    # After the first row D = min(u, |p - p0|_1) = (0, .5, 0) -> (0, 1, 0): u + D = (taken, 1.5, 0): the second is sure.
    p = np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]])
    firsts = []
    for seed in range(300):
        got = falcun(p, 3, utility=unsure_of(p), seed=seed, gamma=1.0).tolist()
        assert got[0] in (0, 1) and got[2] == 2
        firsts.append(got[0])
    assert 0.57 < firsts.count(0) / 300 < 0.76


def test_each_row_comes_as_often_as_the_paper_says():
    p = np.random.default_rng(3).dirichlet(np.ones(3), size=6)
    u, draws = unsure_of(p), 3000
    seen = np.zeros((6, 6))
    for seed in range(draws):
        first, second = falcun(p, 2, utility=u, seed=seed, gamma=2.0)
        seen[first, second] += 1
    start = chances(p, u, [], 2.0)
    wanted = np.array([start[row] * chances(p, u, [row], 2.0) for row in range(6)])
    assert np.abs(seen / draws - wanted).max() < 4 * np.sqrt(0.25 / draws)


def test_a_long_batch_follows_the_same_chances():
    # Every draw of the batch is where the uniform number falls among the paper's chances.
    p = np.random.default_rng(4).dirichlet(np.ones(4), size=40)
    u = unsure_of(p)
    got = falcun(p, 15, utility=u, seed=11).tolist()
    random = np.random.default_rng(11)
    for at, row in enumerate(got):
        steps = np.cumsum(chances(p, u, got[:at]))
        draw = random.random()
        assert steps[row] >= draw - 1e-9 and (row == 0 or steps[row - 1] <= draw + 1e-9)


def test_certain_rows_and_copies_fill_up_at_the_end():
    p = np.array([[1.0, 0.0]] * 4 + [[0.5, 0.5]] * 2)
    got = falcun(p, 6, utility=unsure_of(p), seed=0).tolist()
    assert sorted(got) == list(range(6)) and got[0] in (4, 5)


def test_powers_by_squaring_are_powers():
    base = np.random.default_rng(0).random(50)
    for gamma in (0.0, 1.0, 2.0, 3.0, 10.0, 17.0, 2.5):
        np.testing.assert_allclose(_power(base, gamma), base**gamma, rtol=1e-12)


def test_large_utilities_are_scaled_and_negative_ones_refused():
    p = np.random.default_rng(4).dirichlet(np.ones(4), size=20)
    u = unsure_of(p) / unsure_of(p).max()
    assert np.array_equal(falcun(p, 5, utility=u, seed=1), falcun(p, 5, utility=u * 64, seed=1))
    with pytest.raises(ValueError, match="row 1: below 0"):
        falcun(p[:2], 1, utility=np.array([1.0, -1.0]))
    with pytest.raises(ValueError, match="gamma"):
        falcun(p, 1, gamma=-1.0)
