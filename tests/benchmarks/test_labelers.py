"""The played campaigns ask what they say they ask."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.labelers.__main__ import reached
from benchmarks.labelers.playing import ROUND, WAYS, Campaign, begin, play
from benchmarks.labelers.sets import Data

RIGHT = (0.6, 0.95)


@pytest.fixture(scope="module")
def data() -> Data:
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=500)
    X = rng.normal(size=(500, 3)) + 1.2 * y[:, None]
    return Data("made", X[:300], y[:300], X[300:], y[300:], 2)


@pytest.mark.parametrize("way", list(WAYS))
def test_every_way_gives_as_many_answers_and_the_same_again(data: Data, way: str) -> None:
    curve = play(data, RIGHT, way, 1, 160)
    assert [answers for answers, _ in curve] == [60, 80, 100, 120, 140, 160]
    assert curve == play(data, RIGHT, way, 1, 160)
    assert all(0.5 < accuracy <= 1 for _, accuracy in curve)


def test_choosing_finds_out_who_is_better_and_asks_them(data: Data) -> None:
    campaign = Campaign(data, RIGHT, 3)
    begin(campaign)
    before = (campaign.said >= 0).sum(axis=0)
    for turn in range(4):
        WAYS["chosen"](campaign, turn)
        campaign.learn()
    asked = (campaign.said >= 0).sum(axis=0) - before
    assert asked.sum() == 4 * ROUND and asked[1] > 2 * asked[0]


def test_nobody_knows_the_truth_but_the_labelers_and_the_test_rows(data: Data) -> None:
    curves = []
    for truth in (data.y, 1 - data.y):
        campaign = Campaign(Data("made", data.X, data.y, data.X_test, data.y_test, 2), RIGHT, 3)
        begin(campaign)
        object.__setattr__(campaign.data, "y", truth)  # as if the truth were another from here on
        WAYS["chosen"](campaign, 0)
        curves.append(np.argwhere(campaign.said >= 0).tolist())
    assert curves[0] == curves[1]


def test_reached_is_where_the_mean_stays() -> None:
    one = [[20, 0.5], [40, 0.9], [60, 0.7], [80, 0.8]]
    assert reached(np.array([one, one]), 0.75) == 80.0
    assert reached(np.array([one]), 0.6) == 40.0
    assert reached(np.array([one]), 0.85) is None
