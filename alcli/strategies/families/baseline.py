"""Rows with no reason, and chance added to any reason."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_NOISE = "alcli.strategies.selectors.noise:"

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "one",
        "alcli.strategies.utilities.baseline:one",
        needs=(),
        summary="Every row is worth the same",
        formula="1",
        cost="n",
    ),
)

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "top",
        "alcli.strategies.rank:top",
        kind="top",
        summary="The rows of most utility",
        formula="the b largest s",
    ),
    Selector(
        "sample",
        _NOISE + "sample",
        kind="weighted",
        summary="Drawn in proportion to utility",
        source="Efraimidis, Spirakis 2006",
        formula="the b largest ln s + Gumbel",
        nonnegative=True,
    ),
    Selector(
        "power",
        _NOISE + "power",
        kind="weighted",
        summary="Drawn in proportion to a power of utility",
        source="Kirsch et al. 2023",
        formula="the b largest beta ln s + Gumbel",
        nonnegative=True,
    ),
    Selector(
        "softmax",
        _NOISE + "softmax",
        kind="weighted",
        summary="Drawn in proportion to the exponential of utility",
        source="Kirsch et al. 2023",
        formula="the b largest beta s + Gumbel",
    ),
    Selector(
        "softrank",
        _NOISE + "softrank",
        kind="ranked",
        summary="Drawn in proportion to one over the rank",
        source="Kirsch et al. 2023",
        formula="the b largest -beta ln rank + Gumbel",
        cost="n log n",
    ),
    Selector(
        "epsilon",
        _NOISE + "epsilon",
        kind="epsilon",
        summary="The best rows, but now and then one at random",
        source="Sutton, Barto 1998",
        formula="a slot is drawn uniformly with probability epsilon, else the largest s left",
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "random",
        space=None,
        utility="one",
        selector="sample",
        summary="Rows drawn uniformly",
        use_when="For test sets, for a baseline, or as a part of a `--mix`",
        aliases=("query_instance_random", "random_sampler", "random_sampling", "uniform", "passive"),
        formula="the b smallest of a seeded hash of each id",
        cost="n",
    ),
)
