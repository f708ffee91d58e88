from __future__ import annotations

import pytest

from alcli.errors import TableError, UsageError
from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.columns import find_columns

from .projects import Project, taken

PLAIN = Project(ids=("a-1", "a-2"))


def test_the_columns_of_a_sheet_stand_in_the_order_of_the_contract():
    row = SheetRow("7", ("hello", "x"), 1, guess="cat", confidence=0.25)
    sheet = Sheet("p", 1, "key", ("text", "topic"), [row], ("cat",), label_column="verdict", with_guess=True)
    assert sheet.header == ["key", "text", "topic", "guess", "confidence", "verdict", "comment", "alcli_row"]
    assert sheet.cells(row)[:7] == ["7", "hello", "x", "cat", "0.250", "", ""]


@pytest.mark.parametrize(
    ("id", "shown", "label"),
    [("id", ("label",), "label"), ("label", ("a",), "label"), ("id", ("comment",), "label"), ("id", ("id",), "label"),
     ("id", ("alcli_row",), "label"), ("id", ("a",), "comment")],
)  # fmt: skip
def test_names_that_clash_are_refused_before_the_sheet_is_sent(id, shown, label):
    with pytest.raises(UsageError) as caught:
        Sheet("p", 1, id, shown, [], (), label_column=label)
    assert caught.value.code == "column-clash"


def test_a_missing_id_column_is_told_with_the_columns_found():
    with pytest.raises(TableError, match=r"no id column 'id'.*text, label") as caught:
        PLAIN.judge("text,label\nt,cat\n")
    assert caught.value.code == "no-id-column"


def test_a_renamed_label_column_is_told_with_the_likely_one():
    with pytest.raises(TableError, match="no label column 'label'") as caught:
        PLAIN.judge("id,Label (cat/dog)\na-1,cat\n")
    assert "'Label (cat/dog)'" in caught.value.hint and "--label" in caught.value.hint
    judged = PLAIN.judge("id,Label (cat/dog)\na-1,cat\n", label_column="Label (cat/dog)")
    assert taken(judged) == {"a-1": "cat"}


@pytest.mark.parametrize(
    "header",
    ["\ufeffid,label", '"\ufeff""id""",label', "ï»¿id,label", " ID ,LABEL", "label,id", "id,notes,label", "id,label,"],
)
def test_header_names_survive_programs(header):
    columns = [name.strip('"\ufeffï»¿ ').lower() for name in header.split(",")]
    row = ["a-1" if "id" in name and name != "label" else "cat" if name == "label" else "" for name in columns]
    assert taken(PLAIN.judge(f"{header}\n{','.join(row)}\n")) == {"a-1": "cat"}


def test_two_columns_of_one_name_are_refused_when_they_matter():
    assert find_columns(["id", "x", "x", "label"], "f", id_column="id", label_column="label").label == 3
    with pytest.raises(TableError, match="2 columns 'label'"):
        find_columns(["id", "label", "label"], "f", id_column="id", label_column="label")


def test_the_pools_id_name_comes_before_the_name_id():
    columns = find_columns(["id", "key", "label"], "f", id_column="key", label_column="label")
    assert columns.id == 1
    assert find_columns(["id", "label"], "f", id_column="key", label_column="label").id == 0


def test_ids_and_answers_are_not_one_column():
    with pytest.raises(TableError, match="both"):
        find_columns(["id"], "f", id_column="id", label_column="id")


def test_an_annotator_column_of_the_pool_says_nothing_about_who_answered():
    names = ["id", "annotator", "label"]
    assert find_columns(names, "f", id_column="id", label_column="label", pool_columns=["id"]).annotator == 1
    mine = find_columns(names, "f", id_column="id", label_column="label", pool_columns=names)
    assert (mine.annotator, mine.shown) == (None, (("annotator", 1),))


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,\n1,2,3\n"])
def test_sheets_without_columns_are_refused(data):
    with pytest.raises(TableError):
        PLAIN.judge(data)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_recognised(separator):
    assert taken(PLAIN.judge(separator.join(["id", "label"]) + "\n" + separator.join(["a-1", "cat"]))) == {"a-1": "cat"}


def test_bytes_that_are_not_utf8_are_refused_naming_the_flag():
    data = "id;label;note\na-1;cat;é\n".encode("cp1252")
    with pytest.raises(TableError) as caught:
        PLAIN.judge(data)
    assert "--encoding" in caught.value.hint
    assert taken(PLAIN.judge(data, encoding="cp1252")) == {"a-1": "cat"}
