"""Rows to measure a model on, each with a known chance of being drawn."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "active_testing",
        "alcli.strategies.learned.testing:choose_active_testing",
        kind="auto",
        summary="Drawn in proportion to expected error, with a share of uniform draws",
        formula="a slot is drawn uniformly with probability defence, else in proportion to 1 - p1",
        cost="n c",
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "active_testing",
        space=None,
        utility="one",
        selector="active_testing",
        summary="Rows where the model expects to err more often, but every row now and then",
        source="Kossen, Farquhar, Gal, Rainforth 2021; Farquhar, Gal, Rainforth 2021",
        use_when="To measure, not to train: `--for evaluation`, when errors are rare and labels dear",
        formula="rows are drawn one after the other with q = (1 - defence) (1 - p1) / sum (1 - p1) + defence / n",
        cost="n c",
    ),
)
