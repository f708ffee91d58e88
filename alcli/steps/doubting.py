"""Which labels deserve another look: those a model doubts that did not see them, and those that labelers disagree on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from alcli.errors import ModelError, TableError, UsageError
from alcli.steps.bringing import Guesses
from alcli.steps.learning import Recipe, Refit
from alcli.steps.measuring import by_folds
from alcli.tables.history import Labels, current

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alcli.evaluation.activelab import ActiveLab
    from alcli.evaluation.votes import Votes
    from alcli.evaluation.whom import Standing
    from alcli.models.bundle import Bundle
    from alcli.selection.material import Material
    from alcli.steps.project import Project

# Labelers and model are weighed against each other by the rows that several have answered. A few such rows say
# little, and would say it of every row: with fewer, all weigh the same.
OVERLAP = 20


@dataclass(frozen=True)
class Suspect:
    """A labelled row that deserves another look.

    Attributes
    ----------
    id : the row.
    why : `wrong` when its label is likely wrong, `disagree` when labelers do, or both.
    label : the label that counts; empty for a tie.
    answers : annotator -> label.
    model, confidence : the class that a model that has not seen the label finds likeliest, and how likely.
    score : how sure the label is, in (0, 1), by ActiveLab; the lowest first.
    """

    id: str
    why: tuple[str, ...]
    label: str
    answers: Mapping[str, str]
    model: str
    confidence: float
    score: float


@dataclass(frozen=True)
class Doubts:
    """All labels of a project, judged.

    Attributes
    ----------
    votes : the answers that count, classes numbered as in the project.
    proba : (rows of `votes`, classes) by models that did not learn from the row.
    labels : the labels that count.
    judging, judging_proba, known : the same votes with the answers to gold questions, which count for nothing but
        how good a labeler is; with probabilities of their rows, and the true class of those where it is known.
    named : labelers whose quality is asked for, though they may have answered nothing.
    """

    votes: Votes
    proba: NDArray[Any]
    labels: Labels
    judging: Votes
    judging_proba: NDArray[Any]
    known: Mapping[str, str]
    named: tuple[str, ...] = ()

    @cached_property
    def scores(self) -> ActiveLab:
        """How sure each label is, on one scale with rows that have none."""
        from alcli.evaluation.activelab import activelab

        return activelab(self.votes, self.proba, overlap=OVERLAP)

    @cached_property
    def given(self) -> NDArray[Any]:
        """(rows of `votes`,) number of the label that counts; -1 for a tie."""
        import numpy as np

        number = {name: at for at, name in enumerate(self.votes.classes)}
        counts = dict(self.labels.pairs())
        return np.array([number[counts[id_]] if id_ in counts else -1 for id_ in self.votes.rows])

    @property
    def caution(self) -> str:
        """What to say when the model knows too little to doubt anything; empty when it knows enough."""
        import numpy as np

        known = self.given >= 0
        right = float((self.proba.argmax(axis=1) == self.given)[known].mean())
        counts = np.bincount(self.given[known], minlength=len(self.votes.classes))
        usual = float(counts.max() / counts.sum())
        if right > usual:
            return ""
        return (
            f"the model is right about {right:.0%} of the labels that it has not seen, and always naming "
            f"{self.votes.classes[int(counts.argmax())]!r} would be about {usual:.0%}: its doubts say little yet"
        )

    @cached_property
    def labelers(self) -> tuple[str, ...]:
        """Everybody who has answered, a gold question perhaps, and those who are named."""
        return tuple(sorted({*self.judging.labelers, *self.named}))

    @cached_property
    def people(self) -> Standing:
        """How good each of `labelers` may be, by the others, by the model and by rows of known answer."""
        from alcli.evaluation.whom import standing

        return standing(
            _numbered(self.judging, self.labelers), self.judging_proba, known=self.judging.truth(self.known)
        )

    @cached_property
    def beliefs(self) -> NDArray[Any]:
        """(rows of `votes`, classes): what is believed of each, given who said what."""
        from alcli.evaluation.whom import believed

        return believed(_numbered(self.votes, self.labelers), self.people.quality, self.proba)

    def whom(self, ids: Sequence[str]) -> dict[str, str]:
        """Id -> the labeler whose answer tells most, of those worth asking who have not answered; empty for nobody.

        Rows without an answer are asked of whoever may be the best. With one labeler there is nobody to choose.
        """
        import numpy as np

        from alcli.evaluation.whom import assign, worth_asking

        names, votes = self.labelers, _numbered(self.votes, self.labelers)
        if len(names) < 2:
            return dict.fromkeys(ids, "")
        place = {id_: at for at, id_ in enumerate(votes.rows)}
        able = worth_asking(self.people)
        known = [id_ for id_ in ids if id_ in place]
        at = [place[id_] for id_ in known]
        free = np.broadcast_to(able, (len(place), len(names))).copy()
        free[votes.row, votes.labeler] = False
        pairs = assign(self.beliefs[at], self.people.high, len(at), free=free[at])
        best = names[int(np.where(able, self.people.high, -1.0).argmax())]
        found = {id_: "" if id_ in place else best for id_ in ids}
        return found | {known[row]: names[who] for row, who in pairs}

    @cached_property
    def suspects(self) -> list[Suspect]:
        """The rows that deserve another look, the least sure first; of equals, by id."""
        import numpy as np

        from alcli.evaluation.confident import likely_wrong
        from alcli.strategies.rank import round_utility

        votes, classes, given = self.votes, self.votes.classes, self.given
        disagree = (votes.counts > 0).sum(axis=1) > 1
        wrong = np.zeros(len(votes.rows), bool)
        known = np.flatnonzero(given >= 0)
        wrong[known] = likely_wrong(given[known], self.proba[known])
        score = round_utility(self.scores.score)
        answers: dict[int, dict[str, str]] = {}
        for row, who, label in zip(votes.row.tolist(), votes.labeler.tolist(), votes.label.tolist(), strict=True):
            answers.setdefault(row, {})[votes.labelers[who]] = classes[label]
        best = self.proba.argmax(axis=1)
        found = [
            Suspect(
                id=votes.rows[row],
                why=tuple(name for name, is_so in (("wrong", wrong[row]), ("disagree", disagree[row])) if is_so),
                label=classes[given[row]] if given[row] >= 0 else "",
                answers=answers[row],
                model=classes[best[row]],
                confidence=float(self.proba[row, best[row]]),
                score=float(score[row]),
            )
            for row in np.flatnonzero(wrong | disagree).tolist()
        ]
        return sorted(found, key=lambda each: (each.score, each.id))


def doubts_of(
    project: Project,
    labels: Labels,
    material: Material,
    bundle: Bundle | Guesses | None,
    named: tuple[str, ...] = (),
) -> Doubts:
    """Judge every label of the pool's rows.

    Parameters
    ----------
    material : with a predictions file, whose probabilities then stand for the model's.
    bundle : the model, whose recipe is fitted anew without the rows it judges.
    named : labelers whose quality is asked for besides that of those who answered.

    Raises
    ------
    ModelError
        If there is no model and no predictions file.
    TableError
        If there are too few labels to judge any by the others.
    UsageError
        If the predictions file lacks a class that was answered.
    """
    from alcli.evaluation.crowdlab import over

    counting = [answer for answer in current(project.voting()).values() if answer.kind == "label"]
    gold = [each for each in project.gold() if each[0] not in project.settings.exclude_annotator]
    pool = project.pool.known({answer.id for answer in counting} | {id_ for _, id_, _, _ in gold})
    counting = [answer for answer in counting if answer.id in pool]
    training = [pair for pair in project.training(labels) if pair[0] in pool]
    if len(training) < 2 or len({label for _, label in training}) < 2:
        raise TableError(
            "there are not enough labels to judge any of them by the others: it takes labels of two classes",
            hint="label more rows first: `alcli query -o to_label.csv`",
            code="too-few-labels",
        )
    classes = tuple(material.classes)
    strange = sorted({answer.label for answer in counting} - set(classes))
    if strange:
        raise UsageError(
            f"the predictions file has no probability of {strange[0]!r}, which was answered",
            hint="leave `--predictions` out to judge labels by a model of alcli",
            code="unknown-label",
        )
    said = {(answer.id, answer.annotator): answer.label for answer in counting}
    asked = {(id_, who): label for who, id_, label, _ in gold if id_ in pool and label in classes}
    votes, judging = over(_votes(said), classes), over(_votes(said | asked), classes)
    if material.brought is not None:
        proba = _brought(project, material, judging.rows)
    else:
        if bundle is None or isinstance(bundle, Guesses):
            raise ModelError("there is no model", hint="`alcli train` makes one", code="no-model")
        proba = _out_of_fold(project, bundle, training, judging.rows, classes)
    place = {id_: at for at, id_ in enumerate(judging.rows)}
    known = {id_: truth for _, id_, _, truth in gold if truth in classes}
    return Doubts(votes, proba[[place[id_] for id_ in votes.rows]], labels, judging, proba, known, named)


def _votes(said: Mapping[tuple[str, str], str]) -> Votes:
    from alcli.evaluation.votes import Votes

    return Votes.of((id_, who, label) for (id_, who), label in said.items())


def _numbered(votes: Votes, labelers: Sequence[str]) -> Votes:
    """The same votes with numbers of these labelers, some of whom may have given none."""
    import numpy as np

    place = {name: at for at, name in enumerate(labelers)}
    numbers = np.array([place[name] for name in votes.labelers], dtype=np.intp)
    return replace(votes, labelers=tuple(labelers), labeler=numbers[votes.labeler])


def _brought(project: Project, material: Material, ids: Sequence[str]) -> NDArray[Any]:
    from alcli.tables.rows import Request

    if material.brought is None:
        raise ValueError("no predictions file")
    rows = project.pool.take(ids, Request())
    found: NDArray[Any] = material.brought.signals(rows, ["proba"])["proba"]
    return found


def _out_of_fold(
    project: Project,
    bundle: Bundle,
    training: Sequence[tuple[str, str]],
    ids: Sequence[str],
    classes: tuple[str, ...],
) -> NDArray[Any]:
    """(n, c) for `ids`: by the folds that `evaluate` makes; rows without a label to learn from are in none."""
    import numpy as np

    # members of a committee are not asked, so they need not be fitted five times over
    recipe = replace(Recipe.from_plain(bundle.meta["recipe"]), committee=0)
    pairs = sorted(training)
    measured = by_folds(project, bundle.maker, recipe, pairs, project.settings.folds)
    place = {id_: at for at, id_ in enumerate(measured.ids)}
    proba = np.empty((len(ids), len(classes)))
    inside = [at for at, id_ in enumerate(ids) if id_ in place]
    proba[inside] = measured.proba[[place[ids[at]] for at in inside]]
    outside = [at for at, id_ in enumerate(ids) if id_ not in place]
    if outside:
        pool, maker = project.pool, bundle.maker
        X = maker.transform(pool.take([id_ for id_, _ in pairs], maker.request))
        model = Refit(recipe.beside(pool, maker), classes)(X, [label for _, label in pairs])
        rest = pool.take([ids[at] for at in outside], maker.request)
        proba[outside] = model.predict_proba(maker.transform(rest))
    return proba
