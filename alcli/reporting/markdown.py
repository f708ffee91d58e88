"""A report as Markdown: the sentences and the numbers, for a merge request or a wiki. Pictures are in the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alcli.reporting.section import Report, Section, Table, cell
from alcli.reporting.svg import one_line

# Signs that mean something to some reader of Markdown, HTML among them.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_TYPED = re.compile(r"(`[^`\n]+`)")


def markdown(report: Report, version: str) -> str:
    """The whole file. The same report gives the same text."""
    return "\n".join(_lines(report, version)) + "\n"


def _lines(report: Report, version: str) -> Iterator[str]:
    yield f"# {plain(report.title)}"
    yield f"\nWritten {plain(report.written)} by alcli {plain(version)}.\n"
    yield from (f"- {plain(name)}: {_words(value)}" for name, value in report.facts.items())
    for section in report.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"\n## {plain(section.title)}\n"
    if not section.shown:
        yield f"Not shown: {_words(section.why)}."
        return
    parts = ["\n\n".join(_words(text) for text in section.says)] if section.says else []
    yield "\n\n".join([*parts, *("\n".join(_table(table)) for table in section.tables)])


def _table(table: Table) -> Iterator[str]:
    caption, shown = table.shown()
    yield f"{plain(caption)}:\n"
    yield f"| {' | '.join(plain(name) for name, _ in table.columns)} |"
    yield f"| {' | '.join('---' if kind in ('text', 'words') else '---:' for _, kind in table.columns)} |"
    for row in shown:
        cells = (plain(cell(value, kind)) for value, (_, kind) in zip(row, table.columns, strict=True))
        yield f"| {' | '.join(cells)} |"


def plain(text: str) -> str:
    """Text that no reader of Markdown takes for markup.

    >>> plain("a|b *c* <d>")
    'a\\\\|b \\\\*c\\\\* \\\\<d\\\\>'
    """
    return _SIGNS.sub(r"\\\1", one_line(text).replace("\ufffe", "\ufffd"))


def _words(text: str) -> str:
    """A sentence; what stands in backticks stays as it is typed."""
    return "".join(part if at % 2 else plain_inside(part) for at, part in enumerate(_TYPED.split(text)))


def plain_inside(text: str) -> str:
    """Like `plain`, and keeps the blanks at both ends."""
    ends = (" " if text[:1].isspace() else "", " " if text[1:][-1:].isspace() else "")
    return f"{ends[0]}{plain(text)}{ends[1]}" if text.strip() else (" " if text else "")
