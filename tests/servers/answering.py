"""What the tools are given, what two people answer there, and how what comes back is held against it."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alcli.cli import main

RECORDED = Path(__file__).parents[1] / "sheets" / "exports"
#: With this variable set, the exports of a run are kept as those that the fast tests read.
RECORD = "RECORD_EXPORTS"

CLASSES = ('<other> "x"', "praise & thanks", "c#", "007")
# Ids and texts that spreadsheets, HTML, JSON and shells like to change.
ROWS = (
    ("00123", "plain"),
    ("1E5", "NA"),
    ("NA", "line\nbreak and\r\nmore"),
    ("=1+1", '=HYPERLINK("http://example.invalid","x")'),
    ("a,b", "<b>bold</b> & <script>alert(1)</script> {{x}} $text"),
    ('q"q', "\"quoted\" 'single' \\back\\ %s {0}"),
    ("Café-7", "naïve 日本 🙂 e\u0301 \u202eabc"),
    (" 7 ", "  blanks\tand tab  "),
    ("MAR1", "-5"),
    ("true", "1.0"),
    ("12345678901234567890", "long " * 100),
    ("z1", "null"),
    ("z2", "\u2028separator\u00a0"),
    ("z3", '{"text": ["json"]}'),
    ("z4", "[]"),
)
#: Columns whose names the tools use themselves.
COLUMNS = ("text", "created_at", "annotator")


@dataclass(frozen=True, order=True)
class Said:
    """One answer. `person` is ann or ben, whatever the tool calls them; a skip has no label."""

    id: str
    person: str
    label: str
    comment: str = ""
    answered_at: str = ""

    @property
    def kind(self) -> str:
        """As labels.csv names it."""
        return "label" if self.label else "skip"


#: Who answers what: ann nearly all rows, ben every second, not always like her.
ANSWERS = tuple(
    Said(id, person, CLASSES[(at + at // 2 * (person == "ben")) % 4], comment)
    for at, (id, _) in enumerate(ROWS[:-4])
    for person, comment in (("ann", 'hm, "why"\n=1+1' if at % 3 == 0 else ""), ("ben", ""))
    if person == "ann" or at % 2
)


def alcli(*argv: str, code: int = 0) -> None:
    """A command line in the current folder, which must end with that exit code."""
    assert main(list(argv)) == code, argv


def begun(folder: Path) -> Path:
    """A project in which nothing is asked yet."""
    folder.mkdir()
    text = io.StringIO(newline="")
    rows = [(*row, f"2020-01-{at:02d}", "me") for at, row in enumerate(ROWS, 1)]
    csv.writer(text).writerows([("id", *COLUMNS), *rows])
    (folder / "pool.csv").write_text(text.getvalue(), newline="")
    with contextlib.chdir(folder):
        named = [flag for name in COLUMNS[1:] for flag in ("--ignore", name)]
        alcli("init", "pool.csv", "--classes", ",".join(CLASSES), "--text", "text", *named, "-q")
    return folder


def new_project(folder: Path, sheet: str, *flags: str) -> Path:
    """A project whose rows are all asked, by that sheet."""
    with contextlib.chdir(begun(folder)):
        shown = [flag for name in COLUMNS for flag in ("--show", name)]
        alcli("query", "-n", str(len(ROWS)), "-s", "random", *shown, "-o", sheet, *flags, "-q")
    return folder


def guessing_project(folder: Path, sheet: str) -> Path:
    """A project with a model, whose last rows are asked by that sheet with the model's guesses."""
    with contextlib.chdir(begun(folder)):
        known = io.StringIO(newline="")
        csv.writer(known).writerows([("id", "label"), *((id, CLASSES[at % 4]) for at, (id, _) in enumerate(ROWS[:8]))])
        Path("known.csv").write_text(known.getvalue(), newline="")
        alcli("import-labels", "known.csv", "-q")
        alcli("train", "-q")
        alcli("query", "-n", str(len(ROWS)), "-s", "random", "--with-guess", "-o", sheet, "-q")
    return folder


def copied(project: Path, to: Path) -> Path:
    """The project as it was when its rows had been asked."""
    to.mkdir(parents=True)
    for name in ("alcli.toml", "pool.csv", "asked.csv"):
        shutil.copy(project / name, to)
    return to


def ledger(project: Path) -> list[dict[str, str]]:
    """The rows of labels.csv."""
    with (project / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def answers_in(project: Path, names: Mapping[str, str]) -> list[Said]:
    """What labels.csv holds, with the people named as here; skips as such."""
    people = {name: person for person, name in names.items()}
    found = []
    for row in ledger(project):
        assert row["kind"] == ("label" if row["label"] else "skip")
        found.append(
            Said(
                row["id"],
                people.get(row["annotator"], row["annotator"]),
                row["label"],
                row["comment"],
                row["answered_at"],
            )
        )
    return sorted(found)


def imported(
    project: Path, export: Path, folder: Path, names: Mapping[str, str], *flags: str, code: int = 0
) -> list[Said]:
    """What an export brings into a fresh project."""
    fresh = copied(project, folder)
    with contextlib.chdir(fresh):
        alcli("import-labels", str(export), "-q", *flags, code=code)
    return answers_in(fresh, names)


def record(tool: str, files: Iterable[Path], answers: Iterable[Said], project: Path) -> None:
    """Keep what a tool exported for the fast tests, when `RECORD_EXPORTS` is set."""
    if not os.environ.get(RECORD):
        return
    folder = RECORDED / tool
    shutil.rmtree(folder, ignore_errors=True)
    copied(project, folder)
    for file in files:
        shutil.copy(file, folder)
    with (folder / "answers.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["id", "person", "label", "comment", "answered_at"])
        rows.writerows((said.id, said.person, said.label, said.comment, said.answered_at) for said in sorted(answers))


def recorded(tool: str) -> list[Said]:
    """The answers that were given when the exports were recorded."""
    with (RECORDED / tool / "answers.csv").open(newline="") as file:
        return sorted(Said(**row) for row in csv.DictReader(file))
