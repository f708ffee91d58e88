"""Areas and labels to a target, against hand-worked curves and scikit-learn's trapezoids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc

from alcli.evaluation.learning_curves import area, at, labels_to_reach

CURVES = st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), min_size=2, max_size=30).map(
    lambda steps: (np.cumsum([step for step, _ in steps]), np.array([value for _, value in steps]))
)


def test_by_hand() -> None:
    # 10 labels at .6 on average, then 20 at .8: (6 + 16) / 30
    assert area([10, 20, 40], [0.5, 0.7, 0.9]) == pytest.approx(22 / 30)
    assert area([20], [0.4]) == 0.4


@given(CURVES)
def test_is_the_trapezoid_over_the_span(curve: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = curve
    assert area(x, y) == pytest.approx(auc(x, y) / (x[-1] - x[0]))
    assert y.min() - 1e-9 <= area(x, y) <= y.max() + 1e-9


@given(CURVES, st.floats(0.1, 10), st.floats(-5, 5))
def test_units_of_labels_do_not_matter(curve: tuple[np.ndarray, np.ndarray], scale: float, shift: float) -> None:
    x, y = curve
    assert area(x * scale + 100 + shift, y) == pytest.approx(area(x, y))


def test_target_is_reached_where_it_first_was_measured() -> None:
    assert labels_to_reach([10, 20, 30], [0.5, 0.8, 0.7], 0.8) == 20
    assert labels_to_reach([10, 20, 30], [0.5, 0.6, 0.7], 0.8) is None
    assert labels_to_reach([10, 20, 30], [0.9, 0.5, 0.4], 0.5, higher=False) == 20


def test_heights_between_the_points() -> None:
    assert at([10, 20], [0.5, 0.7], [5, 10, 15, 20, 25]).tolist() == pytest.approx(
        [np.nan, 0.5, 0.6, 0.7, np.nan], nan_ok=True
    )


@pytest.mark.parametrize(
    ("x", "y"), [([], []), ([1, 2], [0.5]), ([2, 1], [0.5, 0.6]), ([1, 2], [0.5, np.nan]), ([1, np.inf], [0.5, 0.6])]
)
def test_what_is_no_curve_is_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError):
        area(x, y)
