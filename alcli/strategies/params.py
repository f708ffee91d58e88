"""`--param KEY=VALUE`: what a strategy can be told, read from the signatures of its two functions."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from alcli.errors import UsageError, did_you_mean, listing
from alcli.strategies.kinds import Past, Selector, Strategy, Utility, Value, load
from alcli.strategies.resolve import selector_of, utility_of
from alcli.strategies.table import SIGNALS

_TYPES: dict[str, type[Value]] = {"bool": bool, "int": int, "float": float, "str": str}
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
# What the engine hands to functions itself.
_OURS = frozenset({"utility", "labelled", "seed", "tie"})
# What the engine itself is told, besides the functions.
_ENGINE = ("prefilter", "candidates", "sample")


@dataclass(frozen=True)
class Param:
    """Something a strategy can be told. `of` is "utility", "selector", "both" or "engine"."""

    name: str
    type: str
    default: Value
    of: str


class Params(NamedTuple):
    """Settings by who takes them; those that are not a function's are for the engine.

    Attributes
    ----------
    prefilter : so many times the batch are candidates, the best by utility; None for all rows.
    candidates : so many rows are compared, the first by hash; None for what memory allows.
    sample : rows drawn from the pool to stand for it; None when nothing asks for them.
    """

    utility: dict[str, Value]
    selector: dict[str, Value]
    prefilter: int | None = None
    candidates: int | None = None
    sample: int | None = None


def known_params(strategy: Strategy) -> dict[str, Param]:
    """What the strategy can be told, by name.

    >>> from alcli.strategies import resolve
    >>> known_params(resolve("bald+power"))["beta"]
    Param(name='beta', type='float', default=1.0, of='selector')
    """
    utility, selector = utility_of(strategy), selector_of(strategy)
    known: dict[str, Param] = {}
    for of, row in (("utility", utility), ("selector", selector)):
        if isinstance(row, Selector) and row.kind == "top":
            continue
        for name, (kind, default) in _keywords(row).items():
            shared = "both" if name in known else of
            known[name] = Param(name, kind, strategy.params.get(name, default), shared)
    for name, default in _engine(strategy, utility, selector).items():
        known[name] = Param(name, "int", strategy.params.get(name, default), "engine")
    return known


def _engine(strategy: Strategy, utility: Utility, selector: Selector) -> dict[str, int]:
    """What the engine can be told for this strategy, and what it does untold."""
    found = {}
    if selector.kind == "geometry" and utility.scope == "row" and utility.name != "one":
        found["prefilter"] = strategy.prefilter or 0
    company = utility.scope == "group" and not selector.grouping
    if most := min(filter(None, (selector.most, utility.most if company else 0)), default=0):
        found["candidates"] = most
    if sample := max(selector.sample, utility.sample):
        found["sample"] = sample
    return found


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
    >>> split_params(resolve("entropy+kmeans"), {}).prefilter
    3
    """
    engine = _engine(strategy, utility_of(strategy), selector_of(strategy))
    if not params:
        return Params({}, {}, *(engine.get(name) or None for name in _ENGINE))
    known = known_params(strategy)
    for name in params:
        if name not in known:
            raise _unknown(strategy, name, list(known))
    told = {name: int(params.get(name, engine.get(name, 0))) for name in _ENGINE}
    return Params(
        {name: value for name, value in params.items() if known[name].of in ("utility", "both")},
        {name: value for name, value in params.items() if known[name].of in ("selector", "both")},
        *(told[name] or None for name in _ENGINE),
    )


def _keywords(row: Utility | Selector) -> dict[str, tuple[str, Value]]:
    """Annotated keyword-only parameters with a plain default: name -> (type, default)."""
    found: dict[str, tuple[str, Value]] = {}
    target = (row.prepare if isinstance(row, Utility) else None) or row.target
    light = isinstance(target, str) and target.partition(":")[0] not in sys.modules
    written = _written(str(target)) if light else None
    for name, kind, default in _loaded(target) if written is None else written:
        plain = kind in _TYPES and isinstance(default, bool | int | float | str)
        if plain and name not in _OURS and name not in row.needs:
            found[name] = (kind, default)
    return found


_Keywords = list[tuple[str, str, Any]]


def _loaded(target: str | Callable[..., Any]) -> _Keywords:
    """Keyword-only parameters of a function: name, type and default."""
    found = []
    for name, each in inspect.signature(load(target)).parameters.items():
        if each.kind is inspect.Parameter.KEYWORD_ONLY:
            kind = each.annotation if isinstance(each.annotation, str) else getattr(each.annotation, "__name__", "")
            found.append((name, kind, each.default))
    return found


def _written(target: str) -> _Keywords | None:
    """The same as it stands in the file, so that explaining a strategy does not import what it is made with.

    None when it does not stand there plainly: then the function has to be asked.
    """
    module, _, attribute = target.partition(":")
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    tree = ast.parse(Path(spec.origin).read_bytes())
    own = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == attribute]
    if len(own) != 1 or own[0].decorator_list:
        return None
    found: _Keywords = []
    for each, default in zip(own[0].args.kwonlyargs, own[0].args.kw_defaults, strict=True):
        kind = "" if each.annotation is None else ast.unparse(each.annotation)
        try:
            found.append((each.arg, kind, inspect.Parameter.empty if default is None else ast.literal_eval(default)))
        except ValueError:
            return None
    return found


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

    from alcli.strategies.calls import prepare, score

    utility, selector = utility_of(strategy), selector_of(strategy)
    told = split_params(strategy, params)
    try:
        if told.utility:
            nothing = {name: _nothing_of(name) for name in utility.needs}
            if utility.prepare is not None:
                prepare(utility, nothing, 0, told.utility)
            else:
                score(utility, nothing, 0, told.utility)
        if not told.selector:
            return
        function = load(selector.target)
        if selector.kind in ("weighted", "ranked"):
            function(np.empty(0), **told.selector)
        elif selector.kind == "epsilon":
            function(0, seed=0, **told.selector)
        elif selector.kind == "auto":
            function(Past({}, has_model=False), **told.selector)
        elif selector.kind == "geometry":
            others = {name: _nothing_of(name) for name in selector.needs if name != "labelled"}
            points = None if strategy.space is None else np.empty((0, 1))
            function(points, 0, utility=None, labelled=None, seed=0, **others, **told.selector)
    except ValueError as error:
        raise UsageError(str(error), code="bad-param") from None


def _nothing_of(signal: str) -> Any:
    """The signal of no candidates, no labelled rows and two classes."""
    import numpy as np

    if signal == "learner":
        return None
    axes = SIGNALS[signal].axes if signal in SIGNALS else ("n", "d")
    return np.zeros([{"c": 2, "m": 1, "d": 1, "k": 1, "f": 1}.get(axis, 0) for axis in axes])


def _unknown(strategy: Strategy, name: str, known: list[str]) -> UsageError:
    has = f"it has {listing(known)}" if known else "it has none"
    near = did_you_mean(name, known)
    return UsageError(
        f"{strategy.name!r} has no parameter {name!r}",
        hint=f"{near} {has}" if near else has,
        code="unknown-param",
    )
