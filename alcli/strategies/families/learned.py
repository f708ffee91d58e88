"""Strategies that choose among strategies."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "auto",
        "alcli.strategies.auto:choose_auto",
        kind="auto",
        summary="Decides by the labels there are",
        formula="typiclust until each class has 2 labels, then margin+kmeans",
        cost="that of what it chooses",
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "auto",
        space=None,
        utility="one",
        selector="auto",
        summary="Coverage until every class has 2 labels, then uncertainty with diversity",
        source="Hacohen, Dekel, Weinshall 2022; Zhdanov 2019",
        use_when="You have no reason to choose; it says which strategy it used, and why",
        aliases=("default",),
        formula="typiclust until every class has 2 labels; then kmeans over the 3 b rows of largest margin utility",
        cost="that of typiclust, then that of margin+kmeans",
    ),
)
