"""What a space, a signal, a utility, a selector and a strategy are. Imports nothing heavy.

A strategy is a point in a small product: a *space* in which distances are taken, a *utility* that
says how much one row is worth, and a *selector* that makes a batch of rows. Utilities and selectors
are plain functions on arrays; the rows here say where each function is, what it needs and how to
call it. `alcli.strategies.calls` does the calling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal

Kind = Literal["top", "weighted", "ranked", "epsilon", "geometry", "auto"]
Target = str | Callable[..., Any]
Value = bool | int | float | str


@dataclass(frozen=True)
class Space:
    """A place where rows have coordinates."""

    name: str
    summary: str


@dataclass(frozen=True)
class Signal:
    """An array that a utility or selector asks for by name.

    Parameters
    ----------
    axes : the names of its axes: n candidates, c classes, m committee members, d dimensions, l labelled
        rows, r rows drawn from the pool, t rows of the target, q rows given as examples.
    model : whether a model (or predictions brought from elsewhere) must give it.
    """

    name: str
    axes: tuple[str, ...]
    summary: str
    model: bool = True

    @property
    def of_rows(self) -> bool:
        """Whether it has a value for every candidate; else there is one for the whole choice."""
        return "n" in self.axes


@dataclass(frozen=True)
class Utility:
    """How much one row is worth; larger is better, everywhere.

    Parameters
    ----------
    name : what users type.
    target : ``module:function``, imported when first used, or the function itself. It takes the
        signals of `needs` as positional arguments in that order, then its own settings as annotated
        keyword-only arguments with defaults, and returns ``(n,)`` finite float64. With no needs it
        takes n, the number of rows.
    needs : names of signals, of rows (`proba`, `space`) or of the whole choice (`labelled`, `reference`).
    prepare : a function that learns once what all rows are then scored with, as a discriminator. It takes
        the signals of the whole choice as positional arguments, in the order of `needs`, then ``seed=``
        and the settings; `target` then takes the signals of rows and what `prepare` returned, which
        must be picklable.
    summary, source, formula, cost : for people; cost in n rows, b picks, d dimensions, c classes, m members.
    scope : "row" when a row's value depends on nothing but that row, so a pool can be streamed;
        "group" when it depends on the other rows given. A selector that forms groups then receives the
        function itself and calls it on each; for others all candidates are one group.
    nonnegative : no value is below zero, so it can serve as a weight.
    binary : defined for two classes only.
    cold : works without any labelled row, though it asks for them.
    sample : rows drawn from the pool for the signals with axis r.
    most : with scope "group": candidates that one group holds at most; 0 for what memory allows.
    """

    name: str
    target: Target
    needs: tuple[str, ...] = ("proba",)
    summary: str = ""
    source: str = ""
    formula: str = ""
    cost: str = "n c"
    scope: Literal["row", "group"] = "row"
    nonnegative: bool = True
    prepare: Target | None = None
    binary: bool = False
    cold: bool = False
    sample: int = 0
    most: int = 0


@dataclass(frozen=True)
class Selector:
    """How a batch is made of rows.

    Parameters
    ----------
    name : what users type after the plus sign.
    target : ``module:function``, or the function itself. What it is called with depends on `kind`:

        "top"       ``f(utility, n, tie)``: positions of the n largest
        "weighted"  ``f(utility, **params)``: the logarithm of each row's weight, ``(n,)`` and finite.
                    Rows are drawn without replacement in proportion to the weights: add
                    `rank.gumbel_from_hash` of each row's hash and keep the n largest sums
        "ranked"    the same, but the function gets ranks (1.0 = best) in place of utilities
        "epsilon"   ``f(n, seed=seed, **params)``: for each of n slots, True when it is to be filled at random
        "geometry"  ``f(points, n, *, utility, labelled, seed, **signals, **params)``: distinct positions
                    in batch order. It sees all candidates at once, in the order of a seeded hash
                    of their ids, so that the lower position wins every tie. `points` is None when
                    the strategy has no space
        "auto"      ``f(past, **params)``: the strategies to use with their weights, and why; `past` is a `Past`

    needs : signals handed over by name to a geometry selector, besides points, utility and labelled.
    space : where a geometry selector takes distances when the strategy does not say.
    prefilter : in a product with a utility of scope "row", only the ``prefilter * n`` best rows by
        utility are candidates; None or 0 for all rows.
    nonnegative : takes only utilities that are never below zero.
    binary : defined for two classes only.
    cold : works without any labelled row, though it asks for them.
    grouping : forms groups, and takes a utility of scope "group" as a function to call on each.
    factored : takes points of the gradient space as `points.Outer`, which never builds them.
    sample : rows drawn from the pool for the signals with axis r.
    most : candidates that are compared, the first by hash; 0 for what memory allows. Where it
        compares candidates with the whole pool, `reference` stands for the pool.
    """

    name: str
    target: Target
    kind: Kind
    needs: tuple[str, ...] = ()
    summary: str = ""
    source: str = ""
    formula: str = ""
    cost: str = "n"
    space: str | None = None
    prefilter: int | None = None
    nonnegative: bool = False
    binary: bool = False
    cold: bool = False
    grouping: bool = False
    factored: bool = False
    sample: int = 0
    most: int = 0


@dataclass(frozen=True)
class Strategy:
    """A named point of the product.

    Parameters
    ----------
    name : what users type.
    space : a name of `SPACES`, or None when no distances are taken.
    utility, selector : names; those of another package are looked up among its entry points.
    params : settings that differ from the functions' own defaults.
    needs : names of signals; worked out from the parts by `complete`.
    cost : in n rows, b picks, d dimensions, c classes, m members, l labelled rows; worked out when empty.
    prefilter : as for `Selector`.
    """

    name: str
    space: str | None
    utility: str
    selector: str
    params: Mapping[str, Value] = field(default_factory=dict, hash=False)
    summary: str = ""
    source: str = ""
    use_when: str = ""
    aliases: tuple[str, ...] = ()
    formula: str = ""
    cost: str = ""
    needs: tuple[str, ...] = ()
    prefilter: int | None = None


@dataclass(frozen=True)
class Round:
    """An answered batch, for strategies that learn which strategy helps.

    Attributes
    ----------
    batch : its number.
    arms : (r,) the strategy that chose each answered row.
    probability : (r,) the chance with which the row was chosen when it was.
    right : whether the model that was fitted on the answers up to and with this batch, but for a third of
        them with the row among them, is right about each answered row of this batch and those before it, in their order.
    """

    batch: int
    arms: tuple[str, ...]
    probability: tuple[float, ...]
    right: tuple[bool, ...]


@dataclass(frozen=True)
class Past:
    """What has been so far, for selectors of kind "auto".

    Attributes
    ----------
    labelled_per_class : labels of each class of the project, 0 included.
    has_model : whether there is a model to ask.
    batch : the number of the batch to be chosen, 1 for the first.
    rounds : called for the answered batches in order; costs three fits a batch.
    errors : called with names of strategies and a least number of rows. It gives the share of the answered rows of each
        that the model is wrong about when it has not learned from them, or None when one of the strategies has
        fewer rows; costs three fits. None where no model can be fitted to look back with, as beside predictions from
        a file.
    """

    labelled_per_class: Mapping[str, int]
    has_model: bool
    batch: int = 1
    rounds: Callable[[], tuple[Round, ...]] = tuple
    errors: Callable[[Sequence[str], int], Mapping[str, float] | None] | None = None


def load(target: Target) -> Callable[..., Any]:
    """The function that a target names, imported now.

    >>> load("math:sqrt")(9.0)
    3.0
    """
    if not isinstance(target, str):
        return target
    module, _, attribute = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found


@lru_cache(4096)
def key_of(name: str) -> str:
    """A name as it is compared: letter case, hyphens, underscores and blanks do not count.

    >>> key_of("Core-Set") == key_of("core_set") == key_of("coreset")
    True
    """
    return "".join(letter for letter in name.casefold() if letter not in "-_ ")
