"""Rows that were drawn together with known chances, as estimates need them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.evaluation.risk import Risk, lure, lure_weights, stratified


@dataclass(frozen=True)
class Sample:
    """M rows drawn one after the other from a pool.

    Attributes
    ----------
    likelihood : (M,) how many times as likely each row was as in a uniform draw from the rows left, in the order of
        drawing; 1 for uniform draws.
    pool : the rows that could be drawn at first.
    strata : the stratum of each row when they were drawn uniformly within strata, else None.
    sizes : how many rows of the pool each stratum has.

    Notes
    -----
    Rows that were drawn but are not among these (nobody answered them) are taken to be like the others: the chances
    are then those of the same draws without them.
    """

    likelihood: NDArray[np.float64]
    pool: int
    strata: Sequence[str] | None = None
    sizes: Mapping[str, int] | None = None

    def __len__(self) -> int:
        return len(self.likelihood)

    @property
    def _chances(self) -> NDArray[np.float64]:
        chances: NDArray[np.float64] = np.minimum(self.likelihood / (self.pool - np.arange(len(self))), 1.0)
        return chances

    def weights(self) -> NDArray[np.float64]:
        """(M,) what each row counts; they sum to M.

        References
        ----------
        Hájek (1971): shares of the summed weights have less variance than weights over the known number of rows.

        Examples
        --------
        >>> Sample(np.array([1.0, 2.0]), 100).weights().round(2).tolist()
        [1.33, 0.67]
        """
        if self.strata is None or self.sizes is None:
            found = lure_weights(self._chances, self.pool)
        else:
            drawn = Counter(self.strata)
            found = np.array([self.sizes[name] / drawn[name] for name in self.strata], dtype=np.float64)
        shares: NDArray[np.float64] = found * (len(found) / found.sum())
        return shares

    def mean(self, losses: ArrayLike) -> Risk:
        """The pool's mean loss.

        Parameters
        ----------
        losses : (M,); errors rather than successes, of which there are fewer: rows drawn by expected error tell
            a small mean with less variance than one near 1.
        """
        if self.strata is None or self.sizes is None:
            return lure(losses, self._chances, self.pool)
        return stratified(losses, self.strata, dict(self.sizes))
