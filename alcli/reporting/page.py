"""A report as one HTML file that needs nothing else: no script, no font, no picture, no server.

Its policy forbids everything but its own style, by digest. Texts of the pool are escaped, and could not run if they
were not. Pictures are drawn twice, for wide and for narrow windows, so that words in them are never small.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files

from alcli.reporting.palette import marks, variables
from alcli.reporting.section import Figure, Report, Section, Table, cell
from alcli.reporting.svg import clean, one_line

WIDE, NARROW, WHOLE = 530.0, 358.0, 1070.0
#: How cells of texts look; `dir`, so that a text which runs from right to left moves nothing but itself.
LOOKS = {"text": ' class="text" dir="auto"', "words": ' class="words" dir="auto"'}
TYPED = re.compile(r"`([^`\n]+)`")


def page(report: Report, version: str) -> str:
    """The whole file. The same report gives the same text."""
    style = variables(":root") + marks() + (files("alcli.reporting") / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<meta name="generator" content="alcli {clean(version)}">\n<title>{clean(report.title)}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n" + "\n".join(_body(report, version)) + "\n</body>\n</html>\n"
    )


def _body(report: Report, version: str) -> Iterator[str]:
    yield '<a class="skip" href="#main">to the report</a>'
    yield f"<header>\n<h1>{clean(one_line(report.title))}</h1>"
    yield f'<p class="soft">Written {clean(report.written)}</p>\n<dl class="key">'
    for name, value in report.facts.items():
        yield f"<div><dt>{clean(name)}</dt><dd>{_words(value)}</dd></div>"
    yield '</dl>\n</header>\n<nav aria-label="Sections">\n<ul>'
    for section in report.sections:
        yield f'<li><a href="#{section.key}">{clean(section.title)}</a></li>'
    yield '</ul>\n</nav>\n<main id="main">'
    for section in report.sections:
        yield from _section(section)
    yield f"</main>\n<footer>Made by alcli {clean(version)}. This page is one file and asks no server for anything.</footer>"


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{section.key}" aria-labelledby="{section.key}-h">'
    yield f'<h2 id="{section.key}-h">{clean(section.title)}</h2>'
    if not section.shown:
        yield f'<p class="why">Not shown: {_words(section.why)}.</p>\n</section>'
        return
    yield from (f"<p>{_words(text)}</p>" for text in section.says)
    yield '<div class="parts">'
    alone = not section.tables and len(section.figures) == 1
    for at, figure in enumerate(section.figures):
        yield _figure(figure, f"{section.key}-{at}", alone)
    # a table of texts needs the whole width, one of numbers stands beside its picture
    for table in section.tables:
        yield _table(table, "all" if not section.figures or _broad(table) else "")
    yield "</div>\n</section>"


def _broad(table: Table) -> bool:
    return len(table.columns) > 6 or any(isinstance(each, tuple) for row in table.rows for each in row)


def _figure(figure: Figure, key: str, alone: bool) -> str:
    wide = figure.draw(WHOLE if alone else WIDE).svg(figure.title, figure.about, f"{key}-w")
    narrow = figure.draw(NARROW).svg(figure.title, figure.about, f"{key}-n")
    caption = f"\n<figcaption>{_words(figure.caption)}</figcaption>" if figure.caption else ""
    return (
        f'<figure class="{"all" if alone else "half"}">\n<h3>{clean(one_line(figure.title))}</h3>\n'
        f'<div class="wide">{wide}</div>\n<div class="narrow">{narrow}</div>{caption}\n</figure>'
    )


def _table(table: Table, look: str) -> str:
    looks = [LOOKS.get(kind, ' class="number"') for _, kind in table.columns]
    head = "".join(
        f'<th scope="col"{look}>{clean(one_line(name)).replace("_", "_<wbr>")}</th>'
        for (name, _), look in zip(table.columns, looks, strict=True)
    )
    rows = []
    caption, shown = table.shown()
    for row in shown:
        cells = zip(row, table.columns, looks, strict=True)
        rows.append("".join(f"<td{look}>{clean(cell(value, kind))}</td>" for value, (_, kind), look in cells))
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<div class="{f"scroll {look}".strip()}"><table>\n<caption>{clean(one_line(caption))}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _words(text: str) -> str:
    """A sentence; what stands in backticks is set as typed."""
    return "".join(
        f"<code>{clean(part)}</code>" if at % 2 else clean(part) for at, part in enumerate(TYPED.split(text))
    )
