from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from alcli.strategies import resolve
from alcli.strategies.selectors.hierarchical import Tree, _drawn, admissible, bounds_of, hierarchical


def leaves(tree: Tree, node: int) -> list[int]:
    if node < tree.leaves:
        return [node]
    left, right = tree.children[node - tree.leaves]
    return leaves(tree, left) + leaves(tree, right)


class Plain:
    """The paper's quantities, node by node and with recursion."""

    def __init__(self, tree: Tree, numbers: np.ndarray, beta: float) -> None:
        self.tree, self.numbers, self.beta = tree, numbers, beta
        self.classes = range(max(2, numbers.max(initial=0) + 1))
        self.errors = [self.error(node) for node in range(len(tree.size))]

    def bounds(self, node: int, label: int) -> tuple[float, float, float]:
        seen = [self.numbers[leaf] for leaf in leaves(self.tree, node) if self.numbers[leaf] >= 0]
        if not seen:
            return 0.0, 0.0, 1.0
        p, n = seen.count(label) / len(seen), len(seen)
        wide = 1 / n + sqrt(p * (1 - p) / n)
        return p, max(p - wide, 0.0), min(p + wide, 1.0)

    def fits(self, node: int) -> list[int]:
        return [
            a
            for a in self.classes
            if all(
                1 - self.bounds(node, a)[1] < self.beta * (1 - self.bounds(node, b)[2]) for b in self.classes if b != a
            )
        ]

    def error(self, node: int) -> float:
        return min((1 - self.bounds(node, label)[0] for label in self.fits(node)), default=1.0)

    def prunings(self, node: int) -> list[list[int]]:
        """All prunings under a node whose inner nodes have an admissible label."""
        found = [[node]]
        if node >= self.tree.leaves and self.fits(node):
            left, right = self.tree.children[node - self.tree.leaves]
            found += [a + b for a in self.prunings(left) for b in self.prunings(right)]
        return found

    def total(self, pruning: list[int]) -> float:
        return sum(self.tree.size[node] * self.errors[node] for node in pruning) / self.tree.leaves


def pruning_of(tree: Tree, cluster: np.ndarray, weight: np.ndarray) -> list[int]:
    """The nodes whose leaves are the clusters."""
    sets = {frozenset(leaves(tree, node)): node for node in range(len(tree.size))}
    return [sets[frozenset(np.flatnonzero(cluster == number).tolist())] for number in range(len(weight))]


def test_bounds_and_admissible_labels_worked_by_hand():
    # 3 of 4: p = .75, 1/4 + sqrt(.1875 / 4) = .4665; the other label .25 -+ .4665.
    lower, upper = bounds_of(np.array([[3.0, 1.0]]))
    np.testing.assert_allclose(lower, [[0.75 - 0.25 - sqrt(0.1875 / 4), 0.0]])
    np.testing.assert_allclose(upper, [[1.0, 0.25 + 0.25 + sqrt(0.1875 / 4)]])
    # 1 - .2835 = .7165 is not below 2 (1 - .7165) = .567, but is below 3 times that.
    assert not admissible(lower, upper, 2.0).any()
    assert admissible(lower, upper, 3.0).tolist() == [[True, False]]


def test_the_tree_is_wards():
    rows = np.random.default_rng(0).normal(size=(30, 2))
    tree = Tree(rows)
    want = linkage(rows, "ward")
    assert np.array_equal(tree.children, want[:, :2]) and np.array_equal(tree.size[30:], want[:, 3])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 3), st.sampled_from([1.5, 2.0, 5.0]))
def test_the_pruning_is_the_best_of_all_admissible_ones(seed, m, classes, beta):
    random = np.random.default_rng(seed)
    tree = Tree(np.repeat(random.normal(size=(m, 2)), 4, axis=0)[: 3 * m])
    numbers = np.where(random.random(3 * m) < 0.8, np.arange(3 * m) // 4 % classes, -1)
    plain = Plain(tree, numbers, beta)
    cluster, weight = tree.pruning(numbers, beta)
    chosen = pruning_of(tree, cluster, weight)
    assert sorted(leaf for node in chosen for leaf in leaves(tree, node)) == list(range(3 * m))
    prunings = plain.prunings(len(tree.size) - 1)
    np.testing.assert_allclose(plain.total(chosen), min(map(plain.total, prunings)), atol=1e-9)
    for node, heavy in zip(chosen, weight, strict=True):
        share = tree.size[node] / tree.leaves
        lower = {round(share * (1 - plain.bounds(node, label)[1]), 12) for label in plain.classes}
        assert round(float(heavy), 12) in lower
        if fits := plain.fits(node):
            best = min(fits, key=lambda label: 1 - plain.bounds(node, label)[0])
            assert heavy == pytest.approx(share * (1 - plain.bounds(node, best)[1]))


def test_pure_clusters_are_left_and_mixed_ones_asked_about():
    random = np.random.default_rng(0)
    rows = np.vstack([random.normal(at, 0.3, size=(100, 2)) for at in ([0, 0], [9, 0])])
    labelled = np.vstack([random.normal(at, 0.3, size=(30, 2)) for at in ([0, 0], [9, 0])])
    labels = [0] * 30 + [0, 1, 1] * 10
    drawn = hierarchical(rows, 40, labels=labels, labelled=labelled)
    assert (drawn >= 100).mean() > 0.8


def test_clusters_are_drawn_by_weight_until_they_are_empty():
    cluster = np.repeat([0, 1, 2], 2000)
    drawn = _drawn(cluster, np.array([0.6, 0.3, 0.1]), None, 2000, np.random.default_rng(0))
    share = np.bincount(cluster[drawn]) / 2000
    np.testing.assert_allclose(share, [0.6, 0.3, 0.1], atol=0.04)
    assert sorted(_drawn(cluster, np.array([0.6, 0.3, 0.1]), None, 6000, np.random.default_rng(0))) == list(range(6000))


def test_without_labels_rows_are_drawn_evenly():
    rows = np.vstack([np.zeros((30, 1)), np.ones((10, 1))]) + np.linspace(0, 0.01, 40)[:, None]
    counts = np.zeros(40)
    for seed in range(400):
        counts[hierarchical(rows, 4, labels=[], seed=seed)] += 1
    assert counts.min() > 15 and counts.max() < 75  # 40 expected, standard deviation 6


def test_with_a_utility_the_best_row_of_the_cluster_is_taken():
    rows = np.random.default_rng(0).normal(size=(50, 2))
    utility = np.random.default_rng(1).random(50)
    # Without labels there is one cluster.
    want = np.argsort(-utility, kind="stable")[:10].tolist()
    assert hierarchical(rows, 10, labels=[], utility=utility).tolist() == want


def test_labels_of_one_class_only_are_no_trouble():
    rows = np.random.default_rng(0).normal(size=(50, 2))
    for known in (1, 5, 50):
        got = hierarchical(rows, 50, labels=[3] * known, labelled=rows[:known])
        assert sorted(got.tolist()) == list(range(50))


def test_only_as_many_labelled_rows_as_told_are_learned_from():
    rows = np.random.default_rng(0).normal(size=(50, 2))
    few = hierarchical(rows, 10, labels=[0, 1, 0], labelled=rows[:3])
    assert hierarchical(rows, 10, labels=[0, 1, 0, 1, 1], labelled=rows[:5], learned=3).tolist() == few.tolist()


def test_settings_are_checked():
    for given_, text in (
        ({"beta": 1.0}, "beta must be above 1"),
        ({"learned": -1}, "learned must be 0"),
        ({"utility": np.ones(2)}, "utility has 2 rows"),
    ):
        with pytest.raises(ValueError, match=text):
            hierarchical(np.ones((3, 1)), 1, labels=[], **given_)


@pytest.mark.parametrize("name", ["HierarchicalSampling", "HierarchicalClusterAL", "hierarchical"])
def test_names_of_other_libraries(name):
    assert resolve(name).name == "hierarchical"
