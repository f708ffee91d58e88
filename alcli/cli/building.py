"""Makes a typer command from a step: its flags come from the table of settings.

A command is its name, its help, its act-once flags and a function that turns the step's result
into lines for a person. The signature that typer reads is built here, so that a setting cannot
exist without its flag, nor a flag without its setting.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from alcli.cli.options import CONFIG, JSON, PROJECT, VERSION, annotation, names_for
from alcli.cli.plain import PlainCommand
from alcli.settings import TABLE

Words = Callable[[Any], Sequence[str]]


def add(
    app: typer.Typer,
    name: str,
    *,
    help: str,
    short: str,
    words: Words,
    once: Mapping[str, Any] | None = None,
    positional: tuple[str, Any, Any] | None = None,
    more: Mapping[str, Mapping[str, Any]] | None = None,
    given: Callable[[], Mapping[str, Any]] = dict,
) -> None:
    """Add the command `name`, which calls the step of the same name.

    Parameters
    ----------
    short : what the list of commands says, 60 characters at most.
    words : turns the result into lines for stderr.
    once : keyword of the step -> annotation of its flag.
    positional : name, annotation and default of the argument; hidden, as typer would print its Python
        type: `help` says what it is.
    more : extra options of typer for a setting's flag, such as completion.
    given : keywords of the step that no flag gives, made when the command runs.
    """
    module = name.replace("-", "_")
    parameters: list[inspect.Parameter] = []

    def parameter(keyword: str, kind: Any, default: Any = None) -> None:
        parameters.append(inspect.Parameter(keyword, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind))

    if positional is not None:
        parameter(*positional)
    for keyword, kind in (once or {}).items():
        parameter(keyword, kind)
    for setting in names_for(name):
        parameter(setting, annotation(setting, **(more or {}).get(setting, {})))
    parameter("project", PROJECT)
    parameter("config", CONFIG)
    parameter("as_json", JSON)
    parameter("version", VERSION)

    def command(**flags: Any) -> None:
        from alcli.cli.performing import perform

        del flags["version"]  # has been answered before this runs
        as_json = bool(flags.pop("as_json"))
        told = {key: value for key, value in flags.items() if value is not None and value != []}
        for listed in [name for name in told if name in TABLE and TABLE[name].commas]:
            # by a flag only: a class or a person with a comma in the name is written in alcli.toml
            told[listed] = [part.strip() for text in told[listed] for part in text.split(",") if part.strip()]
        if told.get("verbose") == 0:
            del told["verbose"]
        raise typer.Exit(perform(name, module, {**told, **given()}, as_json=as_json, words=words))

    command.__name__ = module
    command.__doc__ = help
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command(name, cls=PlainCommand, short_help=short)(command)
