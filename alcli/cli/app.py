"""The commands, in the order in which help lists them: a round first, then the rest."""

from __future__ import annotations

import typer

from alcli.cli import (
    check,
    evaluate,
    import_labels,
    init,
    labels,
    predict,
    query,
    status,
    strategies,
    train,
)

app = typer.Typer(
    name="alcli",
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


for command in (init, query, import_labels, train, evaluate, status, predict, labels, strategies, check):
    command.register(app)
