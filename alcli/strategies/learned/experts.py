"""What the bandits share: names of strategies, how to begin without a model, weights as shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

from alcli.strategies.kinds import Past, Round

BEGINNING = "typiclust"


def experts_of(text: str) -> tuple[str, ...]:
    """The strategies of a list with commas between, by their names in the table.

    Raises
    ------
    UsageError
        An unknown name.
    ValueError
        None, one twice, or one that is itself a choice among strategies.

    Examples
    --------
    >>> experts_of("breaking-ties, core-set,random")
    ('margin', 'kcenter', 'random')
    """
    from alcli.strategies.resolve import resolve, selector_of

    names: list[str] = []
    for part in text.split(","):
        if not part.strip():
            raise ValueError(f"{text!r} is not a list of strategies: write `experts=margin,kcenter,random`")
        row = resolve(part)
        if selector_of(row).kind in ("auto", "epsilon"):
            raise ValueError(f"{row.name!r} is a mix of strategies itself and cannot be an expert")
        if row.name in names:
            raise ValueError(f"{row.name!r} is named twice")
        names.append(row.name)
    return tuple(names)


def too_early(past: Past) -> str:
    """Why nothing can be learned yet: there is no model that knows two classes; else empty.

    >>> too_early(Past({"a": 3, "b": 0}, has_model=True))
    'fewer than two classes have labels'
    """
    if sum(count > 0 for count in past.labelled_per_class.values()) < 2:
        return "fewer than two classes have labels"
    return "" if past.has_model else "no model yet"


def drawn(batch: Round, experts: Sequence[str]) -> dict[str, float] | None:
    """The share of a batch that each expert chose; None for a batch that no draw among the experts made.

    That is one without a row of theirs, and one whose rows were all certain, as of a strategy that was alone.

    >>> drawn(Round(1, ("margin", "random", "margin"), (0.5, 0.01, 0.5), (True,) * 3), ("margin", "random"))
    {'margin': 0.6666666666666666, 'random': 0.3333333333333333}
    """
    counts = {name: batch.arms.count(name) for name in experts}
    total = sum(counts.values())
    if total == 0 or all(chance >= 1.0 for chance in batch.probability):
        return None
    return {name: count / total for name, count in counts.items()}


def shares(log_weight: Mapping[str, float], least: float) -> dict[str, float]:
    """Weights as chances, none below `least`: ``(1 - K least) w / W + least``.

    The weights are given as logarithms, so that no number of rounds makes them overflow.

    >>> shares({"a": 5000.0, "b": 5000.0}, 0.1), shares({"a": 5000.0, "b": 0.0}, 0.1)
    ({'a': 0.5, 'b': 0.5}, {'a': 0.9, 'b': 0.1})
    """
    most = max(log_weight.values())
    weight = {name: exp(value - most) for name, value in log_weight.items()}
    total = sum(weight.values())
    rest = max(0.0, 1.0 - len(weight) * least)
    return {name: round(rest * value / total + least, 12) for name, value in weight.items()}


def told(chance: Mapping[str, float], steps: int, accuracy: float) -> str:
    """The chances and what they come from, in words.

    >>> told({"margin": 0.4, "random": 0.6}, 2, 0.75)
    'margin 0.400, random 0.600; learned from 2 batches, accuracy now 0.750'
    """
    listed = ", ".join(f"{name} {value:.3f}" for name, value in chance.items())
    if not steps:
        return f"{listed}; nothing learned yet"
    return f"{listed}; learned from {steps:,} batch{'' if steps == 1 else 'es'}, accuracy now {accuracy:.3f}"
