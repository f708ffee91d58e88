"""What `--strategy active_testing` draws: rows in proportion to the error that the model expects."""

from __future__ import annotations

from alcli.errors import UsageError
from alcli.strategies.kinds import Past


def choose_active_testing(past: Past, *, defence: float = 0.2) -> tuple[dict[str, float], str]:
    """Rows drawn by expected error, and a share of them uniformly.

    For the share of rows that a model gets wrong, the best chances are in proportion to the error to be expected,
    which for the likeliest class is ``1 - p1``. A model that is wrongly sure of a row would never have it looked at;
    so a slot is drawn uniformly with probability `defence`, and no row weighs more than ``1 / defence``.

    Parameters
    ----------
    defence : the share of uniform draws, above 0 and below 1.

    Returns
    -------
    weights : the two strategies that share the batch, slot by slot at random; uniform draws only without a model.
    reason : a clause for people.

    References
    ----------
    Kossen, Farquhar, Gal, Rainforth (2021). Active testing: sample-efficient model evaluation. Theirs is a surrogate's
    expectation; this is the model's own, kept in bounds by the uniform share (Owen, Zhou 2000: defensive mixtures).

    Examples
    --------
    >>> choose_active_testing(Past({}, has_model=True))[0]
    {'least_confident+sample': 0.8, 'random': 0.2}
    """
    if not 0.0 < defence < 1.0:
        raise UsageError(
            f"`--param defence={defence:g}` is not a share above 0 and below 1",
            hint="0.2 draws every fifth row uniformly",
            code="bad-value",
        )
    known = [name for name, count in past.labelled_per_class.items() if count]
    if not past.has_model or len(known) == 1:
        return {"random": 1.0}, "no model of two classes yet, so all draws are uniform"
    return {"least_confident+sample": 1.0 - defence, "random": defence}, f"{defence:.0%} of the draws are uniform"
