from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.strategies.selectors.batchbald import batchbald
from alcli.strategies.utilities.committee import bald


def entropy(values):
    values = np.asarray(values)[np.asarray(values) > 0.0]
    return float(-(values * np.log(values)).sum())


def information(committee, batch):
    """I(y_1..y_b; member) by its definition: every combination of labels, one at a time."""
    members, _, classes = committee.shape
    joint = []
    for labels in product(range(classes), repeat=len(batch)):
        given_member = [
            np.prod([committee[k, row, y] for row, y in zip(batch, labels, strict=True)]) for k in range(members)
        ]
        joint.append(np.mean(given_member))
    own = sum(np.mean([entropy(committee[k, row]) for k in range(members)]) for row in batch)
    return entropy(joint) - own


def plain(committee, n):
    """Greedy by the definition; the first of equals; when nothing is left to learn, by bald."""
    chosen = []
    alone = [information(committee, [row]) for row in range(committee.shape[1])]
    while len(chosen) < min(n, committee.shape[1]):
        left = [row for row in range(committee.shape[1]) if row not in chosen]
        so_far = information(committee, chosen)
        gains = [round(information(committee, [*chosen, row]) - so_far, 9) for row in left]
        if max(gains) <= 0.0 or np.log(len(committee)) - so_far < 1e-4:
            gains = [round(alone[row], 9) for row in left]
        chosen.append(left[int(np.argmax(gains))])
    return chosen


def test_a_case_worked_by_hand():
    # Four members in two bits. Rows 0 and 1 show the first bit (ln 2 each), row 2 the second with noise:
    # ln 2 - H(0.9) = 0.368. Row 1 beside row 0 adds nothing, so 2 is next; bald alone would take 0 and 1.
    first = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    second = [[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]
    committee = np.array([first, first, second]).transpose(1, 0, 2)
    assert np.argsort(-bald(committee), kind="stable")[:2].tolist() == [0, 1]
    assert batchbald(None, 3, committee=committee).tolist() == [0, 2, 1]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 3), st.sampled_from([0.2, 1.0, 5.0]))
def test_it_is_greedy_by_the_definition(seed, members, classes, spread):
    random = np.random.default_rng(seed)
    committee = random.dirichlet(np.full(classes, spread), size=(members, 7))
    got = batchbald(None, 4, committee=committee)
    assert got.tolist() == plain(committee, 4)


def test_samples_come_near_to_the_exact_information():
    committee = np.random.default_rng(1).dirichlet(np.ones(3), size=(4, 30))
    exact = batchbald(None, 6, committee=committee, states=10**6)
    drawn = batchbald(None, 6, committee=committee, states=1, samples=4000, seed=3)
    best, near = information(committee, exact.tolist()), information(committee, drawn.tolist())
    assert near > 0.97 * best
    again = batchbald(None, 6, committee=committee, states=1, samples=4000, seed=3)
    assert np.array_equal(drawn, again)


def test_scikit_activeml_returned_a_row_twice_on_ties():
    for committee in (np.full((3, 20, 2), 0.5), np.repeat(np.eye(2)[:, None], 20, axis=1)):
        assert sorted(batchbald(None, 20, committee=committee).tolist()) == list(range(20))


def test_baal_reversed_the_greedy_order_and_lost_the_best_row():
    committee = np.random.default_rng(0).dirichlet(np.ones(3), size=(5, 40))
    first = batchbald(None, 1, committee=committee)
    assert first[0] == bald(committee).argmax()
    assert np.array_equal(batchbald(None, 5, committee=committee)[:3], batchbald(None, 3, committee=committee))


def test_looking_at_few_rows_again_gives_what_looking_at_all_gives():
    committee = np.random.default_rng(5).dirichlet(np.full(4, 0.3), size=(6, 400))
    committee[:, 200:] = committee[:, :200]  # copies tie with each other
    got = batchbald(None, 4, committee=committee, states=4**6)
    for size in range(1, 5):
        before, pick = got[: size - 1].tolist(), got[size - 1]
        so_far = information(committee, before)
        gains = {row: information(committee, [*before, row]) - so_far for row in range(0, 400, 23)}
        assert information(committee, [*before, pick]) - so_far >= max(gains.values()) - 1e-9
    assert (got < 200).all()


def test_settings_out_of_range_are_refused():
    for told in ({"states": 0}, {"samples": 0}):
        with pytest.raises(ValueError, match="at least 1"):
            batchbald(None, 1, committee=np.full((2, 3, 2), 0.5), **told)


def test_many_classes_and_members_who_are_certain_stay_finite():
    committee = np.eye(50)[np.random.default_rng(2).integers(0, 50, size=(8, 60))]
    got = batchbald(None, 60, committee=committee, seed=1)
    assert sorted(got.tolist()) == list(range(60))
