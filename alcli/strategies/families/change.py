"""How much a label would change the model: gradients in closed form, and rows near the edge."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

_CHANGE = "alcli.strategies.utilities.change:"
_EDGE = "alcli.strategies.utilities.perturbation:"
_GRADIENTS = "alcli.strategies.selectors.gradients:"

UTILITIES: tuple[Utility, ...] = (
    Utility(
        "egl",
        _CHANGE + "egl",
        needs=("proba", "space"),
        summary="Expected length of the gradient that a label would bring",
        source="Settles, Craven, Ray 2007",
        formula="sum_c p_c ||p - e_c|| ||[x; 1]||",
        cost="n (c + d)",
    ),
    Utility(
        "egl_word",
        _CHANGE + "egl_word",
        needs=("proba", "matrix"),
        summary="Expected length of the longest gradient of one column's weights",
        source="Zhang, Lease, Wallace 2017",
        formula="sum_c p_c ||p - e_c|| max_j |x_j|",
        cost="n (c + d)",
    ),
    Utility(
        "adversarial",
        _EDGE + "adversarial",
        needs=("proba", "reference", "reference_proba"),
        prepare=_EDGE + "weights_from",
        summary="Rows that the shortest step in the space takes to another class",
        source="Moosavi-Dezfooli, Fawzi, Frossard 2016; Ducoffe, Precioso 2018",
        formula="1 / (1 + s), s = min_l (f_k - f_l) / ||w_k - w_l|| over its median; w by least squares",
        cost="n c + r (d^2 + d c)",
        sample=2000,
    ),
)

SELECTORS: tuple[Selector, ...] = (
    Selector(
        "gradmatch",
        _GRADIENTS + "gradmatch",
        kind="geometry",
        summary="Rows whose weighted gradients add up to the mean gradient of all",
        source="Killamsetty et al. 2021 (GRAD-MATCH)",
        formula="min_{w >= 0, |S| = b} ||sum_S w_i g_i - mean g||^2 + lambda ||w||^2, by orthogonal matching pursuit",
        cost="n b c d + b^4",
        space="gradient",
        nonnegative=True,
        factored=True,
    ),
    Selector(
        "glister",
        _GRADIENTS + "glister",
        kind="geometry",
        needs=("proba", "labelled", "labels", "labelled_proba"),
        summary="Rows that would most improve the model on the labelled rows",
        source="Killamsetty et al. 2021 (GLISTER)",
        formula="argmax_u <grad L_V(theta_S), grad l(u, predicted)>, theta_S = theta - eta sum_S grad l",
        cost="n b c d + l b d",
        space="embedding",
        prefilter=10,
    ),
)

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        "egl",
        space="features",
        utility="egl",
        selector="top",
        use_when="A linear model whose rows differ in length for a reason; rows of large values come first",
        aliases=("expected_gradient_length", "expected_gradient_length_layer", "expected_model_change"),
    ),
    Strategy(
        "egl_word",
        space=None,
        utility="egl_word",
        selector="top",
        use_when="As egl, when one strong feature should count more than many weak ones, as one word of a long text",
        aliases=("expected_gradient_length_max_word", "egl_max_word"),
    ),
    Strategy(
        "adversarial",
        space="features",
        utility="adversarial",
        selector="top",
        use_when="A linear model of more than two classes; exact when it is linear in the features, near it otherwise",
        aliases=("adversarial_deepfool", "adversarial_bim", "deepfool", "dfal"),
    ),
    Strategy(
        "gradmatch",
        space="gradient",
        utility="one",
        selector="gradmatch",
        use_when="A batch that trains a linear layer as all candidates would; few rows with large weights",
        aliases=("grad_match_active", "gradient_matching", "omp"),
    ),
    Strategy(
        "glister",
        space="embedding",
        utility="one",
        selector="glister",
        use_when="The labelled rows are like those that the model is for, and some are still wrong",
        aliases=("glister_active", "validation_gain"),
    ),
)
