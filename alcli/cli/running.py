"""One place where a command line becomes an exit code, whatever happens."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from alcli.errors import Exit
from alcli.files import begin, committed


class Terminated(BaseException):
    """SIGTERM, as cron and containers send it; unwinds like Ctrl-C."""


def run(argv: list[str]) -> int:
    """Parse and run; typer leaves by SystemExit, also for usage errors."""
    if argv[:1] in (["--version"], ["-V"]):
        return version(verbose=bool({"-v", "--verbose"} & set(argv[1:])))
    if argv[:1] == ["-v"] and {"--version", "-V"} & set(argv[1:]):
        return version(verbose=True)
    if not argv:
        argv = ["--help"]
    if argv[0] == "help":
        argv = [*argv[1:2], "--help"]
    from alcli.cli.app import app_for

    begin()
    with _signals():
        try:
            app_for(argv)(args=argv, prog_name="alcli")
        except SystemExit as end:
            return _flushed(end.code if isinstance(end.code, int) else Exit.DONE)
        except KeyboardInterrupt:
            return Exit.INTERRUPTED
        except Terminated:
            return Exit.TERMINATED
        except BrokenPipeError:
            return pipe_broke()
    return _flushed(Exit.DONE)


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return pipe_broke()
    return code


def pipe_broke() -> int:
    """The code for a reader who has left, once stdout can do no more harm."""
    # Python would complain again when it flushes stdout at exit
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.BROKEN_PIPE


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C; both pass once the command has happened, unless they come twice.

    130 and 143 say that nothing was changed, so they must not be said of a command whose ledger is written.
    """
    passed: set[int] = set()

    def stop(number: int, frame: FrameType | None) -> None:
        if committed() and number not in passed:
            passed.add(number)
            return
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    before = {}
    try:
        before[signal.SIGTERM] = signal.signal(signal.SIGTERM, stop)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell set it to be ignored
            before[signal.SIGINT] = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not the main thread: the caller's business
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def version(verbose: bool = False) -> int:
    """Print the version; with `verbose` also those of the parts, for bug reports."""
    import alcli

    lines = [f"alcli {alcli.__version__}"]
    if verbose:
        import platform
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as installed

        lines.append(f"Python {platform.python_version()} on {platform.platform()}")
        for name in ("numpy", "pandas", "scikit-learn", "pyarrow", "typer", "joblib"):
            with suppress(PackageNotFoundError):
                lines.append(f"{name} {installed(name)}")
    print("\n".join(lines))  # noqa: T201
    return Exit.DONE
