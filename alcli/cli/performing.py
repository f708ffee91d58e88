"""Calls a step and shows what came of it: words, JSON, errors, exit code."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from alcli.cli.running import Terminated, pipe_broke
from alcli.errors import AlcliError, Exit, UsageError, counted
from alcli.files import committed

if TYPE_CHECKING:
    from alcli.settings import Settings

MOST_ERRORS = 20  # in JSON; all of them are in the rejects file
SHOWN_ERRORS = 5  # in words
STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")  # other names of `-`: no file to be replaced whole
DATA_ON_STDOUT = ("labels",)  # commands that write data to stdout unless told otherwise
LISTS = ("strategies",)  # commands whose words are what was asked for, to be searched and paged


def perform(
    command: str,
    module: str,
    flags: dict[str, Any],
    *,
    as_json: bool,
    words: Callable[[Any], Sequence[str]],
) -> int:
    """Run the step `module` with `flags`; returns the exit code."""
    verbose = int(flags.get("verbose") or 0)
    if flags.get("output") in STDOUT and command != "train":
        flags = flags | {"output": "-"}
    try:
        if as_json and flags.get("output", "-" if command in DATA_ON_STDOUT else None) == "-":
            raise UsageError("`--json` and `-o -` cannot share stdout", hint="write the data to a file: `-o FILE`")
        from alcli.settings import TABLE, resolve
        from alcli.telling import telling

        # only how to speak: what is wrong with alcli.toml is for the step to tell (`check` lists it)
        settings = resolve(
            {name: value for name, value in flags.items() if name in TABLE},
            project=flags.get("project"),
            config=flags.get("config"),
            tolerate=[],
        )
        quiet, verbose = settings.quiet, settings.verbose
        if verbose and not quiet:
            _say(in_force(settings, command, everything=verbose > 1))
        begun = time.monotonic()
        warned: list[str] | None = None if quiet else []
        with telling(_teller(settings), warned):
            result = getattr(import_module(f"alcli.steps.{module}"), module)(**flags)
        if verbose and not quiet:
            _say([f"{command}: {time.monotonic() - begun:.2f} s in all"])
        if as_json:
            _print_json(command, result)
        if (command in LISTS or flags.get("listed")) and not as_json:
            sys.stdout.write("".join(line + "\n" for line in words(result)))
        elif not quiet:
            _say(words(result))
        if warned is not None:
            _say(f"warning: {text}" for text in result.warnings if text not in warned)
        _say_problems(result)
        return int(result.exit)
    except AlcliError as error:
        if as_json and error.exit != Exit.USAGE:
            _print_envelope(command, "error", int(error.exit), {}, [], [error], 1, {})
        _say(in_words(error))
        if verbose > 1:
            _traceback()
        return int(error.exit)
    except BrokenPipeError:
        return pipe_broke()  # here, as typer would make it a 1
    except SystemExit:
        raise
    except (KeyboardInterrupt, Terminated) as stop:
        how = "interrupted" if isinstance(stop, KeyboardInterrupt) else "terminated"
        code = Exit.INTERRUPTED if how == "interrupted" else Exit.TERMINATED
        told = AlcliError(f"{how}; {_state()}", code=how)
        if as_json:
            _print_envelope(command, "error", int(code), {}, [], [told], 1, {})
        _say([told.message])
        return code
    except MemoryError:
        told = AlcliError("out of memory", hint="a smaller `--memory` or `--jobs 1` needs less", code="memory")
        if as_json:
            _print_envelope(command, "error", int(Exit.TROUBLE), {}, [], [told], 1, {})
        _say(in_words(told))
        return Exit.TROUBLE
    except Exception as bug:
        return _confess(command, bug, as_json=as_json, verbose=verbose)


def _state() -> str:
    return "what was to be done is done" if committed() else "nothing was changed"


def in_force(settings: Settings, command: str, everything: bool) -> list[str]:
    """The settings that shape `command`, each with its source; those at their default only if told."""
    from alcli.settings import TABLE, flag_of
    from alcli.steps.result import plain

    mine = [name for name, row in TABLE.items() if command in row.commands]
    lines = []
    for name in mine:
        source = settings.sources[name]
        if everything or source.kind != "default":
            value = plain(getattr(settings, name))
            shown = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
            lines.append(f"{flag_of(name).removeprefix('--')} = {shown}  ({source.where or source.kind})")
    if not everything:
        rest = sum(settings.sources[name].kind == "default" for name in mine)
        lines.append(f"{rest} settings have their defaults; `-vv` shows them")
    return lines


def in_words(error: AlcliError) -> list[str]:
    """An error as users see it: what, where, what to do."""
    lines = [f"error: {error.message}"]
    if error.at is not None:
        lines.append(f"   at: {error.at}")
    if error.hint:
        lines.append(f" hint: {error.hint}")
    return lines


def _confess(command: str, bug: Exception, *, as_json: bool, verbose: int) -> int:
    import alcli

    what = f"{type(bug).__name__}: {bug}".splitlines()[0][:300]
    if as_json:
        error = AlcliError(f"internal error: {what}", code="bug")
        _print_envelope(command, "error", int(Exit.TROUBLE), {}, [], [error], 1, {})
    _say(
        [
            f"internal error: {what}",
            f"this is a bug in alcli {alcli.__version__}; please report it with the output of"
            " `alcli --version -v` and of this command with `-v`",
        ]
    )
    if verbose:
        _traceback()
    return Exit.TROUBLE


def _traceback() -> None:
    import traceback

    with suppress(OSError):
        traceback.print_exc()


def _say(lines: Any) -> None:
    """Lines to stderr, as they are: user text never passes through markup."""
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return
    with suppress(OSError, ValueError):
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()


def _say_problems(result: Any) -> None:
    if not result.problems:
        return
    where = getattr(result, "rejects", None)
    all_in = "which would go to" if getattr(result, "dry_run", False) else "all in"
    lines = [f"{counted(result.problems_total, 'row')} rejected" + (f", {all_in} {where}" if where else "")]
    for problem in result.problems[:SHOWN_ERRORS]:
        lines.append(f"  {problem.at}: {problem.message}" if problem.at else f"  {problem.message}")
        if problem.hint:
            lines.append(f"     hint: {problem.hint}")
    rest = result.problems_total - min(len(result.problems), SHOWN_ERRORS)
    if rest > 0:
        lines.append(f"  … and {rest:,} more")
    _say(lines)


def _print_json(command: str, result: Any) -> None:
    status = "done" if result.exit == Exit.DONE else "no"
    _print_envelope(
        command,
        status,
        int(result.exit),
        result.data(),
        list(result.warnings),
        list(result.problems[:MOST_ERRORS]),
        result.problems_total,
        result.settings,
    )


def _print_envelope(
    command: str,
    status: str,
    code: int,
    data: Mapping[str, Any],
    warnings: Sequence[str],
    errors: Sequence[AlcliError],
    total: int,
    settings: Mapping[str, Any],
) -> None:
    import alcli

    envelope: dict[str, Any] = {
        "alcli": alcli.__version__,
        "schema": 1,
        "command": command,
        "status": status,
        "exit_code": code,
        "data": data,
        "warnings": list(warnings),
        "errors": [_error(error) for error in errors],
    }
    if total > len(errors):
        envelope["errors_total"] = total
    if settings:
        envelope["settings"] = settings
    indent = 2 if sys.stdout.isatty() else None
    text = json.dumps(envelope, ensure_ascii=False, allow_nan=False, indent=indent) + "\n"
    from alcli.steps.delivering import write_stdout

    write_stdout(text.encode("utf-8", "backslashreplace"))


def _error(error: AlcliError) -> dict[str, Any]:
    entry: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.at is not None:
        entry["file"] = error.at.file
        if error.at.row is not None:
            entry["row"] = error.at.row
        if error.at.column is not None:
            entry["column"] = error.at.column
    if error.hint:
        entry["hint"] = error.hint
    return entry


def _teller(settings: Settings) -> Any:
    if settings.quiet:
        return None  # who pipes nothing into `-` and asked for silence waits in silence
    from alcli.cli.progress import Bar, Lines, Quiet, Times

    if settings.verbose:
        return Times(stamped=settings.verbose > 1)
    if not settings.progress:
        return Quiet()
    return Bar(color=settings.color) if sys.stderr.isatty() else Lines()
