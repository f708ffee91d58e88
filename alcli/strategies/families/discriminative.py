"""Rows that tell the unlabelled pool from the labelled rows, and batches that make the two alike."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_MATCHING = "alcli.strategies.selectors.matching:"

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "dal",
        "alcli.strategies.utilities.discriminative:dal",
        needs=("space", "labelled", "reference"),
        prepare="alcli.strategies.utilities.discriminative:prepare_dal",
        summary="Surest to be unlabelled, by a classifier of labelled against unlabelled rows",
        source="Gissin, Shalev-Shwartz 2019",
        formula="-ln(1 - P(unlabelled | x))",
        cost="n d + (l + 5000) d per step of the fit",
        sample=5000,
    ),
    Utility(
        "hintsvm",
        "alcli.strategies.utilities.hints:hintsvm",
        needs=("space", "labelled", "labels", "reference"),
        prepare="alcli.strategies.utilities.hints:prepare_hintsvm",
        summary="Near the boundary of a support vector machine that is drawn to the unlabelled rows",
        source="Li, Ferng, Lin 2015",
        formula="-|f|, f = argmin |w|^2/2 + C sum_L max(0, 1 - y f) + C_h sum_hints max(0, |f| - 0.1)",
        cost="n d + (l + 1000) d per step of the fit",
        nonnegative=False,
        binary=True,
        sample=1000,
    ),
)

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "discriminator",
        "alcli.strategies.selectors.discriminator:discriminator",
        kind="geometry",
        summary="Surest to be unlabelled, the classifier learning anew ten times inside the batch",
        source="Gissin, Shalev-Shwartz 2019",
        formula="ten times the b/10 largest P(unlabelled | x), chosen rows counted as labelled",
        cost="10 (n d + (l + 5000) d per step of a fit)",
        space="embedding",
    ),
    Selector(
        "bmdr",
        _MATCHING + "bmdr",
        kind="geometry",
        needs=("labels",),
        summary="Informative whatever their label, and labelled rows then spread as all rows do",
        source="Wang, Ye 2013",
        formula="min over f, a: sum_L (y - f)^2 + r|f|^2 + sum a (f^2 + 2|f|) + B (a'Ka/2 + k a), 0 <= a <= 1, sum a = b",
        cost="10 (2000 + l)^2 per step of a program",
        space="embedding",
        binary=True,
        most=2000,
    ),
    Selector(
        "spal",
        _MATCHING + "spal",
        kind="geometry",
        needs=("labels",),
        summary="As bmdr, with a weight that leaves out what is still too hard",
        source="Tang, Huang 2019",
        formula="as bmdr with v a for a in the loss, sum v a = b, v = max(0, 1 - a (f^2 + 2|f|) / pace)",
        cost="10 (2000 + l)^2 per step of a program",
        space="embedding",
        binary=True,
        most=2000,
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "dal",
        space="embedding",
        utility="dal",
        selector="top",
        use_when="You want the labelled set to look like the pool; needs no model and no classes",
        aliases=("discriminative", "discriminative_al", "discriminative_active_learning"),
    ),
    Strategy(
        "dal_repeated",
        space="embedding",
        utility="one",
        selector="discriminator",
        use_when="As dal for larger batches: rows alike are not all taken at once",
        aliases=("discriminative_repeated",),
    ),
    Strategy(
        "drl",
        space="gradient",
        utility="dal",
        selector="top",
        summary="As dal, among gradients of the model's last layer",
        source="Gissin, Shalev-Shwartz 2019; Schröder et al. 2023",
        use_when="As dal, when what the model makes of a row counts, not what the row looks like",
        aliases=("discriminative_representation_learning",),
    ),
    Strategy(
        "hintsvm",
        space="embedding",
        utility="hintsvm",
        selector="top",
        use_when="Two classes and few labels: a boundary that also knows where the pool is",
        aliases=("hinted_svm", "hinted_support_vector_machine"),
    ),
    Strategy(
        "bmdr",
        space="embedding",
        utility="one",
        selector="bmdr",
        use_when="Two classes, batches of a small pool or of the part of it that is compared",
        aliases=("query_instance_bmdr",),
    ),
    Strategy(
        "spal",
        space="embedding",
        utility="one",
        selector="spal",
        use_when="As bmdr, with a weak first model: easy rows first",
        aliases=("query_instance_spal", "self_paced", "self_paced_active_learning"),
    ),
)
