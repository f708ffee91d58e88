"""Rows in the coordinates of their own span keep all that a linear model can see of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from alcli.models.coordinates import Coordinates, Span


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 30),
    width=st.integers(1, 60),
    rank=st.integers(1, 30),
    sparse=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_inner_products_are_kept(n: int, width: int, rank: int, sparse: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, rank)) @ random.normal(size=(rank, width))
    span = Span(csr_matrix(X) if sparse else X)
    size = max(1.0, float((X**2).sum(axis=1).max()))
    assert span.placed.shape[1] == min(n, width, rank)
    assert span.placed @ span.placed.T == pytest.approx(X @ X.T, abs=1e-9 * size)
    # rows outside: what a vector of the span says of them is kept
    fresh, vectors = random.normal(size=(7, width)), random.normal(size=(2, span.placed.shape[1]))
    assert fresh @ span.back(vectors).T == pytest.approx(span.of(fresh) @ vectors.T, abs=1e-6 * size)
    assert span.of(X) == pytest.approx(span.placed, abs=1e-6 * size)


def test_copies_and_zeros_cost_no_direction() -> None:
    X = np.array([[3.0, 0.0, 4.0], [0.0, 0.0, 0.0], [3.0, 0.0, 4.0], [6.0, 0.0, 8.0]])
    span = Span(X)
    assert np.abs(span.placed).ravel().tolist() == [5.0, 0.0, 5.0, 10.0]
    assert Span(np.zeros((3, 4))).placed.shape == (3, 0)


def test_known_and_candidates_stand_in_the_same_coordinates() -> None:
    random = np.random.default_rng(0)
    known, candidates = random.normal(size=(5, 200)), random.normal(size=(9, 200))
    there = Coordinates(known, candidates)
    assert there.known @ there.candidates.T == pytest.approx(known @ candidates.T)
    assert there.of(candidates) == pytest.approx(there.candidates)
    assert there.of(None).shape == (0, 14)
