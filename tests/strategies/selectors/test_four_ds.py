from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from alcli.strategies import resolve
from alcli.strategies.selectors.four_ds import Criteria, _Crowd, classes_of, four_ds, to_unit
from alcli.strategies.selectors.mixture import Mixture


def heaps(seed: int = 0, size: int = 50) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.vstack([random.normal(at, 0.7, size=(size, 2)) for at in ([0, 0], [6, 0], [0, 6])])


SHARES = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
KNOWN, CODES = np.array([[0.8, 0.2], [0.6, 0.4]]), np.array([0, 1])
WEIGHTS = np.array([0.25, 0.75])


def test_criteria_worked_by_hand():
    found = Criteria(SHARES, np.array([-1.0, -3.0, -2.0]), WEIGHTS, KNOWN, CODES)
    assert found.density.tolist() == [1.0, 0.0, 0.5]
    # Component 0 has .8 of class 0 and .6 of class 1, component 1 .2 and .4: 4/7, 3/7 and 1/3, 2/3.
    by_component = np.array([[4 / 7, 3 / 7], [1 / 3, 2 / 3]])
    np.testing.assert_allclose(classes_of(KNOWN, CODES), by_component)
    p = np.sort(SHARES @ by_component, axis=1)
    distance = np.log((p[:, 1] + 1e-5) / (p[:, 0] + 1e-5))
    np.testing.assert_allclose(found.near, 1.0 - (distance - distance.min()) / np.ptp(distance))
    # Mean responsibilities (.7, .3): off by .45 and .45.
    assert found.skew == pytest.approx(0.9)
    # With row 0: (2.3, .7) / 3; the weights lack .75 - .2333 = .5167 of component 1.
    np.testing.assert_allclose(found.distribution([])[0], 1.0 - (0.75 - 0.7 / 3))


def test_scikit_activeml_divided_by_the_size_of_the_batch_and_not_by_the_rows_chosen_so_far():
    found = Criteria(SHARES, np.array([-1.0, -3.0, -2.0]), WEIGHTS, KNOWN, CODES)
    # Labelled 2, chosen 1, and the row itself: the mean is over 4, whatever the batch will be.
    mean = (KNOWN.sum(axis=0) + SHARES[2] + SHARES[0]) / 4
    np.testing.assert_allclose(mean.sum(), 1.0)
    np.testing.assert_allclose(found.distribution([2])[0], 1.0 - np.maximum(WEIGHTS - mean, 0.0).sum())


def test_the_entropy_is_that_of_the_kernel_estimate():
    place = np.random.default_rng(0).normal(size=(12, 3))
    crowd = _Crowd(place)
    for row in (4, 7, 1):
        crowd.add(row)
    want = []
    for x in range(12):
        batch = [4, 7, 1, x]
        total = 0.0
        for i in batch:
            near = [exp(-((place[i] - place[j]) ** 2).sum() / (2 * 3)) for j in batch]
            total += log(sum(near) / 4)
        want.append(-total / 4)
    got = crowd.entropy()
    others = [i for i in range(12) if i not in (4, 7, 1)]
    np.testing.assert_allclose(got[others], np.array(want)[others])


@pytest.mark.parametrize("spread", [-1.0, 0.0, 0.7, 1.0])
def test_the_batch_is_that_of_the_formulas_step_by_step(spread):
    rows = heaps()
    labelled, codes = rows[[3, 20, 60, 110]] + 0.1, np.array([0, 1, 1, 0])
    got = four_ds(rows, 5, labels=codes, labelled=labelled, components=4, spread=spread).tolist()
    model = Mixture(rows, 4, bayesian=True)
    R, logs = model.describe(rows)
    known = model.describe(labelled)[0]
    density, place, pi = to_unit(logs), model.standardised(rows), model.weights
    V = known.T @ np.eye(2)[codes]
    p = np.sort(R @ (V / V.sum(axis=1, keepdims=True)), axis=1)
    distance = to_unit(np.log((p[:, 1] + 1e-5) / (p[:, 0] + 1e-5)))
    rho = min(1.0, np.abs(pi - known.mean(axis=0)).sum())
    e_dwus, e_us = ((1 - p[:, 1]) * density).mean(), (1 - p[:, 1]).mean()
    weight = min(0.05 * 4, 0.5) if spread < 0 else spread
    chosen: list[int] = []
    for t in range(5):
        mean = (R + known.sum(axis=0) + R[chosen].sum(axis=0)) / (4 + t + 1)
        match = 1 - np.maximum(pi - mean, 0).sum(axis=1)
        if t == 0:
            alpha = (1 - rho) * e_dwus
            value = alpha * (1 - distance) + (1 - rho - alpha) * density + rho * match
        else:
            r = min(rho, 1 - weight)
            alpha = (1 - r - weight) * (1 - e_us)
            away = ((place[:, None] - place[chosen]) ** 2).sum(axis=2)
            K, own = np.exp(-away / 4), np.exp(-away[chosen] / 4)
            entropy = -(np.log((own.sum(axis=1) + K) / (t + 1)).sum(axis=1) + np.log((1 + K.sum(axis=1)) / (t + 1))) / (
                t + 1
            )
            value = alpha * (1 - distance) + (1 - r - weight - alpha) * density + weight * to_unit(entropy) + r * match
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(np.round(value, 9))))
    assert got == chosen


def test_what_has_no_label_yet_is_asked_about_first():
    rows = heaps()
    got = four_ds(rows, 1, labels=[0, 1], labelled=rows[[0, 50]], components=3)
    assert got[0] >= 100


def test_diversity_spreads_the_batch():
    rows = heaps()
    near = four_ds(rows, 10, labels=[0, 1, 1], labelled=rows[[0, 50, 100]], components=3, spread=0.0)
    far = four_ds(rows, 10, labels=[0, 1, 1], labelled=rows[[0, 50, 100]], components=3, spread=1.0)
    assert np.var(rows[far], axis=0).sum() > np.var(rows[near], axis=0).sum()


def test_a_component_without_labels_leaves_all_classes_alike():
    assert classes_of(np.array([[1.0, 0.0]]), np.array([2])).tolist() == [[0, 0, 1], [1 / 3, 1 / 3, 1 / 3]]
    assert classes_of(np.empty((0, 2)), np.empty(0, np.intp)).tolist() == [[0.5, 0.5]] * 2


def test_units_and_origin_do_not_matter():
    rows = heaps()
    want = four_ds(rows, 6, labels=[0, 1], labelled=rows[[0, 50]])
    for scale, shift in ((1e8, 0.0), (1e-8, 0.0), (1.0, 1e5)):
        moved = rows * scale + shift
        assert four_ds(moved, 6, labels=[0, 1], labelled=moved[[0, 50]]).tolist() == want.tolist()


def test_settings_are_checked():
    for given, text in (
        ({"components": 0}, "components must be at least 1"),
        ({"covariance": "round"}, "covariance must be one of"),
        ({"spread": 1.5}, "spread must be 1 or less"),
    ):
        with pytest.raises(ValueError, match=text):
            four_ds(np.ones((3, 1)), 1, labels=[], **given)


@pytest.mark.parametrize("name", ["4ds", "4DS", "FourDs", "fourds", "four-ds"])
def test_names_of_other_libraries(name):
    assert resolve(name).name == "four_ds"
