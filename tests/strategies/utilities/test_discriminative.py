from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from alcli.strategies.points import Outer
from alcli.strategies.utilities import discriminative
from alcli.strategies.utilities.discriminative import dal, prepare_dal


def test_worked_by_hand():
    # Labelled at -1 and unlabelled at 1: by symmetry the log-odds at 0 are ln(2/2) = 0, so -ln(1 - 1/2) = ln 2.
    learned = prepare_dal(np.array([[-1.0]] * 2), np.array([[1.0]] * 2), seed=0)
    low, middle, high = dal(np.array([[-1.0], [0.0], [1.0]]), learned)
    assert middle == pytest.approx(np.log(2.0), abs=1e-6) and low < middle < high


def test_is_the_probability_of_logistic_regression():
    random = np.random.default_rng(0)
    labelled, reference, space = (random.normal(at, 1.0, size=(n, 3)) for at, n in ((1, 30), (0, 80), (0, 50)))
    both = np.concatenate([labelled, reference])
    model = LogisticRegression(max_iter=200).fit((both - both.mean(0)) / both.std(0), np.repeat([0, 1], [30, 80]))
    p = model.predict_proba((space - both.mean(0)) / both.std(0))[:, 1]
    got = dal(space, prepare_dal(labelled, reference, seed=0))
    np.testing.assert_allclose(got, -np.log1p(-p), rtol=1e-4)


def test_far_rows_do_not_all_come_out_as_1():
    learned = prepare_dal(np.zeros((50, 1)), np.linspace(0, 1, 50)[:, None], seed=0)
    got = dal(np.array([[100.0], [200.0], [300.0]]), learned)
    assert (1.0 - np.exp(-got) == 1.0).all() and (np.diff(got) > 1.0).all()


def test_units_and_offsets_do_not_count():
    random = np.random.default_rng(0)
    labelled, reference = random.normal(1, 1, size=(30, 3)), random.normal(size=(80, 3))
    plain = dal(reference, prepare_dal(labelled, reference, seed=0))
    # powers of two lose nothing
    unit = np.array([1024.0, 2.0**-20, 1.0])
    np.testing.assert_allclose(dal(reference * unit, prepare_dal(labelled * unit, reference * unit, seed=0)), plain)
    far = dal(reference + 1e8, prepare_dal(labelled + 1e8, reference + 1e8, seed=0))
    np.testing.assert_allclose(far, plain, rtol=1e-3)


def test_a_constant_column_is_left_out():
    labelled, reference = np.array([[0.0, 0.1]] * 3), np.array([[1.0, 0.1]] * 3)
    learned = prepare_dal(labelled, reference, seed=0)
    assert dal(np.array([[1.0, 0.1]]), learned) == dal(np.array([[1.0, 7.0]]), learned)


def test_nothing_to_tell_apart_is_worth_nothing():
    for labelled, reference in ((np.empty((0, 2)), np.ones((3, 2))), (np.ones((3, 2)), np.empty((0, 2)))):
        assert dal(np.ones((4, 2)), prepare_dal(labelled, reference, seed=0)).tolist() == [0.0] * 4
    with pytest.raises(ValueError, match="hidden"):
        prepare_dal(np.ones((3, 2)), np.ones((3, 2)), seed=0, hidden=-1)


def test_gradients_are_scored_without_being_built():
    random = np.random.default_rng(0)
    points = Outer(random.normal(size=(40, 3)), random.normal(size=(40, 5)))
    learned = prepare_dal(points[:15].dense(), points[15:].dense() + 0.5, seed=0)
    np.testing.assert_allclose(dal(points, learned), dal(points.dense(), learned), rtol=1e-9)


def test_a_network_is_seeded_and_sees_round_corners():
    random = np.random.default_rng(0)
    labelled, reference = random.normal(0, 0.3, size=(100, 1)), random.uniform(-3, 3, size=(300, 1))
    one, two = (prepare_dal(labelled, reference, seed=4, hidden=16) for _ in range(2))
    ends = np.array([[-3.0], [0.0], [3.0]])
    values = dal(ends, one)
    assert np.array_equal(values, dal(ends, two)) and values[0] > values[1] < values[2]
    assert np.array_equal(values, dal(ends, pickle.loads(pickle.dumps(one))))


def test_a_training_set_of_very_many_coordinates_is_cut(monkeypatch):
    monkeypatch.setattr(discriminative, "_CELLS", 1)
    seen = []
    whole = LogisticRegression.fit
    monkeypatch.setattr(LogisticRegression, "fit", lambda self, X, y: seen.append(len(X)) or whole(self, X, y))
    prepare_dal(np.zeros((500, 2)), np.ones((500, 2)), seed=0)
    assert seen == [200]
