"""How the engine calls the functions of a strategy: one function for each kind of part.

    values = score(utility, signals, n, params)                    any utility, on rows that stream by
    keys   = log_weights(selector, values, params)                 kinds "weighted" and "ranked"
    chance = random_slots(selector, n, seed, params)               kind "epsilon"
    rows   = select(selector, points, n, utility=…, labelled=…)    kind "geometry"
    weights, reason = choose(selector, past, params)               kind "auto"

Kind "top" is `rank.top` itself. What comes back is checked, since a function may be another package's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.errors import UsageError
from alcli.strategies.kinds import Past, Selector, Utility, Value, load
from alcli.strategies.table import SIGNALS

Signals = Mapping[str, NDArray[Any]]
Params = Mapping[str, Value]


def prepare(utility: Utility, signals: Signals, seed: int, params: Params) -> Any:
    """What the utility learns once from the signals of the whole choice; None when it learns nothing.

    A utility without `prepare` gets these signals themselves, each time it scores rows.
    """
    if utility.prepare is None:
        return None
    given = [signals[name] for name in utility.needs if not _of_rows(name)]
    return load(utility.prepare)(*given, seed=seed, **params)


def score(utility: Utility, signals: Signals, n: int, params: Params, prepared: Any = None) -> NDArray[np.float64]:
    """Utilities of n rows: (n,), finite, larger is better.

    Parameters
    ----------
    signals : by name; the ones that `utility.needs` names are used.
    n : number of rows.
    prepared : what `prepare` returned, for a utility that has a function of that name.

    >>> from alcli.strategies import UTILITIES
    >>> score(UTILITIES["margin"], {"proba": np.array([[0.9, 0.1]])}, 1, {}).round(2)
    array([0.2])
    """
    if utility.prepare is not None:
        rows = [signals[name] for name in utility.needs if _of_rows(name)]
        return _checked(utility.name, load(utility.target)(*rows, prepared), n)
    given: list[Any] = [signals[name] for name in utility.needs] or [n]
    return _checked(utility.name, load(utility.target)(*given, **params), n)


def _of_rows(signal: str) -> bool:
    return signal not in SIGNALS or SIGNALS[signal].of_rows


def on_groups(utility: Utility, params: Params) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
    """A utility of scope "group" that needs nothing but points, as a function for a geometry selector."""
    return lambda points: score(utility, {"space": points}, len(points), params)


def log_weights(selector: Selector, values: ArrayLike, params: Params) -> NDArray[np.float64]:
    """Logarithms of weights from utilities ("weighted") or from ranks ("ranked"): (n,), finite."""
    given = np.asarray(values, dtype=np.float64)
    return _checked(selector.name, load(selector.target)(given, **params), len(given))


def random_slots(selector: Selector, n: int, seed: int, params: Params) -> NDArray[np.bool_]:
    """For each of n slots of a batch, whether it is filled at random: (n,)."""
    slots: NDArray[np.bool_] = load(selector.target)(n, seed=seed, **params)
    return slots


def select(
    selector: Selector,
    points: Any,
    n: int,
    *,
    utility: NDArray[np.float64] | Callable[[NDArray[Any]], NDArray[np.float64]] | None = None,
    labelled: NDArray[Any] | None = None,
    seed: int = 0,
    signals: Signals | None = None,
    params: Params | None = None,
) -> NDArray[np.intp]:
    """Positions of a geometry selector, in batch order: distinct, min(n, m) of them.

    Parameters
    ----------
    points : (m, d), in the order of a seeded hash of the ids, or None without a space; an `Outer` for a
        selector that takes factored points.
    utility : (m,), or for scope "group" what `on_groups` returns, or None when all are alike.
    labelled : (l, d), or None.
    signals : of the candidates, in the same order, and of the whole choice; the ones that `selector.needs`
        names are used.
    """
    others = {name: (signals or {})[name] for name in selector.needs if name != "labelled"}
    chosen = np.asarray(
        load(selector.target)(points, n, utility=utility, labelled=labelled, seed=seed, **others, **(params or {})),
        dtype=np.intp,
    )
    sound = chosen.ndim == 1 and len(np.unique(chosen)) == len(chosen)
    if points is not None:
        sound = sound and len(chosen) == min(n, len(points))
        sound = sound and (len(chosen) == 0 or (chosen.min() >= 0 and chosen.max() < len(points)))
    if not sound:
        raise _wrong(selector.name, "did not return distinct positions of candidates, as many as asked for")
    return chosen


def choose(selector: Selector, past: Past, params: Params) -> tuple[dict[str, float], str]:
    """The strategies that an "auto" selector decides for, with their weights, and its reason."""
    weights, reason = load(selector.target)(past, **params)
    if not weights or not all(isfinite(weight) and weight > 0.0 for weight in weights.values()):
        raise _wrong(selector.name, "did not return strategies with weights above 0")
    return {str(name): float(weight) for name, weight in weights.items()}, str(reason)


def _checked(name: str, returned: object, n: int) -> NDArray[np.float64]:
    values = np.asarray(returned, dtype=np.float64)
    if values.shape != (n,):
        raise _wrong(name, f"returned an array of shape {values.shape} for {n} rows")
    if not np.isfinite(values).all():
        raise _wrong(name, "returned values that are not finite")
    return values


def _wrong(name: str, what: str) -> UsageError:
    return UsageError(f"{name!r} {what}", hint="this is a bug in the function of that name", code="broken-extension")
