"""Points kept as factors are the points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from alcli.strategies.points import Outer

NUMBERS = some.floats(-100, 100, width=32)


@given(arrays(np.float64, (7, 3), elements=NUMBERS), arrays(np.float64, (7, 4), elements=NUMBERS))
def test_distances_and_lengths_are_those_of_the_outer_products(left, right):
    outer = Outer(left, right)
    dense = np.einsum("ij,ik->ijk", left, right).reshape(7, 12)
    np.testing.assert_array_equal(outer.dense(), dense)
    assert outer.shape == dense.shape and len(outer) == 7
    scale = 1.0 + (dense**2).sum(axis=1).max()
    np.testing.assert_allclose(outer.norms(), (dense**2).sum(axis=1), atol=1e-12 * scale)
    for row in range(7):
        np.testing.assert_allclose(outer.to_one(row), ((dense - dense[row]) ** 2).sum(axis=1), atol=1e-11 * scale)


def test_a_copy_is_at_no_distance():
    left, right = np.array([[0.1, -0.1]] * 3), np.array([[1e3, 0.3, 1.0]] * 3)
    assert Outer(left, right).to_one(1).tolist() == [0.0, 0.0, 0.0]


def test_some_of_the_points():
    outer = Outer(np.arange(6.0).reshape(3, 2), np.ones((3, 2)))
    assert outer[np.array([2, 0])].dense().tolist() == [[4, 4, 5, 5], [0, 0, 1, 1]]
    assert len(outer[1:]) == 2


def test_factors_must_have_as_many_rows():
    with pytest.raises(ValueError, match="as many rows"):
        Outer(np.ones((2, 1)), np.ones((3, 1)))
