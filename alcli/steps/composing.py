"""What a sheet holds: the rows of a batch with what labelers are shown of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from alcli.errors import FileTrouble, Place, TableError, UsageError, did_you_mean, listing
from alcli.files import reporting_disk_trouble
from alcli.steps.bringing import Guesses
from alcli.tables.history import Labels

if TYPE_CHECKING:
    from alcli.models.bundle import Bundle
    from alcli.sheets.base import Sheet
    from alcli.steps.project import Project

EARLIER = "earlier"  # column of the answers that a row has had, in a sheet of `recheck --show-answers`
_LONGEST = 200_000  # bytes of instructions
SHOWN_COLUMNS = 20  # of a pool without text, unless `--show` names some


#: From the shown columns to what chose each row of the batch and the labelled rows most like it.
Why = Callable[[Sequence[str]], Sequence[tuple[str, str]]]


def compose(
    project: Project,
    ids: Sequence[str],
    *,
    bundle: Bundle | Guesses | None,
    labels: Labels,
    batch: int,
    moment: str,
    earlier: Mapping[str, str] | None = None,
    why: Why | None = None,
) -> Sheet:
    """The sheet of a batch.

    Parameters
    ----------
    ids : in batch order.
    bundle : the model that chose, or the predictions file, or None; its guesses are shown `--with-guess`.
    labels : for the classes that may be answered.
    moment : when the batch was made.
    earlier : what was answered before, by id, for a sheet that shows it.
    why : gives for each row what chose it and the labelled rows most like it, told by the shown columns.

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
    reasons = why(shown) if why is not None else [("", "")] * len(ids)
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
                chosen_by=reasons[at][0],
                nearest=reasons[at][1],
            )
            for at, id_ in enumerate(ids)
        ],
        classes=project.classes(labels),
        label_column=settings.label,
        with_guess=settings.with_guess,
        with_why=why is not None,
        created=moment,
        told=() if earlier is None else (EARLIER,),
        instructions=read_instructions(project),
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


def read_instructions(project: Project) -> str:
    """What `--instructions` names, as text; empty without it.

    Raises
    ------
    FileTrouble
        If the file is not there or cannot be read.
    TableError
        If it is not UTF-8, is empty, or is longer than a page for people.
    """
    settings = project.settings
    if settings.instructions is None:
        return ""
    place = Place(settings.instructions)
    path = settings.path("instructions")
    if not path.exists():
        raise FileTrouble("there is no such file", at=place, hint="name a Markdown file", code="no-file")
    with reporting_disk_trouble(path):
        content = path.read_bytes()
    if len(content) > _LONGEST:
        raise TableError(f"instructions may be {_LONGEST:,} bytes long", at=place, code="too-large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(
            f"not UTF-8: byte {error.start:,}", at=place, hint="save it as UTF-8", code="encoding"
        ) from None
    if not text.strip():
        raise TableError("the instructions are empty", at=place, hint="write them, or leave the flag out", code="empty")
    return text


def _guesses(project: Project, bundle: Bundle, ids: Sequence[str]) -> list[tuple[str, float | None]]:
    rows = project.pool.take(ids, bundle.maker.request)
    proba = bundle.model.predict_proba(bundle.maker.transform(rows))
    best = proba.argmax(axis=1).tolist()
    return [(bundle.model.classes[at], float(proba[row, at])) for row, at in enumerate(best)]
