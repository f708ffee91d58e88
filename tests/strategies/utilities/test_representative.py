from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies import resolve
from alcli.strategies.utilities.representative import density, information_density
from alcli.strategies.utilities.uncertainty import entropy


def unit_mean(pool: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(pool, axis=1)
    return (pool / np.where(length > 0.0, length, 1.0)[:, None]).mean(axis=0)


def plain(pool: np.ndarray) -> np.ndarray:
    """By the paper: the similarity of all pairs, and then its mean."""
    length = np.linalg.norm(pool, axis=1)
    unit = pool / np.where(length > 0.0, length, 1.0)[:, None]
    return ((1.0 + unit @ unit.T) / 2.0).mean(axis=1)


def test_values_worked_by_hand():
    pool = np.array([[3.0, 0.0], [0.0, 1.0], [-2.0, 0.0]])
    # Cosines with the three: (1, 0, -1), (0, 1, 0), (-1, 0, 1); as similarities (1, .5, 0), (.5, 1, .5), (0, .5, 1).
    np.testing.assert_allclose(density(pool, unit_mean(pool)), [1.5 / 3, 2.0 / 3, 1.5 / 3])
    even = np.full((3, 2), 0.5)
    np.testing.assert_allclose(information_density(even, pool, unit_mean(pool), beta=2.0), [1 / 4, 4 / 9, 1 / 4])


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.integers(-5, 5)))
def test_values_are_those_of_all_pairs(pool):
    got = density(pool, unit_mean(pool))
    np.testing.assert_allclose(got, plain(pool), rtol=1e-12, atol=1e-12)
    assert got.min() >= 0.0 and got.max() <= 1.0


def test_without_a_power_it_is_entropy_and_with_the_power_one_it_is_the_product():
    random = np.random.default_rng(0)
    pool, proba = random.normal(size=(50, 3)), random.dirichlet(np.ones(3), size=50)
    mean = unit_mean(pool)
    np.testing.assert_allclose(information_density(proba, pool, mean, beta=0.0), entropy(proba))
    np.testing.assert_allclose(information_density(proba, pool, mean), entropy(proba) * plain(pool))


def test_alipy_multiplied_by_a_distance_and_preferred_outliers():
    random = np.random.default_rng(0)
    pool = random.normal([10.0, 0.0], size=(60, 2))
    pool[7] = [-3.0, 30.0]
    got = information_density(np.full((60, 2), 0.5), pool, unit_mean(pool))
    by_distance = np.linalg.norm(pool[:, None] - pool, axis=2).mean(axis=1)
    assert by_distance.argmax() == 7 == got.argmin()


def test_libact_had_a_negative_cosine_to_a_power():
    pool = np.array([[1.0, 0.0], [1.0, 0.1], [-1.0, 0.0]])
    got = information_density(np.full((3, 2), 0.5), pool, unit_mean(pool), beta=0.5)
    assert np.isfinite(got).all() and got.argmin() == 2


def test_a_row_is_known_by_its_direction_at_any_scale():
    pool = np.random.default_rng(0).normal(size=(40, 3))
    mean = unit_mean(pool)
    for scale in (1e-170, 1e-30, 1e30, 1e140):
        np.testing.assert_allclose(density(pool * scale, mean), density(pool, mean), rtol=1e-12)


def test_rows_of_zeros_have_no_direction():
    assert density(np.zeros((2, 3)), np.zeros(3)).tolist() == [0.5, 0.5]


def test_no_matrix_of_all_pairs():
    pool = np.random.default_rng(0).normal(size=(50_000, 4))
    tracemalloc.start()
    density(pool, unit_mean(pool))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_settings_and_shapes_are_checked():
    with pytest.raises(ValueError, match="beta must be 0 or more"):
        information_density(np.full((1, 2), 0.5), np.ones((1, 2)), np.ones(2), beta=-1.0)
    with pytest.raises(ValueError, match="shape"):
        density(np.ones((2, 3)), np.ones(2))
    with pytest.raises(ValueError, match="shape"):
        information_density(np.full((1, 2), 0.5), np.ones((2, 2)), np.ones(2))
    with pytest.raises(ValueError, match="space, row 1"):
        density(np.array([[1.0], [np.nan]]), np.ones(1))


@pytest.mark.parametrize("name", ["InformationDensity", "QueryInstanceDensityWeighted", "density-weighted"])
def test_names_of_other_libraries(name):
    assert resolve(name).name == "information_density"
