"""What only another system can tell: tokens of a text it wrote, regions of an image."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_BROUGHT = "alcli.strategies.utilities.brought:"

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "mnlp",
        _BROUGHT + "mnlp",
        needs=("sequence",),
        summary="Texts of low mean log-probability a token",
        source="Shen, Yun, Lipton, Kronrod, Anandkumar 2018",
        formula="-1/T sum_t ln p(y_t | y_<t, x)",
        cost="n",
    ),
    Utility(
        "sequence_log_probability",
        _BROUGHT + "sequence_log_probability",
        needs=("sequence",),
        summary="Texts of low probability as a whole, long ones first",
        source="Culotta, McCallum 2005; Settles, Craven 2008",
        formula="-sum_t ln p(y_t | y_<t, x), which orders rows as 1 - p(y | x) does",
        cost="n",
    ),
    Utility(
        "token_entropy",
        _BROUGHT + "token_entropy",
        needs=("sequence",),
        summary="Texts whose tokens were uncertain, on average",
        source="Settles, Craven 2008",
        formula="-1/T sum_t sum_v p(v | y_<t, x) ln p(v | y_<t, x)",
        cost="n",
    ),
    Utility(
        "total_token_entropy",
        _BROUGHT + "total_token_entropy",
        needs=("sequence",),
        summary="Texts whose tokens were uncertain, all together",
        source="Settles, Craven 2008",
        formula="-sum_t sum_v p(v | y_<t, x) ln p(v | y_<t, x)",
        cost="n",
    ),
    Utility(
        "region_mean",
        _BROUGHT + "region_mean",
        needs=("regions",),
        summary="Images whose regions are uncertain, on average",
        source="Brust, Käding, Denzler 2019",
        formula="1/R sum_r u_r",
        cost="n",
    ),
    Utility(
        "region_max",
        _BROUGHT + "region_max",
        needs=("regions",),
        summary="Images with one region that is uncertain",
        source="Brust, Käding, Denzler 2019",
        formula="max_r u_r",
        cost="n",
    ),
    Utility(
        "region_sum",
        _BROUGHT + "region_sum",
        needs=("regions",),
        summary="Images with many regions that are uncertain",
        source="Brust, Käding, Denzler 2019",
        formula="sum_r u_r",
        cost="n",
    ),
)

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "mnlp",
        space=None,
        utility="mnlp",
        selector="top",
        use_when="A model writes texts, or labels sequences, of different lengths: length alone says nothing",
        aliases=(
            "maximum_normalized_log_probability",
            "normalized_log_probability",
            "length_normalized_log_probability",
            "sequence_probability_normalized",
        ),
    ),
    Strategy(
        "sequence_log_probability",
        space=None,
        utility="sequence_log_probability",
        selector="top",
        use_when="Texts are about as long as each other, or long ones may come first",
        aliases=("sequence_least_confidence", "total_log_probability", "sequence_log_likelihood"),
    ),
    Strategy(
        "token_entropy",
        space=None,
        utility="token_entropy",
        selector="top",
        use_when="The model also tells its alternatives for each token, or the entropy over them",
        aliases=("mean_token_entropy", "average_token_entropy"),
    ),
    Strategy(
        "total_token_entropy",
        space=None,
        utility="total_token_entropy",
        selector="top",
        use_when="As token_entropy, when a long uncertain text is worth more than a short one",
        aliases=("sum_token_entropy", "sequence_token_entropy"),
    ),
    Strategy(
        "region_mean",
        space=None,
        utility="region_mean",
        selector="top",
        use_when="A segmenter or detector scores regions, and the whole image will be labelled",
        aliases=("mean_region_uncertainty", "average_region_uncertainty"),
    ),
    Strategy(
        "region_max",
        space=None,
        utility="region_max",
        selector="top",
        use_when="One region that the model cannot tell is reason enough to look at the image",
        aliases=("max_region_uncertainty",),
    ),
    Strategy(
        "region_sum",
        space=None,
        utility="region_sum",
        selector="top",
        use_when="An image with many uncertain regions pays for its labeler's time",
        aliases=("sum_region_uncertainty", "total_region_uncertainty"),
    ),
)
