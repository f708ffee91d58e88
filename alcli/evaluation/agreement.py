"""How much two models, or the same model before and after a round, say the same."""

from __future__ import annotations

from collections.abc import Sequence


def agreement(before: Sequence[str], after: Sequence[str]) -> float | None:
    """Share of rows that both label alike, in [0, 1]; None without rows.

    >>> agreement(["a", "b", "b", "a"], ["a", "b", "a", "a"])
    0.75
    """
    _same_length(before, after)
    if not len(before):
        return None
    return sum(one == other for one, other in zip(before, after, strict=True)) / len(before)


def kappa(before: Sequence[str], after: Sequence[str]) -> float | None:
    """Cohen's kappa: agreement beyond chance, in [-1, 1]; 1 is full agreement, 0 chance.

    When both give one and the same class to all rows, chance explains everything and the formula
    is 0 / 0; it is 1 here, because for a stopping rule they agree. None without rows.

    Parameters
    ----------
    before, after : n predicted classes each, of the same rows: a stop set, which is never labelled.

    Raises
    ------
    ValueError
        If they are not of the same length.

    References
    ----------
    Cohen (1960). A coefficient of agreement for nominal scales. As a stopping rule: Bloodgood,
    Vijay-Shanker (2009). A method for stopping active learning based on stabilizing predictions;
    they stop when the mean kappa of the last three rounds is at least 0.99.

    Examples
    --------
    >>> kappa(["a", "b", "b", "a"], ["a", "b", "a", "a"])
    0.5
    >>> kappa(["a", "a"], ["a", "a"])
    1.0
    """
    from sklearn.metrics import cohen_kappa_score

    _same_length(before, after)
    if not len(before):
        return None
    if len(set(before).union(after)) == 1:
        return 1.0
    return float(cohen_kappa_score(list(before), list(after)))


def _same_length(before: Sequence[str], after: Sequence[str]) -> None:
    if len(before) != len(after):
        raise ValueError(f"{len(before)} and {len(after)} predictions are not of the same rows")
