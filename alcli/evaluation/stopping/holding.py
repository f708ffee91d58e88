"""How long a rule has held, from the values of the rounds. Plain Python: a few numbers a campaign.

Each function takes `values`, one a round, oldest first, None where a round has none; `ok`, whether a value is on
the good side of the threshold; and `rounds`, for how many the rule must hold. It gives (value, held): the value
to show, and for how many rounds, up to now, the rule has held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

Values = Sequence[float | None]
Ok = Callable[[float], bool]


def each(values: Values, ok: Ok, rounds: int) -> tuple[float | None, int]:
    """The rule holds in a round when its value does; held is the run of such rounds that ends now.

    >>> each([0.2, 0.04, None, 0.03, 0.02], lambda x: x < 0.05, 3)
    (0.02, 2)
    """
    held = 0
    for value in reversed(values):
        if value is None or not ok(value):
            break
        held += 1
    return (values[-1] if values else None), held


def mean_of_last(values: Values, ok: Ok, rounds: int) -> tuple[float | None, int]:
    """The mean over the last `rounds` rounds is what must hold; one weak round may be made up for by others.

    A round without a value is left out when it comes before all values (the first model has none before it to
    agree with); later it breaks the row.

    References
    ----------
    Bloodgood, Vijay-Shanker (2009). A method for stopping active learning based on stabilizing predictions and
    the need for user-adjustable stopping. CoNLL: the mean of the last three kappas is at least 0.99.

    >>> mean_of_last([None, 0.5, 0.98, 1.0, 0.99], lambda x: x >= 0.99, 3)
    (0.99, 3)
    """
    last: list[float] = []
    for value in reversed(values):
        if value is None or len(last) == rounds:
            break
        last.append(value)
    if not last:
        return None, 0
    # a sum of differences: three times 0.99 has to be 0.99
    mean = last[0] + sum(value - last[0] for value in last) / len(last)
    return mean, len(last) if ok(mean) else 0


def gain_over_best(values: Values, ok: Ok, rounds: int) -> tuple[float | None, int]:
    """What the last rounds brought over the best value before them: larger values are better here.

    `held` is the longest end of the history that brought no more than the threshold over what was before it;
    as the best before it can only be smaller for a longer end, a rule that holds for 3 rounds holds for 2.

    References
    ----------
    Prechelt (1998). Early stopping, but when? Neural Networks: Tricks of the Trade.

    >>> gain_over_best([0.70, 0.80, 0.81, 0.805, 0.812], lambda x: x <= 0.005, 2)
    (0.0020000000000000018, 2)
    """
    known = [value for value in values if value is not None]
    if len(known) < 2 or values[-1] is None:
        return None, 0
    held = 0
    for length in range(1, len(known)):
        if not ok(max(known[-length:]) - max(known[:-length])):
            break
        held = length
    length = min(rounds, len(known) - 1)
    return max(known[-length:]) - max(known[:-length]), held


def rise(values: Values, ok: Ok, rounds: int) -> tuple[float | None, int]:
    """The difference to the round before is what must hold.

    References
    ----------
    Vlachos (2008). A stopping criterion for active learning. Computer Speech and Language 22: stop when the
    confidence on a set apart stays or falls for several rounds.

    >>> rise([0.5, 0.75, 0.75, 0.5], lambda x: x <= 0, 3)
    (-0.25, 2)
    """
    steps: list[float | None] = [
        None if before is None or after is None else after - before for before, after in pairwise(values)
    ]
    return each(steps, ok, rounds)
