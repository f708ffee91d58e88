"""HintSVM: a support vector machine whose hyperplane also passes near rows of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import Points, as_points, blocks
from alcli.strategies.selectors.quadratic import minimise
from alcli.threads import one_thread

# Labelled rows that are learned from; they come in the order of a hash.
_LABELLED = 2000


@dataclass(frozen=True)
class Machine:
    """A fitted machine: f(x) = sum_i coefficients_i k(vectors_i, x) + offset, on standardised coordinates.

    Attributes
    ----------
    middle, spread : (d,) what is subtracted from each coordinate, and what it is then divided by.
    vectors : (s, d) support vectors; with a linear kernel one, the normal of the hyperplane.
    gamma : of ``exp(-gamma |x - v|^2)``; 0 for the linear kernel.
    """

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    vectors: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    offset: float
    gamma: float

    def decision(self, rows: Points) -> NDArray[np.float64]:
        """f of each row: (n,)."""
        out = np.empty(len(rows))
        for start, stop in blocks(len(rows), max(rows.shape[1], len(self.vectors), 1)):
            here = (np.asarray(rows[start:stop], np.float64) - self.middle) / self.spread
            if self.gamma == 0.0:
                normal = self.coefficients @ self.vectors if len(self.vectors) else np.zeros(here.shape[1])
                out[start:stop] = np.einsum("ij,j->i", here, normal)
            else:
                out[start:stop] = np.einsum("ij,j->i", kernel(here, self.vectors, self.gamma), self.coefficients)
        return out + self.offset


def kernel(left: NDArray[np.float64], right: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """exp(-gamma |x - v|^2) for all pairs, or the products <x, v> with gamma 0: (left, right)."""
    products: NDArray[np.float64] = left @ right.T
    if gamma == 0.0:
        return products
    squared = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right) - 2.0 * products
    out: NDArray[np.float64] = np.exp(-gamma * np.maximum(squared, 0.0))
    return out


def prepare_hintsvm(
    labelled: ArrayLike,
    labels: ArrayLike,
    reference: ArrayLike,
    *,
    seed: int,
    cost: float = 1.0,
    hint_cost: float = 0.1,
    width: float = 0.1,
    kernel: str = "linear",
) -> Machine | None:
    """Fit the machine that `hintsvm` scores with.

    Parameters
    ----------
    labelled : array of shape (l, d)
    labels : array of shape (l,)
        Class numbers, 0 or 1.
    reference : array of shape (r, d)
        Unlabelled rows drawn from the pool: the hints.
    seed : not used: nothing is left to chance.
    cost : C of each labelled row.
    hint_cost : what all hints together weigh, as a share of what all labelled rows weigh.
    width : a hint costs nothing while ``|f|`` is no more than this.
    kernel : "linear" or "rbf".

    Returns
    -------
    machine : the minimiser of ``|w|^2 / 2 + C sum_L max(0, 1 - y f) + C_h sum_hints max(0, |f| - width)``, on
        coordinates with mean 0 and variance 1 over the hints; None without labelled rows of both classes.

    Raises
    ------
    ValueError
        If a setting is out of range, or labels and labelled rows differ in number.

    Examples
    --------
    >>> prepare_hintsvm(np.ones((2, 1)), [1, 1], np.ones((3, 1)), seed=0) is None
    True
    """
    if kernel not in ("linear", "rbf"):
        raise ValueError(f"kernel must be linear or rbf, not {kernel!r}")
    for name, value in (("cost", cost), ("hint_cost", hint_cost), ("width", width)):
        if value < 0.0 or (value == 0.0 and name == "cost"):
            raise ValueError(f"{name} must be above 0, not {value}")
    known, hints = as_points(labelled, "labelled"), as_points(reference, "reference")
    codes = np.asarray(labels)
    if codes.shape != (len(known),) or (len(known) and hints.shape[1] != known.shape[1]):
        raise ValueError(f"shapes do not fit: {known.shape}, {codes.shape}, {hints.shape}")
    if len(codes) and not np.isin(codes, (0, 1)).all():
        raise ValueError("labels must be 0 or 1: hintsvm is defined for two classes")
    known, codes = known[:_LABELLED], codes[:_LABELLED]
    if len(np.unique(codes)) < 2:
        return None
    base = np.asarray(hints if len(hints) else known, np.float64)
    middle = base.mean(axis=0)
    spread = np.sqrt(((base - middle) ** 2).mean(axis=0))
    spread[spread <= 1e-12 * np.abs(middle)] = np.inf
    rows = (np.concatenate([np.asarray(known, np.float64), np.asarray(hints, np.float64)]) - middle) / spread
    weight = np.repeat([cost, cost * hint_cost * len(known) / max(1, len(hints))], [len(known), len(hints)])
    side = np.concatenate([2.0 * codes - 1.0, np.ones(len(hints))])
    return _fit(
        rows, side, weight, len(known), width, 0.0 if kernel == "linear" else 1.0 / rows.shape[1], middle, spread
    )


def _fit(
    rows: NDArray[np.float64],
    side: NDArray[np.float64],
    weight: NDArray[np.float64],
    labelled: int,
    width: float,
    gamma: float,
    middle: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> Machine:
    """By the dual. A hint is two rows of opposite sides that ask for y f >= -width, a labelled one for y f >= 1."""
    m = len(rows)
    hint = np.arange(labelled, m)
    which = np.concatenate([np.arange(m), hint])
    sides = np.concatenate([side, -np.ones(len(hint))])
    asked = np.where(which < labelled, 1.0, -width)
    upper = weight[which]
    with one_thread():
        whole = kernel(rows, rows, gamma) if gamma else None

        def image(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
            found: NDArray[np.float64] = rows @ (coefficients @ rows) if whole is None else whole @ coefficients
            return found

        def gathered(dual: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.bincount(which, weights=sides * dual, minlength=m).astype(np.float64)

        dual = minimise(
            lambda dual: sides * image(gathered(dual))[which], -asked, upper, sides, 0.0, steps=5000, tolerance=1e-7
        )
        coefficients = gathered(dual)
        offset = _offset(image(coefficients)[which], sides, asked, upper)
    if gamma == 0.0:
        return Machine(middle, spread, (coefficients @ rows)[None], np.ones(1), offset, gamma)
    held = np.flatnonzero(np.abs(coefficients) > 1e-9 * np.abs(coefficients).max(initial=0.0))
    return Machine(middle, spread, rows[held], coefficients[held], offset, gamma)


def _offset(
    scores: NDArray[np.float64], sides: NDArray[np.float64], asked: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """The b that minimises ``sum weight max(0, asked - side (score + b))``, the middle one of several.

    Each row has its kink at ``side asked - score``, and adds its weight to the slope there.
    """
    kinks = sides * asked - scores
    order = np.argsort(kinks, kind="stable")
    slope = np.cumsum(weight[order]) - weight[sides > 0.0].sum()
    slack = 1e-12 * weight.sum()
    at = int(np.argmax(slope >= -slack))
    last = int(np.argmax(slope > slack)) if (slope > slack).any() else at
    return float(kinks[order[at]] + kinks[order[last]]) / 2.0


def hintsvm(space: ArrayLike, prepared: Machine | None) -> NDArray[np.float64]:
    """How near a row is to a hyperplane that passes through the unlabelled rows.

    Parameters
    ----------
    space : array of shape (n, d)
        Coordinates of the candidates.
    prepared : what `prepare_hintsvm` learned from the labelled rows and the hints.

    Returns
    -------
    utility : array of shape (n,)
        ``-abs(f)``: never above 0, and 0 on the hyperplane. All 0 until both classes have a label.

    Raises
    ------
    ValueError
        If `space` is not 2-D or a coordinate is not finite; the message names the row.

    References
    ----------
    Li, Ferng, Lin (2015). Active learning using hint information. Libact asks the rows farthest from
    the hyperplane; the paper, and this, the nearest. With ``width = 1`` the machine is a plain weighted one
    in which each hint appears in both classes; for other widths it is not.

    Examples
    --------
    >>> machine = prepare_hintsvm(np.array([[-1.0], [1.0]]), [0, 1], np.array([[-1.0], [1.0]]), seed=0)
    >>> hintsvm(np.array([[0.0], [2.0]]), machine).argmax()
    np.int64(0)
    """
    rows = as_points(space, "space")
    if prepared is None:
        return np.zeros(len(rows))
    return -np.abs(prepared.decision(rows))
