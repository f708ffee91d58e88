"""Batches that maximise a function of the whole batch, and batches for or against given examples."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_SUBMODULAR = "alcli.strategies.selectors.submodular:"
_DIVERSITY = "alcli.strategies.selectors.diversity:"
_TARGETED = "alcli.strategies.selectors.targeted:"
_EXAMPLES = "alcli.strategies.utilities.targeted:"
# Candidates and rows of the pool that are compared: exact for pools up to here.
_ALL_PAIRS = 20_000

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "likeness",
        _EXAMPLES + "likeness",
        needs=("space", "liked", "unliked", "reference"),
        prepare=_EXAMPLES + "learn_examples",
        summary="Near a liked row, far from unliked ones",
        source="Kothawade, Beck, Killamsetty, Iyer 2021",
        formula="max_q s(x, q) - max_p s(x, p)",
        cost="n q d",
        nonnegative=False,
        sample=1000,
    ),
    Utility(
        "gcmi",
        _EXAMPLES + "gcmi",
        needs=("space", "liked", "reference"),
        prepare=_EXAMPLES + "learn_liked",
        summary="Like all liked rows together",
        source="Kothawade, Beck, Killamsetty, Iyer 2021",
        formula="2 sum_q s(x, q)",
        cost="n q d",
        sample=1000,
    ),
)

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "facility_location",
        _SUBMODULAR + "facility_location",
        kind="geometry",
        needs=("reference",),
        summary="Every row of the pool has a chosen row that is like it",
        source="Lin, Bilmes 2011; Wei, Iyer, Bilmes 2015",
        formula="max_A sum_{i in U} max_{a in L + A} s(i, a), greedily",
        cost="n r d",
        space="embedding",
        prefilter=3,
        sample=_ALL_PAIRS,
        most=_ALL_PAIRS,
    ),
    Selector(
        "graph_cut",
        _SUBMODULAR + "graph_cut",
        kind="geometry",
        needs=("reference",),
        summary="Like the pool, and unlike each other",
        source="Lin, Bilmes 2011",
        formula="max_A lambda sum_{i in U, a in A} s(i, a) - sum_{a, a' in L + A} s(a, a'), greedily",
        cost="n (r + l + b) d",
        space="embedding",
        prefilter=3,
        sample=_ALL_PAIRS,
        most=_ALL_PAIRS,
    ),
    Selector(
        "log_det",
        _DIVERSITY + "log_det",
        kind="geometry",
        needs=("reference",),
        summary="The largest determinant of similarities: unlike each other, and of worth",
        source="Kulesza, Taskar 2012; Chen, Zhang, Zhou 2018",
        formula="max_A ln det(q_i s(i, j) q_j), i, j in L + A, greedily",
        cost="n (l + b)^2",
        space="embedding",
        prefilter=3,
        nonnegative=True,
        sample=1000,
        most=_ALL_PAIRS,
    ),
    Selector(
        "feature_based",
        _SUBMODULAR + "feature_based",
        kind="geometry",
        summary="As much as can be of every feature, with falling returns",
        source="Kirchhoff, Bilmes 2014; Wei, Iyer, Bilmes 2015",
        formula="max_A sum_f sqrt(sum_{a in L + A} x_af), greedily",
        cost="n d",
        space="embedding",
        prefilter=3,
    ),
    Selector(
        "disparity_sum",
        _DIVERSITY + "disparity_sum",
        kind="geometry",
        summary="The largest sum of distances",
        source="Ravi, Rosenkrantz, Tayi 1994; Kothawade et al. 2022",
        formula="max_A sum_{a, a' in L + A} d(a, a'), greedily",
        cost="n d (l + b)",
        space="embedding",
        prefilter=3,
    ),
    Selector(
        "disparity_min",
        "alcli.strategies.selectors.coverage:disparity_min",
        kind="geometry",
        summary="The largest distance between the two nearest rows",
        source="Ravi, Rosenkrantz, Tayi 1994; Kothawade et al. 2022",
        formula="max_A min_{a != a' in L + A} d(a, a'), greedily",
        cost="n d (l + b)",
        space="embedding",
        prefilter=3,
    ),
    Selector(
        "flqmi",
        _TARGETED + "flqmi",
        kind="geometry",
        needs=("liked", "reference"),
        summary="Each liked row has a chosen row like it, and each chosen row a liked one",
        source="Kothawade, Beck, Killamsetty, Iyer 2021",
        formula="max_A sum_q max_{a in A} s(q, a) + eta sum_{a in A} max_q s(q, a), greedily",
        cost="n q d",
        space="embedding",
        prefilter=3,
        sample=1000,
    ),
    Selector(
        "com",
        _TARGETED + "com",
        kind="geometry",
        needs=("liked", "reference"),
        summary="Like the liked rows, each of them with falling returns",
        source="Kothawade, Kaushal, Ramakrishnan, Bilmes, Iyer 2022",
        formula="max_A sum_q sqrt(sum_{a in A} s(q, a)) + eta sum_{a in A} sqrt(sum_q s(q, a)), greedily",
        cost="n q d",
        space="embedding",
        prefilter=3,
        sample=1000,
    ),
    Selector(
        "flcg",
        _TARGETED + "flcg",
        kind="geometry",
        needs=("unliked", "reference"),
        summary="Every row of the pool that no unliked row is like has a chosen row that is like it",
        source="Kothawade, Beck, Killamsetty, Iyer 2021",
        formula="max_A sum_{i in U} max(max_{a in L + A} s(i, a) - nu max_p s(i, p), 0), greedily",
        cost="n r d",
        space="embedding",
        prefilter=3,
        sample=_ALL_PAIRS,
        most=_ALL_PAIRS,
    ),
)


def _lone(name: str, use_when: str, aliases: tuple[str, ...]) -> Strategy:
    return Strategy(name, space="embedding", utility="one", selector=name, use_when=use_when, aliases=aliases)


STRATEGIES: tuple[Strategy, ...] = (
    _lone(
        "facility_location",
        "A batch that represents the pool, dense parts first; more even than kmeans where clusters differ in size",
        ("facility_location_selection", "fl", "submodular_sampling", "submodular_sampler"),
    ),
    _lone(
        "graph_cut",
        "As facility_location, with a dial between the pool's dense parts and differences in the batch",
        ("graph_cut_selection",),
    ),
    _lone(
        "log_det",
        "No two rows of the batch may be alike; with a utility before it, worth and difference in one",
        ("log_determinant", "dpp", "determinantal_point_process"),
    ),
    _lone(
        "feature_based",
        "Texts or counts, where each feature should have been seen",
        ("feature_based_selection",),
    ),
    _lone(
        "disparity_sum",
        "Extremes of the pool are wanted",
        ("sum_redundancy", "max_sum_dispersion"),
    ),
    _lone(
        "disparity_min",
        "As kcenter, beginning at the edge of the pool",
        ("max_min_dispersion", "max_min_diversity"),
    ),
    Strategy(
        "like",
        space="embedding",
        utility="likeness",
        selector="facility_location",
        params={"over": "candidates", "sample": 1000},
        prefilter=10,
        summary="More rows like those of `--like`, not like those of `--unlike`, and unlike each other",
        source="Kothawade, Beck, Killamsetty, Iyer 2021; Wei, Iyer, Bilmes 2015",
        use_when="A rare kind of row of which you have examples, or rows you want no more of",
        aliases=("more_like_this", "targeted"),
        formula="r(x) = max_q s(x, q) - max_p s(x, p); of the 10 b best rows C: max_A sum_{i in C} r(i) max_{a in L + A} s(i, a)",
        cost="n q d + (10 b)^2 d",
    ),
    _lone(
        "flqmi",
        "As like, on the examples alone: each example is answered first",
        ("fl2mi", "smi", "facility_location_variant_mutual_information"),
    ),
    _lone(
        "com",
        "As flqmi, when several rows for each example are wanted",
        ("concave_over_modular",),
    ),
    Strategy(
        "gcmi",
        space="embedding",
        utility="gcmi",
        selector="top",
        use_when="The rows nearest to all examples together, diverse or not",
        aliases=("graph_cut_mutual_information",),
    ),
    _lone(
        "flcg",
        "The pool but for what the rows of `--unlike` stand for",
        ("scg", "facility_location_conditional_gain"),
    ),
)
