"""The nearest labelled rows: those that an exact search finds, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.selection import neighbours
from alcli.selection.neighbours import nearest


def searched(points, others, itself, most):
    found = []
    for row, own in zip(points, itself, strict=True):
        far = ((others.astype(np.float64) - row) ** 2).sum(axis=1)
        order = sorted((float(value), at) for at, value in enumerate(far) if at != own)
        found.append([at for _, at in order[:most]])
    return found


@pytest.mark.parametrize("block", [1, 7, 8192])
@pytest.mark.parametrize("seed", range(3))
def test_they_are_those_of_an_exact_search(monkeypatch, block, seed):
    monkeypatch.setattr(neighbours, "_BLOCK", block)
    chance = np.random.default_rng(seed)
    others = chance.normal(size=(40, 5)).astype(np.float32)
    others[10:20] = others[0]  # copies tie; the first one wins
    points = np.vstack([others[:6], chance.normal(size=(5, 5)).astype(np.float32)])
    itself = np.array([0, 1, 2, 3, 4, 5, *[-1] * 5])
    assert nearest(points, others, itself, 3) == searched(points, others, itself, 3)


def test_there_are_fewer_when_fewer_are_labelled():
    points, others = np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32)
    assert nearest(points, others, np.array([-1, 1]), 3) == [[0, 1], [0]]


def test_far_from_the_origin_and_close_to_each_other():
    others = np.array([[1e7], [1e7 + 1], [1e7 + 3]])
    assert nearest(np.array([[1e7 + 2.2]]), others, np.array([-1]), 2) == [[2, 1]]
