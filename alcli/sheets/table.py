"""The formats of sheets. A new one is a file in this folder and a row here.

A format's file has `write(sheet, file) -> Written`, and `read(source, shown, *, wanted, encoding,
separator) -> RawSheet` with `recognises(head) -> bool`; a format that only goes one way leaves the
other out. Another package adds a format through the entry point group `alcli.sheets`: a name and a
`Format`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from alcli.errors import Place, TableError, UsageError, did_you_mean, listing
from alcli.sheets.heads import begins, has_key, without_mark
from alcli.sheets.raw import RawSheet
from alcli.sheets.token import COLUMN as TOKEN
from alcli.telling import warn

if TYPE_CHECKING:
    from alcli.sheets.base import Written

GROUP = "alcli.sheets"


class Reader(Protocol):
    """Opens a returned sheet. `wanted(header)` says which of several tables in a file is meant."""

    def __call__(
        self,
        source: Path | bytes,
        shown: str,
        *,
        wanted: Callable[[list[str]], bool],
        encoding: str | None = None,
        separator: str | None = None,
    ) -> RawSheet: ...


Writer = Callable[..., "Written"]


@dataclass(frozen=True)
class Format:
    """One row of the table. Targets are `module:function`, imported when first used.

    Attributes
    ----------
    name : for `--format`.
    summary : one line for people.
    suffixes : file endings that mean this format, with their dots.
    write, read, recognises : None where the format does not go that way. `recognises` gets the
        first 4,096 bytes of a file, of JSON the first MiB: its keys may stand behind a long text.
    binary : must not go to a terminal.
    delimited : what comes back may be delimited text.
    then : what to do with the sheet, where its answers are not written into the file itself.
    takes : what a sheet can carry besides: `instructions`, which stand in the `Sheet`, and the keywords
        `separator` and `mark` of `write`.
    elsewhere : where instructions go, for a format that does not carry them.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...]
    write: str | None = None
    read: str | None = None
    recognises: str | None = None
    binary: bool = False
    delimited: bool = False
    then: str = ""
    takes: tuple[str, ...] = ()
    elsewhere: str = "send them along, or write .xlsx, .ods or .html, which carry them"


_CSV = "alcli.sheets.csv_sheet"
_XLSX = "alcli.sheets.xlsx_sheet"
_READ = "alcli.sheets.workbook"

# In the order in which a file is shown to them; CSV is what is left.
FORMATS = (
    Format(
        "xlsx",
        "a workbook with a drop-down of the labels; Excel, LibreOffice, Google Sheets",
        (".xlsx", ".xlsm"),
        write=f"{_XLSX}:write",
        read=f"{_READ}:read",
        recognises=f"{_READ}:recognises_xlsx",
        binary=True,
        takes=("instructions",),
    ),
    Format(
        "ods",
        "the same as an OpenDocument spreadsheet; LibreOffice, Excel, Google Sheets",
        (".ods",),
        write="alcli.sheets.ods_sheet:write",
        read=f"{_READ}:read",
        recognises=f"{_READ}:recognises_ods",
        binary=True,
        takes=("instructions",),
    ),
    Format(
        "html",
        "a page that works offline in any browser, one row at a time; its answers come back as CSV",
        (".html", ".htm"),
        write="alcli.sheets.html_sheet:write",
        read="alcli.sheets.html_sheet:read",
        then="open it in a browser and label; it saves answers-batch-N.csv, which `alcli import-labels` takes",
        takes=("instructions",),
    ),
    Format(
        "label-studio",
        "tasks for Label Studio, with its labeling configuration beside; takes its JSON, JSON_MIN and CSV back",
        (".json",),
        write="alcli.sheets.label_studio:write",
        read="alcli.sheets.label_studio:read",
        recognises="alcli.sheets.label_studio:recognises",
        delimited=True,
        then="import it into a Label Studio project with the .xml beside it as its labeling interface; `alcli import-labels` takes the export",
        takes=("instructions",),
    ),
    Format(
        "prodigy",
        "tasks for Prodigy; takes its annotations back",
        (),
        write="alcli.sheets.prodigy:write",
        read="alcli.sheets.prodigy:read",
        recognises="alcli.sheets.prodigy:recognises",
        then="give it to a recipe with choices; `alcli import-labels` takes what `prodigy db-out` writes",
        elsewhere="name them in prodigy.json, as `instructions`",
    ),
    Format(
        "argilla",
        "records for Argilla; takes its responses back",
        (),
        write="alcli.sheets.argilla:write",
        read="alcli.sheets.argilla:read",
        recognises="alcli.sheets.argilla:recognises",
        then="log the records; `alcli import-labels` takes what `records.to_list(flatten=True)` gives",
        elsewhere="give them to `rg.Settings(guidelines=...)`",
    ),
    Format(
        "doccano",
        "lines for doccano; takes its JSONL, JSON and CSV back, also zipped",
        (".jsonl",),
        write="alcli.sheets.doccano:write",
        read="alcli.sheets.doccano:read",
        recognises="alcli.sheets.doccano:recognises",
        delimited=True,
        then="import it into a project of text classification; `alcli import-labels` takes its export",
        elsewhere="paste them into the project's page Guideline, which shows Markdown",
    ),
    Format(
        "csv",
        "plain text, with separators `,` `;` or tab",
        (".csv", ".txt"),
        write=f"{_CSV}:write",
        read=f"{_CSV}:read",
        recognises=f"{_CSV}:recognises",
        delimited=True,
        takes=("separator", "mark"),
    ),
    Format(
        "tsv",
        "plain text with tabs",
        (".tsv", ".tab"),
        write=f"{_CSV}:write_tabs",
        read=f"{_CSV}:read",
        takes=("mark",),
    ),
)


def entry_points(group: str) -> Iterable[Any]:
    """What installed packages add; looking takes 10 ms, so it is done when a file is in no format of ours."""
    from importlib.metadata import entry_points as installed

    return installed(group=group)


@cache
def formats() -> Mapping[str, Format]:
    """All formats by name: those of other packages first, so that they may know more than CSV does.

    A package cannot replace one of alcli's own.
    """
    own = {row.name: row for row in FORMATS}
    more: dict[str, Format] = {}
    for point in entry_points(group=GROUP):
        if point.name in own:
            continue
        try:
            row = point.load()
        except Exception as error:  # whatever another package does must not keep anybody from working
            warn(f"the sheet format {point.name!r} of another package cannot be loaded: {error}")
            continue
        if isinstance(row, Format):
            more[point.name] = row
        else:
            warn(f"the sheet format {point.name!r} of another package is not a `Format`")
    return {**more, **own}


def format_for(path: str | Path, explicit: str | None = None) -> Format:
    """The format that a sheet is written in: the explicit one, or by the suffix; CSV for stdout.

    Raises
    ------
    UsageError
        If no format has that name or suffix, or the format cannot be written.
    """
    known = formats()
    writable = {name: row for name, row in known.items() if row.write}
    if explicit is not None:
        found = known.get(explicit)
        if found is None:
            raise _unknown(explicit, writable)
    elif str(path) == "-":
        found = known["csv"]
    else:
        suffix = Path(path).suffix.lower()
        found = next((row for row in known.values() if suffix in row.suffixes), None)
        if found is None:
            said = f"the suffix {suffix!r}" if suffix else "a name without a suffix"
            raise UsageError(
                f"{said} does not say what format the sheet is to have",
                at=Place(str(path)),
                hint=did_you_mean(suffix, [s for row in writable.values() for s in row.suffixes])
                or f"`--format NAME` with one of {listing(list(writable))}",
                code="unknown-format",
            )
    if found.write is None:
        raise UsageError(
            f"sheets are not written as {found.name}",
            hint=f"the formats are: {listing(list(writable))}",
            code="unknown-format",
        )
    return found


def writer(format: Format) -> Writer:
    """The function that writes a format."""
    if format.write is None:
        raise ValueError(f"{format.name} is not written")
    return cast(Writer, _load(format.write))


def reader(name: str) -> Reader:
    """The function that reads a format.

    Raises
    ------
    UsageError
        If no format has that name or it cannot be read.
    """
    readable = {row.name: row for row in formats().values() if row.read}
    found = readable.get(name)
    if found is None or found.read is None:
        raise _unknown(name, readable)
    return cast(Reader, _load(found.read))


def recognise(source: Path | bytes, shown: str) -> Reader:
    """The reader of a file, by the file's content; its name does not matter.

    Raises
    ------
    TableError
        If no format knows the content.
    """
    head = begins(source, shown)
    if without_mark(head)[:1] in (b"[", b"{"):
        head = begins(source, shown, 1 << 20)
    # What is ours beyond doubt needs no look at other packages: a workbook, or a first line with separators.
    binary = [row for row in FORMATS if row.binary]
    delimited = [row for row in FORMATS if row.delimited and _LIKE_CSV.match(head)]
    # a CSV is asked first, since knowing a workbook takes a look into its zip
    sure = [*delimited, *binary]
    for row in chain(sure, _everything()):
        if row.recognises and row.read and _load(row.recognises)(head):
            if row.name == "csv" and without_mark(head)[:1] in (b"[", b"{") and has_key(head, f'"{TOKEN}'):
                # no tool's export, and only taken for a table because any text is in the end
                raise TableError(
                    "these are the tasks for a labelling tool, not an export of its answers",
                    at=Place(shown),
                    hint="label them there, export the answers, and import that file",
                    code="unknown-format",
                )
            return cast(Reader, _load(row.read))
    raise TableError(
        f"this is not a sheet: {_looks_like(head)}",
        at=Place(shown),
        hint="save it as .xlsx or .csv and import that",
        code="unknown-format",
    )


_LIKE_CSV = re.compile(rb"(\xef\xbb\xbf)?[^\[{<\r\n,;\t][^\r\n,;\t]*[,;\t]")


def _everything() -> Iterator[Format]:
    yield from formats().values()


def _looks_like(head: bytes) -> str:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old .xls workbook, or one with a password"
    if head.startswith(b"PK"):
        return "a zip file, but not a whole workbook"
    if head.startswith(b"PAR1"):
        return "a Parquet file"
    if head.startswith(b"%PDF"):
        return "a PDF"
    if head[:64].lstrip().lower().startswith(b"<!doctype html"):
        return "a page; what it saves is to be imported, a file answers-batch-….csv"
    return "not a format that is known"


def _load(target: str) -> Any:
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def _unknown(name: str, known: Mapping[str, Format]) -> UsageError:
    return UsageError(
        f"no format of sheets is called {name!r}",
        hint=did_you_mean(name, known) or f"the formats are: {listing(list(known))}",
        code="unknown-format",
    )
