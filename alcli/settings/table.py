"""The table of settings: one row a setting, read by the parser, the resolver, the docs and the tests.

The rows stand in `sections`, those of one section of alcli.toml together. A setting's flag is in
cli/options.py, its variable is `ALCLI_` and its name, its key in alcli.toml is its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from alcli.settings.rows import Setting, Source
from alcli.settings.sections.answers import ImportLabels, Recheck, Votes
from alcli.settings.sections.models import Enough, Evaluate, Predict, Train
from alcli.settings.sections.project import Project
from alcli.settings.sections.query import Query


# eq and repr over some ninety fields are never asked for, and making them costs every start some ms;
# the fields of the last base come first
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Settings(Recheck, Votes, Predict, Enough, Evaluate, Train, ImportLabels, Query, Project):
    """Every setting of a project, typed. Build it with `resolve`."""

    # `labels` is a path above all sections, and TOML has no key twice: so [labels] cannot be a section.
    project: Path = Path()
    config: Path | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The file behind a path setting: relative to alcli.toml, or to where the command runs."""
        return self.base(name) / str(getattr(self, name))

    def base(self, name: str) -> Path:
        """The folder that a path setting is relative to.

        That of a flag or a variable is where the command runs, that of alcli.toml its own folder,
        that of a default the project's.
        """
        kind = self.sources[name].kind
        if kind == "file" and self.config is not None:
            return self.config.parent
        return Path() if kind in ("flag", "variable") else self.project

    def given(self, name: str) -> bool:
        """Whether somebody chose the value."""
        return self.sources[name].kind != "default"

    @property
    def cache(self) -> Path | None:
        """The project's cache folder, or None for a command without a project."""
        return self.project / ".alcli" / "cache" if self.config is not None else None


TABLE: dict[str, Setting] = {
    each.name: each.metadata["setting"] for each in fields(Settings) if "setting" in each.metadata
}


def flag_of(name: str) -> str:
    """``--on-conflict`` for `on_conflict`."""
    return "--" + (TABLE[name].flag or name).replace("_", "-")


def variable_of(name: str) -> str:
    """``ALCLI_ON_CONFLICT`` for `on_conflict`; two settings that share a flag keep their own names."""
    return "ALCLI_" + name.upper()


def no_variable_of(name: str) -> str:
    """``ALCLI_NO_PROGRESS``: a boolean's variable with its meaning turned round."""
    return "ALCLI_NO_" + name.upper()


def key_of(name: str) -> str:
    """The key in alcli.toml, without its section."""
    return TABLE[name].key or name
