"""Values of flags, taken as they are where there is nothing to convert.

typer has pydantic convert every value, also those that nobody gave, and importing pydantic takes
longer than all that `status` does. Text is text already, and a flag that is absent stays so. Whatever
else is given, such as a number, still goes typer's way, with typer's messages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from typer.core import TyperCommand, TyperGroup

#: Flags whose value another one chooses: beside that one they may stand without a value, and say nothing more.
CHOSEN = {"--only-confident": "--target-precision"}


class PlainCommand(TyperCommand):
    """A command that converts only what needs it."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _spared(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {flag for param in self.params for flag in param.opts}
        for flag, chooser in CHOSEN.items():
            if flag in args and flag in known:
                args = _without_bare(ctx, args, flag, chooser)
        return super().parse_args(ctx, args)


def _without_bare(ctx: Any, args: list[str], flag: str, chooser: str) -> list[str]:
    """The arguments without `flag` where no value follows it."""
    bare = [at for at, word in enumerate(args) if word == flag and _is_flag("".join(args[at + 1 : at + 2]))]
    if bare and not any(word.partition("=")[0] == chooser for word in args):
        ctx.fail(f"`{flag}` needs a number, as in `{flag} 0.95`, or `{chooser} 0.99` beside it, which chooses one.")
    return [word for at, word in enumerate(args) if at not in bare]


def _is_flag(word: str) -> bool:
    """Whether no value stands here: nothing, or a flag, which a negative number is not."""
    return not word or (word.startswith("-") and not word[1:2].isdecimal())


class PlainGroup(TyperGroup):
    """The same for the options before the command."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _spared(super().get_params(ctx))


def _spared(params: list[Any]) -> list[Any]:
    for param in params:
        if not isinstance(param.process_value, partial):
            param.process_value = partial(_process, param, param.process_value)
    return params


def _process(param: Any, typers: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    """What `Parameter.process_value` gives, by the short way where there is one."""
    many = param.multiple or param.nargs == -1
    if not _is_plain(param, value, many) or (param.required and not value):
        return typers(ctx, value)
    if many:
        value = list(value or ())
    return value if param.callback is None else param.callback(ctx, param, value)


def _is_plain(param: Any, value: Any, many: bool) -> bool:
    """Whether converting would change nothing."""
    if value is None:
        return True
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    if many:
        return bool(kind == list[str] and isinstance(value, (list, tuple)) and all(type(each) is str for each in value))
    if getattr(param, "count", False):
        return type(value) is int
    return kind is type(value) and kind in (str, bool)
