"""Whether those who are excluded exist: a typo there would change nothing, and nobody would see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alcli.errors import did_you_mean, listing

if TYPE_CHECKING:
    from alcli.steps.project import Project


def excluded_strangers(project: Project) -> tuple[str, ...]:
    """A warning for each excluded annotator who neither answered, nor was asked, nor is among `annotators`.

    Before anybody is known at all there are none: who is kept out from the start is no typo.
    """
    settings = project.settings
    if not settings.exclude_annotator:
        return ()
    known = {answer.annotator for answer in project.labels.rows()} | {row.annotator for row in project.asked.rows()}
    names = sorted((known | set(settings.annotators)) - {""})
    if not names:
        return ()
    return tuple(
        f"`--exclude-annotator` names {name!r}, whom nobody knows here; "
        + (did_you_mean(name, names) or f"the annotators are: {listing(names)}")
        for name in settings.exclude_annotator
        if name not in names
    )
