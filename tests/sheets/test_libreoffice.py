"""The real LibreOffice opens sheets and saves them again, with its defaults: no label lands on another row."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import pytest

from alcli.errors import TableError

from .projects import ODD_IDS, Project, taken

SOFFICE = shutil.which("soffice")
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
def resave(tmp_path_factory):
    home = tmp_path_factory.mktemp("libreoffice")

    def convert(data: bytes, suffix: str, to: str, *options: str) -> bytes:
        folder = home / f"{len(list(home.iterdir()))}"
        folder.mkdir()
        (folder / f"in.{suffix}").write_bytes(data)
        subprocess.run(
            [SOFFICE, f"-env:UserInstallation=file://{home}/profile", "--headless", *options, "--convert-to", to,
             "--outdir", str(folder / "out"), str(folder / f"in.{suffix}")],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        return (folder / "out" / f"in.{to.partition(':')[0]}").read_bytes()

    return convert


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


@pytest.mark.parametrize("route", [("xlsx",), ("ods",), ("ods", "xlsx")], ids="-".join)
def test_workbooks(resave, sent, route):
    project, answers = sent
    data, suffix = project.write("xlsx", answers), "xlsx"
    for to in route:
        data, suffix = resave(data, suffix, to), to
    judged = project.judge(data)
    assert check(project, answers, judged) == len(ODD_IDS), judged.rejects
    assert judged.edited == 0


def test_a_workbook_saved_as_csv(resave, sent):
    project, answers = sent
    data = resave(project.write("xlsx", answers), "xlsx", "csv")
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
