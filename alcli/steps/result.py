"""What every step returns: a frozen dataclass from which text and JSON are both made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from alcli.errors import AlcliError, Exit
from alcli.settings import Settings

# The fields below are about the run; everything else in a result is its data.
_ABOUT = ("exit", "warnings", "problems", "problems_total", "settings")


@dataclass(frozen=True, kw_only=True)
class Result:
    """The part that all results share.

    Attributes
    ----------
    exit : 0 done or yes, 3 no or only partly.
    warnings : few and actionable.
    problems : what was refused, at most 20, as errors; `problems_total` counts all of them.
    settings : the settings that shaped the result.
    """

    exit: Exit = Exit.DONE
    warnings: tuple[str, ...] = ()
    problems: tuple[AlcliError, ...] = ()
    problems_total: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """What `--json` prints under `data`: numbers as numbers, ids as texts, not-a-number as None."""
        return {each.name: plain(getattr(self, each.name)) for each in fields(self) if each.name not in _ABOUT}


def plain(value: Any) -> Any:
    """`value` in JSON's own types."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if hasattr(value, "item"):
        return plain(value.item())
    return str(value)


def shaping(settings: Settings, command: str) -> dict[str, Any]:
    """The settings that shape `command`'s result, for its JSON."""
    from alcli.settings import TABLE

    silent = {"wait", "quiet", "verbose", "progress", "color", "jobs"}
    return {
        name: plain(getattr(settings, name))
        for name, row in TABLE.items()
        if command in row.commands and name not in silent
    }
