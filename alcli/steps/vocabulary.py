"""Which words a project's sheets may hold: its classes, their synonyms, skips and withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alcli.errors import UsageError, did_you_mean, listing

if TYPE_CHECKING:
    from alcli.sheets.words import Vocabulary
    from alcli.steps.project import Project


def import_vocabulary(project: Project, new_classes: bool) -> Vocabulary:
    """The words that an import takes.

    Raises
    ------
    UsageError
        If the project has no classes yet and none are allowed to come.
    """
    classes = classes_said(project)
    if not classes and not new_classes:
        raise UsageError(
            "this project has no classes yet, so no label can be one of them",
            hint='put `classes = ["a", "b"]` into alcli.toml, or pass `--classes a,b` or `--new-classes`',
            code="no-classes",
        )
    return vocabulary_of(project, classes, new_classes=new_classes, fix_typos=project.settings.fix_typos)


def classes_said(project: Project) -> tuple[str, ...]:
    """The classes of the settings, then, sorted, those that anybody ever named.

    One that came in once may come in again, even when its only answer was changed since.
    """
    own = project.settings.classes
    return (*own, *sorted({row.label for row in project.labels.rows() if row.kind == "label"} - set(own)))


def vocabulary_of(
    project: Project, classes: Sequence[str], *, new_classes: bool = False, fix_typos: bool = False
) -> Vocabulary:
    """The words for these classes, with what the settings add.

    Raises
    ------
    UsageError, SettingsError
        If a synonym is no WORD=CLASS.
    """
    from alcli.sheets.words import SKIP_WORDS, WITHDRAW_WORDS, Vocabulary

    settings = project.settings
    with project.blaming("synonyms"):
        synonyms = dict(_synonym(text, classes, new_classes) for text in settings.synonyms)
    return Vocabulary(
        classes,
        synonyms=synonyms,
        skip_words=(*SKIP_WORDS, *settings.skip_words),
        withdraw_words=(*WITHDRAW_WORDS, *settings.withdraw_words),
        new_classes=new_classes,
        fix_typos=fix_typos,
    )


def _synonym(text: str, classes: Sequence[str], new_classes: bool) -> tuple[str, str]:
    """WORD and CLASS; both may hold `=`, so the parts are told by what is a class."""
    parts = text.split("=")
    splits = [("=".join(parts[:at]).strip(), "=".join(parts[at:]).strip()) for at in range(1, len(parts))]
    for word, name in splits:
        if word and name in classes:
            return word, name
    if new_classes and splits and all(splits[0]):
        return splits[0]
    meant = splits[0][1] if splits else text
    raise UsageError(
        f"{text!r} is no synonym: {meant!r} is not one of the classes" if splits else f"{text!r} is no synonym",
        hint=did_you_mean(meant, classes) or f"write WORD=CLASS; the classes are: {listing(list(classes))}",
        code="bad-value",
    )
