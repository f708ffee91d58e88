"""The commands, in the order in which help lists them: a round first, then the rest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

import typer

from alcli.cli.plain import PlainGroup

COMMANDS = (
    "init",
    "query",
    "answer",
    "import-labels",
    "train",
    "evaluate",
    "enough",
    "status",
    "recheck",
    "report",
    "predict",
    "labels",
    "run",
    "simulate",
    "strategies",
    "check",
)


def build(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """The app with these commands, each of which has a file of its name beside this one."""
    app = typer.Typer(
        name="alcli",
        cls=PlainGroup,
        # None is plain text: rich's default eats [brackets], and a panel costs 0.1 s at every --help
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
        epilog="Example: alcli query -n 50 -o to_label.xlsx     Docs: docs/ in the source, `alcli help query`",
    )

    @app.callback()
    def root(
        version: bool = typer.Option(False, "--version", "-V", help="Print the version; with -v those of its parts"),
    ) -> None:
        """Spend labelling money well: pick rows, send sheets, take labels back, retrain, measure."""

    for name in names:
        import_module(f"alcli.cli.{name.replace('-', '_')}").register(app)
    return app


def app_for(argv: Sequence[str]) -> typer.Typer:
    """The app that a command line needs: the flags of ten commands take as long as all of `status`.

    Help, a mistyped command and the shell's completion need all of them.
    """
    one = argv[0] if argv and argv[0] in COMMANDS and "_ALCLI_COMPLETE" not in os.environ else None
    return build(COMMANDS if one is None else [one])
