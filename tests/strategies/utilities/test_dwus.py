from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from alcli.strategies.utilities.dwus import Weighted, dwus, learn


def plain(rows: np.ndarray, found: Weighted) -> np.ndarray:
    """By the paper, row by row, with densities and not their logarithms."""
    place = (rows - found.middle) / found.scale
    out = []
    for x in place:
        parts = [
            np.exp(log) * multivariate_normal(centre, found.variance).pdf(x)
            for log, centre in zip(found.log_weight, found.centres, strict=True)
        ]
        chance = np.array(parts) / sum(parts) @ found.positive
        # y is 1 with this chance and else -1, and what is guessed is the likelier of both
        error = (
            chance * (np.where(chance > 0.5, 1, -1) - 1) ** 2 + (1 - chance) * (np.where(chance > 0.5, 1, -1) + 1) ** 2
        )
        out.append(sum(parts) * error.sum())
    return np.array(out)


def heaps(seed: int = 0, size: int = 200) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.vstack([random.normal(at, 0.5, size=(size, 2)) for at in ([0, 0], [4, 0], [0, 4])])


def test_values_worked_by_hand():
    # Two spheres of variance 1 around -1 and 1, alike in weight. At 0 both have the same share.
    found = Weighted(
        np.zeros(1), np.ones(1), np.array([[-1.0], [1.0]]), np.log([0.5, 0.5]), 1.0, np.array([[0.1], [0.5]]), -0.5
    )
    # ln p(0) = ln(e^-.5) = -.5, as much as the densest. P = .3, and 4 times .3 is 1.2.
    np.testing.assert_allclose(dwus(np.array([[0.0]]), found), [1.2])


@pytest.mark.parametrize("classes", [2, 3])
def test_values_are_those_of_the_formula(classes):
    rows = heaps()
    found = learn(rows[::100], np.arange(6) % classes, rows, seed=0, clusters=7)
    assert found.positive.shape == (7, 1 if classes == 2 else 3)
    got, want = dwus(rows, found), plain(rows, found)
    np.testing.assert_allclose(got / got.max(), want / want.max(), rtol=1e-9)


def test_the_mixture_is_a_fixed_point_of_expectation_maximisation():
    rows = heaps()
    found = learn(rows[:0], [], rows, seed=0, clusters=5)
    place = found.standardised(rows)
    share, _ = found.components(place)
    np.testing.assert_allclose(share.mean(axis=0), np.exp(found.log_weight), atol=1e-4)
    away = ((place[:, None] - found.centres) ** 2).sum(axis=2)
    np.testing.assert_allclose((share * away).sum() / place.size, found.variance, rtol=1e-4)


def test_the_classes_of_components_have_the_largest_penalised_likelihood():
    rows = heaps()
    labelled, y = rows[::60], np.where(np.arange(10) < 4, 1.0, -1.0)
    found = learn(labelled, np.where(y > 0, 0, 1), rows, seed=0, clusters=4, penalty=0.3)
    share, _ = found.components(found.standardised(labelled))

    def loss(a: np.ndarray) -> float:
        total = 0.15 * (a**2).sum()
        for shares, label in zip(share, y, strict=True):
            total -= np.log(
                sum(s / (1 + np.exp(-label * (c @ a[:2] + a[2]))) for s, c in zip(shares, found.centres, strict=True))
            )
        return float(total)

    best = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000}).x
    np.testing.assert_allclose(found.positive[:, 0], 1 / (1 + np.exp(-(found.centres @ best[:2] + best[2]))), atol=1e-3)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_libact_was_not_a_number_on_unscaled_data(scale, shift):
    rows = heaps() * scale + shift * scale
    found = learn(rows[::100], [0, 0, 1, 1, 1, 1], rows, seed=0)
    got = dwus(rows, found)
    assert np.isfinite(got).all() and len(np.unique(got)) > 500
    # libact: exp(-distance^2 / 0.2) is 0 for all components, and 0/0 their shares.
    same = dwus(heaps(), learn(heaps()[::100], [0, 0, 1, 1, 1, 1], heaps(), seed=0))
    np.testing.assert_allclose(got, same, rtol=1e-3)


def test_a_row_far_from_all_others_is_worth_nothing_and_is_no_trouble():
    rows = heaps()
    found = learn(rows[::100], [0, 0, 1, 1, 1, 1], rows, seed=0)
    assert dwus(np.array([[1e9, -1e9]]), found).tolist() == [0.0]


def test_few_labels_of_any_kind_will_do():
    rows = heaps(size=20)
    for labels in ([], [0], [1, 1, 1], [0, 2, 5]):
        assert np.isfinite(dwus(rows, learn(rows[: len(labels)], labels, rows, seed=0))).all()
    assert np.isfinite(dwus(np.ones((5, 2)), learn(np.ones((2, 2)), [0, 1], np.ones((4, 2)), seed=0))).all()


def test_between_heaps_of_two_classes_and_dense():
    rows = heaps()
    found = learn(rows[[0, 200]], [0, 1], rows, seed=0, penalty=0.01)
    # The third heap has no label; the other two are known.
    assert dwus(rows, found).argmax() >= 400


def test_settings_and_shapes_are_checked():
    rows = heaps(size=5)
    with pytest.raises(ValueError, match="clusters must be at least 1"):
        learn(rows, [0] * 15, rows, seed=0, clusters=0)
    with pytest.raises(ValueError, match="penalty must be above 0"):
        learn(rows, [0] * 15, rows, seed=0, penalty=0.0)
    with pytest.raises(ValueError, match="labels must have shape"):
        learn(rows, [0], rows, seed=0)
    with pytest.raises(ValueError, match="shape"):
        dwus(np.ones((3, 4)), learn(rows, [0] * 15, rows, seed=0))
