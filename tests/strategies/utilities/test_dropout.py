from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.utilities.dropout import dropout_disagreement


def test_passes_worked_by_hand():
    # Row 0 is of class 0, and passes say 0, 1, 0, 1; row 1 is of class 1 (always so); row 2 ties: class 0, as its passes.
    whole = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    passes = np.array([[[a, 1 - a], [0.0, 1.0], [0.5, 0.5]] for a in (1.0, 0.0, 0.7, 0.4)])
    assert dropout_disagreement(passes, whole).tolist() == [0.5, 0.0, 0.0]


def test_the_share_of_passes_by_a_loop():
    random = np.random.default_rng(0)
    whole, passes = random.dirichlet(np.ones(4), 30), random.dirichlet(np.ones(4), (5, 30))
    want = [sum(each[row].argmax() != whole[row].argmax() for each in passes) / 5 for row in range(30)]
    np.testing.assert_allclose(dropout_disagreement(passes, whole), want)


def test_signals_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="dropout must have shape"):
        dropout_disagreement(np.full((2, 3, 2), 0.5), np.full((4, 2), 0.5))
    with pytest.raises(ValueError, match="row 1"):
        dropout_disagreement(np.full((2, 3, 2), 0.5), np.array([[0.5, 0.5], [0.5, 0.4], [0.5, 0.5]]))
