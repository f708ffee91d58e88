"""The fitted learning curve: what it finds again, what it admits, and how often its interval is right."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.evaluation.forecasting import LEAST, forecast

SIZES = list(range(20, 320, 20))


def curve(n: float, a: float = 0.92, b: float = 1.4, c: float = 0.6) -> float:
    return float(a - b * n**-c)


def test_a_curve_without_noise_is_found_again() -> None:
    found = forecast(SIZES, [curve(n) for n in SIZES])
    assert found is not None
    assert found.now == pytest.approx(curve(300), abs=1e-3) and found.then == pytest.approx(curve(400), abs=1e-3)
    assert found.gain == pytest.approx(curve(400) - curve(300), abs=5e-4) and found.limit == pytest.approx(
        0.92, abs=5e-3
    )
    assert found.gain_low <= found.gain <= found.gain_high and found.low <= found.then <= found.high


def test_lower_is_better_is_the_mirror() -> None:
    up = forecast(SIZES, [curve(n) for n in SIZES], best=1.0)
    down = forecast(SIZES, [1 - curve(n) for n in SIZES], higher=False, best=0.0)
    assert up is not None and down is not None
    assert down.then == pytest.approx(1 - up.then) and down.gain == pytest.approx(up.gain)
    assert down.low <= down.then <= down.high and down.gain > 0


def test_too_short_a_history_gives_none() -> None:
    assert forecast([20, 40, 60, 80], [0.5, 0.6, 0.7, 0.75]) is None
    assert forecast([20] * 9, [0.5] * 9) is None
    assert forecast([], []) is None
    assert forecast(SIZES[:LEAST], [curve(n) for n in SIZES[:LEAST]]) is not None


def test_more_labels_never_promise_harm_nor_more_than_the_metric_can_be() -> None:
    falling = forecast(SIZES, [0.9 - n / 2000 for n in SIZES])
    assert falling is not None and falling.gain == 0
    steep = forecast(SIZES[:6], [0.5, 0.7, 0.8, 0.9, 0.97, 1.0], more=10_000)
    assert steep is not None and steep.then <= 1 and steep.limit <= 1 and steep.high <= 1


def test_order_and_repeated_sizes_do_not_matter() -> None:
    values = [curve(n) + 0.01 * (-1) ** at for at, n in enumerate(SIZES)]
    one = forecast(SIZES, values)
    other = forecast(SIZES[::-1] + SIZES, values[::-1] + values)
    assert one == other == forecast(SIZES, values)


def test_the_interval_of_the_gain_holds_the_true_gain() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(100):
        a, b, c = rng.uniform(0.8, 0.97), rng.uniform(0.8, 2.5), rng.uniform(0.4, 1.0)
        values = [curve(n, a, b, c) + rng.normal(0, 0.01) for n in SIZES]
        found = forecast(SIZES, values)
        assert found is not None
        held += found.gain_low - 1e-9 <= curve(400, a, b, c) - curve(300, a, b, c) <= found.gain_high + 1e-9
    assert held >= 88


def test_it_looks_ahead() -> None:
    with pytest.raises(ValueError, match="at least one label"):
        forecast(SIZES, [curve(n) for n in SIZES], more=0)
