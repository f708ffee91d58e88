"""A person at LibreOffice, played by a macro: opens a sheet, types into cells, saves it, and says what is seen."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

SOFFICE = shutil.which("soffice")
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8", "csv": "Text - txt - csv (StarCalc)"}

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {kind} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{name}.dtd">\n'
_LIBRARY = "http://openoffice.org/2000/library"
_LIBRARIES = (
    _HEAD.format(kind="library:libraries", name="libraries")
    + f'<library:libraries xmlns:library="{_LIBRARY}"><library:library library:name="Standard" library:link="false"/></library:libraries>'
)
_STANDARD = (
    _HEAD.format(kind="library:library", name="library")
    + f'<library:library xmlns:library="{_LIBRARY}" library:name="Standard" library:readonly="false"'
    ' library:passwordprotected="false"><library:element library:name="Module1"/></library:library>'
)
_MODULE = (
    _HEAD.format(kind="script:module", name="module")
    + '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">{code}</script:module>'
)
_CODE = """
Function Said(name, value)
  Dim its as new com.sun.star.beans.PropertyValue
  its.Name = name
  its.Value = value
  Said = its
End Function

Sub Main
  Dim out, doc, sheet, label, view
  out = FreeFile
  Open "{told}" For Output As #out
  On Error GoTo Oops
  doc = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, Array(Said("Hidden", True)))
  sheet = doc.Sheets.getByIndex(0)
  view = doc.CurrentController
  label = sheet.getCellByPosition({column}, 1)
  Print #out, "frozen=" &amp; view.hasFrozenPanes() &amp; " at row " &amp; view.SplitRow
  Print #out, "active=" &amp; view.ActiveSheet.Name
  Print #out, "protected=" &amp; sheet.isProtected()
  Print #out, "label locked=" &amp; label.CellProtection.IsLocked
  Print #out, "id locked=" &amp; sheet.getCellByPosition(0, 1).CellProtection.IsLocked
  Print #out, "list=" &amp; label.Validation.getFormula1()
  Print #out, "wraps=" &amp; sheet.getCellByPosition(1, 1).IsTextWrapped
  Print #out, "height=" &amp; sheet.Rows.getByIndex(1).Height
  Print #out, "width=" &amp; sheet.Columns.getByIndex(1).Width
  Print #out, "id type=" &amp; sheet.getCellByPosition(0, 1).Type
{typing}
  doc.storeToURL("{target}", Array(Said("FilterName", "{filter}")))
  doc.close(True)
  Print #out, "done=yes"
Oops:
  If Err &lt;&gt; 0 Then Print #out, "error=" &amp; Error &amp; " in line " &amp; Erl
  Close #out
End Sub
"""


class Office:
    """LibreOffice with a profile of its own in `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.calls = 0
        self._place = home / "profile" / "user" / "basic"
        (self._place / "Standard").mkdir(parents=True)
        (self._place / "script.xlc").write_text(_LIBRARIES)
        (self._place / "Standard" / "script.xlb").write_text(_STANDARD)

    def _run(self, *argv: str) -> None:
        subprocess.run(
            [str(SOFFICE), f"-env:UserInstallation=file://{self.home}/profile", "--headless", "--norestore", *argv],
            check=True, capture_output=True, timeout=240,
        )  # fmt: skip

    def _folder(self) -> Path:
        self.calls += 1
        folder = self.home / str(self.calls)
        folder.mkdir()
        return folder

    def convert(self, data: bytes, suffix: str, to: str, *options: str) -> bytes:
        """The file as it is after LibreOffice opened it and saved it as something else."""
        folder = self._folder()
        (folder / f"in.{suffix}").write_bytes(data)
        self._run(*options, "--convert-to", to, "--outdir", str(folder / "out"), str(folder / f"in.{suffix}"))
        return (folder / "out" / f"in.{to.partition(':')[0]}").read_bytes()

    def fill(
        self, data: bytes, suffix: str, typed: Mapping[tuple[int, int], str], column: int, to: str | None = None
    ) -> tuple[dict[str, str], bytes]:
        """Type texts into cells (row, column), counted from 0, and save.

        Parameters
        ----------
        column : of the labels, about which the facts are.
        to : the suffix to save as; the same by default.

        Returns
        -------
        facts : what is seen of the sheet.
        data : the saved file.
        """
        folder, to = self._folder(), to or suffix
        (folder / f"in.{suffix}").write_bytes(data)
        quoted = {place: text.replace('"', '""') for place, text in typed.items()}
        typing = "\n".join(
            f'  sheet.getCellByPosition({at}, {row}).FormulaLocal = "{text}"' for (row, at), text in quoted.items()
        )
        code = _CODE.format(
            told=folder / "told.txt",
            source=(folder / f"in.{suffix}").as_uri(),
            target=(folder / f"out.{to}").as_uri(),
            filter=FILTERS[to],
            column=column,
            typing=escape(typing),
        )
        (self._place / "Standard" / "Module1.xba").write_text(_MODULE.format(code=code))
        self._run("macro:///Standard.Module1.Main")
        lines = (folder / "told.txt").read_text().splitlines()
        facts = dict(line.split("=", 1) for line in lines)
        assert facts.get("done") == "yes", lines
        return facts, (folder / f"out.{to}").read_bytes()
