from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alcli.strategies.selectors import ranked_batch as module
from alcli.strategies.selectors.ranked_batch import ranked_batch


def plain(points, n, worth, labelled, scale=1.0):
    """Straight from Cardoso et al. 2017: every distance again for every choice."""
    points = np.asarray(points, dtype=np.float64)
    known = [np.asarray(row, dtype=np.float64) for row in labelled]
    free = list(range(len(points)))
    chosen = []
    if not known:
        away = ((points - points.mean(axis=0)) ** 2).sum(axis=1)
        chosen.append(int(away.argmin()))
        free.remove(chosen[0])
        known.append(points[chosen[0]])
    while len(chosen) < min(n, len(points)):
        share = len(free) / (len(free) + len(known))
        scores = []
        for row in free:
            nearest = min(float(np.sqrt(((points[row] - other) ** 2).sum())) for other in known) / scale
            scores.append(share * (1.0 - 1.0 / (1.0 + nearest)) + (1.0 - share) * worth[row])
        best = free[int(np.argmax(scores))]
        chosen.append(best)
        free.remove(best)
        known.append(points[best])
    return chosen


@pytest.fixture(params=[1, 3, 4096])
def width(request, monkeypatch):
    """Small fronts, so that small pools go through every branch."""
    monkeypatch.setattr(module, "_WIDTH", request.param)


def test_a_line_worked_by_hand():
    line, worth = np.array([[0.0], [1.0], [9.0]]), np.array([0.9, 0.1, 0.0])
    # One labelled row at 0, three left: a = 3/4. Scores: 0 + .225; .75 * .5 + .025 = .4; .75 * .9 + 0 = .675.
    # Then a = 2/4: .45 for the row at 0, .25 + .05 = .3 for the row at 1.
    assert ranked_batch(line, 3, utility=worth, labelled=np.zeros((1, 1))).tolist() == [2, 0, 1]


def pools():
    random = np.random.default_rng(2)
    base = random.normal(size=(90, 4))
    return {
        "random": base,
        "small": base * 1e-3,
        "large": base * 1e6,
        "few places": base[random.integers(0, 9, 90)],
        "all alike": np.full((90, 2), 0.1),
        "grid": np.stack(np.meshgrid(np.arange(9.0), np.arange(10.0)), axis=-1).reshape(-1, 2),
        "far": base + 1e7,
        "float32": base.astype(np.float32),
    }


@pytest.mark.parametrize("labelled", [0, 1, 7])
@pytest.mark.parametrize("name", pools())
def test_the_lazy_choice_is_the_plain_one(name, labelled, width):
    points = pools()[name]
    worth = np.random.default_rng(5).random(len(points)).round(2)
    anchors = points[:labelled]
    assert ranked_batch(points, 25, utility=worth, labelled=anchors).tolist() == plain(points, 25, worth, anchors)


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 20), st.integers(1, 3)), elements=st.integers(-3, 3)),
    st.integers(0, 4),
    st.data(),
)
def test_with_many_ties_too(points, labelled, data):
    worth = data.draw(arrays(np.float64, len(points), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
    anchors = points[:labelled]
    module._WIDTH, before = 2, module._WIDTH
    try:
        got = ranked_batch(points, 8, utility=worth, labelled=anchors).tolist()
    finally:
        module._WIDTH = before
    assert got == plain(points, 8, worth, anchors)


def test_distance_counts_less_with_every_label():
    # At 10 labelled rows of 12, a = 2/12: the unsure row near a labelled one comes before the far one.
    points, worth = np.array([[0.1], [9.0]]), np.array([1.0, 0.0])
    assert ranked_batch(points, 1, utility=worth, labelled=np.zeros((1, 1))).tolist() == [1]
    assert ranked_batch(points, 1, utility=worth, labelled=np.zeros((10, 1))).tolist() == [0]


def test_scale_0_does_not_depend_on_units():
    # modAL's choice changes with the unit of the features; the paper's formula does.
    points, worth = pools()["random"], np.random.default_rng(1).random(90)
    given = {"utility": worth, "labelled": points[:5]}
    assert ranked_batch(points, 20, **given).tolist() != ranked_batch(points * 1e4, 20, **given).tolist()
    tenth = {"utility": worth, "labelled": points[:5] * 1024}
    assert np.array_equal(
        ranked_batch(points, 20, scale=0.0, **given), ranked_batch(points * 1024, 20, scale=0.0, **tenth)
    )


def test_without_labels_nothing_is_compared_with_everything():
    # modAL makes an n x n matrix to begin with: 80 GB here.
    points = np.random.default_rng(0).normal(size=(100_000, 2)).astype(np.float32)
    first = ranked_batch(points, 2)
    assert first[0] == ((points.astype(float) - points.mean(axis=0, dtype=float)) ** 2).sum(axis=1).argmin()


def test_slips_are_named():
    with pytest.raises(ValueError, match="scale"):
        ranked_batch(np.zeros((2, 1)), 1, scale=-1.0)
    with pytest.raises(ValueError, match="utility has 3 rows"):
        ranked_batch(np.zeros((2, 1)), 1, utility=np.zeros(3))
