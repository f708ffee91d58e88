from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from alcli.strategies.selectors.discriminator import discriminator


def plain(points, n, labelled, repeats):
    """Gissin and Shalev-Shwartz 2019, algorithm 2, with logistic regression on standardised coordinates."""
    chosen: list[int] = []
    sizes = np.diff(np.linspace(0, n, repeats + 1).round().astype(int))
    for size in sizes:
        free = [row for row in range(len(points)) if row not in chosen]
        both = np.concatenate([labelled, points[chosen], points[free]])
        told = np.repeat([0, 1], [len(labelled) + len(chosen), len(free)])
        middle, spread = both.mean(axis=0), both.std(axis=0)
        model = LogisticRegression(max_iter=200).fit((both - middle) / spread, told)
        odds = model.decision_function((points[free] - middle) / spread)
        chosen += [free[at] for at in np.argsort(-odds, kind="stable")[:size]]
    return chosen


@pytest.mark.parametrize("repeats", [1, 3, 12])
def test_it_is_the_papers_algorithm(repeats):
    random = np.random.default_rng(1)
    points, labelled = random.normal(size=(80, 3)), random.normal(size=(10, 3)) + 1.0
    assert discriminator(points, 12, labelled=labelled, repeats=repeats).tolist() == plain(
        points, 12, labelled, repeats
    )


def test_learning_anew_turns_to_the_other_side():
    # Labelled in the middle; one fit takes all rows from one side, several come back to the other.
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(-9, 1, size=(50, 1)), random.normal(8, 1, size=(50, 1))])
    labelled = random.normal(0, 1, size=(20, 1))
    sides = [len(set(discriminator(points, 20, labelled=labelled, repeats=each) // 50)) for each in (1, 10)]
    assert sides == [1, 2]


def test_without_labels_it_begins_in_the_middle_and_ends_with_the_pool():
    points = np.array([[0.0], [5.0], [11.0]])
    assert discriminator(points, 3).tolist()[0] == 1
    assert sorted(discriminator(points, 9).tolist()) == [0, 1, 2]


def test_a_network_tells_what_a_line_cannot():
    # Labelled rows lie between the unlabelled ones: no line separates them.
    random = np.random.default_rng(0)
    labelled = random.normal(0, 0.5, size=(60, 1))
    points = np.concatenate([random.normal(0, 0.5, size=(100, 1)), [[-6.0], [6.0], [-5.5], [5.5]]])
    got = discriminator(points, 4, labelled=labelled, hidden=16, repeats=1, seed=0)
    assert set(got.tolist()) == {100, 101, 102, 103}


def test_settings_out_of_range_are_refused():
    for name, value in (("repeats", 0), ("unlabelled", 0), ("hidden", -1)):
        with pytest.raises(ValueError, match=name):
            discriminator(np.zeros((2, 1)), 1, **{name: value})
