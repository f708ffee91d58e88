from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from alcli.strategies.selectors.matching import Problem, _gaussian, _problem, bmdr, spal


def case(seed=0, labelled=6, rows=25):
    random = np.random.default_rng(seed)
    known, points = random.normal(size=(labelled, 2)), random.normal(size=(rows, 2)) + 0.5
    return known, (known[:, 0] > 0).astype(int), points


def problem(n=4, seed=0, match=10.0, **more) -> Problem:
    known, labels, points = case(seed, **more)
    return _problem(points, n, labels, known, 0.1, match)


def test_the_quadratic_part_is_the_discrepancy():
    # |mean of L and the batch - mean of the rest|^2, spelled out; ALiPy takes a quarter of a'Ka for half of it.
    made = problem()
    n, m, count = made.n, made.m, made.labelled
    linear, values, true = made.linear(), [], []
    for batch in list(combinations(range(8), n))[:40]:
        a = np.zeros(m)
        a[list(batch)] = 1.0
        values.append(0.5 * a @ made.square @ a + linear @ a)
        left = np.concatenate([np.ones(count), a]) / (count + n)
        right = np.concatenate([np.zeros(count), 1.0 - a]) / (m - n)
        true.append((left - right) @ made.whole @ (left - right))
    factor = 2.0 * ((count + m) / ((count + n) * (m - n))) ** 2
    np.testing.assert_allclose(np.diff(true), factor * np.diff(values), atol=1e-12)


def test_the_model_is_the_best_one_for_its_weights():
    made = problem()
    weights = np.random.default_rng(1).random(made.m)
    got = made.value(weights, made.model(weights), made.linear())
    whole, count = made.whole, made.labelled

    def value(dual):
        f = whole @ dual
        loss = made.loss(f[count:])
        return ((made.side - f[:count]) ** 2).sum() + 0.1 * dual @ whole @ dual + weights @ loss

    matched = made.match * (0.5 * weights @ made.square @ weights + made.linear() @ weights)
    best = min(
        minimize(value, start, method="L-BFGS-B", options={"maxiter": 3000}).fun
        for start in (
            np.zeros(len(whole)),
            np.linalg.solve(whole + 0.1 * np.eye(len(whole)), np.r_[made.side, 0 * weights]),
        )
    )
    assert got - matched <= best + 1e-3


def test_without_weights_the_model_is_ridge_regression():
    made = problem()
    count = made.labelled
    wanted = made.whole[count:, :count] @ np.linalg.solve(made.whole[:count, :count] + 0.1 * np.eye(count), made.side)
    np.testing.assert_allclose(made.model(np.zeros(made.m)), wanted, atol=1e-9)


@pytest.mark.parametrize("match", [0.1, 10.0, 1000.0])
def test_no_turn_of_bmdr_makes_the_objective_larger(match):
    for seed in range(4):
        made = problem(seed=seed, match=match)
        weights = made.by_turns()
        history = np.array(made.history)
        assert len(history) and (np.diff(history) <= 1e-3 * (1 + np.abs(history[:-1]))).all()
        assert weights.min() >= 0.0 and weights.max() <= 1.0 and weights.sum() == pytest.approx(made.n)


def test_bmdr_finds_the_best_batch_of_a_small_pool():
    # One model and match only, all batches tried: with the relaxed weights the same or nearly the same value.
    made = problem(n=2, match=1000.0, rows=9)
    weights = made.by_turns()
    linear = made.linear()

    def value(a):
        return made.value(a, made.model(a), linear)

    best = min(value(np.isin(np.arange(made.m), pair).astype(float)) for pair in combinations(range(made.m), 2))
    assert value(weights) <= best + 1e-2 * abs(best)


def test_spal_weighs_easy_rows_only():
    made = problem(match=0.1)
    weights = made.by_turns(pace=0.1)
    assert ((made.easy >= 0.0) & (made.easy <= 1.0)).all()
    assert made.easy @ weights <= made.n + 1e-6
    # v minimises v a loss + pace (v^2 / 2 - v) for each row by itself
    loss, pace = np.array([0.05, 0.0, 3.0]), 0.1
    made.easy = np.clip(1.0 - loss / pace, 0.0, 1.0)
    grid = np.linspace(0, 1, 1001)
    for each, easy in zip(loss, made.easy, strict=True):
        assert grid[np.argmin(grid * each + pace * (grid**2 / 2 - grid))] == pytest.approx(easy, abs=1e-3)


@pytest.mark.parametrize("select", [bmdr, spal])
def test_the_batch_goes_where_no_label_is(select):
    random = np.random.default_rng(0)
    known = random.normal(0, 0.3, size=(8, 2))
    points = np.concatenate([random.normal(0, 0.3, size=(20, 2)), random.normal(6, 0.3, size=(20, 2))])
    got = select(points, 4, labels=np.arange(8) % 2, labelled=known)
    assert (got >= 20).sum() >= 3


@pytest.mark.parametrize("select", [bmdr, spal])
def test_small_and_odd_cases(select):
    known, labels, points = case()
    assert select(points, 40, labels=labels, labelled=known).tolist() == list(range(25))
    assert len(select(points, 5, labels=[])) == 5
    assert len(select(points, 5, labels=np.ones(6, int), labelled=known)) == 5
    assert select(np.zeros((6, 2)), 3, labels=labels, labelled=known * 0).tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="two classes"):
        select(points, 2, labels=labels + 1, labelled=known)
    with pytest.raises(ValueError, match="one for each labelled row"):
        select(points, 2, labels=labels[:3], labelled=known)
    with pytest.raises(ValueError, match="ridge"):
        select(points, 2, labels=labels, labelled=known, ridge=0.0)


def test_the_kernel_does_not_depend_on_units():
    known, _, points = case()
    np.testing.assert_allclose(_gaussian(known, points), _gaussian(known * 1e6, points * 1e6), atol=1e-12)
    assert (_gaussian(known[:0], np.full((3, 2), 0.1)) == 1.0).all()
