"""One strategy after the other, by the number of the batch."""

from __future__ import annotations

from alcli.strategies.kinds import Past


def choose_schedule(past: Past, *, rounds: str = "typiclust:2,margin+kmeans:5,entropy") -> tuple[dict[str, float], str]:
    """The strategy whose turn it is.

    Parameters
    ----------
    past : only `batch` counts. It is the number in asked.csv, whatever chose the batches before.
    rounds : ``STRATEGY:BATCHES`` with commas between; the last one, with or without a number, goes on for ever.

    Returns
    -------
    weights : the one strategy, with weight 1.
    reason : for which batches it stands in the schedule.

    Raises
    ------
    UsageError
        An unknown strategy, also one whose turn has not come.
    ValueError
        If a number is missing, or is not a whole number above 0; if a strategy has none before the end.

    References
    ----------
    Label Sleuth (Shnarch et al. 2022) calls it a changing policy: the strategy depends on the round.

    Examples
    --------
    >>> choose_schedule(Past({}, False, batch=3), rounds="typiclust:2,margin")
    ({'margin': 1.0}, 'margin from batch 3 on')
    """
    first = 1
    steps = _steps(rounds)
    for name, batches in steps[:-1]:
        if past.batch < first + batches:
            last = first + batches - 1
            return {name: 1.0}, f"{name} for batch {first}" + (f" to {last}" if batches > 1 else "")
        first += batches
    return {steps[-1][0]: 1.0}, f"{steps[-1][0]} from batch {first} on"


def _steps(text: str) -> list[tuple[str, int]]:
    from alcli.strategies.resolve import resolve, selector_of

    found: list[tuple[str, int]] = []
    parts = [part.strip() for part in text.split(",")]
    for number, part in enumerate(parts, start=1):
        name, colon, batches = part.rpartition(":")
        if not colon:
            name, batches = part, ""
        last = number == len(parts)
        if not name or (not batches and not last) or (batches and not _counts(batches)):
            raise ValueError(f"{part!r} is not STRATEGY:BATCHES: write `rounds=typiclust:2,margin:5,entropy`")
        row = resolve(name)
        if selector_of(row).kind == "auto":
            raise ValueError(f"{row.name!r} is itself a choice among strategies and cannot be a part of a schedule")
        found.append((row.name, int(batches or 1)))
    return found


def _counts(text: str) -> bool:
    return text.strip().isdecimal() and int(text) > 0
