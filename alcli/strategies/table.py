"""The table: every space, signal, utility, selector and named strategy, by name. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import replace

from alcli.strategies.families import FAMILIES
from alcli.strategies.kinds import Selector, Signal, Space, Strategy, Utility

SPACES = {
    row.name: row
    for row in (
        Space("features", "The model's own features, text reduced to a few hundred dimensions"),
        Space("embedding", "Embedding columns or an embeddings file where there are any, else features"),
        Space("probability", "The predicted probabilities, one dimension a class"),
        Space("gradient", "Gradients of the last layer for the predicted class: (p - e) times the features"),
    )
}

SIGNALS = {
    row.name: row
    for row in (
        Signal("proba", ("n", "c"), "class probabilities of a model"),
        Signal("committee", ("m", "n", "c"), "class probabilities of each member of a committee"),
        Signal("decision", ("n", "c"), "decision scores of a model, (n,) when binary"),
        Signal(
            "dropout", ("m", "n", "c"), "class probabilities with three quarters of the features dropped, five times"
        ),
        Signal("space", ("n", "d"), "coordinates of the rows in the strategy's space", model=False),
        Signal("matrix", ("n", "f"), "rows of the feature matrix, sparse for text", model=False),
        Signal("sequence", ("n", "k"), "summary of the tokens of a written text, from a predictions file"),
        Signal("regions", ("n", "k"), "summary of the regions of an image, from a predictions file"),
        Signal("labelled", ("l", "d"), "coordinates of the labelled rows", model=False),
        Signal("labels", ("l",), "class numbers of the labelled rows", model=False),
        Signal("labelled_proba", ("l", "c"), "class probabilities of the labelled rows"),
        Signal("reference", ("r", "d"), "coordinates of rows drawn from the pool", model=False),
        Signal("reference_proba", ("r", "c"), "class probabilities of rows drawn from the pool"),
        Signal(
            "target", ("m", "t", "c"), "committee's probabilities of the rows of `--target`, else drawn from the pool"
        ),
        Signal("mean", ("d",), "mean over the pool of the coordinates, each row brought to length 1", model=False),
        Signal("liked", ("q", "d"), "coordinates of the rows of `--like`; none without it", model=False),
        Signal("unliked", ("q", "d"), "coordinates of the rows of `--unlike`; none without it", model=False),
        Signal(
            "costs",
            ("c", "c"),
            "cost of predicting column j for a row of class i; 0 and 1 without `--cost-matrix`",
            model=False,
        ),
        Signal("learner", (), "the model, to be fitted again with more labels"),
    )
}

UTILITIES = {row.name: row for family in FAMILIES for row in family.UTILITIES}
SELECTORS = {row.name: row for family in FAMILIES for row in family.SELECTORS}


def complete(row: Strategy, utility: Utility, selector: Selector) -> Strategy:
    """A strategy with what follows from its parts: needs, and whichever words it leaves empty."""
    needs = list(utility.needs)
    if row.space is not None:
        needs.append("space")
    if row.space in ("probability", "gradient"):
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


TABLE = {
    row.name: complete(row, UTILITIES[row.utility], SELECTORS[row.selector])
    for family in FAMILIES
    for row in family.STRATEGIES
}


#: Families in order: what each is about, by name.
FAMILY_SUMMARIES = {family.__name__.rpartition(".")[2]: str(family.__doc__).split(".")[0] for family in FAMILIES}
#: The family of each built-in strategy.
FAMILY_OF = {row.name: family.__name__.rpartition(".")[2] for family in FAMILIES for row in family.STRATEGIES}

_FLAGS = {
    "sequence": "--predictions tokens.jsonl",
    "regions": "--predictions regions.jsonl",
    "liked": "--like more.csv",
    "unliked": "--unlike fewer.csv",
    "target": "--target like-in-use.csv",
    "costs": "--cost-matrix costs.csv",
}


def example(strategy: Strategy) -> str:
    """A command line that plays the strategy, with what it needs.

    >>> example(TABLE["bald"])
    'alcli train --committee 5 && alcli query --strategy bald -n 50'
    """
    wanted = [name for name in _FLAGS if name in strategy.needs]
    if {"liked", "unliked"} <= set(wanted):
        wanted.remove("unliked")  # one of them is enough
    flags = [_FLAGS[name] for name in wanted]
    before = "alcli train --committee 5 && " if "committee" in strategy.needs else ""
    return before + " ".join(["alcli query --strategy", strategy.name, *flags, "-n 50"])


def limits(strategy: Strategy, utility: Utility, selector: Selector) -> str:
    """For how many classes it is and how many rows it compares exactly, in words; empty for any and all."""
    said = ["two classes only"] if utility.binary or selector.binary else []
    if strategy.prefilter and utility.name != "one" and utility.scope == "row":
        said.append(f"chooses among the {strategy.prefilter} b rows of most {utility.name} (prefilter)")
    company = utility.scope == "group" and not selector.grouping
    if most := min(filter(None, (selector.most, utility.most if company else 0)), default=0):
        said.append(f"compares up to {most:,} rows, of a larger pool those with the smallest hashes (candidates)")
    if sample := max(selector.sample, utility.sample):
        said.append(f"takes {sample:,} rows, drawn by hash, for a larger pool (sample)")
    return "; ".join(said)


def names() -> list[str]:
    """The built-in strategies, in the order of the table; for completion."""
    return list(TABLE)


def needs_model(strategy: Strategy) -> bool:
    """Whether any signal of the strategy comes from a model, or from predictions brought in its place.

    >>> needs_model(TABLE["margin"]), needs_model(TABLE["kcenter"])
    (True, False)
    """
    return any(SIGNALS[name].model if name in SIGNALS else True for name in strategy.needs)
