"""Batches that leave no part of the pool without a label."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_COVERAGE = "alcli.strategies.selectors.coverage:"
_CLUSTERS = "alcli.strategies.selectors.clusters:"

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "typicality",
        "alcli.strategies.utilities.density:typicality",
        needs=("space",),
        summary="Near neighbours are very near",
        source="Hacohen, Dekel, Weinshall 2022",
        formula="1 / mean distance to the 20 nearest neighbours",
        cost="n^2 d",
        scope="group",
        most=20_000,
    ),
)

SELECTORS: tuple[Selector, ...] = (
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
        "alcli.strategies.selectors.seeding:kmeans_plusplus",
        kind="geometry",
        summary="Drawn in proportion to the squared distance to labelled and drawn rows",
        source="Arthur, Vassilvitskii 2007",
        formula="P(u) proportional to s_u min_{j in L + S} d(u, j)^2",
        cost="n d (l + b)",
        space="embedding",
        prefilter=3,
        nonnegative=True,
        factored=True,
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
        grouping=True,
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "kcenter",
        space="embedding",
        utility="one",
        selector="kcenter",
        use_when="You want no part of the pool far from a labelled row; outliers are chosen early",
        aliases=("coreset", "greedy_coreset", "coreset_greedy", "kcenter_greedy", "farthest_first"),
    ),
    Strategy(
        "kmeans",
        space="embedding",
        utility="one",
        selector="kmeans",
        use_when="A first batch without any label; later ones should know what is labelled",
        aliases=(
            "cluster",
            "representatives",
            "cluster_representatives",
            "embedding_kmeans",
            "kmeans_sampling",
            "represent_cluster",
        ),
    ),
    Strategy(
        "kmeans++",
        space="embedding",
        utility="one",
        selector="kmeans++",
        use_when="As kcenter, when outliers are errors rather than finds: they are likely, not certain, to come",
        aliases=("kmeans_plusplus", "kmeanspp", "d2_sampling"),
    ),
    Strategy(
        "typiclust",
        space="embedding",
        utility="typicality",
        selector="per_cluster",
        summary="Typical rows of the clusters that have the fewest labels",
        source="Hacohen, Dekel, Weinshall 2022",
        use_when="Rounds with no or very few labels",
        aliases=("typical_clustering", "typical_cluster"),
        formula="fewest labelled of min(l + b, 500) clusters; argmax 1 / mean distance to 20 neighbours in it",
        cost="n d (l + b) per Lloyd pass + b (n / clusters)^2 d",
    ),
)
