from __future__ import annotations

import pickle

import numpy as np
import pytest

from alcli.strategies.utilities.targeted import gcmi, learn_examples, learn_liked, likeness

RANDOM = np.random.default_rng(0)
ROWS, LIKED, UNLIKED, POOL = (RANDOM.normal(size=(m, 3)) + 1e6 for m in (20, 4, 2, 60))
NONE = np.empty((0, 3))


def similar(left, right, cosine=False):
    if cosine:
        length = [np.linalg.norm(rows, axis=1, keepdims=True) for rows in (left, right)]
        return (1 + (left / length[0]) @ (right / length[1]).T) / 2
    width = ((POOL - POOL.mean(axis=0)) ** 2).sum(axis=1).mean()
    return np.exp(-((left[:, None] - right) ** 2).sum(axis=2) / width)


@pytest.mark.parametrize("avoid", [1.0, 0.0, 0.3])
def test_likeness_is_its_formula(avoid):
    want = similar(ROWS, LIKED).max(axis=1) - avoid * similar(ROWS, UNLIKED).max(axis=1)
    got = likeness(ROWS, learn_examples(LIKED, UNLIKED, POOL, avoid=avoid))
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-9)


def test_likeness_with_one_side_only():
    near, far = similar(ROWS, LIKED).max(axis=1), -similar(ROWS, UNLIKED).max(axis=1)
    np.testing.assert_allclose(likeness(ROWS, learn_examples(LIKED, NONE, POOL)), near, rtol=1e-7)
    np.testing.assert_allclose(likeness(ROWS, learn_examples(NONE, UNLIKED, POOL)), far, rtol=1e-7)


def test_gcmi_is_its_formula():
    np.testing.assert_allclose(gcmi(ROWS, learn_liked(LIKED, POOL)), 2 * similar(ROWS, LIKED).sum(axis=1), rtol=1e-7)
    got = gcmi(ROWS, learn_liked(LIKED, POOL, similarity="cosine"))
    np.testing.assert_allclose(got, 2 * similar(ROWS, LIKED, cosine=True).sum(axis=1), rtol=1e-9)


def test_a_liked_row_is_most_like_itself():
    learned = learn_examples(LIKED, NONE, POOL)
    np.testing.assert_allclose(likeness(LIKED, learned), 1.0)
    assert likeness(ROWS, learned).max() < 1.0


def test_what_was_learned_can_be_sent_to_another_process():
    learned = learn_examples(LIKED, UNLIKED, POOL)
    assert np.array_equal(likeness(ROWS, pickle.loads(pickle.dumps(learned))), likeness(ROWS, learned))


def test_shapes_and_settings_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="space must have shape"):
        likeness(np.ones((2, 5)), learn_examples(LIKED, NONE, POOL))
    with pytest.raises(ValueError, match="liked has 2 columns"):
        learn_examples(np.ones((2, 2)), NONE, POOL)
    with pytest.raises(ValueError, match="avoid"):
        learn_examples(LIKED, NONE, POOL, avoid=-1.0)
    with pytest.raises(ValueError, match="similarity"):
        learn_liked(LIKED, POOL, similarity="dot")
    assert likeness(NONE, learn_examples(NONE, NONE, POOL)).shape == (0,)
