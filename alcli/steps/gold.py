"""Rows whose answer is known, mixed into sheets to see how right a labeler is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from alcli.errors import Place, TableError, UsageError
from alcli.tables.history import current, voting

if TYPE_CHECKING:
    from alcli.steps.project import Project


def known_answers(project: Project) -> dict[str, str]:
    """id -> label, as `gold_from` says: a file, or the annotator whose answers are right.

    Raises
    ------
    UsageError, SettingsError
        If there is neither such a file nor such an annotator.
    TableError
        If the file has an id that is not in the pool, or a label that is no class.
    """
    settings = project.settings
    if from_file(project):
        return project.gold_file
    who = str(settings.gold_from)
    counting = current(voting(project.labels.rows(), project.asked.rows())).values()
    found = {answer.id: answer.label for answer in counting if answer.annotator == who and answer.kind == "label"}
    if not found:
        with project.blaming("gold_from"):
            raise UsageError(
                f"`--gold-from {who}` is neither a file nor an annotator with answers in labels.csv",
                hint="name a file of ids and labels, or import the expert's labels with `--annotator NAME`",
                code="no-gold",
            )
    return found


def from_file(project: Project) -> bool:
    """Whether the known answers stand in a file, and not in labels.csv."""
    return project.settings.gold_from is not None and project.settings.path("gold_from").is_file()


def read_known(project: Project) -> dict[str, str]:
    """The known answers of a file; see `known_answers`."""
    from alcli.steps.inspecting import read_labelled

    path = project.settings.path("gold_from")
    judged = read_labelled(project, path)
    if judged.rejects:
        first = judged.rejects[0]
        raise TableError(
            f"a known answer cannot be used: {first.problem}",
            at=Place(str(path), first.row, first.column),
            hint=first.hint or "every row of the file needs an id of the pool and a class",
            code=first.code,
        )
    found: dict[str, str] = {}
    for answer in judged.accepted:
        if answer.kind == "label" and found.setdefault(answer.id, answer.label) != answer.label:
            raise TableError(
                f"{answer.id!r} has two known answers, {found[answer.id]!r} and {answer.label!r}",
                at=Place(str(path), answer.row),
                hint="leave one of them",
                code="two-answers",
            )
    return found


def questions(
    project: Project, truth: Mapping[str, str], people: Sequence[str], batch: Collection[str]
) -> dict[str, list[str]]:
    """For each person up to `gold` ids of known answer that they have never seen.

    All people get the same ones as far as that goes: those whose hash comes first.

    Parameters
    ----------
    people : names; the empty one stands for anyone.
    batch : ids that the batch asks anyway.
    """
    import numpy as np

    from alcli.tables.arrays import strings
    from alcli.tables.hashing import hash_ids

    settings = project.settings
    ids = sorted(project.pool.known([id_ for id_ in truth if id_ not in batch]))
    order = np.argsort(hash_ids(strings(ids), settings.seed, "gold"), kind="stable").tolist()
    # who saw a row that was asked of nobody in particular is known by the answer
    seen = {(row.id, row.annotator) for row in project.asked.rows() if row.annotator or row.purpose == "gold"}
    seen |= {(row.id, row.annotator) for row in project.labels.rows()}
    found: dict[str, list[str]] = {}
    for who in people:
        fresh = [ids[at] for at in order if (ids[at], who) not in seen]
        found[who] = fresh[: settings.gold] if not who or who != settings.gold_from else []
    return found
