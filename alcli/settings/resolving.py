"""Where a setting's value comes from: flag, then variable, then alcli.toml, then default."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from alcli.errors import Place, SettingsError, UsageError, did_you_mean, listing
from alcli.settings.rows import Setting, Source
from alcli.settings.table import TABLE, Settings, flag_of, key_of, no_variable_of, variable_of

CONFIG_NAME = "alcli.toml"
# Variables that are read before a project is known.
_OTHER_VARIABLES = ("ALCLI_PROJECT", "ALCLI_CONFIG")
_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


def resolve(
    flags: Mapping[str, Any],
    *,
    project: str | Path | None = None,
    config: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    tolerate: list[SettingsError] | None = None,
) -> Settings:
    """Settings from flags, environment, alcli.toml and defaults.

    Parameters
    ----------
    flags : what was given on the command line (or as keywords), by setting name. None is not given.
    project : the folder to work in; default `ALCLI_PROJECT`, then the current folder.
    config : the settings file; default `ALCLI_CONFIG`, then alcli.toml in the project; ``none``
        switches it off.
    tolerate : takes what is wrong with alcli.toml and the environment instead of raising the first
        of it; what is wrong counts as not given then.

    Raises
    ------
    UsageError
        If a flag has a bad value.
    SettingsError
        If alcli.toml or a variable has a bad value or an unknown name.
    """
    environ = os.environ if environ is None else environ
    trouble: list[SettingsError] = []
    trouble += _unknown_variables(environ)
    folder = project or environ.get("ALCLI_PROJECT")
    project = Path(folder or ".")
    if not project.is_dir():
        raise UsageError(f"the folder {project} does not exist", hint="`--project` names an existing folder")
    wanted = config or environ.get("ALCLI_CONFIG") or None
    file = _find_config(project, wanted)
    if file is not None and not folder:
        project = file.parent
    from_file = _read_config(file, trouble) if file is not None else {}
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for name, row in TABLE.items():
        variable, called = _variable(name, row, environ)
        if flags.get(name) is not None:
            values[name] = _checked(name, flags[name], UsageError, flag_of(name), None)
            sources[name] = Source("flag", flag_of(name))
        elif variable != "":
            sources[name] = Source("variable", called)
            try:
                value = _parse(row, variable, called)
                if called != variable_of(name):
                    value = not value
                values[name] = _checked(name, value, SettingsError, called, "the environment")
            except SettingsError as error:
                trouble.append(error)
        elif name in from_file:
            values[name], line = from_file[name]
            sources[name] = Source("file", f"{file}, line {line}")
        else:
            sources[name] = Source("default")
    if trouble and tolerate is None:
        raise trouble[0]
    if tolerate is not None:
        tolerate += trouble
    return Settings(**values, project=project, config=file, sources=sources)


def _find_config(project: Path, wanted: str | Path | None) -> Path | None:
    if wanted is None:
        file = project / CONFIG_NAME
        return file if file.exists() else None
    if str(wanted) == "none":
        return None
    file = Path(wanted)
    if not file.exists():
        raise UsageError(f"there is no settings file {file}", hint="`alcli init POOL…` writes one")
    return file


def _variable(name: str, row: Setting, environ: Mapping[str, str]) -> tuple[str, str]:
    """A setting's text in the environment and the variable it stands in; a boolean may stand there negated."""
    called = variable_of(name)
    negated = no_variable_of(name)
    if row.kind == "bool" and environ.get(called, "") == "" and environ.get(negated, "") != "":
        return environ[negated], negated
    return environ.get(called, ""), called


def _unknown_variables(environ: Mapping[str, str]) -> list[SettingsError]:
    """The `ALCLI_` variables that nothing reads: a typo in a crontab is found in no other way."""
    known = {variable_of(name) for name in TABLE} | set(_OTHER_VARIABLES)
    known |= {no_variable_of(name) for name, row in TABLE.items() if row.kind == "bool"}
    return [
        SettingsError(
            f"no setting is called {name}",
            at="the environment",
            hint=did_you_mean(name, sorted(known)) or "`alcli status --settings` lists the settings",
            code="unknown-variable",
        )
        for name in sorted(environ)
        # names with an underscore in front belong to completion: _ALCLI_COMPLETE
        if name.startswith("ALCLI_") and name not in known
    ]


def _parse(row: Setting, text: str, where: str) -> Any:
    """A variable's text as the setting's type."""
    kind = row.kind
    if kind in ("texts", "paths"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind == "bool":
        word = text.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise SettingsError(f"{where} is {text!r}, not yes or no", at="the environment", code="bad-value")
    if kind in ("int", "float"):
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            raise SettingsError(
                f"{where} is {text!r}, not a {'whole ' if kind == 'int' else ''}number",
                at="the environment",
                code="bad-value",
            ) from None
    return text


_TYPES: dict[str, tuple[tuple[Any, ...], str]] = {
    "text": ((str,), "a text"),
    "path": ((str,), "a path"),
    "choice": ((str,), "a text"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "bool": ((bool,), "true or false"),
    "texts": ((str, list, tuple), "a list of texts"),
    "paths": ((str, list, tuple), "a path or a list of paths"),
}


def _checked(
    name: str,
    value: Any,
    kind: type[SettingsError] | type[UsageError],
    called: str,
    at: Place | str | None,
) -> Any:
    """`value` as the setting's type, or an error that names what is wrong and what would be right."""
    row = TABLE[name]
    types, words = _TYPES[row.kind]

    def wrong(problem: str, hint: str | None = None) -> SettingsError | UsageError:
        return kind(f"{called} is {value!r}, {problem}", at=at, hint=hint, code="bad-value")

    if isinstance(value, bool) and row.kind != "bool" and not (name == "verbose"):
        raise wrong(f"not {words}")
    if isinstance(value, Path) and row.kind in ("path", "paths"):
        value = str(value)
    if not isinstance(value, types):
        raise wrong(f"not {words}")
    if row.kind in ("texts", "paths"):
        items = (value,) if isinstance(value, str) else tuple(value)
        items = tuple(str(item) if isinstance(item, Path) else item for item in items)
        if not all(isinstance(item, str) for item in items):
            raise wrong(f"not {words}", "put each in quotes")
        if row.kind == "texts" and not all(map(_is_text, items)):
            raise wrong("not text in UTF-8")
        if row.commas and isinstance(value, str):
            items = tuple(part.strip() for part in value.split(",") if part.strip())
        if name == "classes":
            _check_classes(items, kind, called, at)
        return items
    if isinstance(value, str) and row.kind != "path" and not _is_text(value):
        raise wrong("not text in UTF-8")
    if row.choices and value not in row.choices:
        raise wrong(f"not one of {', '.join(row.choices)}", did_you_mean(str(value), row.choices))
    if row.kind == "float" and not math.isfinite(value):
        raise wrong("not a number")
    if row.least is not None and value < row.least:
        raise wrong(f"not {row.least:,} or more")
    if row.most is not None and value > row.most:
        raise wrong(f"not {row.most:,} or less")
    return float(value) if row.kind == "float" else value


def _is_text(value: str) -> bool:
    """Whether it can be written to a file: the bytes of a command line need not be UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_classes(
    classes: tuple[str, ...],
    kind: type[SettingsError] | type[UsageError],
    called: str,
    at: Place | str | None,
) -> None:
    twice = sorted({name for name in classes if classes.count(name) > 1})
    if twice:
        raise kind(f"{called} names {listing(twice)} twice", at=at, code="bad-value")


def _read_config(file: Path, trouble: list[SettingsError]) -> dict[str, tuple[Any, int]]:
    """Settings in alcli.toml, checked, each with its line; what is wrong goes to `trouble`."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        trouble.append(SettingsError("the settings file is not UTF-8", at=str(file), code="encoding"))
        return {}
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        trouble.append(SettingsError(f"the settings file cannot be read: {reason}", at=str(file), code="disk"))
        return {}
    found, wrong = _config_of(file, text)
    trouble.extend(wrong)
    return dict(found)


@lru_cache(maxsize=4)
def _config_of(file: Path, text: str) -> tuple[dict[str, tuple[Any, int]], tuple[SettingsError, ...]]:
    """What a text says as settings, and what is wrong with it. A command asks twice: how to speak, then what to do."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        wrong = SettingsError(
            f"the settings file is not valid TOML: {error}",
            at=str(file),
            hint="a key may stand once; texts stand in quotes",
            code="toml",
        )
        return {}, (wrong,)
    except RecursionError:
        return {}, (SettingsError("the settings file is nested too deeply", at=str(file), code="toml"),)
    keys: dict[tuple[str, str], str] = {(row.section, key_of(name)): name for name, row in TABLE.items()}
    sections = {row.section for row in TABLE.values()} - {""}
    found: dict[str, tuple[Any, int]] = {}
    trouble: list[SettingsError] = []

    def take(section: str, key: str, value: Any, others: set[str]) -> None:
        try:
            _take(found, keys, section, key, value, file, text, others)
        except SettingsError as error:
            trouble.append(error)

    for key, value in document.items():
        if key in sections and isinstance(value, dict):
            for inner, item in value.items():
                take(key, inner, item, set())
        else:
            take("", key, value, sections)
    return found, tuple(trouble)


def _take(
    found: dict[str, tuple[Any, int]],
    keys: Mapping[tuple[str, str], str],
    section: str,
    key: str,
    value: Any,
    file: Path,
    text: str,
    sections: set[str],
) -> None:
    line = line_of(text, section, key)
    at = Place(f"{file}, line {line}")
    name = keys.get((section, key))
    if name is None:
        near = [k for s, k in keys if s == section] + sorted(sections)
        elsewhere = [s for s, k in keys if k == key]
        hint = did_you_mean(key, near)
        if hint is None and elsewhere:
            hint = f"`{key}` stands in [{elsewhere[0]}]" if elsewhere[0] else f"`{key}` stands above all sections"
        what = f"unknown key {key!r}" + (f" in [{section}]" if section else "")
        raise SettingsError(what, at=at, hint=hint or f"the keys are: {listing(sorted(near))}", code="unknown-key")
    found[name] = (_checked(name, value, SettingsError, repr(key), at), line)


def line_of(text: str, section: str, key: str) -> int:
    """The line of a key. tomllib does not keep lines, so the text is scanned, for messages only.

    >>> line_of("seed = 1\\n[query]\\ncount = 5", "query", "count")
    3
    """
    here = ""
    pattern = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"^\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            here = header[1].strip("\"'")
            if not section and here == key:
                return number
        elif here == section and pattern.match(line):
            return number
    return 1
