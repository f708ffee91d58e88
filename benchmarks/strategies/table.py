"""The table in Markdown, and its place in docs/benchmarks.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.strategies.judging import Measured, Row, Verdict, fastest, figure, value
from benchmarks.strategies.processes import No

HEAD = (
    "strategy", "rows", "alcli: query", "whole command", "fastest library: query", "whole process", "others: query",
    "ratio", "bare", "over bare", "target",
)  # fmt: skip
BEGIN, END = "<!-- measured: {} -->", "<!-- end of measured -->"


def line(cells: Iterable[object]) -> str:
    """A row of a table; bars and line ends in cells are made harmless."""
    return "| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in cells) + " |"


def head(names: Sequence[str] = HEAD) -> list[str]:
    return [line(names), line("---" for _ in names)]


def cells(row: Row, verdicts: Sequence[Verdict], limit: float) -> list[str]:
    """The cells of one row; `verdicts` are those of its size."""
    name = fastest(row)
    mine, theirs = value(row.query), None if name is None else value(row.peers[name])
    ratio = "–"
    if mine is not None and theirs is not None:
        ratio = figure(mine / theirs)
    elif mine is not None and any(isinstance(took, No) and took.seconds for took in row.peers.values()):
        ratio = f"< {figure(mine / limit)}"
    floor = None if row.bare is None else value(row.bare)
    others = [f"{other} {_seconds(took)}" for other, took in row.peers.items() if other != name]
    told = "; ".join(verdict.words for verdict in verdicts)
    return [
        f"`{row.case.name}`",
        f"{row.rows:,}",
        _seconds(row.query),
        _whole(row.whole),
        "–" if name is None else f"{name} {_seconds(row.peers[name])}",
        "–" if name is None else _whole(row.peers[name]),
        "; ".join(others) or "–",
        ratio,
        "–" if row.bare is None else _seconds(row.bare),
        "–" if floor is None or mine is None else figure(mine / floor),
        told + (f" ({row.case.note})" if row.case.note and told else row.case.note),
    ]


def _seconds(took: Measured) -> str:
    found = value(took)
    if found is None:
        return str(took) if isinstance(took, No) else "–"
    return f"{found:.2f} s" if found >= 0.1 else f"{found:.3f} s"


def _whole(took: Measured) -> str:
    wall, memory = value(took, "wall"), value(took, "memory")
    return "–" if wall is None or memory is None else f"{wall:.1f} s, {memory:,.0f} MB"


def write(page: Path, region: str, before: str, names: Sequence[str], rows: Sequence[Sequence[str]], keys: int) -> None:
    """Put rows into a region of a page. Rows that another run left there stay, unless one of these replaces them.

    Parameters
    ----------
    before : what stands above the table.
    keys : the first cells, by which two rows are the same.

    Raises
    ------
    ValueError
        If the page has no such region.
    """
    text = page.read_text(encoding="utf-8")
    begin = BEGIN.format(region)
    found = re.search(f"{re.escape(begin)}\n(.*?){re.escape(END)}", text, re.DOTALL)
    if found is None:
        raise ValueError(f"{page.name} has no place for the table: {begin} … {END}")
    kept = [row for row in table_of(found[1]) if len(row) == len(names)]
    mine = {tuple(row[:keys]): list(row) for row in rows}
    order = dict.fromkeys([tuple(row[:keys]) for row in kept] + list(mine))
    old = {tuple(row[:keys]): row for row in kept}
    body = [line(mine.get(key) or old[key]) for key in order]
    whole = "\n".join([begin, before, "", *head(names), *body, END])
    page.write_text(text[: found.start()] + whole + text[found.end() :], encoding="utf-8", newline="\n")


def table_of(text: str) -> list[list[str]]:
    """The cells of the rows of a Markdown table, without its head.

    >>> table_of("| a | b |\\n| --- | --- |\\n| 1 | 2 |")
    [['1', '2']]
    """
    lines = [each for each in text.splitlines() if each.startswith("| ")]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", each)[1:-1]] for each in lines[2:]]
