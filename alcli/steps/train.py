"""`train`: fits the model on what is labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import Exit, TableError, UsageError
from alcli.models.card import card_path
from alcli.models.estimators import AUTO
from alcli.steps.learning import Recipe, digest_of, fit_maker, weights_digest
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.standing import matrix_of, settled, taught
from alcli.steps.stop_set import StopSet, compared, said_of
from alcli.steps.untouched import refuse_untouched
from alcli.tables.ledgers import fingerprint_of
from alcli.telling import stage

if TYPE_CHECKING:
    from alcli.features.maker import FeatureMaker
    from alcli.models.choosing import Choice
    from alcli.models.classifier import Model


@dataclass(frozen=True, kw_only=True)
class TrainResult(Result):
    """The trained model.

    Attributes
    ----------
    labels : rows it learned from.
    classes : class -> how many of them.
    fingerprint : of the labels.
    committee, members : how many members it has, and their estimators when they were named.
    up_to_date : nothing was done, because nothing that shapes the model has changed.
    choice : with the estimator `auto`: the `estimator`, `params` and `calibrate` that were chosen, `why`, and the
        `candidates` with their cross-validated log loss; else None.
    metrics : with `fail_under`: name -> value, by cross-validation on the labels.
    missed : the thresholds that were missed, in words; the answer is no (3) then.
    """

    labels: int
    classes: Mapping[str, int]
    estimator: str
    model: str
    fingerprint: str
    committee: int
    members: tuple[str, ...]
    up_to_date: bool
    notes: tuple[str, ...]
    choice: Mapping[str, Any] | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    missed: tuple[str, ...] = ()


def train(*, output: str | None = None, force: bool = False, **flags: Any) -> TrainResult:
    """Fit the model on what is labelled and save it with its card.

    Parameters
    ----------
    output : where the model goes, instead of the `model` setting.
    force : fit it even when the model there is of the same labels and settings.

    Raises
    ------
    TableError
        If nothing is labelled yet.
    ModelError
        If the estimator cannot learn from this.
    FileTrouble
        If `output` is a file that nothing is written over: of the pool, a ledger, …
    """
    project = Project("train", flags)
    settings = project.settings
    if output == "-":
        raise UsageError("a model and its card do not go to stdout", hint="write them to a file: `-o FILE`")
    path = Path(output) if output is not None else settings.path("model")
    for each in (path, card_path(path)):
        refuse_untouched(project, each, but=("model",))
    with project.blaming("train_param", "committee", "class_weight"):
        recipe = Recipe.of(settings)
    with project.blaming("estimator", "train_param", "committee"):
        recipe.check()
    task = _Task.of(project, recipe)
    metrics, missed = _measured(project, recipe, task)

    def result(choice: Mapping[str, Any] | None, up_to_date: bool, more: Sequence[str] = ()) -> TrainResult:
        return TrainResult(
            labels=len(task.pairs),
            classes=task.counts(),
            estimator=recipe.estimator,
            model=str(path),
            fingerprint=task.fingerprint,
            committee=_members(recipe),
            members=() if isinstance(recipe.committee, int) else recipe.committee,
            up_to_date=up_to_date,
            notes=(*task.notes, *more),
            choice=choice,
            metrics=metrics,
            missed=missed,
            exit=Exit.NO if missed else Exit.DONE,
            settings=shaping(settings, "train"),
        )

    if not force and (card := _current(path, task.inputs)):
        return result(card.get("choice"), True)
    fitted = _fit(project, recipe, task)
    with project.writing():
        # Fitting takes long and is done without the lock. When labels came in meanwhile it is done
        # again, so that a model is never replaced by one that knows less.
        now_asked = _Task.of(project, recipe)
        if not force and (card := _current(path, now_asked.inputs)):
            task = now_asked
            return result(card.get("choice"), True)
        if now_asked.inputs != task.inputs:
            task = now_asked
            fitted = _fit(project, recipe, task)
        _save(project, path, recipe, task, fitted)
    return result(fitted.choice, False, fitted.model.notes)


@dataclass(frozen=True)
class _Task:
    """What is to be learned, by the ledgers as they are now; `inputs` is a digest of all that shapes the model."""

    pairs: list[tuple[str, str]]
    classes: tuple[str, ...]
    roles: Mapping[str, str]
    fingerprint: str
    inputs: str
    notes: tuple[str, ...]
    weights: Mapping[str, float] | None

    @classmethod
    def of(cls, project: Project, recipe: Recipe) -> _Task:
        facts = project.pool.facts()
        labels = project.resolved_labels()
        pairs = project.trainable(labels)
        gone = len(project.training(labels)) - len(pairs)
        notes = [f"{gone:,} labelled rows are no longer in the pool and were left out"] if gone else []
        if not pairs:
            raise TableError(
                f"nothing is labelled yet in {project.settings.path('labels')}",
                hint="`alcli query -o to_label.csv`, fill it, `alcli import-labels to_label.csv`",
                code="no-labels",
            )
        if labels.tied:
            notes.append(f"{len(labels.tied):,} rows whose annotators disagree without a majority were left out")
        classes, roles, fingerprint = project.classes(labels), project.roles(), fingerprint_of(pairs)
        weights = recipe.weights(labels, classes)
        if weights is not None:
            weights = {id_: weights[id_] for id_, _ in pairs}
            notes.append(_said(weights))
        inputs = digest_of(
            {
                "labels": fingerprint,
                "pool": facts.fingerprint,
                "recipe": recipe.plain(),
                "roles": sorted(roles.items()),
                "classes": classes,
                "weights": weights_digest(weights),
            }
        )
        return cls(pairs, classes, roles, fingerprint, inputs, tuple(notes), weights)

    def counts(self) -> dict[str, int]:
        """How many rows there are of each class."""
        counts = dict.fromkeys(self.classes, 0)
        for _, label in self.pairs:
            counts[label] += 1
        return counts


def _measured(project: Project, recipe: Recipe, task: _Task) -> tuple[dict[str, float | None], tuple[str, ...]]:
    """What `--fail-under` asks for, measured out of fold on the labels; and what was missed."""
    from alcli.evaluation.scores import measure
    from alcli.evaluation.thresholds import parse_thresholds
    from alcli.steps.measuring import by_folds, misses

    settings = project.settings
    if not settings.train_fail_under:
        return {}, ()
    with project.blaming("train_fail_under"):
        thresholds = parse_thresholds(settings.train_fail_under, settings.classes or None)
    maker = fit_maker(project.pool, task.roles, settings.seed)
    measured = by_folds(project, maker, recipe, task.pairs, settings.folds, weights=task.weights)
    names = list(dict.fromkeys(each.metric.name for each in thresholds))
    scores = measure(measured.truth, measured.proba, measured.classes, names)
    values = {name: score.value for name, score in scores.items()}
    return values, misses(thresholds, values)


@dataclass(frozen=True)
class _Fitted:
    """The model, its recipe with what was chosen, the features it sees, and what it says of the stop set."""

    model: Model
    recipe: Recipe
    choice: Mapping[str, Any] | None
    maker: FeatureMaker
    stop: StopSet


def _fit(project: Project, recipe: Recipe, task: _Task) -> _Fitted:
    maker = fit_maker(project.pool, task.roles, project.settings.seed)
    with stage("reading the labelled rows"):
        X = matrix_of(project.pool, maker, task.pairs)
    blamed = ("estimator", "train_param", "committee", "class_weight", "label_weight")
    choice = None
    with project.blaming(*blamed):
        recipe = recipe.beside(project.pool, maker)
        if recipe.estimator == AUTO:
            with stage("choosing the estimator"):
                recipe, found = settled(recipe, X, task.pairs, task.classes, task.weights)
            choice = _plain_choice(found)
        with stage("fitting the model"):
            model = taught(recipe, X, task.pairs, task.classes, task.weights, project.jobs)
    return _Fitted(model, recipe, choice, maker, said_of(project, maker, model))


def _plain_choice(found: Choice | None) -> dict[str, Any] | None:
    """For the card and for `--json`."""
    from dataclasses import asdict

    if found is None:
        return None
    chosen = asdict(found.chosen)
    best = {name: chosen[name] for name in ("estimator", "params", "calibrate")}
    return best | {"why": found.why, "candidates": [asdict(each) for each in found.candidates]}


def _said(weights: Mapping[str, float]) -> str:
    less = sum(weight < 1 for weight in weights.values())
    total = sum(weights.values())
    return f"labels count as much as they are sure: {less:,} count less, all together as much as {total:,.1f} sure ones"


def _members(recipe: Recipe) -> int:
    return recipe.committee if isinstance(recipe.committee, int) else len(recipe.committee)


def _current(path: Path, inputs: str) -> dict[str, Any] | None:
    """The card of the model there, if it was made of the same inputs and is whole."""
    from alcli.models.card import current_card, versions

    card = current_card(path)
    same = card is not None and card.get("inputs") == inputs and card.get("versions") == versions()
    return card if same else None


def _save(project: Project, path: Path, recipe: Recipe, task: _Task, fitted: _Fitted) -> None:
    from alcli.models.bundle import Bundle, save_bundle

    model, maker, stop = fitted.model, fitted.maker, fitted.stop
    # under the lock: what the model is compared with is what it replaces
    before, stopping = compared(project, path, task.inputs, task.pairs, stop, maker)
    meta: dict[str, Any] = {
        "recipe": fitted.recipe.plain(),
        "labels": task.fingerprint,
        "weights": weights_digest(task.weights),
        "label_ids": [id_ for id_, _ in task.pairs],
        "stop_ids": stop.ids,
        "stop_labels": stop.labels,
        "agreement": before,
    }
    card: dict[str, Any] = {
        "recipe": fitted.recipe.plain(),
        "classes": list(model.classes),
        "seen": list(model.seen),
        "columns": {name: role for name, role in sorted(task.roles.items()) if role not in ("ignore", "id", "label")},
        "features": maker.fingerprint,
        "labels": task.fingerprint,
        "weights": weights_digest(task.weights),
        "rows": len(task.pairs),
        "inputs": task.inputs,
        "trained_at": now(),
        "calibration": model.calibration,
        "agreement": before,
        "stopping": stopping,
    }
    if fitted.choice is not None:
        # what fits again takes what was chosen; what measures lets each fold choose for itself
        meta["wish"] = recipe.plain()
        card["choice"] = fitted.choice
    save_bundle(path, Bundle(model, maker, meta), card)
