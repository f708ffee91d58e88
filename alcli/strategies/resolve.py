"""What a strategy that a user typed means."""

from __future__ import annotations

from alcli.errors import UsageError, did_you_mean
from alcli.strategies.catalogue import Catalogue, everything
from alcli.strategies.kinds import Selector, Strategy, Utility, key_of
from alcli.strategies.table import SELECTORS, UTILITIES, complete


def resolve(text: str) -> Strategy:
    """The strategy that a user means.

    Parameters
    ----------
    text : a name or alias, in any letter case, with hyphens, underscores or neither (``least-confident``,
        ``breaking_ties``, ``core-set``); a product ``utility+selector`` (``entropy+kmeans``); or a
        utility alone, for its largest values.

    Returns
    -------
    strategy : a row of the table, or a new one for a product. Packages are asked only for names that
        are not in the table.

    Raises
    ------
    UsageError
        ``unknown-strategy`` when there is no such name, with the nearest one as hint;
        ``strategy-parts`` when the parts of a product do not fit; ``broken-extension`` when the
        package that has the name cannot be used.

    Examples
    --------
    >>> resolve("core-set").name, resolve("LC").name
    ('kcenter', 'least_confident')
    >>> resolve("bald+power").needs
    ('committee',)
    """
    name = text.strip()
    found = _meaning(name, Catalogue())
    if found is not None:
        return found
    catalogue = everything()
    found = _meaning(name, catalogue)
    if found is not None:
        return found
    raise _refusal(name, catalogue)


def utility_of(strategy: Strategy) -> Utility:
    """The row of the strategy's utility, from the table or from another package."""
    found = UTILITIES.get(strategy.utility) or everything().utilities.get(strategy.utility)
    if found is None:
        raise UsageError(f"{strategy.name!r} uses an unknown utility, {strategy.utility!r}", code="strategy-parts")
    return found


def selector_of(strategy: Strategy) -> Selector:
    """The row of the strategy's selector, from the table or from another package."""
    found = SELECTORS.get(strategy.selector) or everything().selectors.get(strategy.selector)
    if found is None:
        raise UsageError(f"{strategy.name!r} uses an unknown selector, {strategy.selector!r}", code="strategy-parts")
    return found


def _parts(text: str) -> tuple[str, str]:
    """What stands before and after the first plus sign, so that `entropy+kmeans++` is two parts."""
    left, _, right = text.partition("+")
    return left.strip(), right.strip()


def _meaning(text: str, catalogue: Catalogue) -> Strategy | None:
    """The strategy, if every name in `text` is one of the catalogue's and stands where it can."""
    row = catalogue.strategy(text)
    if row is not None:
        return row
    left, right = _parts(text)
    utility = catalogue.utility(left)
    if utility is None:
        return None
    selector = catalogue.selector(right) if "+" in text else catalogue.selectors["top"]
    if selector is None or selector.kind == "auto":
        return None
    product = _product(utility, selector)
    for row in catalogue.strategies.values():
        # `margin+top` is margin: asked.csv should know one thing by one name.
        if _point(row) == _point(product):
            return row
    return product


def _point(row: Strategy) -> tuple[object, ...]:
    return row.utility, row.selector, row.space, row.prefilter, dict(row.params)


def _product(utility: Utility, selector: Selector) -> Strategy:
    if selector.nonnegative and not utility.nonnegative:
        raise UsageError(
            f"{selector.name!r} draws by weight, and {utility.name!r} is negative",
            hint=f"`{utility.name}+softmax` and `{utility.name}+softrank` take any score",
            code="strategy-parts",
        )
    if utility.scope == "group" and selector.kind in ("weighted", "ranked", "epsilon"):
        raise UsageError(
            f"{utility.name!r} depends on the company a row is in, and {selector.name!r} draws rows one by one",
            hint=f"`{utility.name}+per_cluster`, or `{utility.name}` alone for its largest values",
            code="strategy-parts",
        )
    filtered = utility.scope == "row" and utility.name != "one"
    row = Strategy(
        f"{utility.name}+{selector.name}",
        space=selector.space or ("embedding" if "space" in utility.needs else None),
        utility=utility.name,
        selector=selector.name,
        prefilter=selector.prefilter if filtered else None,
    )
    return complete(row, utility, selector)


def _refusal(text: str, catalogue: Catalogue) -> UsageError:
    left, right = _parts(text)
    for problem in catalogue.problems:
        if key_of(problem.name) in (key_of(text), key_of(left), key_of(right)):
            return UsageError(
                f"{problem.name!r} of the package {problem.package!r} cannot be used: {problem.why}",
                hint=f"update or remove `{problem.package}`",
                code="broken-extension",
            )
    if "+" in text and left and right:
        return _unfit(text, left, right, catalogue)
    if catalogue.selector(text) is not None:
        return UsageError(
            f"{text!r} says how to choose, but not by what",
            hint=f"put a utility before it: `margin+{text}`",
            code="strategy-parts",
        )
    for names, hint in _ELSEWHERE:
        if key_of(text) in map(key_of, names):
            return UsageError(f"{text!r} is not a strategy here but a flag", hint=hint, code="unknown-strategy")
    known = [name for row in catalogue.strategies.values() for name in (row.name, *row.aliases)]
    return _unknown(f"no strategy is called {text!r}", text, [*known, *catalogue.utilities])


#: What other libraries have as a strategy or a wrapper, and a flag does here.
_ELSEWHERE = (
    (
        ("make_linear_combination", "make_product", "CombineHeuristics", "COMBINED", "hybrid"),
        "`--combine margin:0.7,density:0.3` ranks rows by several utilities",
    ),
    (
        ("mixture_of_samplers", "HybridMaxRandom", "HybridMaxUncertainty", "max_random", "max_uncertainty"),
        "`--mix exploitation:0.95,random:0.05` fills a batch from several strategies",
    ),
    (("select_Knapsack_01", "knapsack", "select_POSS", "POSS"), "`--cost COLUMN --budget B` with any strategy"),
    (("TemperatureScaling", "temperature_scaling"), "`alcli train --calibrate`"),
    (("Committee", "EnsembleModelWrapper"), "`alcli train --committee 5`, then `--strategy vote_entropy` and others"),
    (("PowerSampling", "power_sampling"), "`margin+power`, or any utility before `+power`"),
    (("GibbsSampling", "gibbs_sampling"), "`margin+softmax`, or any utility before `+softmax`"),
    (("RankBasedSampling", "rank_based_sampling"), "`margin+softrank`, or any utility before `+softrank`"),
    (("weighted_random", "weighted"), "`margin+sample`, or any utility before `+sample`"),
    (("SingleAnnotatorWrapper",), "several labelers: see docs/sheets.md"),
)


def _unfit(text: str, left: str, right: str, catalogue: Catalogue) -> UsageError:
    first, last = catalogue.utility(left), catalogue.selector(right)
    if first is None and catalogue.selector(left) is not None:
        swapped = catalogue.utility(right)
        hint = f"did you mean `{swapped.name}+{left}`?" if swapped else "a utility comes first: `entropy+kmeans`"
        return UsageError(f"{left!r} is a selector and cannot come first", hint=hint, code="strategy-parts")
    if first is None and catalogue.strategy(left) is None:
        return _unknown(f"no utility is called {left!r}", left, list(catalogue.utilities))
    if first is not None and last is None and not (catalogue.strategy(right) or catalogue.utility(right)):
        known = [name for name, row in catalogue.selectors.items() if row.kind != "auto"]
        return _unknown(f"no selector is called {right!r}", right, known)
    whole = left if first is None else right
    return UsageError(
        f"{whole!r} is a whole strategy and cannot be a part of {text!r}",
        hint=f"to fill one batch from two strategies: `--mix {left}:0.7,{right}:0.3`",
        code="strategy-parts",
    )


def _unknown(message: str, word: str, known: list[str]) -> UsageError:
    hint = did_you_mean(word.replace("-", "_"), known) or "`alcli strategies` lists them all"
    return UsageError(message, hint=hint, code="unknown-strategy")
