"""What a sheet holds: the rows of a batch with what labelers are shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from alcli.errors import UsageError, did_you_mean, listing
from alcli.steps.bringing import Guesses
from alcli.tables.history import Labels

if TYPE_CHECKING:
    from alcli.models.bundle import Bundle
    from alcli.sheets.base import Sheet
    from alcli.steps.project import Project

EARLIER = "earlier"  # column of the answers that a row has had, in a sheet of `recheck --show-answers`
SHOWN_COLUMNS = 20  # of a pool without text, unless `--show` names some


def compose(
    project: Project,
    ids: Sequence[str],
    *,
    bundle: Bundle | Guesses | None,
    labels: Labels,
    batch: int,
    moment: str,
    earlier: Mapping[str, str] | None = None,
) -> Sheet:
    """The sheet of a batch.

    Parameters
    ----------
    ids : in batch order.
    bundle : the model that chose, or the predictions file, or None; its guesses are shown `--with-guess`.
    labels : for the classes that may be answered.
    moment : when the batch was made.
    earlier : what was answered before, by id, for a sheet that shows it.

    Raises
    ------
    UsageError
        If `--show` names a column that the pool does not have.
    """
    from alcli.sheets.base import Sheet, SheetRow
    from alcli.tables.pool import Request

    settings = project.settings
    shown = _shown_columns(project, None if isinstance(bundle, Guesses) else bundle)
    rows = project.pool.take(ids, Request(text=shown))
    columns = [rows.columns[name].to_pylist() for name in shown]
    if earlier is not None:
        shown = (*shown, EARLIER)
        columns.append([earlier.get(id_, "") for id_ in ids])
    guesses: Sequence[tuple[str, float | None]] = [("", None)] * len(ids)
    if settings.with_guess and bundle is not None:
        guesses = bundle.of(project.pool, ids) if isinstance(bundle, Guesses) else _guesses(project, bundle, ids)
    return Sheet(
        project=settings.project_key,
        batch=batch,
        id_column=project.pool.id_column,
        shown_columns=shown,
        rows=[
            SheetRow(
                id=id_,
                shown=tuple(column[at] or "" for column in columns),
                rank=at + 1,
                guess=guesses[at][0],
                confidence=guesses[at][1],
            )
            for at, id_ in enumerate(ids)
        ],
        classes=project.classes(labels),
        label_column=settings.label,
        with_guess=settings.with_guess,
        created=moment,
        told=() if earlier is None else (EARLIER,),
    )


def _shown_columns(project: Project, bundle: Bundle | None) -> tuple[str, ...]:
    """`--show`, else the text columns, else what the model sees, as far as a person can read it."""
    settings = project.settings
    names = [column.name for column in project.pool.columns]
    for name in settings.show:
        if name not in names:
            raise UsageError(
                f"`--show {name}` names a column that the pool does not have",
                hint=did_you_mean(name, names) or f"the columns are: {listing(names)}",
                code="unknown-column",
            )
    if settings.show:
        return tuple(name for name in settings.show if name != project.pool.id_column)
    roles = bundle.maker.roles if bundle is not None else project.roles()
    text = tuple(name for name in names if roles.get(name) == "text")
    readable = tuple(name for name in names if roles.get(name) in ("numeric", "categorical"))
    return text or readable[:SHOWN_COLUMNS]


def _guesses(project: Project, bundle: Bundle, ids: Sequence[str]) -> list[tuple[str, float | None]]:
    rows = project.pool.take(ids, bundle.maker.request)
    proba = bundle.model.predict_proba(bundle.maker.transform(rows))
    best = proba.argmax(axis=1).tolist()
    return [(bundle.model.classes[at], float(proba[row, at])) for row, at in enumerate(best)]
