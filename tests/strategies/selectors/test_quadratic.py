from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from alcli.strategies.selectors.quadratic import minimise, onto


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 8))
def test_the_projection_is_feasible_and_nearest(seed, size):
    random = np.random.default_rng(seed)
    upper, sides = random.random(size) * 2, random.choice([-1.0, 0.5, 1.0], size)
    inside = random.random(size) * upper
    total, point = float(sides @ inside), random.normal(size=size) * 3
    got = onto(point, upper, sides, total)
    assert got.min() >= 0.0 and (got <= upper).all() and sides @ got == pytest.approx(total, abs=1e-9)
    # the projection p of x has (x - p)(q - p) <= 0 for every q that is feasible
    for _ in range(20):
        other = onto(random.normal(size=size) * 3, upper, sides, total)
        assert (point - got) @ (other - got) <= 1e-8


def test_what_no_weights_can_add_up_to_is_refused():
    with pytest.raises(ValueError, match="between 0 and 2"):
        onto(np.zeros(2), np.ones(2), np.ones(2), 3.0)


@pytest.mark.parametrize("seed", range(8))
def test_the_minimum_is_that_of_a_general_solver(seed):
    random = np.random.default_rng(seed)
    size = 7
    factor = random.normal(size=(size, 3 + seed % 5))
    square, linear = factor @ factor.T, random.normal(size=size) * 2
    sides = np.ones(size) if seed % 2 else random.choice([-1.0, 1.0], size)
    upper, total = np.ones(size), 2.0 if seed % 2 else 0.0

    def value(x):
        return 0.5 * x @ square @ x + linear @ x

    start = onto(np.zeros(size), upper, sides, total)
    got = minimise(lambda v: square @ v, linear, upper, sides, total, tolerance=1e-9, steps=20_000)
    other = minimize(
        value,
        start,
        jac=lambda x: square @ x + linear,
        bounds=[(0, 1)] * size,
        constraints={"type": "eq", "fun": lambda x: sides @ x - total, "jac": lambda x: sides},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert sides @ got == pytest.approx(total, abs=1e-8)
    assert value(got) == pytest.approx(value(other.x), abs=1e-5)
    assert value(got) <= value(start) + 1e-12


def test_a_plane_goes_to_its_corner():
    got = minimise(lambda v: 0.0 * v, np.array([3.0, 1.0, 2.0]), np.ones(3), np.ones(3), 1.0)
    np.testing.assert_allclose(got, [0.0, 1.0, 0.0], atol=1e-6)


def test_the_conditions_of_karush_kuhn_and_tucker_hold():
    random = np.random.default_rng(0)
    points = random.normal(size=(80, 3))
    square = np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2))
    linear = random.normal(size=80) * 0.3
    got = minimise(lambda v: square @ v, linear, np.ones(80), np.ones(80), 10.0, tolerance=1e-9, steps=20_000)
    slope = square @ got + linear
    inner = (got > 1e-6) & (got < 1 - 1e-6)
    level = slope[inner].mean()
    assert np.abs(slope[inner] - level).max() < 1e-4
    assert (slope[got <= 1e-6] >= level - 1e-4).all() and (slope[got >= 1 - 1e-6] <= level + 1e-4).all()
