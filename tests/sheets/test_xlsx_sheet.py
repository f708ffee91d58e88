from __future__ import annotations

import io

import openpyxl
import pytest

from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.xlsx_sheet import CUT_MARK, MOST_CHARACTERS, fitting, write

from .projects import Project, taken


def opened(project, **answers):
    return openpyxl.load_workbook(io.BytesIO(project.write("xlsx", answers)))


def test_every_cell_is_text_in_a_text_format(project):
    page = opened(project)["labels"]
    cells = [cell for row in page.iter_rows() for cell in row]
    assert {cell.number_format for cell in cells} == {"@"}
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert page["A8"].value == "1E5"


def test_only_labels_and_comments_can_be_typed(project):
    page = opened(project)["labels"]
    assert page.protection.sheet and not page.protection.password
    assert not page.protection.sort and not page.protection.autoFilter  # allowed
    free = {cell.column_letter for row in page.iter_rows(min_row=2) for cell in row if not cell.protection.locked}
    assert free == {"C", "D"}


def test_labels_have_a_drop_down_from_a_hidden_worksheet(project):
    book = opened(project)
    assert book["classes"].sheet_state == "hidden"
    assert [row[0].value for row in book["classes"].iter_rows()] == ["cat", "dog", "bird", "?"]
    (validation,) = book["labels"].data_validations.dataValidation
    assert (validation.type, str(validation.sqref)) == ("list", f"C2:C{len(project.ids) + 1}")


def test_the_sheet_can_be_read(project):
    page = opened(project)["labels"]
    assert page.freeze_panes == "A2"
    assert all(9 <= page.column_dimensions[letter].width <= 81 for letter in "ABCDE")
    assert page["B2"].alignment.wrap_text


def test_the_batch_is_a_property_and_the_date_is_the_batchs(project):
    import zipfile

    book = opened(project)
    assert {p.name: p.value for p in book.custom_doc_props.props} == {"alcli batch": "2"}
    file = io.BytesIO()
    write(Sheet("p", 1, "id", (), [], created="2026-11-22T01:30:00Z"), file)
    assert b"2026-11-22T01:30:00Z" in zipfile.ZipFile(file).read("docProps/core.xml")


@pytest.mark.parametrize("letter", ["x", "🙂"])
def test_texts_too_long_for_a_cell_are_cut_with_a_mark_and_reported(letter):
    project = Project(ids=("a-1", "a-2"), texts={"a-1": letter * 40_000})
    assert len(fitting(letter * 40_000).encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert fitting(letter * 40_000).endswith(CUT_MARK)
    file = io.BytesIO()
    written = write(project.sheet({"a-1": "cat"}), file)
    assert (written.rows, written.cut) == (2, (("a-1", "text"),))
    judged = project.judge(file.getvalue())
    assert (taken(judged), judged.edited) == ({"a-1": "cat"}, 0)


def test_a_long_list_of_classes_and_long_ids_work():
    classes = tuple(f"a class with a rather long name {i}" for i in range(300))
    project = Project(ids=("a" * 40_000, "b"), classes=classes)
    judged = project.judge(project.write("xlsx", {project.ids[0]: classes[299]}))
    assert taken(judged) == {project.ids[0]: classes[299]}


def test_no_classes_no_list(make_project):
    assert opened(make_project(classes=())).sheetnames == ["labels"]


def test_guesses_are_shown_when_asked_for():
    rows = [SheetRow("a", ("t",), 1, guess="cat", confidence=0.91234)]
    file = io.BytesIO()
    write(Sheet("p", 1, "id", ("text",), rows, ("cat",), with_guess=True), file)
    page = openpyxl.load_workbook(file)["labels"]
    assert [cell.value for cell in page[2]][:5] == ["a", "t", "cat", "0.912", None]
