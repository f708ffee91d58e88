"""Draws rows uniformly within strata: the classes that the model predicts. One pass over the pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import UsageError, counted
from alcli.selection.choosing import Choice, Pick
from alcli.selection.signals import require, signals
from alcli.strategies.rank import top, uniform_from_hash
from alcli.tables.arrays import integers
from alcli.tables.hashing import hash_ids
from alcli.tables.scan import scan

if TYPE_CHECKING:
    from alcli.selection.material import Material
    from alcli.strategies.kinds import Strategy
    from alcli.tables.pool import Pool, Unit

# With two rows a stratum has a variance of its own.
_FLOOR = 2


@dataclass
class _Stratum:
    """How many rows it has, and those of the smallest hashes: a uniform draw, first drawn first."""

    rows: int = 0
    ids: list[str] = field(default_factory=list)
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def offer(self, ids: list[str], hashes: NDArray[np.uint64], rows: int, most: int) -> None:
        together, noise = [*self.ids, *ids], np.concatenate([self.hashes, hashes])
        first = top(-uniform_from_hash(noise), most, noise)
        self.rows += rows
        self.ids, self.hashes = [together[at] for at in first.tolist()], noise[first]


def stratify(material: Material, strategy: Strategy, n: int) -> Choice:
    """Draw n rows, shared out between the predicted classes by their sizes (`allocate`).

    What is recorded as a row's probability is its chance at its rank within its stratum, given the rows of the
    stratum before it. The strata take turns, so that a batch answered half way is still spread over all of them.

    Raises
    ------
    ModelError
        If there is no model to say the classes.
    UsageError
        If n is less than the number of strata.
    """
    require(material, strategy, None)
    work = partial(_unit, material=material, most=n)
    found: dict[str, _Stratum] = defaultdict(_Stratum)
    for part in scan(material.pool, work, jobs=material.jobs, processes=material.processes(True)):
        for name, stratum in part.items():
            found[name].offer(stratum.ids, stratum.hashes, stratum.rows, n)
    sizes = {name: found[name].rows for name in sorted(found)}
    shares = allocate(sizes, n)
    order = sorted((turn, name, rank) for name, share in shares.items() for rank, turn in enumerate(_turns(share)))
    picks = tuple(
        Pick(found[name].ids[rank], f"{strategy.name}[{name}]", 1.0, float(f"{1.0 / (sizes[name] - rank):.9g}"))
        for _, name, rank in order
    )
    return Choice(picks, sum(sizes.values()))


def allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """How many of n rows each stratum gets: in proportion to its size, but 2 at least where n allows it.

    Proportional shares are never worse than a draw from the whole pool, whatever the model is worth; shares by
    expected error (Neyman 1934) would trust it, as `active_testing` does, whose rows are all weighed by their chances.

    Raises
    ------
    UsageError
        If a stratum would get nothing: the estimate would leave it out.

    References
    ----------
    Cochran (1977). Sampling techniques, sections 5.5 and 5A.

    Examples
    --------
    >>> allocate({"ham": 900, "spam": 95, "odd": 1}, 20)
    {'ham': 17, 'spam': 2, 'odd': 1}
    """
    if 0 < n < len(sizes):
        raise UsageError(
            f"{counted(n, 'row')} cannot be shared between {len(sizes):,} predicted classes",
            hint=f"`-n {_FLOOR * len(sizes)}` or more, or `--strategy random`",
            code="too-few-rows",
        )
    floor = _FLOOR if n >= _FLOOR * len(sizes) else 1
    shares = {name: min(floor, size) for name, size in sizes.items()}
    total = sum(sizes.values())
    for _ in range(min(n, total) - sum(shares.values())):
        # one row after the other to whoever is furthest below its share
        short = {name: n * size / total - shares[name] for name, size in sizes.items() if shares[name] < size}
        shares[max(short, key=lambda name: (short[name], sizes[name], name))] += 1
    return shares


def _turns(share: int) -> list[float]:
    return [(rank + 0.5) / share for rank in range(share)]


def _unit(pool: Pool, unit: Unit, material: Material, most: int) -> dict[str, _Stratum]:
    found: dict[str, _Stratum] = defaultdict(_Stratum)
    for rows, X in material.batches(unit, True):
        mask = material.eligible.mask(rows)
        at = np.arange(len(rows)) if mask is None else np.flatnonzero(mask)
        if not len(at):
            continue
        given: dict[str, Any] = signals(material, ("proba",), rows, X, "features")
        predicted = np.asarray(given["proba"]).argmax(axis=1)[at]
        noise = hash_ids(rows.ids, material.seed, f"strata-{material.batch}")[at]
        for code in np.unique(predicted).tolist():
            own = at[predicted == code]
            hashes = noise[predicted == code]
            first = top(-uniform_from_hash(hashes), most, hashes)
            ids = rows.ids.take(integers(own[first])).to_pylist()
            found[material.classes[code]].offer(ids, hashes[first], len(own), most)
    return dict(found)
