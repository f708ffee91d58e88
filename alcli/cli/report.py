"""`alcli report`: the campaign in pictures."""

from __future__ import annotations

from typing import Any

import typer

from alcli.cli.building import add
from alcli.cli.options import OUTPUT, TRUST_MODEL, once
from alcli.errors import counted

HELP = """Write the campaign in pictures and numbers, as one file: HTML that needs no network, or Markdown.

Examples:

\b
    alcli report
    alcli report -o report.md
    alcli report -o - > report.html
"""

FORMAT = once(str, "--format", metavar="NAME", help="html or md, when the file's name does not say it")


def words(result: Any) -> list[str]:
    if result.output == "-":
        return []
    shown = sum(each["shown"] for each in result.sections)
    rest = len(result.sections) - shown
    more = (
        f"; {counted(rest, 'section')} say{'s' if rest == 1 else ''} why {'it is' if rest == 1 else 'they are'} empty"
    )
    return [f"wrote {result.output}: {counted(shown, 'section')}{more if rest else ''}"]


def register(app: typer.Typer) -> None:
    add(
        app,
        "report",
        help=HELP,
        short="The campaign in pictures, as one HTML file",
        words=words,
        once={"output": OUTPUT, "report_format": FORMAT, "trust_model": TRUST_MODEL},
    )
