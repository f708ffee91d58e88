"""Signals: the arrays that utilities and selectors ask for by name, made from model and features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alcli.errors import ModelError

if TYPE_CHECKING:
    from alcli.selection.material import Material
    from alcli.strategies.kinds import Strategy

#: Signals that only a trained model can give.
FROM_MODEL = ("proba", "committee", "decision")


def require(material: Material, strategy: Strategy, space: str | None) -> None:
    """Refuse, before anything is read, a strategy whose signals cannot be had.

    Raises
    ------
    ModelError
        `no-model`, `one-class` or `no-committee`, with what to do about it.
    """
    needed = [name for name in strategy.needs if name in FROM_MODEL]
    if space == "probability":
        needed.append("proba")
    if not needed:
        return
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
    if "committee" in needed and not material.model.has_committee:
        raise ModelError(
            f"`{strategy.name}` needs a committee and the model has none",
            hint="`alcli train --committee 5` makes one",
            code="no-committee",
        )


def signals(material: Material, names: Sequence[str], X: Any) -> dict[str, Any]:
    """The named arrays for the rows of `X`; row i of each is row i of `X`."""
    found: dict[str, Any] = {}
    for name in names:
        if name == "proba" and material.model is not None:
            found[name] = material.model.predict_proba(X)
        elif name == "committee" and material.model is not None:
            found[name] = material.model.committee_proba(X)
        elif name == "decision" and material.model is not None:
            found[name] = material.model.decision(X)
    return found


def points(material: Material, space: str, X: Any) -> Any:
    """The rows of `X` as points of a space, float32, shape (n, d)."""
    import numpy as np

    if space == "probability" and material.model is not None:
        return np.ascontiguousarray(material.model.predict_proba(X), dtype=np.float32)
    if material.maker is None:
        raise ValueError(f"the space {space!r} needs features")
    return material.maker.embedding_only(X) if space == "embedding" else material.maker.vectors(X)
