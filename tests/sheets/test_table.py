from __future__ import annotations

import io
import subprocess
import sys
from importlib import import_module

import pytest

from alcli.errors import FileTrouble, UsageError
from alcli.sheets import table
from alcli.sheets.answers import read_answers
from alcli.sheets.base import Written
from alcli.sheets.raw import RawSheet


@pytest.mark.parametrize("row", table.FORMATS, ids=lambda row: row.name)
def test_every_target_exists(row):
    for target in (row.write, row.read, row.recognises):
        if target:
            module, _, name = target.partition(":")
            assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(
    ("path", "explicit", "name"),
    [("a.csv", None, "csv"), ("a.CSV", None, "csv"), ("a.xlsx", None, "xlsx"), ("-", None, "csv"), ("a.tsv", None, "tsv"),
     ("-", "xlsx", "xlsx"), ("a.csv", "xlsx", "xlsx")],
)  # fmt: skip
def test_the_format_is_named_or_follows_the_suffix(path, explicit, name):
    assert table.format_for(path, explicit).name == name


@pytest.mark.parametrize(
    ("path", "explicit", "hint"),
    [("a.xslx", None, ".xlsx"), ("a", None, "--format"), ("-", "xslx", "`xlsx`"), ("-", "zzz", "csv")],
)  # fmt: skip
def test_an_unknown_format_is_refused_with_a_way_out(path, explicit, hint):
    with pytest.raises(UsageError) as caught:
        table.format_for(path, explicit)
    assert caught.value.code == "unknown-format"
    assert hint in caught.value.hint


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileTrouble, match="no such file"):
        read_answers(tmp_path / "none.csv", "none.csv", id_column="id")
    with pytest.raises(FileTrouble):
        read_answers(tmp_path, "folder", id_column="id")


def test_another_package_adds_a_format(monkeypatch):
    class Point:
        name = "plain"

        def load(self):
            return table.Format(
                "plain",
                "a test",
                (".plain",),
                write=f"{__name__}:write",
                read=f"{__name__}:read",
                recognises=f"{__name__}:knows",
            )

    monkeypatch.setattr(table, "entry_points", lambda group: [Point()] if group == "alcli.sheets" else [])
    table.formats.cache_clear()
    try:
        assert table.writer(table.format_for("x.plain"))(None, io.BytesIO()).rows == 1
        assert read_answers(b"PLAIN a-1 cat", "x", id_column="id").raw.format == "plain"
    finally:
        table.formats.cache_clear()


def write(sheet, file):
    return Written(1)


def knows(head):
    return head.startswith(b"PLAIN")


def read(source, shown, *, wanted, encoding=None, separator=None):
    return RawSheet(shown, "plain", ["id", "label"], lambda: iter([(1, source.decode().split()[1:], None)]))


def test_sheets_start_without_anything_heavy():
    probe = """
import io, sys
from alcli.sheets.answers import read_answers
from alcli.sheets.judging import judge
from alcli.sheets.rejects import rejects_csv
from alcli.sheets.words import Vocabulary
from alcli.sheets.table import format_for, formats
sheet = read_answers(b"id,label\\na,cat\\n", "x", id_column="id")
judge(sheet, known_ids=set, asked={}, project="p", vocabulary=Vocabulary(["cat"]), existing={}, annotator="")
assert not {"numpy", "pandas", "sklearn", "pyarrow", "xlsxwriter", "python_calamine"} & set(sys.modules), sys.modules.keys()
"""
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
