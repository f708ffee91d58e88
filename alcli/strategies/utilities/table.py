"""The utilities there are. A new one is one function in this folder and one row here."""

from __future__ import annotations

from alcli.strategies.kinds import Utility

_UNCERTAINTY = "alcli.strategies.utilities.uncertainty:"
_COMMITTEE = "alcli.strategies.utilities.committee:"

ROWS = (
    Utility(
        "one",
        "alcli.strategies.utilities.baseline:one",
        needs=(),
        summary="Every row is worth the same",
        formula="1",
        cost="n",
    ),
    Utility(
        "least_confident",
        _UNCERTAINTY + "least_confident",
        summary="Probability left over by the likeliest class",
        source="Lewis, Gale 1994; Culotta, McCallum 2005",
        formula="1 - p1",
    ),
    Utility(
        "margin",
        _UNCERTAINTY + "margin",
        summary="Near-ties between the two likeliest classes",
        source="Scheffer, Decomain, Wrobel 2001; Luo et al. 2005",
        formula="1 - (p1 - p2)",
    ),
    Utility(
        "ratio",
        _UNCERTAINTY + "ratio",
        summary="Second likeliest class as a share of the likeliest",
        source="Monarch 2021",
        formula="p2 / p1",
    ),
    Utility(
        "entropy",
        _UNCERTAINTY + "entropy",
        summary="Probability spread over all classes",
        source="Shannon 1948; Settles 2009",
        formula="-sum_c p_c ln p_c / ln C",
    ),
    Utility(
        "boundary",
        _UNCERTAINTY + "boundary",
        needs=("decision",),
        summary="Near the decision boundary, by decision scores",
        source="Tong, Koller 2001",
        formula="-|f|; with several classes -(f1 - f2)",
        nonnegative=False,
    ),
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
    Utility(
        "typicality",
        "alcli.strategies.utilities.density:typicality",
        needs=("space",),
        summary="Near neighbours are very near",
        source="Hacohen, Dekel, Weinshall 2022",
        formula="1 / mean distance to the 20 nearest neighbours",
        cost="n^2 d",
        scope="group",
    ),
)
