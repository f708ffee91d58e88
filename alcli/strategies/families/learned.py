"""Strategies that choose among strategies."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_LEARNED = "alcli.strategies.learned."
_CHOSEN = "that of what it chooses"
_REPLAYED = "three fits a batch answered so far, then that of what it chooses"

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "auto",
        "alcli.strategies.learned.auto:choose_auto",
        kind="auto",
        summary="Decides by the labels there are",
        formula="typiclust until each class has 2 labels, then margin+kmeans",
        cost=_CHOSEN,
    ),
    Selector(
        "albl",
        _LEARNED + "albl:choose_albl",
        kind="auto",
        summary="Gives each strategy the share of the batch that it has earned",
        formula="Exp4.P over experts",
        cost=_REPLAYED,
    ),
    Selector(
        "bandit",
        _LEARNED + "bandit:choose_bandit",
        kind="auto",
        summary="Gives each strategy a share of the batch by the changes of accuracy that followed it",
        formula="EXP3 over experts",
        cost=_REPLAYED,
    ),
    Selector(
        "schedule",
        _LEARNED + "schedule:choose_schedule",
        kind="auto",
        summary="One strategy after the other, by the number of the batch",
        formula="a table from batch to strategy",
        cost=_CHOSEN,
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "auto",
        space=None,
        utility="one",
        selector="auto",
        summary="Coverage until every class has 2 labels, then uncertainty with diversity",
        source="Hacohen, Dekel, Weinshall 2022; Zhdanov 2019",
        use_when="You have no reason to choose; it says which strategy it used, and why",
        aliases=("default",),
        formula="typiclust until every class has 2 labels; then kmeans over the 3 b rows of largest margin utility",
        cost="that of typiclust, then that of margin+kmeans",
    ),
    Strategy(
        "albl",
        space=None,
        utility="one",
        selector="albl",
        summary="A bandit over strategies, paid by the accuracy weighted by one over the probability of each row",
        source="Hsu, Lin 2015; Beygelzimer et al. 2011",
        use_when="Several strategies are plausible, there will be some ten batches or more, and which is best may change",
        aliases=("active_learning_by_learning", "exp4p"),
        formula=(
            "a slot is k's with p_k = (1 - K p_min) w_k / W + p_min, p_min = sqrt(ln K / (K t)); "
            "w_k <- w_k exp(p_min / 2 (r s_k / p_k + sqrt(ln(K / delta) / (K t)) / p_k)), r = sum [right] / q / sum 1 / q"
        ),
        cost=_REPLAYED,
    ),
    Strategy(
        "bandit",
        space=None,
        utility="one",
        selector="bandit",
        summary="A bandit over strategies, paid by the change of accuracy after each batch",
        source="Auer, Cesa-Bianchi, Freund, Schapire 2002; google active-learning",
        use_when="As albl, when asked.csv has no probabilities, or quicker changes are wanted",
        aliases=("bandit_discrete", "exp3"),
        formula=(
            "a slot is k's with p_k = (1 - gamma) w_k / W + gamma / K; "
            "w_k <- w_k exp(gamma / K (1 + d) / 2 s_k / p_k), d = change of accuracy"
        ),
        cost=_REPLAYED,
    ),
    Strategy(
        "schedule",
        space=None,
        utility="one",
        selector="schedule",
        summary="One strategy after the other: `rounds=typiclust:2,margin+kmeans:5,entropy`",
        source="Shnarch et al. 2022 (Label Sleuth)",
        use_when="You know from earlier projects what helps at the start and what later",
        aliases=("changing_policy",),
        formula="strategy i for its number of batches, then i + 1; the last one for ever",
        cost=_CHOSEN,
    ),
)
