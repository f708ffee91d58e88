"""D² seeding: rows drawn by squared distance to what is there already (kmeans++, and BADGE among gradients)."""

from __future__ import annotations

from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import ThreadpoolController

from alcli.strategies.distances import Bounds, Points, as_anchors, as_points, blocks, nearest, to_one
from alcli.strategies.points import Outer
from alcli.strategies.selectors.coverage import Worth, weights_of

_FIRST = ("draw", "norm")
# A difference of products of equal points leaves this share of their lengths behind: rounding, not distance.
_ROUNDING = 1e-12


def kmeans_plusplus(
    points: ArrayLike | Outer,
    n: int,
    *,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    first: str = "draw",
) -> NDArray[np.intp]:
    """Draw rows one by one, in proportion to the squared distance to what is labelled or drawn.

    Parameters
    ----------
    points : array of shape (m, d), or an `Outer` of m points
        Candidates, in an order that does not depend on the pool's.
    n : rows to choose.
    utility : array of shape (m,), never below 0, or a function of points that gives one, or None
        Multiplies the weight of each row.
    labelled : array of shape (l, d), or None
        What is covered already.
    seed : of the draws.
    first : how the first row is found when nothing is labelled: "draw", by utility alone; "norm", the
        longest vector, its squared length times its utility (as BADGE begins).

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of drawing. When only copies of labelled or drawn rows, or rows of no
        utility, are left, the lower position comes first. The distribution is that of k-means++: rows are
        proposed by upper bounds on their weights, which stay as they are while draws go on, and are kept
        with the chance weight / bound. That takes one to three passes over the points, not one a row. O(m) memory.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the numbers of columns differ, a utility is negative, or `first`
        is another word.

    References
    ----------
    Arthur, Vassilvitskii (2007). k-means++: the advantages of careful seeding. BADGE (Ash et al. 2020)
    draws this way in gradient space.

    Examples
    --------
    >>> heaps = np.array([[0.0], [0.0], [9.0], [9.0]])
    >>> sorted(int(heaps[row, 0]) for row in kmeans_plusplus(heaps, 2, seed=7))
    [0, 9]
    """
    if first not in _FIRST:
        raise ValueError(f"first must be one of {', '.join(_FIRST)}, not {first!r}")
    cloud: _Cloud
    if isinstance(points, Outer):
        cloud, worth = _Products(points, labelled), weights_of(utility, np.empty((len(points), 0)))
    else:
        rows = as_points(points)
        cloud, worth = _Rows(rows, as_anchors(labelled, rows)), weights_of(utility, rows)
    n = max(0, min(n, len(cloud.bound)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    random = np.random.default_rng(seed)
    # Sums of several threads differ in the last digit: the bounds, and so what is proposed, must not.
    with _blas().limit(limits=1):
        chosen = [] if cloud.anchored else [_first(cloud, worth, first, random)]
        return _drawn(cloud, n, worth, chosen, random)


@cache
def _blas() -> ThreadpoolController:
    """Looking for numpy's libraries takes longer than a small batch."""
    return ThreadpoolController()


class _Cloud(Protocol):
    """Points that know upper bounds on, and exactly, the squared distance to the nearest centre.

    Attributes
    ----------
    bound : (m,) upper bounds for the centres seen so far.
    anchored : whether there are labelled rows, which the bounds have then seen.
    """

    bound: NDArray[np.float64]
    anchored: bool

    def lengths(self) -> NDArray[np.float64]:
        """Squared lengths: (m,)."""

    def lower(self, chosen: list[int]) -> None:
        """Lower the bounds by some more chosen rows."""

    def exact(self, row: int, chosen: list[int]) -> float:
        """Of one row, the squared distance to the nearest of the labelled and chosen rows."""

    def settle(self, chosen: list[int]) -> None:
        """Put exact distances in the place of the bounds."""


def _first(cloud: _Cloud, worth: NDArray[np.float64] | None, first: str, random: np.random.Generator) -> int:
    if first == "norm":
        length = cloud.lengths()
        return int((length if worth is None else length * worth).argmax())
    if worth is None:
        return int(random.integers(len(cloud.bound)))
    return _pick(np.cumsum(worth), float(random.random()))


def _drawn(
    cloud: _Cloud, n: int, worth: NDArray[np.float64] | None, chosen: list[int], random: np.random.Generator
) -> NDArray[np.intp]:
    m = len(cloud.bound)
    # A proposal takes microseconds, a pass over the points as long as a few thousand proposals.
    patience = 100 + m // 500
    settled = False
    if chosen:
        cloud.lower(chosen)
    while len(chosen) < n:
        weight = cloud.bound if worth is None else cloud.bound * worth
        largest = float(weight.max())
        if largest <= 0.0:
            break
        # Squares of large distances must not overflow in the sum.
        weight = weight / largest
        steps = np.cumsum(weight)
        known, refused = len(chosen), 0
        while len(chosen) < n and refused < patience:
            row = _pick(steps, float(random.random()))
            fresh = cloud.exact(row, chosen) / largest * (1.0 if worth is None else float(worth[row]))
            if random.random() * weight[row] < fresh:
                chosen.append(row)
            else:
                refused += 1
        if len(chosen) == n:
            break
        if len(chosen) > known:
            cloud.lower(chosen[known:])
            settled = False
        elif settled:
            break
        else:
            # Nothing was kept: what is left are copies of centres, or nearly. Bounds cannot tell them apart.
            cloud.settle(chosen)
            settled = True
    left = np.ones(m, dtype=bool)
    left[chosen] = False
    rest = np.flatnonzero(left)[: n - len(chosen)]
    return np.concatenate([np.asarray(chosen, dtype=np.intp), rest])


def _pick(steps: NDArray[np.float64], u: float) -> int:
    """A position by the running sum of weights, u uniform in [0, 1)."""
    # Rounding must not carry the draw beyond the last row that has weight.
    return int(np.searchsorted(steps, min(u * steps[-1], np.nextafter(steps[-1], 0.0)), side="right"))


class _Rows:
    """Points with all their coordinates."""

    def __init__(self, points: Points, anchors: Points | None) -> None:
        self.points, self.anchors = points, anchors
        self.anchored = anchors is not None
        self._bounds = Bounds(points, anchors)
        self.bound = self._bounds.values
        if anchors is not None:
            self._bounds.add(anchors)

    def lengths(self) -> NDArray[np.float64]:
        return to_one(self.points, np.zeros(self.points.shape[1]))

    def lower(self, chosen: list[int]) -> None:
        self._bounds.add(self.points[chosen])
        self.bound[chosen] = 0.0

    def exact(self, row: int, chosen: list[int]) -> float:
        place = self.points[row]
        centres = [each for each in (self.anchors, self.points[chosen]) if each is not None and len(each)]
        return float(min(to_one(each, place).min() for each in centres))

    def settle(self, chosen: list[int]) -> None:
        centres = self.points[chosen]
        np.minimum(
            self.bound,
            nearest(self.points, centres if self.anchors is None else np.concatenate([self.anchors, centres])),
            out=self.bound,
        )


class _Products:
    """Points that are outer products: |g_i - g_j|² = |g_i|² + |g_j|² - 2 <a_i, a_j> <h_i, h_j>."""

    def __init__(self, points: Outer, labelled: ArrayLike | None) -> None:
        if labelled is not None and len(np.asanyarray(labelled)):
            raise ValueError("points given as products take no labelled rows")
        self.points = Outer(as_points(points.left), as_points(points.right))
        self.anchored = False
        self.bound = np.full(len(points), np.inf)
        self._length = self.points.norms()
        largest = [max(-float(each.min()), float(each.max())) if each.size else 0.0 for each in self._factors]
        # Below 1e-70 squares of the scale would overflow, and such coordinates are all but 0 in any case.
        self._scale = [1.0 / max(each, 1e-70) if each > 0.0 else 1.0 for each in largest]
        # Twice the textbook bound on the error of two float32 products, as a share of the lengths.
        width = sum(each.shape[1] for each in self._factors)
        self._slack = 2.0 * (width + 16) * float(np.finfo(np.float32).eps)

    @property
    def _factors(self) -> tuple[Points, Points]:
        return self.points.left, self.points.right

    def lengths(self) -> NDArray[np.float64]:
        return self._length

    def lower(self, chosen: list[int]) -> None:
        scale = self._scale[0] * self._scale[1]
        pairs = [
            (factor, factor.dtype.type(by), (factor[chosen] * by).astype(np.float32).T)
            for factor, by in zip(self._factors, self._scale, strict=True)
        ]
        own = self._length[chosen] * scale * scale * (1.0 + self._slack)
        for start, stop in blocks(len(self.points), max(len(chosen), self.points.right.shape[1])):
            one, other = (
                (factor[start:stop] * by).astype(np.float32, copy=False) @ centres for factor, by, centres in pairs
            )
            product = np.multiply(one, other, out=one)
            product *= np.float32(-2.0)
            product += own.astype(np.float32)
            least = product.min(axis=1).astype(np.float64)
            # The last term is what underflows in float32.
            least += self._length[start:stop] * (scale * scale * (1.0 + self._slack)) + 1e-36
            np.minimum(self.bound[start:stop], least / scale / scale, out=self.bound[start:stop])
        self.bound[chosen] = 0.0

    def exact(self, row: int, chosen: list[int]) -> float:
        left, right = (np.asarray(factor[row], dtype=np.float64) for factor in self._factors)
        lefts, rights = (np.asarray(factor[chosen], dtype=np.float64) for factor in self._factors)
        product = np.einsum("ij,j->i", lefts, left) * np.einsum("ij,j->i", rights, right)
        return float(_between(self._length[row] + self._length[chosen], product).min())

    def settle(self, chosen: list[int]) -> None:
        lefts, rights = (np.asarray(factor[chosen], dtype=np.float64).T for factor in self._factors)
        for start, stop in blocks(len(self.points), max(len(chosen), self.points.right.shape[1])):
            product = (self.points.left[start:stop] @ lefts) * (self.points.right[start:stop] @ rights)
            away = _between(self._length[start:stop, None] + self._length[chosen], product).min(axis=1)
            np.minimum(self.bound[start:stop], away, out=self.bound[start:stop])


def _between(lengths: NDArray[np.float64], product: NDArray[np.float64]) -> NDArray[np.float64]:
    away = lengths - 2.0 * product
    return np.where(away < _ROUNDING * lengths, 0.0, away)
