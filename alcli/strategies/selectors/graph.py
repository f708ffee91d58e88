"""Rows with many near neighbours in a graph, each choice taking density from its neighbours: graph_density."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_anchors, as_points
from alcli.strategies.rank import round_utility
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.selectors.neighbours import lengths, manhattan

_KERNELS = ("gaussian", "exponential")


def graph_density(
    points: ArrayLike,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    neighbours: int = 10,
    kernel: str = "gaussian",
    width: float = 0.0,
) -> NDArray[np.intp]:
    """Again and again the row of largest graph density, which its neighbours then lose.

    Parameters
    ----------
    points : array of shape (m, d)
        Candidates, in an order that does not depend on the pool's: the lower position wins a tie.
    n : rows to choose.
    utility : not used: in a product only the best rows by utility are candidates.
    labelled : array of shape (l, d), or None
        They are in the graph too, and take density from their neighbours before anything is chosen, as
        if they had been chosen: the densest first.
    seed : not used: nothing is left to chance.
    neighbours : two rows are joined when one is among so many nearest of the other, by Manhattan distance.
    kernel : weight of an edge of length d: "gaussian", ``exp(-d^2 / (2 width^2))``, as in the paper, or
        "exponential", ``exp(-d / width)``, as in the code of google and ALiPy.
    width : 0 for the mean length of an edge ("gaussian") or the number of columns ("exponential").

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. A row's density is the mean weight of its edges; a chosen row
        takes its density from each row it is joined with, however light the edge, as long as it is above
        0. O((m + l)^2 d) time and O((m + l) (neighbours + d)) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, or a setting is out of range.

    References
    ----------
    Ebert, Fritz, Schiele (2012). RALF: a reinforced active learning formulation for object class
    recognition, section 3.1. They leave the width open.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [3.5], [9.0], [9.5]])
    >>> graph_density(line, 3, neighbours=1)
    array([4, 0, 2])
    """
    _check(neighbours, kernel, width)
    rows = as_points(points)
    anchors = as_anchors(labelled, rows)
    m = len(rows)
    n = max(0, min(n, m))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    both = rows if anchors is None else np.concatenate([rows, anchors])
    starts, ends, density = _graph(both, neighbours, kernel, width)
    left = density.copy()
    left[:m] = -np.inf
    for _ in range(len(both) - m):
        _take(int(left.argmax()), starts, ends, left, density)
    left = density
    left[m:] = -np.inf
    chosen: list[int] = []
    while len(chosen) < n:
        best = int(left.argmax())
        chosen.append(best)
        _take(best, starts, ends, left)
    return np.asarray(chosen, dtype=np.intp)


def _take(row: int, starts: NDArray[np.intp], ends: NDArray[np.intp], *densities: NDArray[np.float64]) -> None:
    """Mark a row as done and take its density from its neighbours, in each of the arrays."""
    lost = max(0.0, float(densities[0][row]))
    near = ends[starts[row] : starts[row + 1]]
    for density in densities:
        density[near] -= lost
        density[row] = -np.inf


def _graph(
    rows: Points, neighbours: int, kernel: str, width: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """The symmetric graph: where each row's edges start, their other ends, and each row's density."""
    m = len(rows)
    near = manhattan(rows, neighbours)
    here, there = np.repeat(np.arange(m), near.shape[1]), near.ravel()
    edges = np.unique(np.concatenate([here * m + there, there * m + here]))
    origin, ends = np.divmod(edges, m)
    # Weights may be so light that they are 0; an edge is there all the same.
    length = lengths(rows, origin, ends)
    count = np.bincount(origin, minlength=m)
    starts = np.concatenate([[0], np.cumsum(count)])
    total = np.bincount(origin, weights=_weights(length, kernel, width, rows.shape[1]), minlength=m)
    # Copies have the same weights in another order, and so another last digit.
    return starts, ends, round_utility(total / np.maximum(count, 1))


def _weights(length: NDArray[np.float64], kernel: str, width: float, columns: int) -> NDArray[np.float64]:
    if kernel == "exponential":
        return np.exp(-length / (width or float(max(1, columns))))
    wide = width or float(length.mean() if len(length) else 0.0)
    ratio = length / wide if wide > 0.0 else np.zeros(len(length))
    return np.exp(-0.5 * ratio**2)


def _check(neighbours: int, kernel: str, width: float) -> None:
    if neighbours < 1:
        raise ValueError(f"neighbours must be at least 1, not {neighbours}")
    if kernel not in _KERNELS:
        raise ValueError(f"kernel must be gaussian or exponential, not {kernel!r}")
    if not (isfinite(width) and width >= 0.0):
        raise ValueError(f"width must be 0 (found from the data) or more, not {width:g}")
