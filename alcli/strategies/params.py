"""`--param KEY=VALUE`: what a strategy can be told, read from the signatures of its two functions."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from alcli.errors import UsageError, did_you_mean, listing
from alcli.strategies.kinds import Selector, Strategy, Utility, Value, load
from alcli.strategies.resolve import selector_of, utility_of
from alcli.strategies.table import SIGNALS

_TYPES: dict[str, type[Value]] = {"bool": bool, "int": int, "float": float, "str": str}
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
# What the engine hands to functions itself.
_OURS = frozenset({"utility", "labelled", "seed", "tie"})


@dataclass(frozen=True)
class Param:
    """Something a strategy can be told. `of` is "utility", "selector", "both" or "engine"."""

    name: str
    type: str
    default: Value
    of: str


class Params(NamedTuple):
    """Settings by who takes them; `prefilter` is for the engine, None for all rows."""

    utility: dict[str, Value]
    selector: dict[str, Value]
    prefilter: int | None


def known_params(strategy: Strategy) -> dict[str, Param]:
    """What the strategy can be told, by name. Imports its functions.

    >>> from alcli.strategies import resolve
    >>> known_params(resolve("bald+power"))["beta"]
    Param(name='beta', type='float', default=1.0, of='selector')
    """
    utility, selector = utility_of(strategy), selector_of(strategy)
    known: dict[str, Param] = {}
    for of, row in (("utility", utility), ("selector", selector)):
        if isinstance(row, Selector) and row.kind in ("top", "auto"):
            continue
        for name, (kind, default) in _keywords(row).items():
            shared = "both" if name in known else of
            known[name] = Param(name, kind, strategy.params.get(name, default), shared)
    if _filters(utility, selector):
        known["prefilter"] = Param("prefilter", "int", strategy.prefilter or 0, "engine")
    return known


def parse_params(strategy: Strategy, texts: Sequence[str]) -> dict[str, Value]:
    """Settings from ``KEY=VALUE`` texts, typed by the functions' signatures.

    Parameters
    ----------
    strategy : a row that `resolve` returned.
    texts : as typed; a hyphen in a key counts as an underscore.

    Returns
    -------
    params : the strategy's own settings, with those in `texts` in their place.

    Raises
    ------
    UsageError
        ``unknown-param`` for a key the strategy does not have, listing those it has; ``bad-param`` for
        a text without "=", a value of another type or out of range, or a key given twice.

    Examples
    --------
    >>> from alcli.strategies import resolve
    >>> parse_params(resolve("entropy+kmeans"), ["prefilter=10"])
    {'prefilter': 10}
    """
    params = dict(strategy.params)
    if not texts:
        return params
    known = known_params(strategy)
    given: set[str] = set()
    for text in texts:
        key, equals, value = text.partition("=")
        name = key.strip().replace("-", "_")
        if not equals or not name:
            raise UsageError(f"{text!r} is not KEY=VALUE", hint="as in `--param beta=2`", code="bad-param")
        if name not in known:
            raise _unknown(strategy, name, list(known))
        if name in given:
            raise UsageError(f"{name!r} is given twice", code="bad-param")
        given.add(name)
        params[name] = _typed(known[name], value.strip())
    _try(strategy, params)
    return params


def split_params(strategy: Strategy, params: Mapping[str, Value]) -> Params:
    """Settings by who takes them. A name that both functions have goes to both.

    >>> from alcli.strategies import resolve
    >>> split_params(resolve("entropy+kmeans"), {})
    Params(utility={}, selector={}, prefilter=3)
    """
    if not params:
        return Params({}, {}, strategy.prefilter or None)
    known = known_params(strategy)
    for name in params:
        if name not in known:
            raise _unknown(strategy, name, list(known))
    prefilter = params.get("prefilter", strategy.prefilter or 0)
    return Params(
        {name: value for name, value in params.items() if known[name].of in ("utility", "both")},
        {name: value for name, value in params.items() if known[name].of in ("selector", "both")},
        int(prefilter) or None,
    )


def _keywords(row: Utility | Selector) -> dict[str, tuple[str, Value]]:
    """Annotated keyword-only parameters with a plain default: name -> (type, default)."""
    found: dict[str, tuple[str, Value]] = {}
    for name, each in inspect.signature(load(row.target)).parameters.items():
        if each.kind is not inspect.Parameter.KEYWORD_ONLY or name in _OURS or name in row.needs:
            continue
        kind = each.annotation if isinstance(each.annotation, str) else getattr(each.annotation, "__name__", "")
        if kind in _TYPES and isinstance(each.default, bool | int | float | str):
            found[name] = (kind, each.default)
    return found


def _filters(utility: Utility, selector: Selector) -> bool:
    return selector.kind == "geometry" and utility.scope == "row" and utility.name != "one"


def _typed(param: Param, text: str) -> Value:
    try:
        if param.type == "bool":
            return _WORDS[text.casefold()]
        value = _TYPES[param.type](text)
        if isinstance(value, float) and not isfinite(value):
            raise ValueError
    except (KeyError, ValueError):
        wanted = {"int": "a whole number", "float": "a number", "bool": "true or false"}[param.type]
        raise UsageError(f"{param.name}={text!r} is not {wanted}", code="bad-param") from None
    if param.of == "engine" and isinstance(value, int) and value < 0:
        raise UsageError(f"{param.name} must be 0 (all rows) or more, not {value}", code="bad-param")
    return value


def _try(strategy: Strategy, params: Mapping[str, Value]) -> None:
    """Run both functions on no rows: a value out of range is a slip of the user, found before any scan."""
    import numpy as np

    utility, selector = utility_of(strategy), selector_of(strategy)
    for_utility, for_selector, _ = split_params(strategy, params)
    signals = {name: _no_rows(name) for name in (*utility.needs, *selector.needs)}
    nothing = np.empty(0)
    try:
        if for_utility:
            load(utility.target)(*([signals[name] for name in utility.needs] or [0]), **for_utility)
        if not for_selector:
            return
        function = load(selector.target)
        if selector.kind in ("weighted", "ranked"):
            function(nothing, **for_selector)
        elif selector.kind == "epsilon":
            function(0, seed=0, **for_selector)
        elif selector.kind == "geometry":
            others: dict[str, Any] = {name: signals[name] for name in selector.needs}
            points = None if strategy.space is None else np.empty((0, 1))
            function(points, 0, utility=None, labelled=None, seed=0, **others, **for_selector)
    except ValueError as error:
        raise UsageError(str(error), code="bad-param") from None


def _no_rows(signal: str) -> Any:
    import numpy as np

    axes = SIGNALS[signal].axes if signal in SIGNALS else ("n", "d")
    return np.empty([0 if axis == "n" else 1 for axis in axes])


def _unknown(strategy: Strategy, name: str, known: list[str]) -> UsageError:
    has = f"it has {listing(known)}" if known else "it has none"
    near = did_you_mean(name, known)
    return UsageError(
        f"{strategy.name!r} has no parameter {name!r}",
        hint=f"{near} {has}" if near else has,
        code="unknown-param",
    )
