"""Weights of classes and of rows, as users give them and as estimators take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import UsageError, did_you_mean, listing
from alcli.models.recipes import Recipe

Array = NDArray[np.float64]


def class_weights(given: str | Mapping[str, float] | None, classes: Sequence[str], number: Mapping[str, int]) -> Any:
    """As scikit-learn takes it: None, "balanced" or class number -> weight."""
    if given is None or given == "balanced":
        return given
    if isinstance(given, str):
        raise UsageError(f"class weights are `balanced` or CLASS=WEIGHT, not {given!r}", code="class-weight")
    weights = dict.fromkeys(number.values(), 1.0)
    for name, value in given.items():
        if name not in classes:
            raise UsageError(
                f"a class weight names {name!r}, which is not one of the classes",
                hint=did_you_mean(name, classes) or f"the classes are: {listing(list(classes))}",
                code="class-weight",
            )
        if not 0 < float(value) < float("inf"):
            raise UsageError(f"the weight of class {name!r} has to be above 0", code="class-weight")
        if name in number:
            weights[number[name]] = float(value)
    return weights


def row_weights(weights: Sequence[float] | None, rows: int) -> Array | None:
    """Weights of rows as an array; None when all are 1, so that the model is the very one without them."""
    if weights is None:
        return None
    found = np.asarray(weights, dtype=np.float64)
    if found.shape != (rows,) or not (np.isfinite(found).all() and (found > 0).all()):
        raise ValueError(f"{rows} weights above 0 are needed")
    return None if bool((found == 1.0).all()) else found


def _weighs_rows(recipe: Recipe) -> bool:
    """Whether the estimator, or every part of a mean, takes weights of rows."""
    from sklearn.utils.validation import has_fit_parameter

    from alcli.models.average import Average

    own = recipe.build(0)
    parts = [part for _, part in own.estimators] if isinstance(own, Average) else [own]
    return all(has_fit_parameter(part, "sample_weight") for part in parts)


def check_weighs_rows(recipe: Recipe) -> None:
    if not _weighs_rows(recipe):
        raise UsageError(
            f"{recipe.name} cannot weigh rows",
            hint="leave out `--label-weight`, or use another `--estimator`",
            code="label-weight",
        )


def class_weights_of_rows(recipe: Recipe, weight: Any, codes: NDArray[np.int64]) -> Array:
    """Class weights as weights of rows, for an estimator that has no `class_weight`."""
    from sklearn.utils import compute_sample_weight

    if not _weighs_rows(recipe):
        raise UsageError(
            f"{recipe.name} cannot weigh classes",
            hint="leave out `--class-weight`, or use another `--estimator`",
            code="class-weight",
        )
    return np.asarray(compute_sample_weight(weight, codes), dtype=np.float64)
