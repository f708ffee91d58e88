from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls
from scipy.special import softmax

from alcli.strategies.points import Outer
from alcli.strategies.selectors.gradients import glister, gradmatch


def outers(rows=60, classes=3, columns=4, seed=0):
    random = np.random.default_rng(seed)
    left = random.dirichlet(np.ones(classes), rows)
    left[np.arange(rows), left.argmax(axis=1)] -= 1.0
    return Outer(left, np.hstack([random.normal(size=(rows, columns)) + 0.5, np.ones((rows, 1))]))


def pursuit(g, n, ridge):
    """Orthogonal matching pursuit by the book, on gradients that were built."""
    wanted, power = g.mean(axis=0), (g**2).sum(axis=1).mean()
    chosen, residual = [], wanted
    while len(chosen) < n:
        along = g @ residual
        along[chosen] = -np.inf
        chosen.append(int(along.argmax()))
        # ridge as rows of their own: ||g w - wanted||^2 + ridge power ||w||^2
        tall = np.vstack([g[chosen].T, np.sqrt(ridge * power) * np.eye(len(chosen))])
        weights = nnls(tall, np.append(wanted, np.zeros(len(chosen))))[0]
        residual = wanted - weights @ g[chosen]
    return chosen


def test_a_case_worked_by_hand():
    # Mean (1, 0.5). First: products 2, 1.05, 0.5: row 0. Without a ridge it takes all of 1, (0, 0.5) is left: the
    # products are 0, 0.05, 0.5, so row 2, though row 1 alone is nearer to the mean.
    gradients = np.array([[2.0, 0.0], [1.0, 0.1], [0.0, 1.4]])
    np.testing.assert_allclose(gradients.mean(axis=0), [1.0, 0.5])
    assert gradmatch(gradients, 2, ridge=0.0).tolist() == [0, 2]


@pytest.mark.parametrize("ridge", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_matching_pursuit_by_the_book_without_building_gradients(seed, ridge):
    points = outers(seed=seed)
    expected = pursuit(points.dense(), 6, ridge)
    assert gradmatch(points, 6, ridge=ridge).tolist() == expected
    assert gradmatch(points.dense(), 6, ridge=ridge).tolist() == expected


def test_the_batch_comes_nearer_to_the_mean_than_chance():
    points = outers(rows=500, seed=9)
    g = points.dense()
    wanted = g.mean(axis=0)
    random = np.random.default_rng(0)
    miss = [nnls(g[rows].T, wanted)[1] for rows in [gradmatch(points, 8), *(random.choice(500, 8) for _ in range(20))]]
    assert miss[0] < min(miss[1:])


def test_gradients_that_are_all_nothing_and_copies():
    still = Outer(np.zeros((5, 2)), np.ones((5, 3)))
    assert gradmatch(still, 3).tolist() == [0, 1, 2]
    copies = Outer(np.tile([[0.5, -0.5]], (9000, 1)), np.full((9000, 3), 0.1))
    assert gradmatch(copies, 4).tolist() == [0, 1, 2, 3]


def test_weights_of_rows_turn_the_mean():
    gradients = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert gradmatch(gradients, 1).tolist() == [0]
    assert gradmatch(gradients, 1, utility=np.array([0.1, 0.1, 1.0])).tolist() == [2]


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="ridge"):
        gradmatch(np.eye(2), 1, ridge=-1.0)
    with pytest.raises(ValueError, match="rate"):
        glister(np.eye(2), 1, proba=np.full((2, 2), 0.5), labels=[0], labelled_proba=[[1.0, 0.0]], rate=-1.0)


def steps(x, proba, validation, labels, logits, n, rate):
    """GLISTER from the paper on a softmax layer: take each step, and take the gain by differences."""
    h, v = (np.hstack([each, np.ones((len(each), 1))]) for each in (x, validation))
    eta = rate / (h**2).sum(axis=1).mean()
    a = proba - np.eye(proba.shape[1])[proba.argmax(axis=1)]
    moved = np.zeros((proba.shape[1], h.shape[1]))

    def likelihood(weights):
        p = softmax(logits + v @ weights.T, axis=1)
        return np.log(p[np.arange(len(labels)), labels]).sum()

    chosen = []
    while len(chosen) < n:
        small = 1e-5
        gain = np.array(
            [
                likelihood(moved - small * np.outer(a[i], h[i])) - likelihood(moved + small * np.outer(a[i], h[i]))
                for i in range(len(x))
            ]
        )
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
        moved -= eta * np.outer(a[chosen[-1]], h[chosen[-1]])
    return chosen


@pytest.mark.parametrize("rate", [0.0, 0.05, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_glister_takes_the_steps_of_the_paper(seed, rate):
    random = np.random.default_rng(seed)
    x, validation = random.normal(size=(30, 3)), random.normal(size=(9, 3))
    proba, logits = random.dirichlet(np.ones(3), 30), random.normal(size=(9, 3))
    labels = random.integers(0, 3, 9)
    got = glister(
        x, 6, proba=proba, labels=labels, labelled=validation, labelled_proba=softmax(logits, axis=1), rate=rate
    )
    assert got.tolist() == steps(x, proba, validation, labels, logits, 6, rate)


def test_what_is_learned_already_counts_no_more():
    # Two labelled rows, both wrong, far apart. Copies of row 0 help the first, row 3 the second a little less.
    x = np.array([[5.0, 0.0]] * 3 + [[0.0, 4.5]])
    proba = np.tile([0.3, 0.7], (4, 1))
    told = {"proba": proba, "labels": [1, 1], "labelled": np.array([[5.0, 0.0], [0.0, 5.0]])}
    wrong = np.tile([0.9, 0.1], (2, 1))
    assert glister(x, 2, labelled_proba=wrong, rate=0.0, **told).tolist() == [0, 1]
    assert glister(x, 2, labelled_proba=wrong, rate=2.0, **told).tolist() == [0, 3]


def test_without_labelled_rows_the_longest_gradients_come_first():
    x, proba = np.array([[1.0], [9.0], [9.0]]), np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]])
    none = {"labels": np.empty(0, int), "labelled_proba": np.empty((0, 2))}
    assert glister(x, 3, proba=proba, labelled=np.empty((0, 1)), **none).tolist() == [1, 0, 2]


def test_numbers_of_rows_must_match():
    with pytest.raises(ValueError, match="1 labelled rows, 2 labels"):
        glister(np.eye(2), 1, proba=np.full((2, 2), 0.5), labels=[0, 1], labelled_proba=[[1.0, 0.0]], labelled=[[0, 1]])
    with pytest.raises(ValueError, match="proba has 1 rows"):
        glister(np.eye(2), 1, proba=[[0.5, 0.5]], labels=[0], labelled_proba=[[1.0, 0.0]])
