"""What `--strategy auto` uses: coverage while classes lack labels, then uncertainty with diversity, under watch."""

from __future__ import annotations

from collections.abc import Mapping

from alcli.errors import listing
from alcli.strategies.kinds import Past

COVERAGE = "typiclust"
UNCERTAINTY = "margin+kmeans"
CHANCE = "random"

# One label shows that a class exists; with two, a model sees how a class varies at all.
_ENOUGH = 2
# A class of one row in a thousand may never turn up by coverage. After this many labels for each class
# asked for, uncertainty about the classes that did turn up is the better use of the budget.
_PATIENCE = 20
# Where all but one class lack labels, coverage is the worst of guides: it asks for what is common. After so many labels
# for each class, margin finds more of a class with a single label, and random rows one of none at all.
_RARE = 10

# From so many labels on, a few rows are drawn at random: what they cost is little then, and a campaign that goes on
# so long is worth watching. Fewer rows of a kind than that say nothing about its errors: they are there after 300 labels more.
_WATCHED = 500
_SHARE = 0.1
_EVIDENCE = 30


def choose_auto(past: Past) -> tuple[dict[str, float], str]:
    """The strategy that suits the labels there are, and the reason in words.

    Coverage (`typiclust`) until every class has 2 labels, since a model that has not seen a class is
    sure of the wrong things; then margin, made diverse by k-means over the 3 n best. A class that does not
    turn up does not hold the campaign for ever: with 20 labels for each class of the project, two classes
    with 2 labels are enough. With 10 labels for each class, and still a single class with 2, margin goes on
    with the classes that have a label; while there is only one, rows are drawn at random.

    From 500 labels on, unless the probabilities come from a file, one row in ten is drawn at random. Once 30 of these and 30 of the others are answered, the
    model that has not learned from them is to be wrong more often about the rows that it doubted. When it is not,
    its doubt does not find its errors, and half of the batch is drawn at random until it does.

    Parameters
    ----------
    past : labels of every class of the project, whether there is a model to ask, and what it was wrong about.

    Returns
    -------
    weights : the strategies, with weights that sum to 1.
    reason : a clause that completes "`auto` used NAME: …".

    References
    ----------
    Hacohen, Dekel, Weinshall (2022) show that low budgets want typical rows and high budgets
    uncertain ones; Zhdanov (2019) is the second half.

    Examples
    --------
    >>> choose_auto(Past({"neg": 0, "pos": 0}, has_model=False))
    ({'typiclust': 1.0}, 'no labels yet, so typical rows from all over the pool')
    >>> choose_auto(Past({"neg": 9, "pos": 1}, has_model=True))
    ({'typiclust': 1.0}, 'fewer than 2 labels for: pos')
    >>> choose_auto(Past({"neg": 9, "pos": 2}, has_model=True))
    ({'margin+kmeans': 1.0}, 'every class has at least 2 labels')
    >>> choose_auto(Past({"neg": 450, "pos": 90}, has_model=True, errors=lambda names, least: None))[0]
    {'margin+kmeans': 0.9, 'random': 0.1}
    """
    name, reason = _decide(past.labelled_per_class, past.has_model)
    if name != UNCERTAINTY or past.errors is None or sum(past.labelled_per_class.values()) < _WATCHED:
        return {name: 1.0}, reason
    wrong = past.errors((UNCERTAINTY, CHANCE), _EVIDENCE)
    if wrong is None or wrong[UNCERTAINTY] > wrong[CHANCE] or not wrong[CHANCE]:
        return {UNCERTAINTY: 1.0 - _SHARE, CHANCE: _SHARE}, f"{reason}; 1 row in {1 / _SHARE:g} by chance, to watch it"
    told = f"the model is wrong about {wrong[UNCERTAINTY]:.0%} of the rows it doubted and {wrong[CHANCE]:.0%} of rows drawn"
    return {UNCERTAINTY: 0.5, CHANCE: 0.5}, f"{told} at random, so its doubt is no guide"


def _decide(labelled_per_class: Mapping[str, int], has_model: bool) -> tuple[str, str]:
    total = sum(labelled_per_class.values())
    if total == 0:
        return COVERAGE, "no labels yet, so typical rows from all over the pool"
    lacking = sorted(name for name, count in labelled_per_class.items() if count < _ENOUGH)
    usable = len(labelled_per_class) - len(lacking)
    if usable < 2 and total >= _RARE * max(2, len(labelled_per_class)):
        named = f"fewer than {_ENOUGH} for: {listing(lacking)}" if lacking else "all of one class"
        if has_model and sum(count > 0 for count in labelled_per_class.values()) >= 2:
            return UNCERTAINTY, f"{total} labels, though {named}"
        return CHANCE, f"{total} labels, {named}; typical rows find no other"
    if usable < 2 or (lacking and total < _PATIENCE * len(labelled_per_class)):
        if lacking:
            return COVERAGE, f"fewer than {_ENOUGH} labels for: {listing(lacking)}"
        return COVERAGE, "only one class is known"
    if not has_model:
        return COVERAGE, "no model yet"
    if lacking:
        return UNCERTAINTY, f"{total} labels, though fewer than {_ENOUGH} for: {listing(lacking)}"
    return UNCERTAINTY, f"every class has at least {_ENOUGH} labels"
