"""Where a simulation writes, and what of the files there it may replace: only what it writes anew itself.

A table names the campaigns it holds, and so does a picture, in a comment at its end. A query log has no room for that:
what it holds is known once the campaigns are played.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alcli.errors import AlcliError, FileTrouble, UsageError
from alcli.files import reporting_disk_trouble
from alcli.steps.simulation.tables import HEADER, LOG
from alcli.steps.untouched import refuse_untouched, table_files

if TYPE_CHECKING:
    from alcli.steps.delivering import TableWriter
    from alcli.steps.project import Project

_COMMENT = re.compile(rb"<!-- alcli simulate: ([0-9a-f ]*) -->\s*\Z")


def read_files(data: Sequence[str], splits: str | None) -> list[tuple[Path, str]]:
    """The files that are played on, each with what it is in messages."""
    found = [(path, "data of this simulation") for path in table_files(data, Path())]
    if splits is not None:
        with reporting_disk_trouble(splits):
            places = sorted(Path(splits).iterdir()) if Path(splits).is_dir() else [Path(splits)]
        found += [(path, "a file of fixed splits") for path in places]
    return found


def refuse_read(
    project: Project, read: Sequence[tuple[Path, str]], places: Iterable[tuple[str, str | Path | None]]
) -> None:
    """Refuse places, (flag, file), that are read, or of which two are one.

    Raises
    ------
    FileTrouble, UsageError
        The latter when two flags name one file, or the curves one that is not called SVG.
    """
    seen: dict[str, str] = {}
    for flag, place in places:
        if place is None or str(place) == "-":
            continue
        refuse_untouched(project, place, flag=flag, more=read)
        if flag == "--curves" and Path(place).suffix.lower() != ".svg":
            raise UsageError(
                f"curves are drawn as SVG, which {place} does not say",
                hint=f"`--curves {Path(place).with_suffix('.svg')}`",
                code="bad-value",
            )
        other = seen.setdefault(str(Path(place).resolve()), flag)
        if other != flag:
            raise UsageError(
                f"`{other}` and `{flag}` are one file, {place}",
                hint="give each a file of its own",
                code="bad-value",
            )


def refuse_taken(
    writer: TableWriter | None, picture: str | None, logs: Iterable[Path], campaigns: Collection[str]
) -> None:
    """Refuse places where something stands that this run does not write again.

    Parameters
    ----------
    campaigns : keys of those that are played, or were before an interruption.

    Raises
    ------
    FileTrouble
        Before anything is played. `--force` makes this call needless.
    """
    if writer is not None and writer.output != "-" and _is_filled(Path(writer.output)):
        held = _in_table(Path(writer.output), writer.format)
        _refuse(held, campaigns, "-o", writer.output, "the table")
    if picture is not None and _is_filled(Path(picture)):
        _refuse(_in_picture(Path(picture)), campaigns, "--curves", picture, "the curves")
    for path in logs:
        if _is_filled(path) and _lines(path)[0] != ",".join(LOG).encode():
            _refuse(None, campaigns, "--log", str(path), "the log")


def _refuse(held: set[str] | None, campaigns: Collection[str], flag: str, shown: str, what: str) -> None:
    if held is not None and held <= set(campaigns):
        return
    other = "no output of a simulation" if held is None else f"{what} of another simulation"
    if held is not None and held & set(campaigns):
        other = f"{what} of a simulation with campaigns that this one does not play"
    raise FileTrouble(
        f"{shown} exists, and is {other}",
        hint=f"name another file: `{flag} FILE`; or replace it with `--force`",
        code="exists",
    )


def loses_lines(path: Path, content: bytes) -> bool:
    """Whether a log that is there has lines that the new one does not have."""
    return _is_filled(path) and not set(_lines(path)) <= set(content.split(b"\n"))


def signed(drawn: str, campaigns: Iterable[str]) -> bytes:
    """A picture with the keys of its campaigns behind it."""
    return f"{drawn}<!-- alcli simulate: {' '.join(sorted(set(campaigns)))} -->\n".encode()


def _is_filled(path: Path) -> bool:
    # what is no ordinary file is refused by whoever writes
    with reporting_disk_trouble(path):
        return path.is_file() and path.stat().st_size > 0


def _lines(path: Path) -> list[bytes]:
    with reporting_disk_trouble(path):
        return path.read_bytes().split(b"\n")


def _in_picture(path: Path) -> set[str] | None:
    with reporting_disk_trouble(path):
        found = _COMMENT.search(path.read_bytes())
    return None if found is None else set(found[1].decode().split())


def _in_table(path: Path, form: str) -> set[str] | None:
    """The campaigns of a table; None when it is not one that a simulation wrote."""
    from pyarrow import ArrowException

    try:
        with reporting_disk_trouble(path):
            return set(_keys(path, form))
    except FileTrouble:
        raise
    except (AlcliError, ArrowException, ValueError, KeyError, TypeError, csv.Error):
        return None


def _keys(path: Path, form: str) -> Iterator[str]:
    at = HEADER.index("campaign")
    if form == "parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as table:
            _check(table.schema_arrow.names)
            yield from table.read(columns=[HEADER[at]]).column(0).to_pylist()
    elif form == "xlsx":
        from alcli.sheets.workbook import read

        sheet = read(path, str(path), wanted=lambda header: header == list(HEADER))
        _check(sheet.header)
        yield from (cells[at] for _, cells, _ in sheet.rows())
    elif form == "jsonl":
        with path.open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                _check(row)
                yield row["campaign"]
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t" if form == "tsv" else ",")
            _check(next(rows))
            for cells in rows:
                _check(HEADER if len(cells) == len(HEADER) else cells)
                yield cells[at]


def _check(header: Iterable[str]) -> None:
    if tuple(header) != HEADER:
        raise ValueError("these are not the columns of a simulation's table")
