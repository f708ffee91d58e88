"""Where a query's sheet goes, and what may be replaced there: never a labeler's work."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError, FileTrouble, UsageError, listing
from alcli.files import take_back, write_bytes
from alcli.settings import flag_of
from alcli.sheets.base import file_word
from alcli.sheets.mangled import same_number
from alcli.steps.delivering import write_stdout
from alcli.steps.untouched import refuse_untouched
from alcli.tables.history import batch_number

if TYPE_CHECKING:
    from alcli.sheets.base import Sheet
    from alcli.sheets.table import Format
    from alcli.steps.project import Project


class Outbox:
    """The place of one sheet.

    Parameters
    ----------
    output : as the user gave it: a file, a folder, ``-``, or None for the project's sheets folder.
    force : replace whatever is there.
    person : whom the sheet is for, when a batch is split; it stands in the sheet's name.

    Attributes
    ----------
    unfinished : the number of a batch that a process asked which was killed before it could say so; else 0.
    """

    unfinished = 0

    def __init__(self, project: Project, output: str | None, *, force: bool, person: str = "") -> None:
        self.project = project
        self.force = force
        self.output = output
        self.person = file_word(person) if person else ""
        settings = project.settings
        if output is None and settings.config is None:
            raise UsageError(
                "there is no project here, so the sheet has no place",
                hint="name it: `-o to_label.csv`, or `-o -`",
                code="no-output",
            )
        self.format: Format  # checked before anything heavy is done
        from alcli.sheets.table import format_for

        self.folder = output is None or output.endswith(("/", os.sep)) or (output != "-" and Path(output).is_dir())
        self.format = format_for("x.csv" if self.folder else str(output), settings.format)
        if self.person and not self.folder:
            self.output = _with_person(str(output), self.person)
        if output == "-" and self.format.binary and sys.stdout.isatty():
            raise UsageError(
                f"a {self.format.name} sheet does not go to a terminal", hint="write it to a file: `-o FILE`"
            )

    @property
    def records(self) -> bool:
        """Whether the batch is written to asked.csv: not by a command without a project that names none."""
        settings = self.project.settings
        return settings.config is not None or settings.given("asked")

    @property
    def shown(self) -> str:
        return self.name(self.project.campaign().batches()) if self.folder else str(self.output)

    def name(self, batch: int) -> str:
        """The sheet's name; in a folder it is the number of the batch."""
        if not self.folder:
            return str(self.output)
        folder = self.project.settings.project / "sheets" if self.output is None else Path(str(self.output))
        return str(folder / f"{batch:04d}{f'-{self.person}' if self.person else ''}{self.format.suffixes[0]}")

    def waiting(self) -> str | None:
        """What to say when FILE is the unanswered sheet of the newest batch; None when it is not.

        In a folder every batch has a sheet of its own, so there it must be that of a killed process.
        """
        if self.folder:
            batch = self.unfinished
            is_newest = batch and batch == self.project.campaign().batches()
            return Outbox(self.project, self.name(batch), force=False).waiting() if is_newest else None
        if self.output == "-" or not Path(str(self.output)).is_file():
            return None
        campaign = self.project.campaign()
        newest = campaign.batches()
        if newest == 0 or self._batches != {newest}:
            return None
        ids = {row.id for row in campaign.rows_of(newest)}
        answered = any(batch_number(row.batch) == newest and row.id in ids for row in self.project.labels.rows())
        if answered:
            return None
        return (
            f"{self.output} is the sheet of batch {newest}, which nobody has answered yet; nothing was written. "
            f"Fill it and `alcli import-labels {self.output}`"
        )

    @cached_property
    def _returned(self) -> list[tuple[int, str, str]] | None:
        """(batch, id, label) of every row of the sheet that is there; None when it cannot be read."""
        from alcli.steps.inspecting import in_encodings, likely_encodings

        try:
            return in_encodings(likely_encodings(self.project), self._read)
        except AlcliError:
            return None

    def _read(self, encoding: str | None) -> list[tuple[int, str, str]]:
        from alcli.sheets.answers import read_answers
        from alcli.sheets.token import read_token

        path = Path(str(self.output))
        sheet = read_answers(
            path,
            str(path),
            id_column=self.project.pool.id_column,
            label_column=self.project.settings.label,
            # a page is no answers, so an import does not recognise it; here it says whose it is
            format="html" if self.format.name == "html" else None,
            encoding=encoding,
        )
        columns = sheet.columns
        found = []
        for _, cells, _ in sheet.raw.rows():
            if not any(cells):
                continue
            cells = [*cells, *[""] * (len(sheet.raw.header) - len(cells))]
            token = read_token(cells[columns.token]) if columns.token is not None else None
            id_ = cells[columns.id] if columns.id is not None else ""
            found.append((token.batch if token is not None else -1, id_, cells[columns.label].strip()))
        return found

    @property
    def _batches(self) -> set[int]:
        return {batch for batch, _, _ in self._returned or ()}

    def _imported(self) -> bool:
        """Whether every answer in the sheet is in labels.csv, by the judgement that an import makes."""
        from alcli.steps.inspecting import is_imported

        try:
            return is_imported(self.project, str(self.output))
        except AlcliError:
            return False

    def refuse_if_taken(self) -> None:
        """Refuse to replace a sheet that may hold answers nobody has imported.

        Raises
        ------
        FileTrouble
            Unless told by `--force`, unless every answer in it is in labels.csv, and unless it is the
            orphan of a killed run: a sheet without answers, of a batch that asked.csv does not know.
            And whatever one is told, if it is a file of the pool, a ledger, or another that stays.
        """
        path = Path(str(self.output))
        if self.folder or self.output == "-":
            return
        refuse_untouched(self.project, path, sheets=True)
        if not path.exists():
            return
        if not path.is_file():
            raise FileTrouble(f"{path} is not an ordinary file, so no sheet takes its place", code="not-a-file")
        if self.force:
            return
        rows = self._returned
        if rows is not None:
            newest = self.project.campaign().batches()
            orphan = bool(rows) and all(batch > newest and not label for batch, _, label in rows)
            if orphan or self._imported():
                return
        raise FileTrouble(
            f"{path} exists, and a labeler's work may be in it",
            hint="import it first, write to another file, or replace it with `--force`",
            code="exists",
        )

    @contextmanager
    def delivering(self, sheet: Sheet) -> Iterator[tuple[str, ...]]:
        """Write the sheet whole, and give warnings to the block, which commits the ledger.

        A block that fails takes a new sheet back: nobody should fill one that the ledger does not know.
        """
        place = Path(self.name(sheet.batch))
        is_new = self.output != "-" and not place.exists()
        try:
            yield self._write(sheet, place)
        except BaseException:
            if is_new:
                take_back(place)
            raise

    def _write(self, sheet: Sheet, place: Path) -> tuple[str, ...]:
        from alcli.sheets.table import writer

        data = io.BytesIO()
        warnings, options = self._carried(sheet)
        written = writer(self.format)(sheet, data, **options)
        content = data.getvalue()
        if self.output == "-":
            write_stdout(content)
        else:
            for suffix, more in written.beside:
                warnings += self._beside(place.with_suffix(suffix), more)
            self._place(place, content)
        if written.cut:
            warnings.append(f"{len(written.cut):,} texts were too long for a {self.format.name} cell and were cut")
        return tuple(warnings)

    def _carried(self, sheet: Sheet) -> tuple[list[str], dict[str, Any]]:
        """What to say of settings that the format has no place for, and those that its writer takes."""
        settings, takes = self.project.settings, self.format.takes
        warnings = []
        if sheet.instructions and "instructions" not in takes:
            warnings.append(f"a {self.format.name} sheet has no place for instructions: {self.format.elsewhere}")
        twins = same_number(sheet.classes) if "mark" in takes else None
        if twins is not None:
            warnings.append(
                f"to a spreadsheet that opens a CSV the classes {listing(twins)} are one number: .xlsx and .ods keep them"
            )
        options: dict[str, Any] = {}
        for name, keyword in (("bom", "mark"), ("sheet_separator", "separator")):
            value = getattr(settings, name)
            if not value or value == ",":
                continue
            if keyword in takes:
                options[keyword] = "\t" if value == "tab" else value
            elif settings.sources[name].kind == "flag":  # alcli.toml means the sheets that are CSV
                warnings.append(f"`{flag_of(name)}` is for CSV; a {self.format.name} sheet needs none")
        return warnings, options

    def _beside(self, path: Path, content: bytes) -> list[str]:
        """A file that a tool needs once; one that somebody has changed stays."""
        refuse_untouched(self.project, path, sheets=True)
        if path.exists() and path.read_bytes() != content and not self.force:
            return [f"{path} is not what this sheet needs and was left as it is; `--force` replaces it"]
        write_bytes(path, content)
        return []

    def _place(self, path: Path, content: bytes) -> None:
        refuse_untouched(self.project, path, sheets=True)
        if self.folder and path.exists() and not self.force:
            if path.read_bytes() == content:
                return
            taken = Outbox(self.project, str(path), force=False)
            taken.refuse_if_taken()
        write_bytes(path, content)


def _with_person(name: str, person: str) -> str:
    """``to_label-a1.xlsx`` for ``to_label.xlsx``."""
    path = Path(name)
    return str(path.with_name(f"{path.stem}-{person}{path.suffix}"))
