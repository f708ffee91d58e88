from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from alcli.strategies.utilities.epistemic import epistemic, fit_labelled
from alcli.strategies.utilities.parzen import both_plausible, epistemic_parzen


def plausible(rows, signs, x, toward):
    """sup over theta of min(L(theta) / max L, 2 p - 1) for the class `toward` (+1 or -1), on a grid of scores.

    For each score t of x, the most likely weights with that score are found by a general optimiser.
    """
    X = np.hstack([rows, np.ones((len(rows), 1))]) * signs[:, None]
    penalty = np.append(np.ones(rows.shape[1]), 0.01)

    def loss(w):
        return np.logaddexp(0, -X @ w).sum() + 0.5 * penalty @ (w * w)

    def slope(w):
        return penalty * w - X.T @ (1 / (1 + np.exp(X @ w)))

    best = minimize(loss, np.zeros(len(penalty)), jac=slope, tol=1e-12).fun
    at = np.append(x, 1.0)
    free = np.linalg.svd(at[None])[2][1:].T

    def worth(t):
        fixed = at * toward * t / (at @ at)
        found = minimize(lambda z: loss(fixed + free @ z), np.zeros(free.shape[1]), tol=1e-12,
                         jac=lambda z: free.T @ slope(fixed + free @ z))  # fmt: skip
        return min(np.exp(best - found.fun), np.tanh(t / 2))

    low, high = 1e-6, 20.0
    for _ in range(9):
        grid = np.linspace(low, high, 9)
        top = int(np.argmax([worth(t) for t in grid]))
        low, high = grid[max(top - 1, 0)], grid[min(top + 1, 8)]
    return worth((low + high) / 2)


@pytest.mark.parametrize("kind", ["overlapping", "separable", "one class"])
def test_it_is_the_definition(kind):
    random = np.random.default_rng(1)
    rows = random.normal(size=(10, 2))
    rows -= rows.mean(axis=0)
    rows /= np.sqrt(np.mean(rows**2))  # so that the unit is 1
    labels = (rows[:, 0] + (kind == "overlapping") * random.normal(size=10) > 0).astype(int)
    labels |= kind == "one class"
    new = np.array([[0.2, 0.1], [2.0, -1.0]])
    fit = fit_labelled(rows, labels)
    assert fit.unit == pytest.approx(1.0)
    for x, got in zip(new, epistemic(new, fit), strict=True):
        signs = np.where(labels == 1, 1.0, -1.0)
        assert got == pytest.approx(min(plausible(rows, signs, x, side) for side in (1, -1)), abs=3e-5)


def test_scikit_activeml_took_the_other_side_of_the_half():
    # Symmetric data, and rows that mirror each other: both sides must count alike. 1 - 2 a with a of the upper half is
    # below 0, so theirs never lifts pi_0 above its start, and the row on the positive side is worth nothing.
    rows = np.array([[-1.5], [-0.5], [0.5], [1.5]])
    fit = fit_labelled(rows, [0, 0, 1, 1])
    left, right = epistemic(np.array([[-0.7], [0.7]]), fit)
    assert left == pytest.approx(right, rel=1e-9) and left > 0.1
    turned = epistemic(np.array([[-0.7], [0.7]]), fit_labelled(rows, [1, 1, 0, 0]))
    np.testing.assert_allclose(turned, [left, right], rtol=1e-9)


def test_more_labels_leave_less_epistemic_doubt_though_classes_overlap_as_much():
    rows, labels = np.array([[-1.0], [-1.0], [1.0], [1.0]]), [0, 1, 0, 1]
    few = epistemic(np.array([[0.5]]), fit_labelled(rows, labels))[0]
    many = epistemic(np.array([[0.5]]), fit_labelled(np.repeat(rows, 50, axis=0), np.repeat(labels, 50)))[0]
    assert many < 0.5 * few


def test_units_and_offsets_change_nothing_where_the_penalty_is_told_so():
    random = np.random.default_rng(0)
    rows, labels, new = random.normal(size=(20, 3)), random.integers(0, 2, 20), random.normal(size=(5, 3))
    plain = epistemic(new, fit_labelled(rows, labels))
    moved = epistemic(new * 1e3 + 1e6, fit_labelled(rows * 1e3 + 1e6, labels, c=1e-6))
    np.testing.assert_allclose(moved, plain, rtol=1e-4)


def test_principal_directions_lose_nothing_while_there_are_fewer_rows():
    random = np.random.default_rng(2)
    rows, labels, new = random.normal(size=(12, 40)), random.integers(0, 2, 12), random.normal(size=(6, 40))
    whole = epistemic(new, fit_labelled(rows, labels, directions=40))
    np.testing.assert_allclose(epistemic(new, fit_labelled(rows, labels, directions=12)), whole, rtol=1e-9)


def test_edges_of_the_logistic_form():
    none = fit_labelled(np.empty((0, 1)), np.empty(0))
    assert 0.0 < epistemic(np.zeros((1, 1)), none)[0] <= 1.0
    same = fit_labelled(np.full((4, 2), 3.0), [0, 0, 1, 1])
    assert np.isfinite(epistemic(np.array([[3.0, 3.0], [9.0, 0.0]]), same)).all()
    for wrong in ({"c": 0.0}, {"directions": 0}):
        with pytest.raises(ValueError, match="above 0"):
            fit_labelled(np.ones((2, 1)), [0, 1], **wrong)
    with pytest.raises(ValueError, match="0 or 1"):
        fit_labelled(np.ones((2, 1)), [0, 2])


@pytest.mark.parametrize("few, many", [(0.0, 1.0), (5.0, 5.0), (0.3, 2.2), (2.0, 40.0), (0.0, 0.0), (1e-9, 3.0)])
def test_counts_against_a_grid_of_chances(few, many):
    q = np.linspace(0.5, 1.0, 400_001)
    total = few + many or 1.0
    largest = (few / total) ** few * (many / total) ** many
    expected = np.minimum(q**few * (1 - q) ** many / largest, 2 * q - 1).max()
    other = np.minimum(q**many * (1 - q) ** few / largest, 2 * q - 1).max()
    got = both_plausible(np.array([few]), np.array([many]))[0]
    assert got == pytest.approx(expected, abs=5e-6) and other >= expected - 1e-12


def test_counts_worked_by_hand():
    # One label against: (1 - q) = 2 q - 1 at q = 2/3, so 1/3. None: nothing speaks against q = 1.
    np.testing.assert_allclose(both_plausible(np.zeros(2), np.array([1.0, 0.0])), [1 / 3, 1.0], atol=1e-12)


def test_parzen_counts_are_sums_of_the_kernel():
    random = np.random.default_rng(0)
    rows, labels, new = random.normal(size=(15, 3)), random.integers(0, 2, 15), random.normal(size=(7, 3))
    centred = rows - rows.mean(axis=0)
    gamma = 1.0 / (0.3 * 3 * np.mean(centred**2))
    near = np.exp(-gamma * ((new[:, None] - rows) ** 2).sum(axis=2))
    counts = np.sort([[row[labels == 0].sum(), row[labels == 1].sum()] for row in near], axis=1)
    np.testing.assert_allclose(
        epistemic_parzen(new, rows, labels, width=0.3), both_plausible(counts[:, 0], counts[:, 1]), rtol=1e-9
    )


def test_edges_of_the_parzen_form():
    assert epistemic_parzen(np.ones((2, 1)), np.empty((0, 1)), np.empty(0)).tolist() == [1.0, 1.0]
    np.testing.assert_allclose(epistemic_parzen([[5.0], [9.0]], [[5.0]], [1]), [1 / 3, 1.0])
    far = np.array([[1e8], [1e8 + 1.0]])
    np.testing.assert_allclose(
        epistemic_parzen(far, far, [0, 1]), epistemic_parzen(far - 1e8, far - 1e8, [0, 1]), rtol=1e-6
    )
    with pytest.raises(ValueError, match="width"):
        epistemic_parzen(far, far, [0, 1], width=0.0)
    with pytest.raises(ValueError, match="0 or 1"):
        epistemic_parzen(far, far, [0, 2])
