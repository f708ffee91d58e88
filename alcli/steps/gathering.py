"""What `query` chooses from: pool, features, model, files that stand in for them, and what may be asked."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from alcli.errors import UsageError, did_you_mean, listing
from alcli.steps.bringing import Bringing, Guesses
from alcli.steps.learning import Recipe, check_fits, fit_maker, open_model, with_classes

if TYPE_CHECKING:
    from alcli.models.bundle import Bundle
    from alcli.predictions.brought import Predictions, Vectors
    from alcli.selection.eligible import Condition
    from alcli.selection.material import Material
    from alcli.selection.playing import Plan
    from alcli.steps.project import Project
    from alcli.steps.standing import Standing
    from alcli.tables.pool import Request


def material_of(
    project: Project,
    needs: Collection[str],
    *,
    standing: Standing,
    ask_again: bool,
    trust: bool,
    spaces: Collection[str] | None = None,
    named: bool = True,
) -> tuple[Material, Bundle | Guesses | None]:
    """The material of one choice, and what guesses labels: the model's bundle when it was opened, or a file.

    Parameters
    ----------
    needs : signals that the strategies need.
    spaces : where they take distances; None when that is not known.
    named : whether the user named the strategies, and not alcli by what was there.
    ask_again : whether rows that are labelled or out may be chosen.
    trust : open a model that does not match its card.
    """
    settings, pool, labels = project.settings, project.pool, standing.labels
    bringing = Bringing(project, labels, needs, spaces, named)
    pool.facts()
    columns = [column.name for column in pool.columns]
    with project.blaming("where", "group_by", "cost", "memory"):
        conditions = _conditions(project, columns)
        memory = size_in_bytes(settings.memory)
    bundle, model, maker, recipe = None, None, None, None
    classes = project.classes(labels)
    brought, vectors = bringing.predictions(), bringing.vectors()
    if brought is not None:
        classes = brought.classes
    elif needs or settings.with_guess:
        opened = open_model(project, trust=trust, needed=settings.with_guess)
        if opened is not None:
            bundle, card = opened
            check_fits(bundle, pool)
            maker = bundle.maker
            model = with_classes(bundle.model, classes or bundle.model.classes)
            classes = model.classes
            recipe = Recipe.from_plain(card["recipe"])
    roles = dict(maker.roles) if maker is not None else project.roles()
    if spaces is None:
        spaces = {"features"} if "space" in needs else ()
    if maker is None and _from_features(spaces, brought, vectors):
        maker = fit_maker(pool, roles, settings.seed)
    material = standing.material(
        pool,
        maker=maker,
        model=model,
        recipe=recipe,
        classes=classes,
        ask_again=ask_again,
        conditions=conditions,
        group_by=settings.group_by,
        content=content_of(roles, columns),
        seed=settings.seed,
        jobs=project.jobs,
        memory=memory,
        cache=settings.cache,
        brought=brought,
        vectors=vectors,
        liked=bringing.examples("like", needs, maker),
        unliked=bringing.examples("unlike", needs, maker),
        target=bringing.examples("target", needs, maker),
        costs=bringing.costs(needs, classes),
        price=settings.cost,
        budget=None if settings.budget is None else settings.budget / settings.per_row,
    )
    bringing.check(material)
    return material, Guesses(brought) if brought is not None else bundle


#: Signals that are points of a space.
_POINTS = {"space", "labelled", "reference", "mean", "liked", "unliked"}


def spaces_of(plan: Plan) -> set[str]:
    """Where the strategies of a plan look at points; the engine's arms decide it likewise."""
    from alcli.strategies.resolve import selector_of

    found = set()
    for strategy, _, _ in plan.arms:
        asked = plan.space if strategy.space is not None else None
        where = asked or strategy.space or selector_of(strategy).space
        if where is not None:
            found.add(where)
        if "matrix" in strategy.needs or (where is None and _POINTS & set(strategy.needs)):
            found.add("features")
    return found


def _from_features(spaces: Collection[str], brought: Predictions | None, vectors: Vectors | None) -> bool:
    """Whether points of these spaces are made of the pool's columns."""
    found = set(spaces) - {"probability"}
    if vectors is not None:
        found -= {"embedding", "gradient"}
    if brought is not None and "gradient" in brought.has:
        found -= {"gradient"}
    return bool(found)


def _conditions(project: Project, columns: list[str]) -> tuple[Condition, ...]:
    from alcli.selection.eligible import parse_conditions

    settings = project.settings
    for flag, column in (("--group-by", settings.group_by), ("--cost", settings.cost)):
        if column is not None and column not in columns:
            raise UsageError(
                f"`{flag} {column}` names a column that the pool does not have",
                hint=did_you_mean(column, columns) or f"the columns are: {listing(columns)}",
                code="unknown-column",
            )
    return parse_conditions(settings.where, columns)


def content_of(roles: dict[str, Any], columns: list[str]) -> Request:
    """The columns by which two rows are the same, as the features read them."""
    from alcli.features.maker import request_for

    return request_for({name: roles[name] for name in columns if name in roles})


_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}


def size_in_bytes(text: str) -> int:
    """``2GiB`` or ``500MB`` in bytes.

    >>> size_in_bytes("2GiB")
    2147483648
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if not match or match[2].lower() not in _UNITS or float(match[1]) == 0:
        raise UsageError(f"{text!r} is not a size", hint="write 2GiB, 500MB, …", code="bad-value")
    return int(float(match[1]) * _UNITS[match[2].lower()])
