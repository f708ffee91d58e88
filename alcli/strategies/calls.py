"""How the engine calls the functions of a strategy: one function for each kind of part.

    values = score(utility, signals, n, params)                    any utility, on rows that stream by
    keys   = log_weights(selector, values, params)                 kinds "weighted" and "ranked"
    chance = random_slots(selector, n, seed, params)               kind "epsilon"
    rows   = select(selector, points, n, utility=…, labelled=…)    kind "geometry"
    name, reason = choose(selector, labelled_per_class, has_model) kind "auto"

Kind "top" is `rank.top` itself. What comes back is checked, since a function may be another package's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.errors import UsageError
from alcli.strategies.kinds import Selector, Utility, Value, load

Signals = Mapping[str, NDArray[Any]]
Params = Mapping[str, Value]


def score(utility: Utility, signals: Signals, n: int, params: Params) -> NDArray[np.float64]:
    """Utilities of n rows: (n,), finite, larger is better.

    Parameters
    ----------
    signals : by name; the ones that `utility.needs` names are used.
    n : number of rows.

    >>> from alcli.strategies import UTILITIES
    >>> score(UTILITIES["margin"], {"proba": np.array([[0.9, 0.1]])}, 1, {}).round(2)
    array([0.2])
    """
    given: list[Any] = [signals[name] for name in utility.needs] or [n]
    return _checked(utility.name, load(utility.target)(*given, **params), n)


def on_groups(utility: Utility, params: Params) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
    """A utility of scope "group" as a function of points, for a geometry selector."""
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
    points: NDArray[Any] | None,
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
    points : (m, d), in the order of a seeded hash of the ids, or None without a space.
    utility : (m,), or for scope "group" what `on_groups` returns, or None when all are alike.
    labelled : (l, d), or None.
    signals : of the candidates, in the same order; the ones that `selector.needs` names are used.
    """
    others = {name: (signals or {})[name] for name in selector.needs}
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


def choose(selector: Selector, labelled_per_class: Mapping[str, int], has_model: bool) -> tuple[str, str]:
    """The name of the strategy that an "auto" selector decides for, and its reason."""
    name, reason = load(selector.target)(labelled_per_class, has_model)
    return str(name), str(reason)


def _checked(name: str, returned: object, n: int) -> NDArray[np.float64]:
    values = np.asarray(returned, dtype=np.float64)
    if values.shape != (n,):
        raise _wrong(name, f"returned an array of shape {values.shape} for {n} rows")
    if not np.isfinite(values).all():
        raise _wrong(name, "returned values that are not finite")
    return values


def _wrong(name: str, what: str) -> UsageError:
    return UsageError(f"{name!r} {what}", hint="this is a bug in the function of that name", code="broken-extension")
