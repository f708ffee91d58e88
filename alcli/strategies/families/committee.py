"""How far the members of a committee, or the passes of one stochastic model, disagree."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_COMMITTEE = "alcli.strategies.utilities.committee:"

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "vote_entropy",
        _COMMITTEE + "vote_entropy",
        needs=("committee",),
        summary="Members' votes spread over the classes",
        source="Dagan, Engelson 1995",
        formula="-sum_c (V_c/m) ln(V_c/m) / ln min(m, C)",
        cost="n m c",
    ),
    Utility(
        "consensus_entropy",
        _COMMITTEE + "consensus_entropy",
        needs=("committee",),
        summary="Entropy of the members' mean probabilities",
        source="Argamon-Engelson, Dagan 1999",
        formula="H(mean_k p^k) / ln C",
        cost="n m c",
    ),
    Utility(
        "mean_kl",
        _COMMITTEE + "mean_kl",
        needs=("committee",),
        summary="Members far from their mean, on average",
        source="McCallum, Nigam 1998",
        formula="mean_k KL(p^k || mean p)",
        cost="n m c",
    ),
    Utility(
        "max_kl",
        _COMMITTEE + "max_kl",
        needs=("committee",),
        summary="The member farthest from the mean",
        source="modAL's max_disagreement_sampling, after McCallum, Nigam 1998",
        formula="max_k KL(p^k || mean p)",
        cost="n m c",
    ),
    Utility(
        "variation_ratio",
        _COMMITTEE + "variation_ratio",
        needs=("committee",),
        summary="Share of members that do not vote with the majority",
        source="Freeman 1965; Beluch et al. 2018",
        formula="1 - max_c V_c / m",
        cost="n m c",
    ),
    Utility(
        "min_margin",
        _COMMITTEE + "min_margin",
        needs=("committee",),
        summary="Near-ties for the member that is least sure",
        source="Jiang, Gupta 2021",
        formula="1 - min_k (p^k_1 - p^k_2)",
        cost="n m c",
    ),
    Utility(
        "bald",
        _COMMITTEE + "bald",
        needs=("committee",),
        summary="What a label would tell about which member is right",
        source="Houlsby et al. 2011; Gal, Islam, Ghahramani 2017",
        formula="H(mean_k p^k) - mean_k H(p^k)",
        cost="n m c",
    ),
)

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "vote_entropy",
        space=None,
        utility="vote_entropy",
        selector="top",
        use_when="Your members give votes rather than good probabilities; few members make many ties",
        aliases=("vote_entropy_sampling", "qbc", "query_by_committee"),
    ),
    Strategy(
        "consensus_entropy",
        space=None,
        utility="consensus_entropy",
        selector="top",
        use_when="You want entropy with the calmer probabilities of a committee",
        aliases=("consensus_entropy_sampling", "soft_vote_entropy"),
    ),
    Strategy(
        "mean_kl",
        space=None,
        utility="mean_kl",
        selector="top",
        use_when="Disagreement counts, noise in the labels does not; the same numbers as bald",
        aliases=("kl_divergence", "kl"),
    ),
    Strategy(
        "max_kl",
        space=None,
        utility="max_kl",
        selector="top",
        use_when="One dissenting member is reason enough to ask",
        aliases=("max_disagreement", "max_disagreement_sampling"),
    ),
    Strategy(
        "variation_ratio",
        space=None,
        utility="variation_ratio",
        selector="top",
        use_when="As vote_entropy, when only the strength of the majority counts",
        aliases=("variation_ratios",),
    ),
    Strategy(
        "min_margin",
        space=None,
        utility="min_margin",
        selector="top",
        use_when="Large batches from a bootstrap committee",
        aliases=("min_margin_sampling",),
    ),
    Strategy(
        "bald",
        space=None,
        utility="bald",
        selector="top",
        use_when="A committee or stochastic passes, and labels that are noisy in places",
        aliases=("mutual_information", "greedy_bald", "bald_dropout"),
    ),
    Strategy(
        "power_bald",
        space=None,
        utility="bald",
        selector="power",
        use_when="As bald, for batches: cheaper than BatchBALD and about as good",
        formula="the b largest beta ln(bald) + Gumbel",
    ),
)
