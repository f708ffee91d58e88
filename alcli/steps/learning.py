"""What training, querying and measuring share: features, the recipe of a model, opening the model."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from alcli.errors import ModelError, UsageError
from alcli.files import digest_bytes
from alcli.settings import Settings
from alcli.telling import stage

if TYPE_CHECKING:
    from alcli.features.maker import FeatureMaker
    from alcli.models.bundle import Bundle
    from alcli.models.choosing import Choice
    from alcli.models.classifier import Model
    from alcli.steps.project import Project
    from alcli.steps.unlabelled import Unlabelled
    from alcli.tables.history import Labels
    from alcli.tables.pool import Pool

STOP_ROWS = 2000  # rows on which a model is compared with the one before it
# A label that may as well be a guess still says that its class exists.
_LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what is fitted, besides the data.

    `unlabelled` are rows of the pool for estimators that learn from them too, given by `beside`; no part of what is saved.
    """

    estimator: str
    params: Mapping[str, Any]
    committee: int | tuple[str, ...]
    calibrate: bool
    class_weight: str | Mapping[str, float] | None
    seed: int
    label_weight: str = "none"
    unlabelled: Unlabelled | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Recipe:
        """The recipe that the settings describe.

        Raises
        ------
        UsageError
            If a parameter, the committee or the class weights cannot be read.
        """
        params = {}
        for text in settings.train_param:
            key, equals, value = text.partition("=")
            if not equals or not key.strip():
                raise UsageError(f"`--param {text}` is not KEY=VALUE", hint="as in `--param C=0.1`", code="bad-value")
            params[key.strip()] = value.strip()
        return cls(
            settings.estimator,
            params,
            _committee(settings.committee),
            settings.calibrate,
            _class_weight(settings.class_weight),
            settings.seed,
            settings.label_weight,
        )

    def check(self) -> None:
        """Find a slip of the user before the pool is read.

        Raises
        ------
        UsageError
            An unknown estimator or parameter.
        ModelError
            The user's own factory fails.
        """
        from alcli.models.estimators import AUTO, check_name, parts_of
        from alcli.models.recipes import Shape, make

        members = () if isinstance(self.committee, int) else self.committee
        own = () if self.estimator == AUTO else (self.estimator,)
        for name in (*own, *members):
            check_name(name)
        if self.params and not own:
            raise UsageError(
                "`--estimator auto` chooses the parameters too, so it takes no `--param`",
                hint="name an estimator: `--estimator logistic --param C=0.1`",
                code="unknown-param",
            )
        # which naive Bayes it is, and so which parameters there are, depends on the matrix
        if (self.params or ":" in self.estimator) and "naive-bayes" not in parts_of(self.estimator):
            with _own_modules():
                make(self.estimator, self.params, shape=Shape(rows=100, columns=2))

    def plain(self) -> dict[str, Any]:
        """For the card, and to tell whether a model was made by this recipe."""
        committee = self.committee if isinstance(self.committee, int) else list(self.committee)
        weight = dict(self.class_weight) if isinstance(self.class_weight, Mapping) else self.class_weight
        return {
            "estimator": self.estimator,
            "params": dict(self.params),
            "committee": committee,
            "calibrate": self.calibrate,
            "class_weight": weight,
            "seed": self.seed,
            "label_weight": self.label_weight,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Recipe:
        """The recipe of a saved model."""
        committee = plain["committee"]
        return cls(
            plain["estimator"],
            plain["params"],
            committee if isinstance(committee, int) else tuple(committee),
            plain["calibrate"],
            plain["class_weight"],
            plain["seed"],
            plain.get("label_weight", "none"),
        )

    def beside(self, pool: Pool, maker: FeatureMaker) -> Recipe:
        """The recipe with the pool at hand; nothing is read unless an estimator learns from rows without labels."""
        from alcli.steps.unlabelled import Unlabelled

        if self.unlabelled is not None:
            return self
        return replace(self, unlabelled=Unlabelled(pool, maker, self.seed))

    def _rows(self) -> Any:
        """The matrix of unlabelled rows, where something learns from them."""
        from alcli.models.estimators import AUTO, pooled

        if self.unlabelled is None:
            return None
        names = (self.estimator, *(() if isinstance(self.committee, int) else self.committee))
        tried = self.estimator == AUTO and not self.unlabelled.maker.sparse
        return self.unlabelled.matrix if tried or any(map(pooled, names)) else None

    def weights(self, labels: Labels, classes: Sequence[str]) -> dict[str, float] | None:
        """How much each labelled row counts, by id; None when all count the same."""
        if self.label_weight == "none":
            return None
        return {id_: certainty(p, len(classes)) for id_, p in labels.probabilities().items()}

    def settled(
        self,
        X: Any,
        y: Sequence[str],
        classes: Sequence[str],
        *,
        weights: Sequence[float] | None = None,
    ) -> tuple[Recipe, Choice | None]:
        """The recipe with an estimator in the place of `auto`, chosen by these labels; None when it was named."""
        from alcli.models.estimators import AUTO
        from alcli.models.training import pick

        if self.estimator != AUTO:
            return self, None
        choice = pick(
            X,
            y,
            classes,
            calibrate=self.calibrate,
            class_weight=self.class_weight,
            weights=weights,
            seed=self.seed,
            unlabelled=self._rows(),
        )
        best = choice.chosen
        return replace(self, estimator=best.estimator, params=best.params, calibrate=best.calibrate), choice

    def fit(
        self,
        X: Any,
        y: Sequence[str],
        classes: Sequence[str],
        jobs: int = 1,
        *,
        weights: Sequence[float] | None = None,
    ) -> Model:
        """Fit it; `weights` are those of the rows. `auto` is settled first, on these rows."""
        from alcli.models.estimators import AUTO
        from alcli.models.training import fit

        if self.estimator == AUTO:
            return self.settled(X, y, classes, weights=weights)[0].fit(X, y, classes, jobs, weights=weights)
        with _own_modules():
            return fit(
                X,
                y,
                classes,
                estimator=self.estimator,
                params=self.params,
                committee=self.committee,
                calibrate=self.calibrate,
                class_weight=self.class_weight,
                weights=weights,
                seed=self.seed,
                jobs=jobs,
                unlabelled=self._rows(),
            )


def _committee(text: str | None) -> int | tuple[str, ...]:
    if text is None or text.strip() in ("", "0"):
        return 0
    if text.strip().isdecimal():
        members = int(text)
        if members == 1 or members > 1000:
            raise UsageError(f"a committee has from 2 to 1,000 members, not {members}", code="bad-value")
        return members
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if len(names) < 2:
        raise UsageError(
            f"`--committee {text}` is neither a number nor several estimators",
            hint="`--committee 5`, or `--committee logistic,random-forest`",
            code="bad-value",
        )
    return names


def _class_weight(text: str | None) -> str | dict[str, float] | None:
    if text is None or text in ("", "none"):
        return None
    if text == "balanced":
        return text
    found = {}
    for part in text.split(","):
        name, equals, weight = part.strip().rpartition("=")
        try:
            found[name] = float(weight)
        except ValueError:
            equals = ""
        if not equals:
            raise UsageError(
                f"`--class-weight {text}` is neither `balanced` nor CLASS=WEIGHT",
                hint="as in `--class-weight spam=5,ham=1`",
                code="bad-value",
            )
    return found


@contextmanager
def _own_modules() -> Iterator[None]:
    """Let `module:factory` find modules of the folder where the command runs."""
    folder = os.getcwd()  # noqa: PTH109
    added = folder not in sys.path
    if added:
        sys.path.append(folder)
    try:
        yield
    finally:
        if added:
            sys.path.remove(folder)


@dataclass(frozen=True)
class Refit:
    """Makes a model by a project's recipe, without its committee: for strategies that fit again."""

    recipe: Recipe
    classes: tuple[str, ...]

    def __call__(self, X: Any, y: Sequence[str], weights: Sequence[float] | None = None) -> Model:
        return replace(self.recipe, committee=0).fit(X, y, self.classes, weights=weights)


def fit_maker(pool: Pool, roles: Mapping[str, str], seed: int) -> FeatureMaker:
    """The features of a pool: fitted on the rows with the smallest hashes, never on labels."""
    from alcli.features.maker import SAMPLE, FeatureMaker, request_for

    with stage("fitting the features"):
        return FeatureMaker.fit(roles, pool.sample(SAMPLE, request_for(roles), seed), seed=seed)


def open_model(project: Project, *, trust: bool, needed: bool = True) -> tuple[Bundle, dict[str, Any]] | None:
    """The project's model and its card; None when there is none and it is not needed.

    Raises
    ------
    ModelError
        If it is missing though needed, damaged, foreign, or does not match its card.
    """
    from alcli.models.bundle import load_bundle

    path = project.settings.path("model")
    if not path.exists():
        if needed:
            raise ModelError(f"there is no model {path}", hint="`alcli train` makes one", code="no-model")
        if project.settings.given("model") and project.settings.sources["model"].kind != "file":
            raise ModelError(f"there is no model {path}", hint="`alcli train` makes one", code="no-model")
        return None
    with _own_modules(), stage("opening the model"):
        return load_bundle(path, trust=trust)


def check_fits(bundle: Bundle, pool: Pool) -> None:
    """Refuse a model whose columns the pool does not have.

    Raises
    ------
    ModelError
        `model-columns`, naming what is missing.
    """
    known = {column.name for column in pool.columns}
    missing = [name for name in bundle.maker.request.columns if name not in known]
    if missing:
        raise ModelError(
            f"the model was trained on columns that this pool does not have: {', '.join(missing[:10])}",
            at=pool.files[0].shown,
            hint="`alcli train` fits one on this pool",
            code="model-columns",
        )


def with_classes(model: Model, classes: Sequence[str]) -> Model:
    """The model over the classes that the project has now; a class it never saw has probability 0."""
    return model if tuple(classes) == tuple(model.classes) else model.over(classes)


def digest_of(value: Any) -> str:
    """A digest of plain values."""
    import json

    return digest_bytes(json.dumps(value, sort_keys=True, ensure_ascii=True).encode())


def wished(meta: Mapping[str, Any]) -> Recipe:
    """The recipe as it was asked for: with `auto` still to be settled, so that each fold settles it for itself."""
    return Recipe.from_plain(meta.get("wish", meta["recipe"]))


def certainty(probability: float, classes: int) -> float:
    """How much a label counts that is right with this probability: 1 when certain, 0.01 when it may as well be a guess.

    ``(p c - 1) / (c - 1)`` of c classes. Of two classes it is what remains of p times the loss of the label and 1 - p times
    that of the other, near an undecided model: what the two say against each other cancels out.

    >>> certainty(1.0, 2), round(certainty(0.75, 2), 3), certainty(0.2, 5)
    (1.0, 0.5, 0.01)
    """
    c = max(2, classes)
    return max(_LEAST_WEIGHT, (probability * c - 1) / (c - 1))


def weights_digest(weights: Mapping[str, float] | None) -> str | None:
    """A digest of how much each labelled row counts; None when all count the same.

    Of nine digits: another order of the answers may change the last ones.
    """
    return (
        None if weights is None else digest_of(sorted((id_, f"{weight:.9f}") for id_, weight in weights.items()))[:16]
    )
