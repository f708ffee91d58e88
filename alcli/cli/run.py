"""`alcli run`: rounds with a command as the annotator."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.errors import counted

HELP = """Play rounds with a command that answers: query, the command, import-labels, train, evaluate, until an end is reached.
CMD reads the sheet as CSV on stdin and writes it with its label column filled on stdout; or {in} and {out} in it
stand for the files. Killed at any point, the same command line goes on.

Examples:

\b
    alcli run --annotator 'python oracle.py' --rounds 10
    alcli run --annotator 'python ask.py {in} {out}' --budget 500
    alcli run --annotator 'python oracle.py' --until 'kappa >= 0.99 for 3'
"""


def words(result: Any) -> list[str]:
    lines = [
        f"played {counted(result.played, 'round')}; {result.reason}; {counted(result.labelled, 'row')} labelled in all"
    ]
    if result.metrics:
        measured = [f"{name} {value:.3f}" for name, value in list(result.metrics.items())[:4] if value is not None]
        lines.append("last measured: " + ", ".join(measured))
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "run",
        help=HELP,
        short="Play rounds with a command as the annotator",
        words=words,
        once={
            "command": Annotated[
                str, typer.Option("--annotator", metavar="CMD", help="The command that answers a sheet")
            ],
            "rounds": Annotated[
                int | None,
                typer.Option(
                    "--rounds", metavar="N", help="Stop when the project has had N batches", show_default=False
                ),
            ],
            "labels_wanted": Annotated[
                int | None,
                typer.Option("--budget", metavar="N", help="Stop when N rows are labelled", show_default=False),
            ],
            "timeout": Annotated[
                float | None,
                typer.Option("--timeout", metavar="SECONDS", help="Longest time for one batch", show_default=False),
            ],
            "until": Annotated[
                list[str] | None,
                typer.Option(
                    "--until",
                    metavar="RULE",
                    help="Stop when this stopping rule holds (default: rule in [enough]); repeatable",
                    show_default=False,
                ),
            ],
        },
    )
