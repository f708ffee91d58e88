"""Flags, environment, alcli.toml and defaults as one typed object."""

from alcli.settings.resolving import CONFIG_NAME, resolve
from alcli.settings.rows import Source
from alcli.settings.table import TABLE, Settings, flag_of, key_of, variable_of

__all__ = ["CONFIG_NAME", "TABLE", "Settings", "Source", "flag_of", "key_of", "resolve", "variable_of"]
