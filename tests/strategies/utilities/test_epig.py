from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from alcli.strategies.utilities import epig as module
from alcli.strategies.utilities.committee import bald
from alcli.strategies.utilities.epig import epig


def from_the_formula(committee, target):
    """E over x* of KL(p(y, y*) || p(y) p(y*)), one term at a time."""
    members, rows, classes = committee.shape
    found = []
    for row in range(rows):
        total = 0.0
        for other in range(target.shape[1]):
            p, q = committee[:, row], target[:, other]
            for y, z in product(range(classes), repeat=2):
                joint = sum(p[k, y] * q[k, z] for k in range(members)) / members
                if joint > 0.0:
                    total += joint * np.log(joint / (p[:, y].mean() * q[:, z].mean()))
        found.append(total / target.shape[1])
    return np.array(found)


def pairs():
    shapes = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))

    def of(shape):
        members, rows, targets, classes = shape
        scores = st.floats(-60, 60)
        return st.tuples(
            arrays(np.float64, (members, rows, classes), elements=scores),
            arrays(np.float64, (members, targets, classes), elements=scores),
        )

    return shapes.flatmap(of).map(lambda both: tuple(softmax(each, axis=2) for each in both))


def test_a_case_worked_by_hand():
    # Members say (0.9, 0.1) and (0.1, 0.9) of the row, (1, 0) and (0, 1) of the target row.
    # p(y, y*) = 0.45, 0.05 / 0.05, 0.45: entropy -(0.9 ln 0.45 + 0.1 ln 0.05) = 1.018230.
    # Both marginals are even: 2 ln 2 - 1.018230 = 0.368065.
    committee = np.array([[[0.9, 0.1]], [[0.1, 0.9]]])
    target = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    np.testing.assert_allclose(epig(committee, target), [0.368065], atol=1e-6)
    # A target row on which the members agree halves the mean.
    both = np.concatenate([target, np.full((2, 1, 2), 0.5)], axis=1)
    np.testing.assert_allclose(epig(committee, both), [0.184032], atol=1e-6)


@given(pairs())
def test_it_is_the_formula_of_the_paper(both):
    np.testing.assert_allclose(epig(*both), from_the_formula(*both), atol=1e-9)


@given(pairs())
def test_it_is_between_nothing_and_bald(both):
    committee, target = both
    got = epig(committee, target)
    # The label tells about the other label only through the member.
    assert (got >= 0.0).all() and (got <= bald(committee) + 1e-9).all()


def test_members_that_agree_on_the_target_leave_nothing_to_learn_though_bald_is_large():
    committee = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert epig(committee, np.full((2, 3, 2), 0.5)).tolist() == [0.0]
    assert bald(committee)[0] > 0.69


@pytest.mark.parametrize("cells", [1, 50, 1000])
def test_blocks_change_nothing(cells, monkeypatch):
    random = np.random.default_rng(0)
    committee, target = random.dirichlet(np.ones(3), (4, 30)), random.dirichlet(np.ones(3), (4, 11))
    whole = epig(committee, target)
    monkeypatch.setattr(module, "_CELLS", cells)
    np.testing.assert_allclose(epig(committee, target), whole, atol=1e-14)


def test_exact_zeros_and_ones_and_no_target():
    committee = np.array([[[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]])
    np.testing.assert_allclose(epig(committee, committee), [np.log(2)])
    assert epig(committee, np.empty((2, 0, 3))).tolist() == [0.0]


def test_other_members_or_classes_are_refused():
    with pytest.raises(ValueError, match="members and classes differ"):
        epig(np.full((2, 1, 2), 0.5), np.full((3, 1, 2), 0.5))
    with pytest.raises(ValueError, match="row 0: probabilities sum"):
        epig(np.full((2, 1, 2), 0.5), np.full((2, 1, 2), 0.6))
