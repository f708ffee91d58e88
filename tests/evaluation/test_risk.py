"""Estimates of a pool's mean from rows drawn with known chances."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation.risk import Risk, lure, lure_weights, stratified, together


def draw(worth, n, rng):
    """n rows in proportion to their worth, one after the other; rows and chances."""
    left, rows, chances = list(range(len(worth))), [], []
    for _ in range(n):
        share = worth[left] / worth[left].sum()
        at = rng.choice(len(left), p=share)
        rows.append(left.pop(at))
        chances.append(share[at])
    return rows, chances


def test_lure_is_unbiased_over_every_order_of_drawing():
    losses, worth = np.array([1.0, 0.0, 0.5, 2.0, 0.0]), np.array([1.0, 2.0, 3.0, 4.0, 0.5])
    expected = 0.0
    for rows in permutations(range(5), 3):
        left, chances = worth.sum(), []
        for row in rows:
            chances.append(worth[row] / left)
            left -= worth[row]
        expected += np.prod(chances) * lure(losses[list(rows)], chances, 5).value
    assert expected == pytest.approx(losses.mean(), abs=1e-12)


def test_the_weights_of_the_paper_by_hand():
    # N = 10, M = 3: v_2 = 1 + 7 / 8 * (1 / (9 q) - 1)
    assert lure_weights([0.1, 0.05, 0.2], 10)[1] == pytest.approx(1 + 7 / 8 * (1 / (9 * 0.05) - 1))


def test_all_of_the_pool_is_known_for_sure():
    risk = lure([1, 0, 0, 1], [0.7, 0.5, 0.9, 1.0], 4)
    assert (risk.value, risk.variance) == (0.5, 0.0)
    assert risk.interval() == (0.5, 0.5)


def test_uniform_draws_have_the_variance_of_a_simple_random_sample():
    rng = np.random.default_rng(0)
    pool, drawn = 400, 100
    losses = (rng.random(drawn) < 0.3).astype(float)
    chances = 1.0 / (pool - np.arange(drawn))
    textbook = losses.var(ddof=1) / drawn * (1 - drawn / pool)
    assert lure(losses, chances, pool).variance == pytest.approx(textbook, rel=0.05)


@given(st.lists(st.booleans(), min_size=2, max_size=30), st.integers(0, 50))
def test_uniform_draws_are_the_plain_mean(right, more):
    pool = len(right) + more
    chances = [1 / (pool - at) for at in range(len(right))]
    risk = lure(right, chances, pool)
    assert risk.value == pytest.approx(np.mean(right))
    low, high = risk.interval()
    assert 0.0 <= low <= risk.value + 1e-9 and risk.value - 1e-9 <= high <= 1.0


def test_strata_by_hand():
    risk = stratified([1, 1, 0, 1], ["a", "a", "b", "b"], {"a": 30, "b": 10})
    assert risk.value == pytest.approx(0.75 * 1 + 0.25 * 0.5)
    # two draws alike: with one more, of which (3 + 1/2) / (4 + 1) is expected, (2 + 0.7) / (2 + 1) = 0.9
    alike = 0.75**2 * (1 - 2 / 30) * (0.9 * 0.1) / 2
    assert risk.variance == pytest.approx(alike + 0.25**2 * (1 - 2 / 10) * 0.5 / 2)


def test_a_stratum_of_one_draw_has_the_variance_of_all_draws():
    risk = stratified([0, 1, 0, 0], ["a", "b", "b", "b"], {"a": 10, "b": 30})
    alone = (1.5 / 5) * (3.5 / 5)
    assert risk.variance == pytest.approx(0.25**2 * 0.9 * alone + 0.75**2 * 0.9 * (1 / 3) / 3)


@pytest.mark.parametrize("said", [0.0, 1.0])
def test_draws_that_agree_are_not_the_whole_pool(said):
    chances = 1.0 / (100 - np.arange(9))
    risk = lure([said] * 9, chances, 100)
    assert risk.value == pytest.approx(said)
    # half an error of 10, spread over one draw more
    assert risk.variance == pytest.approx(0.005 * 0.995 * 0.91 / 9)
    assert lure([said] * 100, 1.0 / (100 - np.arange(100)), 100).variance == 0.0


@pytest.mark.parametrize("said", [0.0, 1.0])
def test_one_draw_is_never_certain(said):
    # ten times as likely as by a uniform draw: a loss of 1 is told as 0.1
    risk = lure([said], [0.1], 100)
    assert risk.value == pytest.approx(said / 10)
    low, high = risk.interval()
    assert high - low > 0.5


def test_a_batch_without_an_error_widens_what_is_known_of_all():
    with_errors = lure([1, 0, 0, 0, 1], 1 / (1000 - np.arange(5)), 1000)
    without = lure([0] * 20, 1 / (1000 - np.arange(20)), 1000)
    both = together([with_errors, without])
    assert 0.2**2 * with_errors.variance < both.variance < with_errors.variance
    low, high = both.interval()
    assert low < both.value < high


def test_batches_are_weighted_by_their_rows():
    one = together([Risk(1.0, 0.04, 10), Risk(0.0, 0.01, 30)])
    assert (one.value, one.rows) == (0.25, 40)
    assert one.variance == pytest.approx(0.04 / 16 + 0.01 * 9 / 16)


@pytest.mark.parametrize(
    ("chances", "pool"), [([0.0], 3), ([1.5], 3), ([0.5, 0.5], 1), ([], 3)], ids=["never", "above one", "more", "none"]
)
def test_what_cannot_have_been_drawn_is_refused(chances, pool):
    with pytest.raises(ValueError):
        lure_weights(chances, pool)


def covered(repetitions, estimate):
    """How often the interval of estimate(rng) holds the truth; the mean error of the plain mean beside."""
    hits, naive = 0, []
    for seed in range(repetitions):
        (low, high), truth, plain = estimate(np.random.default_rng(seed))
        hits += low <= truth <= high
        naive.append(plain - truth)
    return hits / repetitions, float(np.mean(naive))


def a_pool(rng, rows=3000):
    """Rows with what the model claims and whether it is right; it is too sure of itself."""
    confidence = rng.beta(4, 1.5, rows) * 0.5 + 0.5
    right = rng.random(rows) < 0.5 + (confidence - 0.5) * 0.8
    return confidence, right.astype(float)


@pytest.mark.slow
class TestCoverage:
    """95% intervals hold the truth in 93 to 97 of 100 pools."""

    def test_uniform(self):
        def once(rng):
            _, right = a_pool(rng)
            rows = rng.choice(len(right), 150, replace=False)
            chances = 1 / (len(right) - np.arange(150))
            risk = lure(right[rows], chances, len(right))
            return risk.interval(), right.mean(), right[rows].mean()

        share, bias = covered(1000, once)
        assert 0.93 <= share <= 0.97
        assert abs(bias) < 0.01

    def test_active_testing(self):
        def once(rng):
            confidence, right = a_pool(rng)
            worth = 1 - confidence + 0.1
            rows, chances = draw(worth, 150, rng)
            risk = lure(right[rows], chances, len(right))
            return risk.interval(), right.mean(), right[rows].mean()

        share, bias = covered(500, once)
        assert 0.93 <= share <= 0.97
        assert bias < -0.02  # what a plain mean of such rows would have claimed

    def test_strata(self):
        def once(rng):
            confidence, right = a_pool(rng)
            names = np.array(["low", "middle", "high"])[np.digitize(confidence, [0.7, 0.9])]
            sizes = {name: int((names == name).sum()) for name in ("low", "middle", "high")}
            rows = np.concatenate([rng.choice(np.flatnonzero(names == name), 50, replace=False) for name in sizes])
            risk = stratified(right[rows], names[rows].tolist(), sizes)
            return risk.interval(), right.mean(), right[rows].mean()

        share, bias = covered(1000, once)
        assert 0.93 <= share <= 0.97
        assert bias < -0.02

    def test_small_strata_most_of_which_show_no_error(self):
        """Ten classes with ten rows each, as alike as in `a draw more is counted in`: neither too narrow nor twice as wide."""
        sizes = {str(number): 500 for number in range(10)}
        rates = [0.005, 0.005, 0.01, 0.01, 0.02, 0.02, 0.02, 0.02, 0.03, 0.06]
        wrong = [round(500 * rate) for rate in rates]
        strata = [name for name in sizes for _ in range(10)]
        widths = []

        def once(rng):
            errors = rng.hypergeometric(wrong, [500 - each for each in wrong], 10)
            losses = [float(row < errors[int(name)]) for name, row in zip(strata, [*range(10)] * 10, strict=True)]
            low, high = stratified(losses, strata, sizes).interval()
            widths.append(high - low)
            return (low, high), sum(wrong) / 5000, np.mean(losses)

        share, _ = covered(1000, once)
        assert 0.93 <= share <= 0.97
        # a random sample of as many rows is 0.06 wide
        assert np.mean(widths) < 0.075

    def test_a_large_stratum_without_an_error_is_not_taken_for_certain(self):
        """98% of the pool has few errors, and the other 2%, of which one or two rows are drawn, half."""
        sizes = {"easy": 9800, "hard": 200}

        def once(rng):
            easy, hard = rng.hypergeometric([49, 100], [9751, 100], [98, 2])
            losses = [1.0] * easy + [0.0] * (98 - easy) + [1.0] * hard + [0.0] * (2 - hard)
            return stratified(losses, ["easy"] * 98 + ["hard"] * 2, sizes).interval(), 0.0149, np.mean(losses)

        share, _ = covered(1000, once)
        assert share >= 0.93  # 0.74 if a stratum without errors has no variance
