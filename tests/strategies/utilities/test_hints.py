from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.svm import SVC

from alcli.strategies.utilities.hints import hintsvm, prepare_hintsvm


def case(seed=0, labelled=20, hints=40):
    random = np.random.default_rng(seed)
    known = random.normal(size=(labelled, 2))
    return known, (known[:, 0] + 0.3 * random.normal(size=labelled) > 0).astype(int), random.normal(size=(hints, 2))


def standard(rows, hints):
    return (rows - hints.mean(0)) / hints.std(0)


def objective(w, b, known, side, hints, cost, hint_cost, width):
    scores, apart = known @ w + b, np.abs(hints @ w + b)
    return (
        0.5 * w @ w
        + cost * np.maximum(0.0, 1.0 - side * scores).sum()
        + cost * hint_cost * len(known) / len(hints) * np.maximum(0.0, apart - width).sum()
    )


@pytest.mark.parametrize("width", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("hint_cost", [0.1, 2.0])
def test_the_machine_minimises_the_papers_objective(width, hint_cost):
    known, labels, hints = case()
    machine = prepare_hintsvm(known, labels, hints, seed=0, hint_cost=hint_cost, width=width)
    x, h, side = standard(known, hints), standard(hints, hints), 2.0 * labels - 1.0
    w = (machine.coefficients @ machine.vectors).ravel()
    got = objective(w, machine.offset, x, side, h, 1.0, hint_cost, width)
    runs = [
        minimize(
            lambda v: objective(v[:2], v[2], x, side, h, 1.0, hint_cost, width),
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 5000},
        ).fun
        for start in ([w[0], w[1], machine.offset], [1.0, 0.0, 0.0])
    ]
    assert got <= min(runs) + 1e-4 * (1 + got)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_with_width_1_it_is_a_machine_with_each_hint_in_both_classes(kernel):
    known, labels, hints = case(1)
    x, h = standard(known, hints), standard(hints, hints)
    rows, y = np.concatenate([x, h, h]), np.concatenate([labels, np.ones(40), np.zeros(40)])
    weight = np.concatenate([np.ones(20), np.full(80, 0.5 * 20 / 40)])
    svc = SVC(kernel=kernel, gamma=0.5, C=1.0, tol=1e-6).fit(rows, y, sample_weight=weight)
    machine = prepare_hintsvm(known, labels, hints, seed=0, hint_cost=0.5, width=1.0, kernel=kernel)
    np.testing.assert_allclose(machine.decision(hints), svc.decision_function(h), atol=2e-3)


def test_the_nearest_to_the_hyperplane_is_worth_most():
    # libact asks the farthest (its issue 154).
    known, labels, hints = case(2)
    machine = prepare_hintsvm(known, labels, hints, seed=0)
    got = hintsvm(hints, machine)
    assert got.argmax() == np.abs(machine.decision(hints)).argmin() and got.max() <= 0.0


def test_hints_draw_the_hyperplane():
    # Labelled at x = -1 and 1; many unlabelled rows at .5 pull the boundary from the middle towards them.
    known, hints = np.array([[-1.0], [1.0]]), np.full((30, 1), 0.5) + np.linspace(-0.01, 0.01, 30)[:, None]
    grid = np.linspace(-1, 1, 201)[:, None]
    both = np.concatenate([hints, -2.0 - hints])
    crossing = [
        grid[hintsvm(grid, prepare_hintsvm(known, [0, 1], both, seed=0, hint_cost=cost, width=0.0)).argmax(), 0]
        for cost in (1e-6, 5.0)
    ]
    assert crossing[0] == pytest.approx(0.0, abs=0.02) and abs(crossing[1]) > 0.1


def test_one_class_or_no_labels_are_worth_nothing_yet():
    known, labels, hints = case()
    for codes, rows in ((np.zeros(20, int), known), (np.empty(0, int), known[:0])):
        assert hintsvm(hints, prepare_hintsvm(rows, codes, hints, seed=0)).tolist() == [0.0] * 40
    without = prepare_hintsvm(known, labels, hints[:0], seed=0)
    assert np.isfinite(hintsvm(hints, without)).all()


def test_units_and_offsets_do_not_count_and_it_can_be_sent_to_workers():
    known, labels, hints = case(3)
    plain = hintsvm(hints, prepare_hintsvm(known, labels, hints, seed=0))
    unit = np.array([2.0**20, 2.0**-20])
    machine = prepare_hintsvm(known * unit, labels, hints * unit, seed=0)
    np.testing.assert_allclose(hintsvm(hints * unit, pickle.loads(pickle.dumps(machine))), plain, atol=1e-6)
    far = hintsvm(hints + 1e6, prepare_hintsvm(known + 1e6, labels, hints + 1e6, seed=0))
    np.testing.assert_allclose(far, plain, atol=1e-3)


def test_slips_are_named():
    known, labels, hints = case()
    for more, word in (
        ({"kernel": "poly"}, "kernel"),
        ({"cost": 0.0}, "cost"),
        ({"hint_cost": -1.0}, "hint_cost"),
        ({"width": -1.0}, "width"),
    ):
        with pytest.raises(ValueError, match=word):
            prepare_hintsvm(known, labels, hints, seed=0, **more)
    with pytest.raises(ValueError, match="two classes"):
        prepare_hintsvm(known, labels + 1, hints, seed=0)
    with pytest.raises(ValueError, match="fit"):
        prepare_hintsvm(known, labels[:3], hints, seed=0)
