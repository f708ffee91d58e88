from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from alcli.strategies.utilities import density
from alcli.strategies.utilities.density import typicality


def plain(points: np.ndarray, neighbours: int) -> np.ndarray:
    """By the paper: all distances, sorted."""
    distances = np.sort(cdist(points, points) + np.diag(np.full(len(points), np.inf)), axis=1)
    return 1.0 / distances[:, : min(neighbours, len(points) - 1)].mean(axis=1)


def test_values_worked_by_hand():
    line = np.array([[0.0], [1.0], [3.0], [10.0]])
    # Two nearest: 0 -> 1, 3; 1 -> 1, 2; 3 -> 2, 3; 10 -> 7, 9.
    np.testing.assert_allclose(typicality(line, neighbours=2), [1 / 2, 1 / 1.5, 1 / 2.5, 1 / 8])


@pytest.mark.parametrize("cells", [30, 1000, 2_000_000])
def test_values_are_those_of_all_distances_sorted(cells, monkeypatch):
    monkeypatch.setattr(density, "_CELLS", cells)
    points = np.random.default_rng(0).normal(size=(150, 6))
    np.testing.assert_allclose(typicality(points), plain(points, 20), rtol=1e-12)


@given(arrays(np.float64, st.tuples(st.integers(2, 25), st.integers(1, 3)), elements=st.integers(0, 3)))
def test_copies_and_ties_stay_finite(points):
    got = typicality(points, neighbours=3)
    assert np.isfinite(got).all() and got.min() > 0.0
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(got, np.minimum(plain(points, 3), 1e150), rtol=1e-12)


def test_an_outlier_is_least_typical_and_a_lone_row_worth_nothing():
    points = np.vstack([np.random.default_rng(0).normal(size=(40, 2)), [[50.0, 50.0]]])
    assert typicality(points).argmin() == 40
    assert typicality(points[:1]).tolist() == [0.0]


def test_a_shift_of_the_origin_changes_little():
    points = np.random.default_rng(0).normal(size=(80, 4))
    np.testing.assert_allclose(typicality(points + 1e6), typicality(points), rtol=1e-6)


def test_no_neighbour_is_no_setting():
    with pytest.raises(ValueError, match="neighbours must be at least 1"):
        typicality(np.ones((3, 1)), neighbours=0)
