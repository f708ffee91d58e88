"""The real LibreOffice opens sheets and saves them again, with its defaults: no label lands on another row."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from alcli.errors import TableError
from alcli.sheets import csv_sheet, ods_sheet, xlsx_sheet

from .office import SOFFICE, Office
from .projects import ODD_IDS, Project, taken

pytestmark = [
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (`soffice`) is not installed"),
]

TEXTS = {
    "img_0001": "line one\r\nline two\n\nfour",
    "img_0002": "tab\there and   blanks  ",
    "img_0003": "x" * 40_000,
    "00123": "3.10",
    "123": "1E5",
    "00456": "=HYPERLINK(\"http://example.invalid\",\"click\")",
    "1E5": "Cafe\u0301 naïve 日本 🙂",
    "MAR1": "MAR1",
    "1-2": "1/2",
    "TRUE": "TRUE",
    "+1": "-5",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    return Office(tmp_path_factory.mktemp("libreoffice"))


@pytest.fixture
def resave(office):
    return office.convert


@pytest.fixture
def sent():
    project = Project(texts=TEXTS)
    return project, {id: project.classes[i % 3] for i, id in enumerate(project.ids)}


def check(project, answers, judged):
    """Every label on its own row; every other row rejected with a reason."""
    got = taken(judged)
    assert got.items() <= answers.items(), [(id, got[id]) for id in got if answers.get(id) != got[id]]
    assert len(got) + len(judged.rejects) == len(answers)
    assert all(reject.problem and reject.row for reject in judged.rejects)
    return len(got)


def test_csv_with_the_defaults(resave, sent):
    project, answers = sent
    judged = project.judge(resave(project.write("csv", answers), "csv", "csv"))
    assert check(project, answers, judged) == len(ODD_IDS)
    assert judged.restored


def test_csv_saved_as_a_workbook(resave, sent):
    project, answers = sent
    for to in ("xlsx", "ods"):
        judged = project.judge(resave(project.write("csv", answers), "csv", to))
        assert check(project, answers, judged) == len(ODD_IDS), judged.rejects


@pytest.mark.parametrize(
    "route",
    [
        ("xlsx", "xlsx"),
        ("xlsx", "ods"),
        ("xlsx", "ods", "xlsx"),
        ("ods", "ods"),
        ("ods", "xlsx"),
        ("ods", "xlsx", "ods"),
    ],
    ids="-".join,
)
def test_workbooks(resave, sent, route):
    project, answers = sent
    suffix = route[0]
    data = project.write(suffix, answers)
    for to in route[1:]:
        data, suffix = resave(data, suffix, to), to
    judged = project.judge(data)
    assert check(project, answers, judged) == len(ODD_IDS), judged.rejects
    assert judged.edited == 0


@pytest.mark.parametrize("format", ["xlsx", "ods"])
def test_a_workbook_saved_as_csv(resave, sent, format):
    project, answers = sent
    data = resave(project.write(format, answers), format, "csv")
    with pytest.raises(TableError) as caught:
        project.judge(data)
    assert "--encoding" in caught.value.hint
    judged = project.judge(data, encoding="cp1252")
    assert check(project, answers, judged) == len(ODD_IDS), judged.rejects


def test_a_workbook_saved_as_german_csv(resave, sent):
    project, answers = sent
    data = resave(project.write("xlsx", answers), "xlsx", "csv:Text - txt - csv (StarCalc):59,34,ANSI")
    judged = project.judge(data, encoding="cp1252")
    assert check(project, answers, judged) == len(ODD_IDS), judged.rejects


@pytest.mark.parametrize("route", ["csv", "csv cp1252", "xlsx"])
def test_a_csv_for_german_excel(resave, sent, route):
    """`;` and the mark out; back as that Excel saves it, in its own encoding too."""
    project, answers = sent
    file = io.BytesIO()
    csv_sheet.write(project.sheet(answers), file, separator=";", mark=True)
    to, _, encoding = route.partition(" ")
    saving = "csv:Text - txt - csv (StarCalc):59,34,ANSI" if encoding else to
    data = resave(file.getvalue(), "csv", saving, "--infilter=CSV:59,34,76")
    judged = project.judge(data, encoding=encoding or None)
    assert check(project, answers, judged) == len(ODD_IDS), judged.rejects


def letters(chance: random.Random) -> str:
    """A text of odd pieces: numbers, dates, formulas, quotes, separators, line ends, scripts of the world."""
    pieces = ("0", "7", "1.50", "-3", "1E5", "MAR1", "1/2", "2026-11-22", "TRUE", "=1+1", "@a", "+", "'", '"', '""', ",", ";",
              "\t", "\n", "\r\n", " ", "  ", "a", "Zoë", "Cafe\u0301", "ß", "日本", "🙂", "\u200b", "\u2028", "\x07", "\x1f", "<b>", "&amp;",
              "_x0041_", "#REF!", "€", "%", "5 %", "null", "N/A", "{}", "\\", "\u202e")  # fmt: skip
    return "".join(chance.choices(pieces, k=chance.randint(1, 4)))


def nasty(seed: int) -> tuple[Project, dict[str, str]]:
    """A project of 40 rows of such texts, with an answer for each row."""
    chance = random.Random(seed)
    ids: dict[str, str] = {}
    while len(ids) < 40:
        id_ = letters(chance)
        if id_.strip("\u200b\u2028\u202e\x07\x1f \t\r\n"):
            ids[id_] = letters(chance)
    classes = ("neg", "0", "Größe", "=x", "1", "n/a")
    project = Project(ids=tuple(ids), texts=ids, classes=classes)
    return project, {id_: chance.choice(classes) for id_ in ids}


@pytest.mark.parametrize(
    "route", ["csv-csv", "csv-xlsx", "csv-ods", "xlsx-xlsx", "xlsx-ods", "ods-ods", "ods-xlsx", "ods-csv"]
)
def test_no_label_of_a_nasty_table_lands_on_another_row(resave, route):
    sent, to = route.split("-")
    taken_back = 0
    for seed in range(3):
        project, answers = nasty(seed)
        data = resave(project.write(sent, answers), sent, to)
        judged = project.judge(data, encoding="cp1252" if (sent, to) == ("ods", "csv") else None)
        taken_back += check(project, answers, judged)
    # what is not taken was rejected with a reason; it is the smaller part
    assert taken_back > 80, f"{taken_back} of 120"


def test_instructions_go_along_and_do_not_come_back_as_answers(resave, sent):
    project, answers = sent
    sheet = replace(
        project.sheet(answers), instructions="| id | label |\n|---|---|\n| 00123 | bird |\n\nRead **this**."
    )
    for module in (xlsx_sheet, ods_sheet):
        file = io.BytesIO()
        module.write(sheet, file)
        for to in ("xlsx", "ods"):
            data = resave(file.getvalue(), "xlsx" if module is xlsx_sheet else "ods", to)
            names = CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names
            assert names[:2] == ["labels", "instructions"]
            judged = project.judge(data)
            assert check(project, answers, judged) == len(ODD_IDS), judged.rejects


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_labels_typed_by_hand_come_back(office, sent, format):
    project, answers = sent
    typed = {(row, 2): label for row, label in enumerate(answers.values(), 1)}
    _, data = office.fill(project.write(format), format, typed, 2)
    judged = project.judge(data)
    assert check(project, answers, judged) == len(ODD_IDS), judged.rejects


@pytest.mark.parametrize("format", ["xlsx", "ods"])
def test_a_workbook_looks_as_it_should(office, format):
    """Drop-down (of more than 255 characters), locks, frozen header, wrapped text: as LibreOffice sees them."""
    classes = ("00", "=x", *(f"a class with a rather long name {number}" for number in range(60)))
    project = Project(ids=("00123", "1E5"), texts={"00123": "a long text " * 20}, classes=classes)
    facts, data = office.fill(project.write(format), format, {(1, 2): "00", (2, 2): "'=x"}, 2)
    assert (facts["frozen"], facts["active"]) == ("True at row 1", "labels")
    assert (facts["protected"], facts["id locked"], facts["label locked"]) == ("True", "True", "False")
    assert facts["list"] == "$classes.$A$1:$A$63"
    assert facts["wraps"] == "True" and facts["id type"] == "2"  # 2: text
    assert int(facts["height"]) > 900 and int(facts["width"]) > 10_000  # 1/100 mm: lines of text are not cut
    # what is typed stays what was typed: 00 is not 0, and =x no formula
    assert taken(project.judge(data)) == {"00123": "00", "1E5": "=x"}


def test_a_plain_csv_without_tokens_lands_on_no_other_row(resave, sent):
    project, answers = sent
    table = [row[:-1] for row in project.table(answers)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    judged = project.judge(resave(text.getvalue().encode(), "csv", "csv"))
    got = taken(judged)
    # 00123 and 123 are one number to a spreadsheet: without tokens nobody can know, so both are refused.
    assert got.items() <= answers.items()
    assert "123" not in got
