"""The rows of the pool that an estimator may learn from without their labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from alcli.telling import stage

if TYPE_CHECKING:
    from alcli.features.maker import FeatureMaker
    from alcli.tables.pool import Pool

#: So many rows of a larger pool: a graph of 20,000 takes four times as long to make, and it is made again for each fold.
MOST = 10_000


@dataclass(frozen=True, eq=False)
class Unlabelled:
    """Rows of the pool, those with the smallest seeded hashes of their ids; read when they are first looked at.

    Rows that are labelled may be among them: it is for the estimator to know them by what they hold.
    """

    pool: Pool
    maker: FeatureMaker
    seed: int

    @cached_property
    def matrix(self) -> Any:
        """(u, d), u at most 10,000, in the order of the hashes."""
        with stage("reading rows without labels"):
            return self.maker.transform(self.pool.sample(MOST, self.maker.request, self.seed, "unlabelled"))
