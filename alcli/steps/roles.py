"""What the columns of a pool are: as the settings say, and inferred where they say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alcli.errors import Place, TableError, UsageError, did_you_mean
from alcli.settings import Settings, flag_of

if TYPE_CHECKING:
    from alcli.tables.pool import Pool

ROLE_SETTINGS = ("text", "numeric", "categorical", "embedding", "ignore")


def roles_of(pool: Pool, settings: Settings) -> dict[str, str]:
    """Column -> role: from the settings, and inferred where the settings say nothing at all.

    Raises
    ------
    UsageError
        If a column is given two roles.
    TableError
        ``unknown-column`` when a setting names one that the pool does not have.
    """
    overrides = given_roles(settings)
    from alcli.features.roles import infer_roles

    if any(getattr(settings, name) for name in ("text", "numeric", "categorical", "embedding")):
        known = {column.name for column in pool.columns}
        for name, role in overrides.items():
            if name not in known:
                raise TableError(
                    f"the pool has no column {name!r}, which {flag_of(role)} names",
                    at=Place(str(settings.config or pool.files[0].shown)),
                    hint=did_you_mean(name, known),
                    code="unknown-column",
                )
        return {column.name: overrides.get(column.name, "ignore") for column in pool.columns}
    facts = pool.facts()
    found = infer_roles(pool.columns, facts, sample_for_roles(pool), overrides, pool.id_column)
    return {role.column: role.role for role in found}


def given_roles(settings: Settings) -> dict[str, str]:
    """Column -> role, as the settings say; one column with two roles is an error."""
    found: dict[str, str] = {}
    for role in ROLE_SETTINGS:
        for column in getattr(settings, role):
            if found.get(column, role) != role:
                raise UsageError(f"column {column!r} is given two roles, {found[column]} and {role}", code="two-roles")
            found[column] = role
    return found


def sample_for_roles(pool: Pool) -> Any:
    """Rows from which roles are inferred: the 1,000 with the smallest hash, everything as text."""
    from alcli.tables.pool import Request

    vectors = tuple(column.name for column in pool.columns if column.kind == "vector")
    lists = tuple(sorted(pool.facts().lists))
    text = tuple(
        column.name
        for column in pool.columns
        if column.kind not in ("vector", "other") and column.name not in lists and column.name != pool.id_column
    )
    return pool.sample(1000, Request(text=text, vectors=(*vectors, *lists)), seed=0)
