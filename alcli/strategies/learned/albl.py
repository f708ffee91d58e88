"""Active learning by learning: a bandit gives each strategy the share of the batch that it has earned."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, log, sqrt

from alcli.errors import TableError
from alcli.strategies.kinds import Past, Round
from alcli.strategies.learned.experts import BEGINNING, drawn, experts_of, shares, told, too_early


def choose_albl(
    past: Past, *, experts: str = "margin,kcenter,random", delta: float = 0.1
) -> tuple[dict[str, float], str]:
    """The chance of each expert to fill a slot of the next batch, by Exp4.P over the batches answered so far.

    An answered batch is one step of the bandit. With K experts, step t, chances p and the importance-weighted
    accuracy r after the batch, an expert that chose the share s of its rows gets

        w <- w exp(p_min / 2 (r s / p + sqrt(ln(K / delta) / (K t)) / p)),   p_min = sqrt(ln K / (K t))

    and the next chances are (1 - K p_min) w / W + p_min. `s / p` has mean 1 whatever the chances are, so
    r s / p is the unbiased estimate of Exp4.P, with the variance of a batch in place of that of one draw.

    Parameters
    ----------
    past : `rounds` is called once, and only when there is a model that knows two classes.
    experts : strategies with commas between; `random` is one of them in any case, since without a row that
        anything could have been, the accuracy on the pool cannot be estimated.
    delta : the estimates hold with probability 1 - delta; in (0, 1].

    Returns
    -------
    chances : by expert. Without a model that knows two classes, `typiclust` alone.
    reason : the chances, and what they were learned from.

    Raises
    ------
    TableError
        ``no-probability`` when asked.csv does not say with what probability a row was chosen.
    ValueError
        If `delta` or the list of experts is wrong.

    Notes
    -----
    Two things differ from the paper, both because nobody knows how long a campaign will last. T, the number
    of steps, is the number so far, so early batches are nearly even and the floor falls from step to step.
    And the reward is divided by the sum of 1/q in place of n T, which is the mean of that sum: it is then an
    accuracy between 0 and 1 after every batch, with less variance (Swaminathan, Joachims 2015).

    References
    ----------
    Hsu, Lin (2015). Active learning by learning.
    Beygelzimer, Langford, Li, Reyzin, Schapire (2011). Contextual bandit algorithms with supervised
    learning guarantees (Exp4.P).

    Examples
    --------
    >>> choose_albl(Past({"a": 5, "b": 0}, has_model=False))
    ({'typiclust': 1.0}, 'fewer than two classes have labels, so typical rows first')
    >>> chances, reason = choose_albl(Past({"a": 5, "b": 5}, has_model=True))
    >>> reason
    'margin 0.333, kcenter 0.333, random 0.333; nothing learned yet'
    """
    if not 0.0 < delta <= 1.0:
        raise ValueError(f"delta must be above 0 and at most 1, not {delta:g}")
    names = experts_of(experts)
    if "random" not in names:
        names = (*names, "random")
    early = too_early(past)
    if early:
        return {BEGINNING: 1.0}, f"{early}, so typical rows first"
    chances, steps, accuracy = exp4p(past.rounds(), names, delta)
    return chances, told(chances, steps, accuracy)


def exp4p(rounds: Sequence[Round], experts: Sequence[str], delta: float) -> tuple[dict[str, float], int, float]:
    """Replays the answered batches: the chances for the next, how many batches counted, the last reward.

    Raises
    ------
    TableError
        ``no-probability``.
    """
    many = len(experts)
    log_weight = dict.fromkeys(experts, 0.0)
    chances: list[float] = []
    steps, reward = 0, 0.0
    for each in rounds:
        _check(each)
        chances += each.probability
        reward = weighted_accuracy(chances, each.right)
        share = drawn(each, experts)
        if share is None:
            continue
        steps += 1
        least = floor(many, steps)
        chance = shares(log_weight, least)
        bonus = sqrt(log(many / delta) / (many * steps))
        for name in experts:
            log_weight[name] += least / 2.0 * (reward * share[name] + bonus) / chance[name]
    return shares(log_weight, floor(many, steps + 1)), steps, reward


def floor(experts: int, step: int) -> float:
    """The least chance of an expert: sqrt(ln K / (K t)), and 1 / K while that is less.

    >>> floor(3, 1), round(floor(3, 100), 4)
    (0.3333333333333333, 0.0605)
    """
    return min(1.0 / experts, sqrt(log(experts) / (experts * step)))


def weighted_accuracy(chances: Sequence[float], right: Sequence[bool]) -> float:
    """The accuracy over the pool, from rows that were chosen with known chances.

    >>> weighted_accuracy([0.5, 0.01], [True, False])
    0.0196
    """
    weight = [1.0 / max(chance, 1e-300) for chance in chances]
    total = sum(weight)
    return round(sum(each for each, fine in zip(weight, right, strict=True) if fine) / total, 4) if total else 0.0


def _check(each: Round) -> None:
    if any(isnan(chance) or chance <= 0.0 for chance in each.probability):
        raise TableError(
            f"asked.csv does not say with what probability the rows of batch {each.batch} were chosen, and `albl`"
            " learns from that",
            hint="`--strategy bandit` does without",
            code="no-probability",
        )
