from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from alcli.strategies import resolve
from alcli.strategies.selectors import neighbours as module
from alcli.strategies.selectors.graph import graph_density
from alcli.strategies.selectors.neighbours import manhattan


def plain(points: np.ndarray, n: int, k: int, labelled: int = 0, weight: Any = None) -> list[int]:
    """By the paper, with whole matrices: P adjacency, W weights, Gra; the last `labelled` rows have labels."""
    m = len(points)
    d = cdist(points, points, "cityblock")
    P = np.zeros((m, m))
    for i in range(m):
        others = [j for j in np.argsort(d[i], kind="stable") if j != i]
        P[i, others[:k]] = P[others[:k], i] = 1.0
    W = P * (weight(d) if weight else np.exp(-(d**2) / (2 * d[P > 0].mean() ** 2)))
    gra = W.sum(axis=1) / P.sum(axis=1)
    chosen: list[int] = []
    waiting = list(range(m - labelled, m))
    while len(chosen) < n + labelled:
        free = waiting or [i for i in range(m) if i not in chosen]
        best = max(free, key=lambda i: (round(gra[i], 9), -i))
        gra -= max(gra[best], 0.0) * P[best]
        chosen.append(best)
        waiting = [i for i in waiting if i != best]
    return chosen[labelled:]


def test_a_case_worked_by_hand():
    # Nearest neighbours: 0-1, 1-2, 2-3 (1.5), 4-5 (0.5). Edges of length 1, 1, 1.5, 0.5, on average 1.
    line = np.array([[0.0], [1.0], [2.0], [3.5], [9.0], [9.5]])
    # Densities e^-.5 = .61, .61, (.61 + .32) / 2 = .47, .32, e^-.125 = .88, .88.
    # 4 is first and 5 falls to 0; then 0, and 1 falls to 0; then 2, and 3 falls below 0; 1 and 5 are at most 0.
    assert graph_density(line, 4, neighbours=1, width=1.0).tolist() == [4, 0, 2, 5]


@pytest.mark.parametrize("labelled", [0, 6])
@pytest.mark.parametrize("seed", range(4))
def test_the_batch_is_that_of_whole_matrices(seed, labelled):
    points = np.random.default_rng(seed).normal(size=(80, 3))
    rows, anchors = points[: 80 - labelled], points[80 - labelled :]
    got = graph_density(rows, 12, labelled=anchors, neighbours=5)
    assert got.tolist() == plain(points, 12, 5, labelled)


def test_a_neighbour_loses_the_whole_density_however_light_the_edge():
    line, labelled = np.array([[0.0], [4.0], [9.0], [9.3]]), np.array([[0.1]])
    # Edges from the labelled row: to 0, of weight e^-.5 = .61, and to 4, of weight e^-760 = 0. Its density, .30, is
    # taken from both, so 4 has -.30 and comes last. By weight it would have kept its 0, as much as 9.3 in the end.
    assert graph_density(line, 4, labelled=labelled, neighbours=1, width=0.1).tolist() == [0, 2, 3, 1]


@given(
    arrays(np.float64, st.tuples(st.integers(2, 40), st.integers(1, 2)), elements=st.integers(0, 4)), st.integers(1, 4)
)
def test_neighbours_are_nearest_with_copies_and_ties(points, k):
    distance = cdist(points, points, "cityblock")
    np.fill_diagonal(distance, np.inf)
    got = manhattan(points, k)
    assert (got != np.arange(len(points))[:, None]).all()
    found = np.take_along_axis(distance, got, axis=1)
    assert np.array_equal(found, np.sort(distance, axis=1)[:, : min(k, len(points) - 1)])
    assert all(len(set(row)) == len(row) for row in got.tolist())


@pytest.mark.parametrize("panel", [7, 64, 1000])
def test_neighbours_are_the_same_in_any_panels(panel, monkeypatch):
    points = np.random.default_rng(0).normal(size=(200, 5))
    distance = cdist(points, points, "cityblock")
    np.fill_diagonal(distance, np.inf)
    monkeypatch.setattr(module, "_PANEL", panel)
    monkeypatch.setattr(module, "_TILE", 5)
    assert np.array_equal(manhattan(points, 10), np.argsort(distance, axis=1, kind="stable")[:, :10])


def test_one_row_far_off_does_not_blur_the_others():
    points = np.random.default_rng(0).normal(size=(100, 2))
    points[3] = 1e7
    distance = cdist(points, points, "cityblock")
    np.fill_diagonal(distance, np.inf)
    others = np.arange(100) != 3
    assert np.array_equal(manhattan(points, 4)[others], np.argsort(distance, axis=1, kind="stable")[others, :4])


def test_a_second_batch_goes_on_where_the_first_ended():
    points = np.random.default_rng(1).normal(size=(120, 2))
    whole = graph_density(points, 20)
    left = np.setdiff1d(np.arange(120), whole[:10])
    again = graph_density(points[left], 10, labelled=points[whole[:10]])
    assert left[again].tolist() == whole[10:].tolist()


def test_alipy_and_google_forgot_the_order_of_their_batch():
    points = np.random.default_rng(1).normal(size=(90, 2))
    assert graph_density(points, 5).tolist() == graph_density(points, 12)[:5].tolist()


def test_the_weight_of_google_and_alipy_is_a_setting():
    for seed in range(4):
        points = np.random.default_rng(seed).normal(size=(60, 4))
        got = graph_density(points, 9, kernel="exponential")
        assert got.tolist() == plain(points, 9, 10, weight=lambda d: np.exp(-d / 4))
        assert got.tolist() == graph_density(points, 9, kernel="exponential", width=4.0).tolist()


def test_weights_that_vanish_are_no_trouble():
    points = np.random.default_rng(2).normal(size=(60, 4)) * 1e6
    assert sorted(graph_density(points, 60, kernel="exponential").tolist()) == list(range(60))


def test_settings_are_checked():
    for given_, text in (
        ({"neighbours": 0}, "neighbours must be at least 1"),
        ({"kernel": "linear"}, "kernel must be gaussian or exponential"),
        ({"width": -1.0}, "width must be 0"),
    ):
        with pytest.raises(ValueError, match=text):
            graph_density(np.ones((3, 1)), 1, **given_)


@pytest.mark.parametrize("name", ["GraphDensitySampler", "QueryInstanceGraphDensity", "graph-density"])
def test_names_of_other_libraries(name):
    assert resolve(name).name == "graph_density"
