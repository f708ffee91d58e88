"""What `predict` may promise of its output, from held-out rows whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alcli.errors import TableError, UsageError, counted
from alcli.telling import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alcli.settings import Settings
    from alcli.steps.project import Project

# Where a value stands counts more than which value it is: a flag beats alcli.toml.
_NEARNESS = ("default", "file", "variable", "flag")
_SHOWN = {"test": "the test file", "evaluation": "rows asked for evaluation", "folds": "the labels, fold by fold"}
DIGITS = 9  # of a probability: enough for any use, and the same whatever the batch


@dataclass(frozen=True)
class Wish:
    """What the user asks of the rows that are written.

    Attributes
    ----------
    threshold : the least confidence. precision : the share that is to be right, from which a threshold follows.
    coverage : the chance with which a set is to hold the true class.
    """

    threshold: float | None
    precision: float | None
    coverage: float | None

    @classmethod
    def of(cls, project: Project) -> Wish:
        """As the settings say.

        Raises
        ------
        UsageError
            If they contradict each other, or a share is 0 or 1.
        """
        settings = project.settings
        for name in ("target_precision", "coverage"):
            value = getattr(settings, name)
            if value in (0.0, 1.0):
                with project.blaming(name):
                    raise UsageError(
                        f"`--{name.replace('_', '-')} {value:g}` can be no promise",
                        hint="a share between 0 and 1, such as 0.95",
                        code="bad-value",
                    )
        threshold, precision = settings.only_confident, settings.target_precision
        if threshold is not None and precision is not None:
            mine, its = _nearness(settings, "only_confident"), _nearness(settings, "target_precision")
            if mine == its:
                with project.blaming("only_confident", "target_precision"):
                    raise UsageError(
                        "`--only-confident` names a threshold and `--target-precision` chooses one",
                        hint="give one of the two",
                        code="two-thresholds",
                    )
            threshold, precision = (threshold, None) if mine > its else (None, precision)
        if precision is not None and settings.coverage is not None:
            with project.blaming("coverage", "target_precision"):
                raise UsageError(
                    "`--coverage` and `--target-precision` cannot both be promised from the same held-out rows",
                    hint="run `predict` once for each",
                    code="two-promises",
                )
        return cls(threshold, precision, settings.coverage)


def _nearness(settings: Settings, name: str) -> int:
    return _NEARNESS.index(settings.sources[name].kind)


@dataclass(frozen=True)
class HeldOut:
    """Rows with their truth that the model did not learn from.

    Attributes
    ----------
    how : ``test``, ``evaluation`` or ``folds``.
    proba : (n, c). codes : (n,) number of the true class, -1 for one that the model does not know.
    """

    how: str
    proba: NDArray[Any]
    codes: NDArray[Any]
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, project: Project, bundle: Any) -> HeldOut:
        """The test file, else rows asked for evaluation, else the labels fold by fold."""
        labels = project.resolved_labels()
        pairs = project.training(labels)
        if project.settings.test is not None:
            from alcli.steps.measuring import on_test_file

            measured = on_test_file(project, bundle, {id_ for id_, _ in pairs})
            return cls._made("test", measured.truth, measured.proba, measured.classes, measured.warnings)
        drawn = {row.id: row.strategy for row in project.asked.rows() if row.purpose == "evaluate"}
        project.pool.facts()
        if answered := sorted((id_, label) for id_, label in labels.pairs() if id_ in drawn):
            return cls._evaluation(project, bundle, answered, drawn)
        return cls._folds(project, bundle)

    @classmethod
    def _evaluation(
        cls, project: Project, bundle: Any, answered: list[tuple[str, str]], drawn: dict[str, str]
    ) -> HeldOut:
        """Rows asked for evaluation, of which those drawn with equal chances stand for the pool."""
        import numpy as np

        known = project.pool.known(id_ for id_, _ in answered)
        kept = [(id_, label) for id_, label in answered if id_ in known and drawn[id_] == "random"]
        unequal = sum(drawn[id_] != "random" for id_, _ in answered)
        warnings: tuple[str, ...] = ()
        if unequal:
            some = counted(unequal, "row")
            warnings = (f"{some} asked for evaluation, but not drawn at random, cannot stand for the pool: left out",)
        truth = [label for _, label in kept]
        proba = np.empty((0, len(bundle.model.classes)))
        if kept:
            with stage("predicting the evaluation rows", len(kept)):
                rows = project.pool.take([id_ for id_, _ in kept], bundle.maker.request)
                proba = bundle.model.predict_proba(bundle.maker.transform(rows))
        return cls._made("evaluation", truth, proba, bundle.model.classes, warnings)

    @classmethod
    def _folds(cls, project: Project, bundle: Any) -> HeldOut:
        from alcli.steps.learning import wished
        from alcli.steps.measuring import by_folds
        from alcli.steps.up_to_date import NEWER, newer_labels

        labels = project.resolved_labels()
        kept = project.trainable(labels)
        recipe = wished(bundle.meta)
        weights = recipe.weights(labels, project.classes(labels))
        measured = by_folds(project, bundle.maker, recipe, kept, project.settings.folds, weights=weights)
        newer = (NEWER,) if newer_labels(project, bundle.meta) else ()
        caution = (
            "there is no test file and no evaluation row: the labels themselves stand in, fold by fold, so nothing is "
            "guaranteed; actively chosen labels are no sample of the pool; `--test FILE` names a better one",
        )
        return cls._made("folds", measured.truth, measured.proba, measured.classes, (*caution, *newer))

    @classmethod
    def _made(
        cls, how: str, truth: list[str], proba: Any, classes: Sequence[str], warnings: tuple[str, ...]
    ) -> HeldOut:
        import numpy as np

        number = {name: at for at, name in enumerate(classes)}
        codes = np.array([number.get(label, -1) for label in truth], dtype=np.intp)
        return cls(how, proba.round(DIGITS), codes, warnings)

    @property
    def shown(self) -> str:
        return _SHOWN[self.how]

    @property
    def guarantees(self) -> bool:
        """Whether the rows may stand for new ones; labels may have been chosen, and fold models are others."""
        return self.how != "folds"


@dataclass(frozen=True)
class Promise:
    """What is promised, and what keeps it.

    Attributes
    ----------
    threshold : rows that are less confident are not written. most : classes stranger than this are not in the sets.
    guarantee : in one sentence. found : what it is found from, in words.
    broken : why nothing can be promised, in words.
    held_out, how : how many rows it was found from, and of what kind.
    lower_bound : what the precision is at least.
    """

    threshold: float | None = None
    most: float | None = None
    guarantee: str = ""
    found: str = ""
    broken: str = ""
    held_out: int | None = None
    how: str | None = None
    lower_bound: float | None = None
    warnings: tuple[str, ...] = ()


def promise(project: Project, bundle: Any, wish: Wish) -> Promise:
    """Find what keeps the wish.

    Raises
    ------
    TableError
        ``too-few-held-out`` when there are fewer rows than a coverage needs, ``no-labels`` or ``too-few-labels`` when
        there is nothing to find it from.
    """
    if wish.precision is not None:
        return _precise(HeldOut.of(project, bundle), wish.precision)
    if wish.coverage is not None:
        return _covering(HeldOut.of(project, bundle), wish.coverage, wish.threshold)
    return Promise(threshold=wish.threshold)


def _precise(held: HeldOut, precision: float) -> Promise:
    from alcli.evaluation.conformal import RISK, rows_for_precision, safe_threshold, surest

    confidence, right = held.proba.max(axis=1, initial=0.0), held.proba.argmax(axis=1) == held.codes
    found = safe_threshold(confidence, right, precision)
    share, rows = _percent(precision), counted(len(right), "held-out row")
    if found is None:
        needed = f"at least {rows_for_precision(precision):,} held-out rows are needed, all of them right"
        first = surest(confidence, right, precision)
        why = (
            f"there are {len(right):,} ({held.shown})"
            if first is None
            else f"of the {first.rows:,} surest ({held.shown}) {first.right:,} are right"
        )
        broken = f"no threshold can promise that {share} are right: {needed}, and {why}"
        return Promise(broken=broken, held_out=len(right), how=held.how, warnings=held.warnings)
    sure = _percent(1 - RISK)
    guarantee = (
        f"of all rows like the held-out ones that are this confident, at least {share} get the right label; "
        f"this is true with a chance of {sure}"
        if held.guarantees
        else f"about {share} or more of the rows that are this confident should get the right label; "
        "this is an estimate, not a guarantee"
    )
    return Promise(
        threshold=found.confidence,
        guarantee=guarantee,
        found=f"the threshold is {found.confidence:.9g}: {found.rows:,} of {rows} ({held.shown}) reach it and "
        f"{found.right:,} of these are right, so at least {_percent(found.bound, 2)} are",
        held_out=len(right),
        how=held.how,
        lower_bound=found.bound,
        warnings=held.warnings,
    )


def _covering(held: HeldOut, coverage: float, threshold: float | None) -> Promise:
    import numpy as np

    from alcli.evaluation.conformal import most_strange, nonconformity, rows_for_coverage

    # sets are promised for the rows that are written: those that reach a threshold fixed beforehand
    reach = np.ones(len(held.codes), bool) if threshold is None else held.proba.max(axis=1, initial=0.0) >= threshold
    count, needed = int(reach.sum()), rows_for_coverage(coverage)
    share, which = _percent(coverage), "" if threshold is None else f" that reach a confidence of {threshold:g}"
    if count < needed:
        raise TableError(
            f"a coverage of {share} needs {needed:,} held-out rows{which} at least, and there are {count:,} "
            f"({held.shown})",
            hint="label more of them, name a larger file with `--test FILE`, or ask for a lower `--coverage`",
            code="too-few-held-out",
        )
    most = most_strange(nonconformity(held.proba[reach], held.codes[reach]), coverage)
    if np.isinf(most):
        strange = int((held.codes[reach] < 0).sum())
        raise TableError(
            f"no sets can promise a coverage of {share}: {strange:,} of the {count:,} held-out rows are of classes "
            "that the model does not know",
            hint="label rows of these classes and `alcli train`, or look for typing mistakes in the file",
            code="strange-classes",
        )
    guarantee = (
        f"the set of a row like the held-out ones{which} holds its true class with a chance of at least {share}"
        if held.guarantees
        else f"about {share} of the sets should hold the true class; this is an estimate, not a guarantee"
    )
    return Promise(
        threshold=threshold,
        most=most,
        guarantee=guarantee,
        found=f"the sets hold classes with a probability of {max(0.0, 1 - most):.4g} or more, by "
        f"{counted(count, 'held-out row')} ({held.shown})",
        held_out=count,
        how=held.how,
        warnings=held.warnings,
    )


def _percent(share: float, digits: int = 6) -> str:
    """A share as a percentage; with few digits it is rounded down, as it is a bound.

    >>> _percent(0.9), _percent(0.995), _percent(0.99128, 2)
    ('90%', '99.5%', '99.12%')
    """
    scale = 10**digits
    return f"{int(share * 100 * scale + 1e-6) / scale:g}%"
