"""Lazy greedy choice: with gains that can only fall, a stale gain is an upper bound, and few have to be found again."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alcli.strategies.selectors.similarity import Kernel, Ready

# Gains are equal that differ by less than this share of the largest first one, or by 1e-6 of themselves, and what
# is below it is nothing: products in float32 do not come out the same to the last digit for copies of a row, and
# each row that is covered already may seem to gain 1e-7 by the next copy.
TOLERANCE = 1e-6
_OWN_TOLERANCE = 1e-6
# Similarities that are kept of rows looked at: 512 MB.
_KEPT = 128_000_000
# Similarities found at once: what a processor keeps near.
_AT_ONCE = 1_000_000


class Gains(Protocol):
    """What each candidate would add to the batch; never below 0, and never more than before."""

    def first(self) -> NDArray[np.float64]:
        """Gains of all candidates before any is chosen: (m,)."""

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Gains of some candidates now."""

    def take(self, row: int) -> None:
        """Put a candidate into the batch."""


def lazy_greedy(gains: Gains, n: int) -> NDArray[np.intp]:
    """The n rows that greedy choice takes, in its order; the lower position wins between equals.

    When nothing more is to be gained, the remaining rows come in their order.

    References
    ----------
    Minoux (1978). Accelerated greedy algorithms for maximizing submodular set functions.
    """
    bound = gains.first()
    m = len(bound)
    least = TOLERANCE * float(bound.max(initial=0.0))
    left = np.ones(m, dtype=bool)
    chosen: list[int] = []
    fresh = np.ones(m, dtype=bool)
    while len(chosen) < min(n, m):
        row = _best(gains, bound, fresh, least)
        if bound[row] <= least:
            break
        chosen.append(row)
        left[row] = False
        bound[row] = -1.0
        gains.take(row)
        fresh[:] = False
        fresh[row] = True
    rest = np.flatnonzero(left)[: min(n, m) - len(chosen)]
    return np.concatenate([np.asarray(chosen, dtype=np.intp), rest])


def _best(gains: Gains, bound: NDArray[np.float64], fresh: NDArray[np.bool_], least: float) -> int:
    """The first of the candidates with the largest gain; lowers the bounds it finds to be too high."""
    look = 16
    while True:
        known = np.where(fresh, bound, -1.0)
        most = float(known.max())
        equal = max(least, _OWN_TOLERANCE * most)
        row = int((known >= most - equal).argmax())
        high = bound > most
        # As good as the best and before it: they would win the tie.
        high[:row] |= bound[:row] >= most - equal
        stale = np.flatnonzero(high & ~fresh)
        if len(stale) == 0:
            return row
        if len(stale) > look:
            stale = np.sort(stale[np.argpartition(-bound[stale], look - 1)[:look]])
        bound[stale] = np.minimum(bound[stale], gains.of(stale))
        fresh[stale] = True
        look = min(2 * look, 512)


class Covering:
    """Gains of ``sum_i w_i max_{a in A} s(i, a) + sum_{a in A} v_a``, by which facility location and others choose.

    Parameters
    ----------
    kernel : gives similarities of candidates to what is to be covered.
    candidates, covered : m candidates, r rows to be covered.
    already : (r,) how well each of those is covered at the start.
    weights : (r,) never below 0, or None for 1.
    bonus : (m,) what a candidate adds by itself, or None for 0.
    most : (r,) how well each may be covered, or None for any.
    """

    def __init__(
        self,
        kernel: Kernel,
        candidates: Ready,
        covered: Ready,
        already: NDArray[np.float32],
        weights: NDArray[np.float64] | None = None,
        bonus: NDArray[np.float64] | None = None,
        most: NDArray[np.float32] | None = None,
    ) -> None:
        self.kernel, self.candidates, self.covered = kernel, candidates, covered
        self.weights = None if weights is None else weights.astype(np.float32)
        self.most = most
        self.best = already if self.weights is None else already * self.weights
        self.bonus = np.zeros(len(candidates)) if bonus is None else bonus
        width = max(1, len(covered))
        self._step = max(1, _AT_ONCE // width)
        self._kept = np.empty((min(len(candidates), _KEPT // width), len(covered)), dtype=np.float32)
        self._owner = np.full(len(self._kept), -1)
        self._place: dict[int, int] = {}  # of a candidate among the kept rows
        self._next = 0

    def first(self) -> NDArray[np.float64]:
        out = np.empty(len(self.candidates))
        for start in range(0, len(out), self._step):
            stop = start + self._step
            out[start:stop] = self._gains(self._similar(self.candidates[start:stop]))
        return out + self.bonus

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        out = np.empty(len(rows))
        place = np.array([self._place.get(row, -1) for row in rows.tolist()], dtype=np.intp)
        for known in np.flatnonzero(place >= 0).tolist():
            out[known] = self._gains(self._kept[place[known]])
        new = np.flatnonzero(place < 0)
        for start in range(0, len(new), self._step):
            at = new[start : start + self._step]
            similar = self._similar(self.candidates[rows[at]])
            out[at] = self._gains(similar)
            for row, found in zip(rows[at].tolist(), similar, strict=True):
                self._keep(row, found)
        return out + self.bonus[rows]

    def _keep(self, row: int, similar: NDArray[np.float32]) -> None:
        if len(self._kept) == 0:
            return
        self._place.pop(int(self._owner[self._next]), None)
        self._kept[self._next] = similar
        self._owner[self._next], self._place[row] = row, self._next
        self._next = (self._next + 1) % len(self._kept)

    def take(self, row: int) -> None:
        place = self._place.get(row)
        found = self._similar(self.candidates[row : row + 1])[0] if place is None else self._kept[place]
        self.best = np.maximum(self.best, found)

    def _similar(self, candidates: Ready) -> NDArray[np.float32]:
        found = self.kernel.between(candidates, self.covered)
        if self.most is not None:
            np.minimum(found, self.most, out=found)
        if self.weights is not None:
            found *= self.weights
        return found

    def _gains(self, similar: NDArray[np.float32]) -> NDArray[np.float64]:
        more = similar - self.best
        np.maximum(more, 0.0, out=more)
        gains: NDArray[np.float64] = more.sum(axis=-1).astype(np.float64)
        return gains
