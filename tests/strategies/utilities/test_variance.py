"""A-optimality of logistic regression: the closed form against the matrices written out."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.utilities import variance
from alcli.strategies.utilities.variance import variance_reduction


def given(classes: int, n: int = 6, l: int = 9, r: int = 8, d: int = 3, seed: int = 0):  # noqa: E741
    random = np.random.default_rng(seed)
    found = []
    for rows in (n, l, r):
        found += [random.normal(size=(rows, d)), random.dirichlet(np.ones(classes), size=rows)]
    return found


def written_out(x, p, known, known_p, pool, pool_p, ridge):
    """Gradients and Fisher information of the softmax model, row by row, class by class."""
    c = p.shape[1]
    centre = pool.mean(axis=0)
    x, known, pool = (np.hstack([rows - centre, np.ones((len(rows), 1))]) for rows in (x, known, pool))

    def information(row, q):
        return np.kron(np.diag(q) - np.outer(q, q), np.outer(row, row))

    def gradient(row, q, code):
        return np.kron(q[code] * (np.eye(c)[code] - q), row)

    fisher = ridge * np.eye(c * x.shape[1]) + sum(information(row, q) for row, q in zip(known, known_p, strict=True))

    def total(matrix):
        inverse = np.linalg.inv(matrix)
        gradients = [gradient(row, q, code) for row, q in zip(pool, pool_p, strict=True) for code in range(c)]
        return sum(a @ inverse @ a for a in gradients) / len(pool)

    return np.array([total(fisher) - total(fisher + information(row, q)) for row, q in zip(x, p, strict=True)])


@pytest.mark.parametrize("classes", [3, 4])
def test_several_classes_are_the_matrices_written_out(classes):
    # libact fits the model again for every candidate; the formula asks for no fit at all
    rows = given(classes)
    np.testing.assert_allclose(variance_reduction(*rows, ridge=0.7), written_out(*rows, 0.7), rtol=1e-9)


def test_two_classes_are_the_binary_model_written_out():
    x, p, known, known_p, pool, pool_p = given(2)
    centre = pool.mean(axis=0)
    x1, known1, pool1 = (np.hstack([rows - centre, np.ones((len(rows), 1))]) for rows in (x, known, pool))
    fisher = 0.3 * np.eye(4) + sum(q[1] * q[0] * np.outer(row, row) for row, q in zip(known1, known_p, strict=True))

    def total(matrix):
        # the gradient of p_1 is p_1 p_0 x, that of p_0 the same downwards
        return np.mean(
            [2 * (q[0] * q[1]) ** 2 * row @ np.linalg.inv(matrix) @ row for row, q in zip(pool1, pool_p, strict=True)]
        )

    wanted = [total(fisher) - total(fisher + q[0] * q[1] * np.outer(row, row)) for row, q in zip(x1, p, strict=True)]
    np.testing.assert_allclose(variance_reduction(x, p, known, known_p, pool, pool_p, ridge=0.3), wanted, rtol=1e-9)


def test_two_classes_by_hand():
    # One feature, pool at -1 and 1 with p = 1/2, no labelled row, ridge 1: F = I, A = 2/16 I (x and 1 do not mix),
    # I_x for x = 1 at p = 1/2: 1/4 (1, 1)(1, 1)^T. F^-1 A F^-1 = A: 1/4 * (1/8 * 2) / (1 + 1/4 * 2) = 1/24
    pool, half = np.array([[-1.0], [1.0]]), np.full((2, 2), 0.5)
    got = variance_reduction([[1.0]], half[:1], np.empty((0, 1)), np.empty((0, 2)), pool, half)
    assert got == pytest.approx(1 / 24)


def test_above_its_limit_each_class_is_told_from_the_rest():
    x, p, known, known_p, pool, pool_p = given(3)
    centre = pool.mean(axis=0)
    x1, known1, pool1 = (np.hstack([rows - centre, np.ones((len(rows), 1))]) for rows in (x, known, pool))
    wanted = np.zeros(len(x))
    for k in range(3):
        fisher = np.eye(4) + sum(q[k] * (1 - q[k]) * np.outer(row, row) for row, q in zip(known1, known_p, strict=True))
        moved = sum(
            q[c] ** 2 * ((c == k) - q[k]) ** 2 * np.outer(row, row) / len(pool)
            for row, q in zip(pool1, pool_p, strict=True)
            for c in range(3)
        )
        for i, (row, q) in enumerate(zip(x1, p, strict=True)):
            more = fisher + q[k] * (1 - q[k]) * np.outer(row, row)
            wanted[i] += np.trace(moved @ np.linalg.inv(fisher)) - np.trace(moved @ np.linalg.inv(more))
    got = variance_reduction(x, p, known, known_p, pool, pool_p, parameters=11)
    np.testing.assert_allclose(got, wanted, rtol=1e-9)
    assert not np.allclose(got, variance_reduction(x, p, known, known_p, pool, pool_p))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_row_that_is_certain_tells_nothing(classes):
    x, p, *others = given(classes)
    p[0] = np.eye(classes)[0]
    got = variance_reduction(x, p, *others)
    assert got[0] == 0.0 and (got[1:] > 0.0).all()


def test_probabilities_of_0_and_1_no_labelled_row_and_no_pool_are_no_trouble():
    x, p, known, known_p, pool, pool_p = given(3)
    known_p[:] = np.eye(3)[0]
    assert np.isfinite(variance_reduction(x, p, known, known_p, pool, pool_p)).all()
    assert np.isfinite(variance_reduction(x, p, known[:0], known_p[:0], pool, pool_p)).all()
    assert np.array_equal(variance_reduction(x, p, known, known_p, pool[:0], pool_p[:0]), np.zeros(6))


@pytest.mark.parametrize("classes", [2, 3])
def test_features_that_are_far_away_or_of_other_sizes_are_no_trouble(classes):
    x, p, known, known_p, pool, pool_p = given(classes)
    near = variance_reduction(x, p, known, known_p, pool, pool_p)
    far = variance_reduction(x + 1e8, p, known + 1e8, known_p, pool + 1e8, pool_p)
    np.testing.assert_allclose(far, near, rtol=1e-5)
    sizes = np.array([1e6, 1.0, 1e-6])
    assert np.isfinite(variance_reduction(x * sizes, p, known * sizes, known_p, pool * sizes, pool_p)).all()


def test_blocks_of_candidates_do_not_change_anything(monkeypatch):
    rows = given(3, n=50)
    whole = variance_reduction(*rows)
    monkeypatch.setattr(variance, "blocks", lambda rows, width: ((a, a + 7) for a in range(0, rows, 7)))
    np.testing.assert_allclose(variance_reduction(*rows), whole, rtol=1e-12)


def test_what_does_not_fit_is_refused():
    x, p, known, known_p, pool, pool_p = given(3)
    with pytest.raises(ValueError, match="ridge"):
        variance_reduction(x, p, known, known_p, pool, pool_p, ridge=0.0)
    with pytest.raises(ValueError, match="shape"):
        variance_reduction(x, p[:3], known, known_p, pool, pool_p)
    with pytest.raises(ValueError, match="shape"):
        variance_reduction(x, p, known, known_p, pool, np.full((8, 2), 0.5))
