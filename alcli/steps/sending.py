"""What `query` and `recheck` do alike: choose without the lock, write under it, the sheets first and the ledger last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from alcli.steps.mailing import Mailing, asked_lines, sheets_of

if TYPE_CHECKING:
    from alcli.selection.choosing import Pick
    from alcli.sheets.base import Sheet
    from alcli.steps.project import Project
    from alcli.steps.splitting import Split

Chosen = TypeVar("Chosen")
R = TypeVar("R")


def under_lock(
    project: Project,
    *,
    choose: Callable[[], Chosen],
    places: Callable[[], Mailing],
    waiting: Callable[[Mailing], R | None],
    commit: Callable[[Chosen, Mailing], R],
) -> R:
    """Choose and write.

    Choosing may take minutes. It is done without the lock, and again under it when an import or another batch
    came in between: then the choice was made from what is no longer so.

    Parameters
    ----------
    choose : from the ledgers as they are when it is called.
    places : where the sheets go; asked for anew under the lock, as a sheet may have come meanwhile.
    waiting : the result when the sheet that is there is the unanswered one of the newest batch; else None.
    commit : writes what was chosen.
    """
    seen = _state(project)
    chosen = choose()
    with project.writing(), _unfinished(project) as batch:
        outbox = places()
        outbox.unfinished = batch
        if (there := waiting(outbox)) is not None:
            return there
        if _state(project) != seen:
            chosen = choose()
        return commit(chosen, outbox)


def _note(project: Project) -> Path | None:
    """Where it stands which batch is about to be asked; without a project every sheet is named, and nothing is needed."""
    settings = project.settings
    return settings.project / ".alcli" / "asking" if settings.config is not None else None


@contextmanager
def _unfinished(project: Project) -> Iterator[int]:
    """The batch that a killed process asked, or was about to, without a word to the user; else 0.

    The same command line, run again, must not ask another one: with a folder nothing else would tell it from one
    that is meant to. The note is gone when the block ends, however it does.
    """
    note, text = _note(project), ""
    if note is not None:
        with suppress(OSError, UnicodeDecodeError):
            text = note.read_text(encoding="ascii")
    try:
        yield int(text) if text.isdecimal() else 0
    finally:
        if note is not None:
            with suppress(OSError):
                note.unlink(missing_ok=True)


def _state(project: Project) -> tuple[str, str]:
    return project.labels.fingerprint(), project.asked.fingerprint()


def send(
    project: Project,
    outbox: Mailing,
    base: Sheet,
    parts: Split,
    picks: Sequence[Pick],
    *,
    purpose: str = "train",
    again: Collection[str] = (),
) -> tuple[str, ...]:
    """Write the sheets of a batch, then its lines in asked.csv, which are the commit; returns warnings.

    Parameters
    ----------
    base : a sheet with every row of the batch once.
    parts : whose each line is.
    picks : what was chosen, in the order that `parts` counts in.
    purpose, again : as for `asked_lines`.
    """
    with outbox.delivering(sheets_of(base, parts)) as warnings:
        if outbox.records:
            if (note := _note(project)) is not None:
                with suppress(OSError):  # where this cannot be written the ledger cannot either
                    note.write_text(str(base.batch), encoding="ascii")
            project.asked.append(asked_lines(picks, parts, base.batch, base.created, purpose, again))
    return warnings
