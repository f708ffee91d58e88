"""One setting as a row: its type, default, help, and the commands that take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "texts", "int", "float", "bool", "path", "paths", "choice"]


@dataclass(frozen=True)
class Setting:
    """What is known about one setting besides its name, type and default."""

    kind: Kind
    help: str
    commands: tuple[str, ...] = ()
    section: str = ""
    flag: str = ""
    key: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    commas: bool = False  # one text with commas between stands for several


@dataclass(frozen=True)
class Source:
    """Where a value was found: `flag`, `variable`, `file` or `default`, and its exact place."""

    kind: str
    where: str = ""


def setting(default: Any, kind: Kind, text: str, commands: str = "", **more: Any) -> Any:
    """A field of `Settings`."""
    return field(
        default=default,
        metadata={"setting": Setting(kind=kind, help=text, commands=tuple(commands.split()), **more)},
    )


ALL = "init query import-labels train evaluate predict labels status recheck strategies check answer run enough simulate report"
POOL = "query import-labels train evaluate predict labels status recheck check answer run enough report"
ROLES = "init query recheck train check simulate report"
# what the answers mean shapes all that labels are used for
VOTES = "query recheck import-labels train evaluate predict status labels check answer run enough report"
