"""Workbooks as they come back: retyped, broken, hostile."""

from __future__ import annotations

import datetime
import io
import zipfile

import openpyxl
import pytest

from alcli.errors import TableError, UsageError
from alcli.sheets import bounds

from .projects import Project, taken

PLAIN = Project(ids=("a-1", "a-2", "7", "456", "00456", "TRUE"), classes=("cat", "dog", "1"))
RELS = "xl/_rels/workbook.xml.rels"


def book(*rows, pages=None):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, table in (pages or {"labels": [("id", "label"), *rows]}).items():
        page = made.create_sheet(name)
        for row in table:
            page.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def remade(data, **parts):
    """The workbook with parts put in other words: {part name with _ for /: function of text}."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            text = old.read(info)
            change = parts.get(info.filename.rpartition("/")[2].split(".")[0])
            new.writestr(info.filename, change(text.decode()) if change else text)
    return file.getvalue()


def refused(data):
    with pytest.raises(TableError) as caught:
        PLAIN.judge(data, shown="sheet.xlsx")
    assert caught.value.at.file == "sheet.xlsx"
    return caught.value


def only(judged):
    assert len(judged.rejects) == 1, judged.rejects
    return judged.rejects[0]


def test_a_number_as_a_label_is_its_class():
    assert taken(PLAIN.judge(book(("a-1", 1.0), ("a-2", "cat")))) == {"a-1": "1", "a-2": "cat"}


def test_a_boolean_as_a_label_is_its_class(make_project):
    project = make_project(ids=("a-1",), classes=("True", "False"))
    assert taken(project.judge(book(("a-1", True)))) == {"a-1": "True"}


def test_a_number_as_an_id_is_taken_only_when_it_can_be_no_other():
    judged = PLAIN.judge(book((7, "cat"), (456, "dog"), (True, "cat"), (99, "cat")))
    assert taken(judged) == {"7": "cat", "TRUE": "cat"}
    assert [(r.row, r.code) for r in judged.rejects] == [(3, "mangled-id"), (5, "unknown-id")]
    assert "'456'" in judged.rejects[0].problem and "00456" in judged.rejects[0].problem


def test_a_date_as_an_id_is_rejected(make_project):
    project = make_project(ids=("2026-03-01 00:00:00", "MAR1", "2026-03-01"))
    reject = only(project.judge(book((datetime.datetime(2026, 3, 1, 5), "cat"))))
    assert (reject.code, "a date in the workbook" in reject.problem) == ("unknown-id", True)
    assert only(project.judge(book((datetime.datetime(2026, 3, 1), "cat")))).code == "mangled-id"


def test_a_retyped_id_is_restored_by_its_token(project):
    made = openpyxl.load_workbook(io.BytesIO(project.write("xlsx")))
    page = made["labels"]
    for id, value, label in [
        ("00456", 456, "cat"),
        ("MAR1", datetime.datetime(2026, 3, 1), "dog"),
        ("1E5", 1e5, "dog"),
    ]:
        row = project.ids.index(id) + 2
        page.cell(row, 1).value = value
        page.cell(row, 3).value = label
    file = io.BytesIO()
    made.save(file)
    judged = project.judge(file.getvalue())
    assert taken(judged) == {"00456": "cat", "MAR1": "dog", "1E5": "dog"}
    assert sorted(judged.restored) == [(7, "456", "00456"), (8, "100000", "1E5"), (9, "2026-03-01", "MAR1")]


def test_a_formula_without_a_value_is_rejected_naming_its_row():
    judged = PLAIN.judge(book(("a-1", "=A1"), ("a-2", "cat")))
    assert taken(judged) == {"a-2": "cat"}
    assert (only(judged).row, only(judged).code) == (2, "formula")
    assert "'a-1'" in only(judged).problem


def test_a_formula_with_an_empty_value_is_a_blank():
    data = remade(book(("a-1", "=A9"), ("a-2", "cat")), sheet1=lambda t: t.replace('<c r="B2">', '<c r="B2" t="str">'))
    judged = PLAIN.judge(data)
    assert (taken(judged), judged.blank, judged.rejects) == ({"a-2": "cat"}, 1, [])


def test_an_error_is_rejected():
    judged = PLAIN.judge(book(("a-1", "#N/A"), ("a-2", "cat")))
    assert taken(judged) == {"a-2": "cat"}
    assert only(judged).row == 2


def test_empty_and_hidden_worksheets_are_passed_over():
    data = book(pages={"empty": [], "notes": [("how to", "label")], "mine": [(), ("id", "label"), ("a-1", "cat")]})
    assert taken(PLAIN.judge(data)) == {"a-1": "cat"}


def test_a_table_that_does_not_begin_in_the_corner_is_found():
    data = book(
        pages={"s": [(), (None, None, "id", "label"), (), (None, None, "a-1", "cat"), (None, None, "no", "cat")]}
    )
    judged = PLAIN.judge(data)
    assert taken(judged) == {"a-1": "cat"}
    assert only(judged).row == 5


def test_answers_on_two_worksheets_are_refused():
    table = [("id", "label"), ("a-1", "cat")]
    error = refused(book(pages={"one": table, "two": table}))
    assert error.code == "several-worksheets" and "one, two" in error.message


def test_a_csv_named_xlsx_is_read_as_csv():
    assert taken(PLAIN.judge(b"id,label\na-1,cat\n", shown="sheet.xlsx")) == {"a-1": "cat"}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.999])
def test_a_download_cut_short_is_refused(share):
    data = book(("a-1", "cat"))
    error = refused(data[: int(len(data) * share)])
    assert error.code in ("damaged-workbook", "unknown-format")


def test_damaged_parts_are_refused():
    data = bytearray(book(*[(f"x{i}", "cat") for i in range(500)]))
    for at in range(200, len(data), 97):
        broken = bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            PLAIN.judge(broken)
        except TableError:
            continue  # anything else is a bug; a flip in padding may pass


def test_a_zip_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "no workbook" in refused(file.getvalue()).message


def test_other_files_are_refused_by_what_they_are():
    assert "password" in refused(b"\xd0\xcf\x11\xe0" + b"\0" * 600).message
    assert "PDF" in refused(b"%PDF-1.7 ...").message


def test_entities_are_refused_before_they_grow():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for part in ("sheet1", "workbook", "styles"):
        data = remade(
            book(("a-1", "cat")),
            **{
                part: lambda t: t.replace("<", bomb + "<", 1) if "?>" not in t[:60] else t.replace("?>", "?>" + bomb, 1)
            },
        )
        assert refused(data).code == "hostile-workbook"


def test_a_zip_bomb_is_refused_by_its_declared_size(monkeypatch):
    monkeypatch.setattr(bounds, "MOST_BYTES", 50_000)
    data = remade(book(("a-1", "cat")), sheet1=lambda t: t + " " * 100_000)
    assert (refused(data).code, "MiB" in refused(data).message) == ("too-large", True)


def test_a_zip_that_lies_about_its_size_is_refused():
    data = remade(book(("a-1", "cat")), sheet1=lambda t: t + " " * 1_000_000)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = data.replace(true.to_bytes(4, "little"), (2000).to_bytes(4, "little"))
    assert lie != data
    assert refused(lie).code == "damaged-workbook"


@pytest.mark.parametrize("cell", ["XFD1048576", "ZZZ1", "B9999999"])
def test_far_cells_are_refused_before_memory_is_taken(cell):
    data = remade(
        book(("a-1", "cat")),
        sheet1=lambda t: t.replace("</sheetData>", f'<row r="1048576"><c r="{cell}"><v>1</v></c></row></sheetData>'),
    )
    error = refused(data)
    assert error.code == "too-large" and ".csv" in error.hint


def test_too_many_cells_are_refused_with_the_limit(monkeypatch):
    monkeypatch.setattr(bounds, "MOST_CELLS", 100)
    error = refused(book(*[("a-1", "cat")] * 60))
    assert "at most 100 cells" in error.message


def ods(rows):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("mimetype")
        archive.writestr(info, "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="s">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<m/>")
    return file.getvalue()


def ods_row(*cells, more=""):
    inner = "".join(
        f'<table:table-cell office:value-type="string"{more}><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row>{inner}</table:table-row>"


def test_ods_is_read_and_its_empty_repeats_do_no_harm():
    empty = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    judged = PLAIN.judge(ods(ods_row("id", "label") + ods_row("a-1", "cat") + empty))
    assert taken(judged) == {"a-1": "cat"}


@pytest.mark.parametrize(
    "rows",
    [
        ods_row("id", "label") + ods_row("a", "b", more=' table:number-columns-repeated="8000"') * 900,
        '<table:table-row table:number-rows-repeated="1000000">'
        + ods_row(*"abcdefghijkl").removeprefix("<table:table-row>"),
        ods_row("id", "label") + '<table:table-row table:number-rows-repeated="2000000"/>' + ods_row("a-1", "cat"),
        ods_row("x", more=' table:number-columns-repeated="99999999999999999999"'),
    ],
)
def test_ods_bombs_of_repeats_are_refused(rows):
    assert refused(ods(rows)).code == "too-large"


def test_a_format_that_is_named_is_used():
    from alcli.sheets.answers import read_answers

    with pytest.raises(TableError):
        read_answers(b"id,label\na-1,cat\n", "x", id_column="id", format="xlsx")
    with pytest.raises(UsageError, match="no format"):
        read_answers(b"", "x", id_column="id", format="xslx")
