"""What real tools exported, kept under tests/sheets/exports: every answer comes back, without a tool at hand."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import test_argilla, test_doccano, test_label_studio
from .answering import CLASSES, RECORDED, Said, alcli, copied, imported, recorded

NAMES = {"ann": "ann", "ben": "ben"}


def cases() -> Iterator[tuple[str, str, dict[str, str]]]:
    """(tool, file, what the file calls people)."""
    for name, (_, people) in test_label_studio.EXPORTS.items():
        yield "label-studio", name, people
    for name, (_, together) in test_doccano.EXPORTS.items():
        yield "doccano-together" if together else "doccano", name, NAMES
    yield "argilla", "flat.json", test_argilla.PEOPLE


def told(tool: str, name: str) -> list[Said]:
    """The answers that an export tells: only Label Studio's JSON knows of tasks that were skipped."""
    untold = tool == "label-studio" and name not in ("export.json", "snapshot.json")
    return [said for said in recorded(tool) if said.label or not untold]


@pytest.mark.parametrize(("tool", "name", "people"), list(cases()))
def test_every_answer_comes_back_on_its_row(tool: str, name: str, people: dict[str, str], tmp_path: Path) -> None:
    flags = ("--annotator", "ann") if tool == "doccano-together" else ()
    export = RECORDED / tool / name
    assert imported(RECORDED / tool, export, tmp_path / "fresh", people, *flags) == told(tool, name)


@pytest.mark.parametrize(("tool", "name", "people"), list(cases()))
def test_the_same_export_again_adds_nothing(tool: str, name: str, people: dict[str, str], tmp_path: Path) -> None:
    with contextlib.chdir(copied(RECORDED / tool, tmp_path / "fresh")):
        export = str(RECORDED / tool / name)
        alcli("import-labels", export, "-q")
        before = Path("labels.csv").read_bytes()
        alcli("import-labels", export, "-q")
        assert Path("labels.csv").read_bytes() == before


def test_the_recorded_answers_are_those_of_a_whole_batch() -> None:
    for tool in ("label-studio", "doccano", "argilla"):
        answers = recorded(tool)
        assert {said.label for said in answers} >= set(CLASSES) and {said.person for said in answers} == {"ann", "ben"}
    answers = recorded("label-studio")
    assert [said.kind for said in answers].count("skip") == 1 and all(said.answered_at for said in answers)
    assert "first; second" in [said.comment for said in answers]


@pytest.mark.parametrize(("separator", "mark"), [(",", "\ufeff"), (";", ""), ("\t", "\ufeff")])
def test_label_studios_table_may_have_been_saved_by_a_spreadsheet(separator: str, mark: str, tmp_path: Path) -> None:
    with (RECORDED / "label-studio" / "export.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    saved = tmp_path / "saved.csv"
    saved.write_text(mark + text.getvalue(), newline="", encoding="utf-8")
    found = imported(RECORDED / "label-studio", saved, tmp_path / "fresh", test_label_studio.NUMBERS)
    assert found == told("label-studio", "export.csv")


@pytest.mark.parametrize("name", ["jsonl.zip", "json.zip", "csv.zip"])
def test_a_file_of_doccanos_zip_is_taken_alone(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(RECORDED / "doccano" / name) as archive:
        archive.extractall(tmp_path)
    for person in NAMES:
        file = tmp_path / f"{person}.{name.removesuffix('.zip')}"
        found = imported(RECORDED / "doccano", file, tmp_path / person, NAMES, "--annotator", person)
        assert found == [said for said in recorded("doccano") if said.person == person]


def test_argillas_nested_records_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with contextlib.chdir(copied(RECORDED / "argilla", tmp_path / "fresh")):
        alcli("import-labels", str(RECORDED / "argilla" / "nested.json"), code=1)
        assert not Path("labels.csv").exists()
    assert "to_list(flatten=True)" in capfd.readouterr().err
