from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.strategies.selectors.balanced import class_balanced


def test_worked_by_hand():
    # Labels: three of class 0, one of class 1, none of class 2. Predicted: rows 0, 1 are 0; 2, 3, 4 are 1; 5 is 2.
    p = np.eye(3)[[0, 0, 1, 1, 1, 2]] * 0.7 + 0.1
    u = np.array([0.9, 0.8, 0.1, 0.3, 0.2, 0.0])
    # Class 2 has 0: row 5. Then 1 and 2 have 1 each, and 2 has no row left: row 3 (best of class 1), then row 4.
    # Then class 1 and class 0 have 3: of their best rows, 2 (0.1) and 0 (0.9), row 0 is worth more. Then 1 again.
    got = class_balanced(None, 6, proba=p, labels=[0, 0, 0, 1], utility=u).tolist()
    assert got == [5, 3, 4, 0, 2, 1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 5), st.integers(0, 30))
def test_no_other_batch_is_flatter(seed, classes, n):
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(classes) * 0.3, size=25)
    labels = random.integers(0, classes, random.integers(0, 12))
    got = class_balanced(None, n, proba=p, labels=labels, utility=random.random(25))
    assert len(set(got.tolist())) == len(got) == min(n, 25)
    guess = p.argmax(axis=1)
    have = np.bincount(labels, minlength=classes)
    took, left = np.bincount(guess[got], minlength=classes), np.bincount(guess, minlength=classes)
    after = have + took
    for low in range(classes):
        for high in range(classes):
            # moving one place of the batch from `high` to `low` would not make them more alike
            if took[high] and took[low] < left[low]:
                assert after[high] - after[low] <= 1


def test_inside_a_class_the_best_come_first():
    random = np.random.default_rng(0)
    p, u = random.dirichlet(np.ones(3), size=60), random.random(60)
    got = class_balanced(None, 20, proba=p, labels=[0, 1, 2], utility=u)
    for code in range(3):
        mine = [row for row in got if p[row].argmax() == code]
        rows = np.flatnonzero(p.argmax(axis=1) == code)
        assert mine == rows[np.argsort(-u[rows])][: len(mine)].tolist()


def test_a_class_without_labels_and_one_without_predictions():
    p = np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]])
    assert class_balanced(None, 2, proba=p, labels=[], utility=np.array([0.1, 0.2])).tolist() == [1, 0]


def test_labels_that_are_no_classes_are_refused():
    for labels in ([0, 2], [-1], [0.5]):
        with pytest.raises(ValueError, match="class numbers from 0 to 1"):
            class_balanced(None, 1, proba=np.array([[0.5, 0.5]]), labels=labels)
