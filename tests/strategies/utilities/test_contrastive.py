from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies import distances
from alcli.strategies.utilities.contrastive import contrastive, tempered_entropy
from alcli.strategies.utilities.uncertainty import entropy


def plain(space, labelled, p, known, k):
    """Margatina et al. 2021, algorithm 1, row by row."""
    out = []
    for row, here in zip(np.asarray(space, np.float64), p, strict=True):
        away = ((np.asarray(labelled, np.float64) - row) ** 2).sum(axis=1)
        near = np.lexsort((np.arange(len(away)), away))[:k]
        out.append(np.mean([(known[at] * np.log(known[at] / here)).sum() for at in near]))
    return np.array(out)


def test_worked_by_hand():
    # The nearer labelled row says (.5, .5): for (.9, .1), .5 ln(.5/.9) + .5 ln(.5/.1) = -.294 + .805 = .511.
    # With both neighbours: the other says (.9, .1), which is no surprise: half of .511.
    space, labelled = np.array([[1.0]]), np.array([[0.0], [9.0]])
    p, known = np.array([[0.9, 0.1]]), np.array([[0.5, 0.5], [0.9, 0.1]])
    assert contrastive(space, labelled, p, known, neighbours=1)[0] == pytest.approx(0.5108, abs=1e-4)
    assert contrastive(space, labelled, p, known, neighbours=2)[0] == pytest.approx(0.2554, abs=1e-4)


@pytest.mark.parametrize("cells", [40, 2_000_000])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 5, 10, 99])
def test_equals_the_paper_row_by_row(k, kind, cells, monkeypatch):
    monkeypatch.setattr(distances, "_CELLS", cells)
    random = np.random.default_rng(0)
    space, labelled = random.normal(size=(60, 4)).astype(kind), random.normal(size=(30, 4)).astype(kind)
    p, known = random.dirichlet(np.ones(3), size=60), random.dirichlet(np.ones(3), size=30)
    got = contrastive(space, labelled, p, known, neighbours=k)
    np.testing.assert_allclose(got, plain(space, labelled, p, known, min(k, 30)), atol=1e-12)


def test_neighbours_are_labelled_rows_and_not_the_row_itself():
    # small-text looks for neighbours among all rows, and finds the row itself: then copies of it hide the contrast.
    space = np.zeros((5, 1))
    p = np.tile([0.99, 0.01], (5, 1))
    got = contrastive(space, np.array([[1.0]]), p, np.array([[0.01, 0.99]]), neighbours=3)
    assert (got > 4.0).all() and np.ptp(got) == 0.0


def test_of_labelled_rows_that_are_as_near_the_first_count():
    labelled = np.array([[-1.0], [1.0], [1.0]])
    known = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    for rows in (1, 40):
        got = contrastive(np.zeros((rows, 1)), labelled, np.full((rows, 2), 0.5), known, neighbours=1)
        assert got == pytest.approx(np.full(rows, 0.368), abs=1e-3)


def test_exact_zeros_stay_finite_and_come_first():
    space, labelled = np.zeros((3, 1)), np.zeros((1, 1))
    p = np.array([[1.0, 0.0], [0.5, 0.5], [0.999999, 0.000001]])
    got = contrastive(space, labelled, p, np.array([[0.0, 1.0]]))
    assert np.isfinite(got).all() and got.argsort().tolist() == [1, 2, 0]
    assert contrastive(space, labelled, p[[0]].repeat(3, 0), p[[0]]).tolist() == [0.0, 0.0, 0.0]


def test_without_labels_nothing_stands_out():
    none = contrastive(np.zeros((2, 1)), np.empty((0, 1)), np.full((2, 2), 0.5), np.empty((0, 2)))
    assert none.tolist() == [0.0, 0.0]


def test_what_does_not_fit_is_refused():
    p = np.full((2, 2), 0.5)
    for space, labelled, known in (
        (np.zeros((3, 1)), np.zeros((2, 1)), p),
        (np.zeros((2, 1)), np.zeros((1, 1)), p),
        (np.zeros((2, 1)), np.zeros((2, 1)), np.ones((2, 1))),
        (np.zeros((2, 1)), np.zeros((2, 3)), p),
    ):
        with pytest.raises(ValueError, match=r"fit|columns"):
            contrastive(space, labelled, p, known)
    with pytest.raises(ValueError, match="neighbours"):
        contrastive(np.zeros((2, 1)), np.zeros((2, 1)), p, p, neighbours=0)


def test_temperature_divides_the_logits():
    logits = np.random.default_rng(1).normal(size=(30, 4)) * 3.0

    def softmax(values):
        raised = np.exp(values - values.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    for temperature in (0.1, 0.5, 1.0, 3.0):
        np.testing.assert_allclose(
            tempered_entropy(softmax(logits), temperature=temperature),
            entropy(softmax(logits / temperature)),
            atol=1e-12,
        )
    assert tempered_entropy(np.array([[1.0, 0.0], [0.5, 0.5]]), temperature=1e-3).tolist() == [0.0, 1.0]
    for bad in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="temperature"):
            tempered_entropy(np.array([[0.5, 0.5]]), temperature=bad)
