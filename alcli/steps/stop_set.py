"""The stop set: pool rows, chosen by hash, on which a model is compared with the one that it replaces.

What stopping rules need to know of a model can be measured only while it and the one before are both there. So
`train` measures it and keeps it in the card, and `evaluate` writes it to metrics.csv.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import ModelError
from alcli.steps.learning import STOP_ROWS, check_fits, with_classes
from alcli.steps.prequential import by_arm
from alcli.steps.project import Project
from alcli.telling import stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.features.maker import FeatureMaker
    from alcli.models.bundle import Bundle
    from alcli.models.classifier import Model


@dataclass(frozen=True)
class StopSet:
    """What a model says of the stop set.

    Attributes
    ----------
    ids, labels : n rows and the class that the model gives each. X : their matrix.
    proba : (n, c), columns in the order of `classes`.
    """

    ids: list[str]
    labels: list[str]
    X: Any
    proba: NDArray[np.float64]
    classes: tuple[str, ...]


def said_of(project: Project, maker: FeatureMaker, model: Model) -> StopSet:
    """Draw the stop set, which depends on the ids and the seed only, and predict it."""
    with stage("predicting the stop set"):
        rows = project.pool.sample(STOP_ROWS, maker.request, project.settings.seed, purpose="stop")
        X = maker.transform(rows)
        proba = model.predict_proba(X)
    labels = [model.classes[at] for at in proba.argmax(axis=1).tolist()]
    return StopSet(rows.ids.to_pylist(), labels, X, proba, model.classes)


Measures = list[dict[str, Any]]


def compared(
    project: Project,
    path: Path,
    inputs: str,
    pairs: Sequence[tuple[str, str]],
    stop: StopSet,
    maker: FeatureMaker,
) -> tuple[dict[str, Any] | None, Measures]:
    """Measure the new model on the stop set, and beside the model at `path`, which it is about to replace.

    Parameters
    ----------
    inputs : the digest of all that shapes the new model.
    pairs : (id, label) of what it learned from.

    Returns
    -------
    agreement, measures
        How far both models agree, None without one before; and rows for metrics.csv, each with `how`, `rows`,
        `metric`, `value`, and `low` and `high` where it has an interval.
    """
    from alcli.models.bundle import load_bundle

    old: Bundle | None = None
    card: dict[str, Any] = {}
    if path.exists():
        try:
            old, card = load_bundle(path)
        except ModelError:
            old = None  # a model that is refused is replaced like a missing one
    if old is not None and card.get("inputs") == inputs:
        # the same model fitted again says nothing of itself: what it replaced is still the one before
        same = old.meta.get("agreement")
        # new keys: a pickle of the same values is the same only when its texts are the same objects
        kept = {key: same[key] for key in ("rows", "against", "agreement", "kappa")} if same else None
        return kept, [dict(each) for each in card.get("stopping", ())]
    measures = _alone(project, {id_ for id_, _ in pairs}, stop)
    if old is None:
        return None, measures
    against = str(card.get("sha256", ""))[:16]
    try:
        check_fits(old, project.pool)
    except ModelError:
        pass  # the model before saw columns that the pool no longer has: it can say nothing of these rows
    else:
        measures += _beside(project, old, against, {id_ for id_, _ in pairs}, stop, maker)
        measures += _on_new_labels(project, old, against, pairs)
    return _agreement(old, against, stop), measures


def _measure(how: str, rows: int, metric: str, value: float | None, **more: float) -> dict[str, Any]:
    return {"how": how, "rows": rows, "metric": metric, "value": value, **more}


def _alone(project: Project, labelled: set[str], stop: StopSet) -> Measures:
    """What the new model says of itself."""
    import numpy as np

    from alcli.evaluation.stopping import measures

    free = np.asarray([id_ not in labelled for id_ in stop.ids], dtype=bool)
    proba = stop.proba[free]
    left = max(0, project.pool.facts().rows - len(labelled))
    found = [
        _measure("stop", len(proba), "uncertainty", measures.uncertainty(proba)),
        _measure("stop", len(proba), "max_uncertainty", measures.max_uncertainty(proba)),
        _measure("stop", len(proba), "expected_error", measures.expected_error(proba)),
        _measure("stop", len(stop.proba), "confidence", measures.confidence(stop.proba)),
    ]
    expected = measures.remaining(proba, left)
    return found + [
        _measure("stop", len(proba), f"remaining[{name}]", value)
        for name, value in zip(stop.classes, expected, strict=False)
    ]


def _agreement(old: Bundle, against: str, stop: StopSet) -> dict[str, Any] | None:
    """How far the new model agrees with what the one before said, on the rows that both saw."""
    from alcli.evaluation.agreement import agreement, kappa

    before = dict(zip(old.meta.get("stop_ids", ()), old.meta.get("stop_labels", ()), strict=True))
    both = [(before[id_], label) for id_, label in zip(stop.ids, stop.labels, strict=True) if id_ in before]
    if not both:
        return None
    was, is_now = [one for one, _ in both], [other for _, other in both]
    return {"rows": len(both), "against": against, "agreement": agreement(was, is_now), "kappa": kappa(was, is_now)}


def _beside(
    project: Project, old: Bundle, against: str, labelled: set[str], stop: StopSet, maker: FeatureMaker
) -> Measures:
    """How far the new model moved from the one before, which predicts the stop set again."""
    import numpy as np

    from alcli.evaluation.stopping import measures

    model = with_classes(old.model, stop.classes)
    same = old.maker.fingerprint == maker.fingerprint
    X = stop.X if same else old.maker.transform(project.pool.take(stop.ids, old.maker.request))
    proba = model.predict_proba(X)
    was = [model.classes[at] for at in proba.argmax(axis=1).tolist()]
    how, n = f"stop {against}", len(stop.ids)
    free = [at for at, id_ in enumerate(stop.ids) if id_ not in labelled]
    moved = measures.change([was[at] for at in free], [stop.labels[at] for at in free])
    found = [_measure(how, len(free), "change_with_before", moved)]
    if model.classes == stop.classes:
        shift = measures.contradiction(np.asarray(proba), stop.proba)
        found.append(_measure(how, n, "contradiction_with_before", shift))
    return found + [
        _measure(how, n, f"delta_f_with_before[{name}]", measures.delta_f(was, stop.labels, name))
        for name in stop.classes
    ]


def _on_new_labels(project: Project, old: Bundle, against: str, pairs: Sequence[tuple[str, str]]) -> Measures:
    """How the model before does on rows that were labelled since: the accuracy of a batch before it is learned."""
    from alcli.evaluation.intervals import wilson

    known: Mapping[str, Any] = dict.fromkeys(old.meta.get("label_ids", ()))
    new = [pair for pair in pairs if pair[0] not in known]
    if not known or not new:
        return []
    rows = project.pool.take([id_ for id_, _ in new], old.maker.request)
    best = old.model.predict_proba(old.maker.transform(rows)).argmax(axis=1).tolist()
    hits = {id_: old.model.classes[at] == label for at, (id_, label) in zip(best, new, strict=True)}
    right = sum(hits.values())
    low, high = wilson(right / len(new), len(new))
    whole = _measure(f"batch {against}", len(new), "selected_accuracy", right / len(new), low=low, high=high)
    return [whole, *by_arm(project, hits)]
