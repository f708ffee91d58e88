"""Whether the model is of the labels there are now, by its card; opens no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alcli.models.card import read_card
from alcli.steps.learning import Recipe, weights_digest
from alcli.steps.project import Project
from alcli.tables.history import Labels
from alcli.tables.ledgers import fingerprint_of

#: What a command says that uses a model for which `newer_labels` is true.
NEWER = "labels have come in since the model was trained; `alcli train` uses them"


def newer_labels(project: Project, known: Mapping[str, Any]) -> bool:
    """Whether labels have come in, or changed, since a model was trained.

    Those of rows that the pool has lost are no news: no model can learn from them.

    Parameters
    ----------
    known : what a model or its card says of what it learned from: `labels`, their fingerprint; and, where it has a
        `recipe`, `weights`, a digest of what they counted.
    """
    labels = project.resolved_labels()
    pairs = sorted(project.training(labels))
    if project.settings.pool and known.get("labels") != fingerprint_of(pairs):
        pairs = project.trainable(labels)
    if not pairs:
        return False
    if known.get("labels") != fingerprint_of(pairs):
        return True
    weights = Recipe.from_plain(known["recipe"]).weights(labels, project.classes(labels)) if "recipe" in known else None
    return known.get("weights") != weights_digest(weights and {id_: weights[id_] for id_, _ in pairs})


def model_of(project: Project, labels: Labels) -> dict[str, Any]:
    """Whether there is a model, whether it is older than the labels, and what it is in words."""
    path = project.settings.path("model")
    if not path.exists():
        return {"exists": False, "stale": False, "says": "none yet"}
    card = read_card(path) or {}
    stale = newer_labels(project, card)
    what = card.get("recipe", {}).get("estimator", "an unknown estimator")
    says = f"{what} of {card.get('rows', '?')} labels" + (", older than the labels" if stale else ", up to date")
    return {"exists": True, "stale": stale, "says": says, "path": str(path)}


def is_measured(project: Project) -> bool:
    """Whether metrics.csv has anything of the model that is there."""
    card = read_card(project.settings.path("model")) or {}
    model = str(card.get("sha256", ""))[:16]
    return any(row.model_fingerprint == model for row in project.metrics.rows())
