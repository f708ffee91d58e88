"""Where a campaign stands by its ledgers, and the parts of a round that need nothing else.

The commands read ledgers from files and `simulate` keeps them in memory; from here on both do the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from alcli.steps.learning import Recipe, Refit
from alcli.steps.resolving import resolved
from alcli.tables.history import Campaign, Labels
from alcli.tables.ledgers import Answer, Asked, number

if TYPE_CHECKING:
    from datetime import timedelta

    from alcli.features.maker import FeatureMaker
    from alcli.models.choosing import Choice as Chosen
    from alcli.models.classifier import Model
    from alcli.selection.choosing import Choice
    from alcli.selection.material import Material
    from alcli.tables.pool import Pool


@dataclass(frozen=True)
class Standing:
    """The ledgers at a moment, and what they mean.

    Attributes
    ----------
    asked, answers : rows of asked.csv and labels.csv.
    own : the classes of the settings.
    labels, campaign : one label a row, and what is out.
    """

    asked: Sequence[Asked]
    answers: Sequence[Answer]
    own: tuple[str, ...]
    labels: Labels
    campaign: Campaign

    @classmethod
    def of(
        cls,
        asked: Sequence[Asked],
        answers: Sequence[Answer],
        *,
        classes: Sequence[str],
        aggregate: str,
        now: str,
        expire: timedelta | None = None,
        labels: Labels | None = None,
    ) -> Standing:
        """What these rows mean at the moment `now`; `labels` where they are resolved already."""
        labels = resolved(answers, aggregate) if labels is None else labels
        return cls(asked, answers, tuple(classes), labels, Campaign(asked, answers, now, expire))

    @property
    def classes(self) -> tuple[str, ...]:
        return all_classes(self.own, self.labels)

    @cached_property
    def training(self) -> list[tuple[str, str]]:
        return training_pairs(self.asked, self.labels)

    def material(
        self,
        pool: Pool,
        *,
        maker: FeatureMaker | None,
        model: Model | None,
        recipe: Recipe | None,
        classes: Sequence[str],
        ask_again: bool = False,
        **more: Any,
    ) -> Material:
        """What the next batch is chosen from.

        Parameters
        ----------
        recipe : by which `model` was made; None without a model.
        classes : those of the probabilities.
        ask_again : whether rows that are labelled or out may be chosen; those kept to measure on never are.
        more : all else that a `Material` holds.
        """
        from alcli.selection.material import Material

        if recipe is not None and maker is not None:
            recipe = recipe.beside(pool, maker)
        return Material(
            pool=pool,
            maker=maker,
            model=model,
            labelled=dict(self.training),
            classes=tuple(classes),
            excluded=self.campaign.reserved if ask_again else self.campaign.unavailable(),
            batch=self.campaign.batches() + 1,
            fit=None if recipe is None else Refit(recipe, tuple(classes)),
            weights=None if recipe is None else recipe.weights(self.labels, self.classes),
            **more,
        )


def all_classes(own: Sequence[str], labels: Labels | None) -> tuple[str, ...]:
    """The classes of the settings, then those that labels brought, sorted."""
    found = {row.label for row in labels.rows} if labels is not None else set()
    return (*own, *sorted(found - set(own)))


def training_pairs(asked: Iterable[Asked], labels: Labels) -> list[tuple[str, str]]:
    """(id, label) of the rows that may train: those asked for evaluation never do."""
    reserved = {row.id for row in asked if row.purpose == "evaluate"}
    return [pair for pair in labels.pairs() if pair[0] not in reserved]


def in_order(pairs: Iterable[tuple[str, str]], known: Collection[str]) -> list[tuple[str, str]]:
    """The pairs whose rows are among the known ones, in the order of their ids, in which models see them."""
    return sorted(pair for pair in pairs if pair[0] in known)


def asked_for(choice: Choice, batch: int, moment: str) -> list[Asked]:
    """A choice as rows of asked.csv."""
    return [
        Asked(
            batch=str(batch),
            rank=str(rank),
            id=pick.id,
            purpose="train",
            strategy=pick.arm,
            utility=number(pick.utility),
            probability=number(pick.probability),
            annotator="",
            asked_at=moment,
        )
        for rank, pick in enumerate(choice.picks, start=1)
    ]


def matrix_of(pool: Pool, maker: FeatureMaker, pairs: Sequence[tuple[str, str]]) -> Any:
    """The matrix of labelled rows, in their order."""
    return maker.transform(pool.take([id_ for id_, _ in pairs], maker.request))


def taught(
    recipe: Recipe,
    X: Any,
    pairs: Sequence[tuple[str, str]],
    classes: Sequence[str],
    weights: Mapping[str, float] | None = None,
    jobs: int = 1,
) -> Model:
    """The model of labelled rows; `weights` by id are `Recipe.weights`."""
    counting = None if weights is None else [weights[id_] for id_, _ in pairs]
    return recipe.fit(X, [label for _, label in pairs], classes, jobs, weights=counting)


def settled(
    recipe: Recipe,
    X: Any,
    pairs: Sequence[tuple[str, str]],
    classes: Sequence[str],
    weights: Mapping[str, float] | None = None,
) -> tuple[Recipe, Chosen | None]:
    """The recipe with an estimator in the place of `auto`, by the same labels that `taught` takes."""
    counting = None if weights is None else [weights[id_] for id_, _ in pairs]
    return recipe.settled(X, [label for _, label in pairs], classes, weights=counting)


class Learning(Protocol):
    """What fits models of the past as `train` did."""

    @property
    def pool(self) -> Pool:
        """Where the rows are."""

    def opened(self) -> tuple[Recipe, FeatureMaker]:
        """How models are made, and of what."""


def counts_of(standing: Standing) -> Mapping[str, int]:
    """Labels of every class of the project, 0 included, among the rows that train."""
    return dict.fromkeys(standing.classes, 0) | Counter(label for _, label in standing.training)
