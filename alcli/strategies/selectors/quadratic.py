"""Convex quadratic programs with a box and one equation: what HintSVM, BMDR and SPAL come down to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def onto(point: Vector, upper: Vector, sides: Vector, total: float) -> Vector:
    """The nearest x to `point` with ``0 <= x <= upper`` and ``sides . x = total``.

    It has the form ``clip(point - t sides, 0, upper)``, and ``sides . x`` falls as t grows: the right t lies
    between two of the values at which a coordinate reaches a bound, and is found there in closed form.

    Raises
    ------
    ValueError
        If no x within the bounds satisfies the equation.

    Examples
    --------
    >>> onto(np.array([0.9, 0.5, -3.0]), np.ones(3), np.ones(3), 1.0).round(3).tolist()
    [0.7, 0.3, 0.0]
    """
    moves = sides != 0.0
    least = float((sides * upper)[sides < 0.0].sum())
    most = float((sides * upper)[sides > 0.0].sum())
    if not least - 1e-9 * (1 + abs(least)) <= total <= most + 1e-9 * (1 + abs(most)):
        raise ValueError(f"no weights within their bounds add up to {total:g}: between {least:g} and {most:g}")
    out = np.clip(point, 0.0, upper)
    if not moves.any():
        return out
    side, start, cap = sides[moves], point[moves], upper[moves]
    bends = np.unique(np.concatenate([start / side, (start - cap) / side]))

    def reached(t: float) -> float:
        return float(side @ np.clip(start - t * side, 0.0, cap))

    low, high = 0, len(bends) - 1
    if reached(bends[low]) <= total:
        t = float(bends[low])
    elif reached(bends[high]) >= total:
        t = float(bends[high])
    else:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if reached(bends[middle]) > total else (low, middle)
        above, below = reached(bends[low]), reached(bends[high])
        t = float(bends[low] + (bends[high] - bends[low]) * (above - total) / (above - below))
    out[moves] = np.clip(start - t * side, 0.0, cap)
    return out


def minimise(
    product: Callable[[Vector], Vector],
    linear: Vector,
    upper: Vector,
    sides: Vector,
    total: float,
    *,
    start: Vector | None = None,
    steps: int = 2000,
    tolerance: float = 1e-6,
) -> Vector:
    """The x with ``0 <= x <= upper`` and ``sides . x = total`` that minimises ``x'Qx / 2 + linear . x``.

    Accelerated projected gradients that start again whenever they would climb, so the value of the last
    iterate is never above that of the first.

    Parameters
    ----------
    product : v -> Q v, Q symmetric with no negative eigenvalue.
    steps : products at most.
    tolerance : stop when a step moves x by less than this, relative to its length.

    References
    ----------
    Beck, Teboulle (2009). A fast iterative shrinkage-thresholding algorithm.
    O'Donoghue, Candès (2015). Adaptive restart for accelerated gradient schemes.
    """
    x = onto(np.zeros_like(linear) if start is None else start, upper, sides, total)
    length = _largest(product, len(linear))
    if length <= 0.0:
        # Nothing but a plane: its steepest descent with a step that crosses the box.
        length = float(np.abs(linear).max(initial=0.0)) / max(1e-300, float(upper.max(initial=0.0))) * 1e-3 or 1.0
    step = 1.0 / length
    image = product(x)
    ahead, ahead_image, momentum = x, image, 1.0
    for _ in range(steps):
        new = onto(ahead - step * (ahead_image + linear), upper, sides, total)
        new_image = product(new)
        moved, moved_image = new - x, new_image - image
        # the change of the value from x to new, without the cancellation of two large numbers
        climb = float(moved @ (image + linear)) + 0.5 * float(moved @ moved_image)
        if climb > 0.0:
            if momentum == 1.0:
                if float(np.sqrt(moved @ moved)) <= tolerance * (1e-12 + float(np.sqrt(x @ x))):
                    break
                step *= 0.5  # the largest eigenvalue was found too small
            ahead, ahead_image, momentum = x, image, 1.0
            continue
        following = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
        share = (momentum - 1.0) / following
        plain = momentum == 1.0
        ahead, ahead_image, momentum = new + share * moved, new_image + share * moved_image, following
        x, image = new, new_image
        if float(np.sqrt(moved @ moved)) <= tolerance * (1e-12 + float(np.sqrt(new @ new))):
            if plain:
                break
            ahead, ahead_image, momentum = x, image, 1.0
    return x


def _largest(product: Callable[[Vector], Vector], size: int) -> float:
    """A little more than the largest eigenvalue, by powers from a start that no structure is orthogonal to."""
    if size == 0:
        return 0.0
    vector = 1.0 + np.random.default_rng(0).random(size)
    value = 0.0
    for _ in range(60):
        vector /= np.sqrt(vector @ vector)
        image = product(vector)
        length = float(np.sqrt(image @ image))
        if length <= 0.0 or abs(length - value) <= 1e-4 * length:
            value = length
            break
        value, vector = length, image
    return 1.05 * value
