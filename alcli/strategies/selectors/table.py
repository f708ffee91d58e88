"""The selectors there are. A new one is one function in this folder and one row here."""

from __future__ import annotations

from alcli.strategies.kinds import Selector

_NOISE = "alcli.strategies.selectors.noise:"
_COVERAGE = "alcli.strategies.selectors.coverage:"
_CLUSTERS = "alcli.strategies.selectors.clusters:"

ROWS = (
    Selector(
        "top",
        "alcli.strategies.rank:top",
        kind="top",
        summary="The rows of most utility",
        formula="the b largest s",
    ),
    Selector(
        "sample",
        _NOISE + "sample",
        kind="weighted",
        summary="Drawn in proportion to utility",
        source="Efraimidis, Spirakis 2006",
        formula="the b largest ln s + Gumbel",
        nonnegative=True,
    ),
    Selector(
        "power",
        _NOISE + "power",
        kind="weighted",
        summary="Drawn in proportion to a power of utility",
        source="Kirsch et al. 2023",
        formula="the b largest beta ln s + Gumbel",
        nonnegative=True,
    ),
    Selector(
        "softmax",
        _NOISE + "softmax",
        kind="weighted",
        summary="Drawn in proportion to the exponential of utility",
        source="Kirsch et al. 2023",
        formula="the b largest beta s + Gumbel",
    ),
    Selector(
        "softrank",
        _NOISE + "softrank",
        kind="ranked",
        summary="Drawn in proportion to one over the rank",
        source="Kirsch et al. 2023",
        formula="the b largest -beta ln rank + Gumbel",
        cost="n log n",
    ),
    Selector(
        "epsilon",
        _NOISE + "epsilon",
        kind="epsilon",
        summary="The best rows, but now and then one at random",
        source="Sutton, Barto 1998",
        formula="a slot is drawn uniformly with probability epsilon, else the largest s left",
    ),
    Selector(
        "kcenter",
        _COVERAGE + "kcenter",
        kind="geometry",
        summary="Again and again the row farthest from all labelled and chosen ones",
        source="Gonzalez 1985; Sener, Savarese 2018",
        formula="argmax_u min_{j in L + S} d(u, j)",
        cost="n d (l + b)",
        space="embedding",
        prefilter=3,
    ),
    Selector(
        "kmeans",
        _CLUSTERS + "kmeans",
        kind="geometry",
        summary="As many clusters as rows wanted, the row nearest to each centre",
        source="Xu et al. 2003; with utilities as weights Zhdanov 2019",
        formula="argmin_u d(u, centre_k) in each cluster k = 1..b",
        cost="n d b per Lloyd pass",
        space="embedding",
        prefilter=3,
    ),
    Selector(
        "kmeans++",
        _COVERAGE + "kmeans_plusplus",
        kind="geometry",
        summary="Drawn in proportion to the squared distance to labelled and drawn rows",
        source="Arthur, Vassilvitskii 2007",
        formula="P(u) proportional to s_u min_{j in L + S} d(u, j)^2",
        cost="n d (l + b)",
        space="embedding",
        prefilter=3,
        nonnegative=True,
    ),
    Selector(
        "per_cluster",
        _CLUSTERS + "per_cluster",
        kind="geometry",
        summary="From clusters with the fewest labelled rows, the row of most utility",
        source="Hacohen, Dekel, Weinshall 2022",
        formula="min(l + b, 500) clusters; fewest labelled first, then largest; argmax s inside",
        cost="n d (l + b) per Lloyd pass",
        space="embedding",
    ),
    Selector(
        "auto",
        "alcli.strategies.auto:choose_auto",
        kind="auto",
        summary="Decides by the labels there are",
        formula="typiclust until each class has 2 labels, then margin+kmeans",
        cost="that of what it chooses",
    ),
)
