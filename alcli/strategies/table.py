"""The table: every space, signal, utility, selector and named strategy, by name. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import replace

from alcli.strategies import named
from alcli.strategies.kinds import Selector, Signal, Space, Strategy, Utility
from alcli.strategies.selectors import table as selectors
from alcli.strategies.utilities import table as utilities

SPACES = {
    row.name: row
    for row in (
        Space("features", "The model's own features, text reduced to a few hundred dimensions"),
        Space("embedding", "Embedding columns or an embeddings file where there are any, else features"),
        Space("probability", "The predicted probabilities, one dimension a class"),
    )
}

SIGNALS = {
    row.name: row
    for row in (
        Signal("proba", ("n", "c"), "class probabilities of a model"),
        Signal("committee", ("m", "n", "c"), "class probabilities of each member of a committee"),
        Signal("decision", ("n", "c"), "decision scores of a model, (n,) when binary"),
        Signal("space", ("n", "d"), "coordinates of the rows in the strategy's space", model=False),
    )
}

UTILITIES = {row.name: row for row in utilities.ROWS}
SELECTORS = {row.name: row for row in selectors.ROWS}


def complete(row: Strategy, utility: Utility, selector: Selector) -> Strategy:
    """A strategy with what follows from its parts: needs, and whichever words it leaves empty."""
    needs = list(utility.needs)
    if row.space is not None:
        needs.append("space")
    if row.space == "probability":
        needs.append("proba")
    needs.extend(selector.needs)
    lone = selector.kind == "top" and utility.name != "one"
    parts = [utility] if lone else [selector] if utility.name == "one" else [utility, selector]

    def joined(words: str, between: str) -> str:
        return between.join(dict.fromkeys(each for each in (getattr(part, words) for part in parts) if each))

    return replace(
        row,
        needs=tuple(dict.fromkeys(needs)),
        summary=row.summary or joined("summary", "; "),
        source=row.source or joined("source", "; "),
        formula=row.formula or joined("formula", "; "),
        cost=row.cost or joined("cost", " + "),
    )


TABLE = {row.name: complete(row, UTILITIES[row.utility], SELECTORS[row.selector]) for row in named.ROWS}


def names() -> list[str]:
    """The built-in strategies, in the order of the table; for completion."""
    return list(TABLE)


def needs_model(strategy: Strategy) -> bool:
    """Whether any signal of the strategy comes from a model, or from predictions brought in its place.

    >>> needs_model(TABLE["margin"]), needs_model(TABLE["kcenter"])
    (True, False)
    """
    return any(SIGNALS[name].model if name in SIGNALS else True for name in strategy.needs)
