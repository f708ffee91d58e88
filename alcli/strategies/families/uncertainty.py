"""How unsure one model is."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_BINARY = "with two classes it orders rows as margin, ratio and entropy do"
_UNCERTAINTY = "alcli.strategies.utilities.uncertainty:"

UTILITIES: tuple[Utility, ...] = (
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
)

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "least_confident",
        space=None,
        utility="least_confident",
        selector="top",
        use_when="You want fewer wrong top guesses; " + _BINARY,
        aliases=("least_confidence", "lc", "uncertainty", "uncertainty_sampling", "least_confidence_sampling"),
    ),
    Strategy(
        "margin",
        space=None,
        utility="margin",
        selector="top",
        use_when="A sound first choice with a model of some quality; looks at no class but the best two",
        aliases=("breaking_ties", "bt", "margin_sampling", "smallest_margin", "sm"),
    ),
    Strategy(
        "ratio",
        space=None,
        utility="ratio",
        selector="top",
        use_when="As margin, when probabilities are spread thin over many classes",
        aliases=("confidence_ratio", "ratio_sampling", "ratio_of_confidence"),
    ),
    Strategy(
        "entropy",
        space=None,
        utility="entropy",
        selector="top",
        use_when="All classes matter alike, as under log loss; with many classes margin is often better",
        aliases=("entropy_sampling", "prediction_entropy", "max_entropy"),
    ),
    Strategy(
        "boundary",
        space=None,
        utility="boundary",
        selector="top",
        use_when="Your estimator has decision scores but no good probabilities, as a linear SVM",
        aliases=("distance_to_boundary", "simple_margin", "hyperplane"),
    ),
    Strategy(
        "epsilon_greedy",
        space=None,
        utility="margin",
        selector="epsilon",
        use_when="You want uncertainty and a share of random rows to see what the model overlooks",
        aliases=("epsilon_uncertainty_sampling", "epsilon_uncertainty"),
        formula="with probability epsilon a uniform draw, else the largest 1 - (p1 - p2) left",
    ),
    Strategy(
        "power_margin",
        space=None,
        utility="margin",
        selector="power",
        use_when="Large batches: chance keeps near-copies of the best row from filling the batch",
        formula="the b largest beta ln(1 - (p1 - p2)) + Gumbel",
    ),
)
