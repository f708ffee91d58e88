"""A bandit over strategies that is paid by the change of accuracy."""

from __future__ import annotations

from alcli.strategies.kinds import Past
from alcli.strategies.learned.experts import BEGINNING, drawn, experts_of, shares, told, too_early


def choose_bandit(
    past: Past, *, experts: str = "margin,kcenter,random", gamma: float = 0.5
) -> tuple[dict[str, float], str]:
    """The chance of each expert to fill a slot of the next batch, by EXP3 over the batches answered so far.

    With K experts and chances p, an expert that chose the share s of a batch after which the accuracy on the
    rows asked so far had changed by d gets ``w <- w exp(gamma / K (1 + d) / 2 s / p)``, and the next
    chances are ``(1 - gamma) w / W + gamma / K``. The reward (1 + d) / 2 is the change, brought into [0, 1].

    Parameters
    ----------
    past : `rounds` is called once, and only when there is a model that knows two classes.
    experts : strategies with commas between.
    gamma : how much is given evenly to all, in (0, 1]; also how fast it learns.

    Returns
    -------
    chances : by expert. Without a model that knows two classes, `typiclust` alone.
    reason : the chances, and what they were learned from.

    Raises
    ------
    ValueError
        If `gamma` or the list of experts is wrong.

    References
    ----------
    Auer, Cesa-Bianchi, Freund, Schapire (2002). The nonstochastic multiarmed bandit problem (EXP3). Google's
    active-learning playground draws one sampler for a whole batch; here each slot is drawn, so that the
    probability of each row is known.

    Examples
    --------
    >>> choose_bandit(Past({"a": 5, "b": 5}, has_model=True), experts="margin,random")
    ({'margin': 0.5, 'random': 0.5}, 'margin 0.500, random 0.500; nothing learned yet')
    """
    if not 0.0 < gamma <= 1.0:
        raise ValueError(f"gamma must be above 0 and at most 1, not {gamma:g}")
    names = experts_of(experts)
    early = too_early(past)
    if early:
        return {BEGINNING: 1.0}, f"{early}, so typical rows first"
    many = len(names)
    log_weight = dict.fromkeys(names, 0.0)
    before: float | None = None
    steps = 0
    for each in past.rounds():
        accuracy = sum(each.right) / max(1, len(each.right))
        share = drawn(each, names)
        if share is not None and before is not None:
            chance = shares(log_weight, gamma / many)
            for name in names:
                log_weight[name] += gamma / many * (1.0 + accuracy - before) / 2.0 * share[name] / chance[name]
            steps += 1
        before = accuracy
    chances = shares(log_weight, gamma / many)
    return chances, told(chances, steps, before or 0.0)
