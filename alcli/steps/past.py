"""What has been asked and answered so far, for strategies that learn from it which strategy helps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from alcli.models.estimators import AUTO
from alcli.steps.learning import Recipe, Refit, check_fits, fit_maker, open_model
from alcli.steps.standing import Learning, Standing, counts_of
from alcli.strategies.kinds import Past, Round
from alcli.tables.history import batch_number
from alcli.tables.ledgers import Asked
from alcli.telling import stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.features.maker import FeatureMaker
    from alcli.steps.project import Project
    from alcli.tables.pool import Pool

# Every row is judged by a model that was fitted without its part of the rows: a forest is always right about
# the rows that it learned from, and would reward whatever chose them.
_PARTS = 3


def past_of(standing: Standing, learning: Learning, *, has_model: bool, looks_back: bool = True) -> Past:
    """What strategies that choose among strategies may look at.

    Parameters
    ----------
    learning : asked when models of the past are wanted.
    has_model : whether something gives probabilities: a model, or a file.
    looks_back : whether what gives them can be fitted again without some of the labels.
    """
    return Past(
        counts_of(standing),
        has_model,
        standing.campaign.batches() + 1,
        rounds=partial(_rounds, standing, learning),
        errors=partial(_errors, standing, learning) if looks_back else None,
    )


@dataclass(frozen=True)
class AsTrained:
    """The recipe and the features of the project's model, or of the settings when there is none."""

    project: Project
    trust: bool = False

    @property
    def pool(self) -> Pool:
        return self.project.pool

    def opened(self) -> tuple[Recipe, FeatureMaker]:
        """From the model's card, where there is a model."""
        project = self.project
        found = open_model(project, trust=self.trust, needed=False)
        if found is None:
            recipe = Recipe.of(project.settings)
            if recipe.estimator == AUTO:  # a choice after every batch would take minutes
                recipe = replace(recipe, estimator="logistic")
            return recipe, fit_maker(project.pool, project.roles(), project.settings.seed)
        bundle, card = found
        check_fits(bundle, project.pool)
        return Recipe.from_plain(card["recipe"]), bundle.maker


@dataclass(frozen=True)
class Played:
    """One answered batch.

    Attributes
    ----------
    rows : what was asked in it and carries a label now, by rank.
    known : ids of all rows whose label was known once it was answered.
    """

    batch: int
    rows: tuple[Asked, ...]
    known: tuple[str, ...]


def played(standing: Standing, pool: Pool) -> list[Played]:
    """The answered batches in order.

    A row belongs to the batch that its first answer came from. Rows that nobody labelled, rows whose label
    was withdrawn and rows asked for evaluation are in none. Labels that were not asked for were there from the
    beginning. A corrected answer counts as it is now.
    """
    known = pool.known(dict(standing.training))
    first: dict[str, int] = {}
    for answer in standing.answers:
        if answer.kind == "label" and answer.id in known:
            batch = batch_number(answer.batch)
            first[answer.id] = min(batch, first.get(answer.id, batch))
    asked: dict[int, dict[str, Asked]] = defaultdict(dict)
    for row in standing.asked:
        batch = batch_number(row.batch)
        if row.purpose == "train" and row.id in first and first[row.id] == batch and batch > 0:
            asked[batch].setdefault(row.id, row)
    found = []
    for batch in sorted(asked):
        rows = sorted(asked[batch].values(), key=lambda row: (int(row.rank) if row.rank.isdecimal() else 0, row.id))
        before = tuple(sorted(id_ for id_, when in first.items() if when <= batch))
        found.append(Played(batch, tuple(rows), before))
    return found


def _rounds(standing: Standing, learning: Learning) -> tuple[Round, ...]:
    batches = played(standing, learning.pool)
    if not batches:
        return ()
    judge = _Judge(standing, learning, batches[-1].known)
    found: list[Round] = []
    judged: list[str] = []
    with stage(f"fitting again after each batch, {len(batches):,} in all"):
        for each in batches:
            judged += [row.id for row in each.rows]
            right = judge.right(each.known, judged)
            found.append(
                Round(
                    each.batch,
                    tuple(row.strategy for row in each.rows),
                    tuple(_probability(row.probability) for row in each.rows),
                    right,
                )
            )
    return tuple(found)


def _errors(standing: Standing, learning: Learning, strategies: Sequence[str], least: int) -> dict[str, float] | None:
    """The share of the answered rows of each strategy that the model is wrong about; None when there are too few."""
    asked = Counter(row.strategy for row in standing.asked if row.purpose == "train")
    if any(asked[name] < least for name in strategies):
        return None
    batches = played(standing, learning.pool)
    rows = [row for each in batches for row in each.rows if row.strategy in strategies]
    counts = Counter(row.strategy for row in rows)
    if any(counts[name] < least for name in strategies):
        return None
    known = batches[-1].known
    with stage("comparing what the model doubted with rows drawn at random"):
        right = _Judge(standing, learning, known).right(known, [row.id for row in rows])
    wrong = Counter(row.strategy for row, fine in zip(rows, right, strict=True) if not fine)
    return {name: wrong[name] / counts[name] for name in strategies}


class _Judge:
    """Says whether a model that has not learned from a row is right about it."""

    def __init__(self, standing: Standing, learning: Learning, ids: Sequence[str]) -> None:
        recipe, maker = learning.opened()
        self.recipe = recipe.beside(learning.pool, maker)
        self.classes, self.label = standing.classes, dict(standing.training)
        self.weights = self.recipe.weights(standing.labels, self.classes)
        self.X: Any = maker.transform(learning.pool.take(ids, maker.request))
        self.place = {id_: at for at, id_ in enumerate(ids)}

    def right(self, known: Sequence[str], judged: Sequence[str]) -> tuple[bool, ...]:
        """For each judged row whether the model fitted on the known rows, but those of its own part, is right."""
        import numpy as np

        X, place, label, weights = self.X, self.place, self.label, self.weights
        part = _parts(known, self.recipe.seed)
        own = dict(zip(known, part.tolist(), strict=True))
        says: dict[str, str] = {}
        for number in range(_PARTS):
            asked = [id_ for id_ in judged if own[id_] == number]
            others = [id_ for id_ in known if own[id_] != number]
            if asked and others:
                model = Refit(self.recipe, tuple(self.classes))(
                    X[[place[id_] for id_ in others]],
                    [label[id_] for id_ in others],
                    None if weights is None else [weights[id_] for id_ in others],
                )
                proba = model.predict_proba(X[[place[id_] for id_ in asked]])
                best = np.asarray(proba).argmax(axis=1)
                says.update(zip(asked, (model.classes[at] for at in best.tolist()), strict=True))
        return tuple(says.get(id_) == label[id_] for id_ in judged)


def _parts(ids: Sequence[str], seed: int) -> NDArray[np.intp]:
    """(n,) the part of each row: by the order of a hash, so that parts are equally large."""
    import numpy as np

    from alcli.tables.arrays import strings
    from alcli.tables.hashing import hash_ids

    order = np.argsort(hash_ids(strings(list(ids)), seed, "past"), kind="stable")
    part = np.empty(len(order), np.intp)
    part[order] = np.arange(len(order)) % _PARTS
    return part


def _probability(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
