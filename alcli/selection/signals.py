"""Signals of rows: the arrays that utilities and selectors ask for by name, from a model or a file.

A signal that a predictions file brings is taken from there; else the model of the project gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alcli.errors import ModelError
from alcli.strategies.table import SIGNALS

if TYPE_CHECKING:
    from alcli.selection.material import Material
    from alcli.strategies.kinds import Strategy
    from alcli.tables.pool import Rows

#: Passes of `dropout`, and the share of features that each drops (Gupte et al. 2024).
PASSES, DROPPED = 5, 0.75

#: What can be made of a signal that a file brings.
FOLLOWS = {
    "proba": {"labelled_proba", "reference_proba", "decision"},
    "committee": {"proba", "dropout", "target", "labelled_proba", "reference_proba", "decision"},
}


def require(material: Material, strategy: Strategy, space: str | None) -> None:
    """Refuse, before anything is read, a strategy whose signals cannot be had.

    Raises
    ------
    ModelError
        `no-model`, `one-class`, `two-classes`, `no-committee`, `no-labels` or `no-signal`, with what to do.
    """
    brought = material.brought.has if material.brought is not None else frozenset()
    needed = [name for name in strategy.needs if name in SIGNALS and SIGNALS[name].model]
    if space in ("probability", "gradient") and not (space == "gradient" and "gradient" in brought):
        needed.append("proba")
    _require_labels(material, strategy)
    _require_two(material, strategy)
    known = brought.union(*(FOLLOWS.get(name, ()) for name in brought), {"costs"})
    lacking = [name for name in needed if name not in known]
    if not lacking:
        return
    if material.brought is not None:
        if "learner" in lacking:
            raise ModelError(
                f"`{strategy.name}` fits the model again with more labels, and the model behind the predictions file"
                " cannot be fitted from here",
                hint="leave `--predictions` out to have it use a model of alcli, or take another strategy",
                code="no-signal",
            )
        raise ModelError(
            f"`{strategy.name}` needs {SIGNALS[lacking[0]].summary}, which the predictions file does not bring",
            hint=f"it brings {', '.join(sorted(brought)) or 'nothing'}; `alcli strategies {strategy.name}` says what is"
            " needed",
            code="no-signal",
        )
    for name in ("sequence", "regions"):
        if name in lacking:
            raise ModelError(
                f"`{strategy.name}` needs {SIGNALS[name].summary}", hint="`--predictions FILE`", code="no-signal"
            )
    start = "begin with one that needs no model: `--strategy typiclust` or `--strategy random`"
    if material.model is None:
        raise ModelError(
            f"`{strategy.name}` needs a model and there is none yet", hint=f"`alcli train`, or {start}", code="no-model"
        )
    if len(material.model.seen) < 2:
        only = material.model.seen[0] if material.model.seen else "none"
        raise ModelError(
            f"`{strategy.name}` needs a model that knows two classes; the labels so far are all {only!r}",
            hint="label more rows: `--strategy typiclust` or `--strategy random`",
            code="one-class",
        )
    if {"committee", "target"} & set(lacking) and not material.model.has_committee:
        raise ModelError(
            f"`{strategy.name}` needs a committee and the model has none",
            hint="`alcli train --committee 5` makes one",
            code="no-committee",
        )


def _require_labels(material: Material, strategy: Strategy) -> None:
    from alcli.strategies.resolve import selector_of, utility_of

    parts = (utility_of(strategy), selector_of(strategy))
    wanting = any({"labels", "labelled_proba"} & set(part.needs) and not part.cold for part in parts)
    if wanting and not material.labelled:
        raise ModelError(
            f"`{strategy.name}` needs labelled rows and there are none yet",
            hint="begin with `--strategy typiclust` or `--strategy random`",
            code="no-labels",
        )


def _require_two(material: Material, strategy: Strategy) -> None:
    from alcli.strategies.resolve import selector_of, utility_of

    classes = len(material.classes)
    if classes > 2 and (utility_of(strategy).binary or selector_of(strategy).binary):
        raise ModelError(
            f"`{strategy.name}` is defined for two classes, and there are {classes}",
            hint="`alcli strategies NAME` says `two classes only` of such ones; all others take any number",
            code="two-classes",
        )


def signals(material: Material, names: Sequence[str], rows: Rows, X: Any, where: str = "features") -> dict[str, Any]:
    """The named arrays for some rows; row i of each is row i of `X`. Names of no row are left out.

    Parameters
    ----------
    X : the matrix of the rows, or None when nothing that is asked for comes from features.
    where : the space of `space`.
    """
    wanted = [name for name in names if name in SIGNALS and SIGNALS[name].of_rows]
    found: dict[str, Any] = {}
    if material.brought is not None:
        found = material.brought.signals(rows, [name for name in wanted if name in material.brought.has])
    for name in wanted:
        if name in found:
            continue
        if name == "space":
            found[name] = points(material, where, rows, X)
        elif name == "matrix":
            found[name] = X
        elif material.brought is not None and material.brought.has:
            found[name] = _derived(material, name, rows)
        elif material.model is not None:
            found[name] = _modelled(material, name, rows, X)
    return found


def _modelled(material: Material, name: str, rows: Rows, X: Any) -> Any:
    model = material.model
    assert model is not None
    if name == "proba":
        return model.predict_proba(X)
    if name == "committee":
        return model.committee_proba(X)
    if name == "decision":
        return model.decision(X)
    if name == "dropout":
        import numpy as np

        return np.stack([model.predict_proba(_dropped(rows, X, number)) for number in range(PASSES)])
    raise ValueError(f"no model gives the signal {name!r}")


def _derived(material: Material, name: str, rows: Rows) -> Any:
    """What follows from a signal that the file brings."""
    import numpy as np

    brought = material.brought
    assert brought is not None
    if name == "dropout":
        return brought.signals(rows, ["committee"])["committee"]
    if name == "proba":
        return brought.signals(rows, ["committee"])["committee"].mean(axis=0)
    if name == "decision":
        proba = signals(material, ["proba"], rows, None)["proba"]
        logs = np.log(np.maximum(proba, 1e-300))
        return logs[:, 1] - logs[:, 0] if proba.shape[1] == 2 else logs
    raise ValueError(f"the predictions file does not bring {name!r}")


def _dropped(rows: Rows, X: Any, number: int) -> Any:
    """X with each cell dropped by chance and the others scaled up: by a hash of the id and the column."""
    import numpy as np

    from alcli.tables.hashing import avalanche, hash_ids

    seeds = hash_ids(rows.ids, number, "dropout")
    keep = 1.0 - DROPPED
    if isinstance(X, np.ndarray):
        mixed = avalanche(seeds[:, None] ^ avalanche(np.arange(X.shape[1], dtype=np.uint64) + np.uint64(1))[None])
        return np.where((mixed >> np.uint64(11)) * 2.0**-53 < keep, X / keep, 0.0)
    out = X.copy()
    row = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    mixed = avalanche(seeds[row] ^ avalanche(X.indices.astype(np.uint64) + np.uint64(1)))
    out.data = np.where((mixed >> np.uint64(11)) * 2.0**-53 < keep, X.data / keep, 0.0)
    return out


def points(material: Material, space: str, rows: Rows, X: Any) -> Any:
    """Rows as points of a space: float32 of shape (n, d), or an `Outer` in the gradient space."""
    import numpy as np

    if space == "probability":
        proba = signals(material, ["proba"], rows, X)["proba"]
        return np.ascontiguousarray(proba, dtype=np.float32)
    if space == "gradient":
        return _gradients(material, rows, X)
    if material.vectors is not None and space == "embedding":
        return material.vectors.of(rows)
    if material.maker is None:
        raise ValueError(f"the space {space!r} needs features")
    return material.maker.points_of(rows, X, space == "embedding")


def _gradients(material: Material, rows: Rows, X: Any) -> Any:
    import numpy as np

    from alcli.strategies.points import Outer

    if material.brought is not None and "gradient" in material.brought.has:
        return material.brought.signals(rows, ["gradient"])["gradient"]
    proba = signals(material, ["proba"], rows, X)["proba"]
    away = np.array(proba, dtype=np.float32)
    away[np.arange(len(away)), np.asarray(proba).argmax(axis=1)] -= 1.0
    place = points(material, "embedding", rows, X)
    right = np.ones((len(place), place.shape[1] + 1), np.float32)
    right[:, :-1] = place
    return Outer(away, right)
